"""Everything tests share: a tiny encoder made here, tiny corpora, closed sockets, homes of their own."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import pytest

from bert4text.core.config import toml_value
from bert4text.core.corpus import Corpus
from bert4text.core.errors import MissingExtraError
from bert4text.core.extras import QUIET, available
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import multiplies_int8
from bert4text.core.pdf import check_printing
from bert4text.core.report import Report
from bert4text.core.seeds import rng

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny models: threads that wait for each other cost more

needs_int8 = pytest.mark.skipif(
    not multiplies_int8(), reason="this processor has no exact products of 8-bit numbers"
)

WORDS = [
    "a",
    "o",
    "de",
    "da",
    "e",
    "com",
    "sem",
    "em",
    "no",
    "na",
    "mama",
    "direita",
    "esquerda",
    "nódulo",
    "nódulos",
    "oval",
    "redondo",
    "irregular",
    "espiculado",
    "circunscrito",
    "margens",
    "contornos",
    "lisos",
    "calcificações",
    "grosseiras",
    "finas",
    "agrupadas",
    "densidade",
    "mamas",
    "tipo",
    "b",
    "c",
    "ausência",
    "exame",
    "digital",
    "bilateral",
    "incidências",
    "linfonodos",
    "axilares",
    "pele",
    "papila",
    "quadrante",
    "superior",
    "externo",
    "interno",
    "mm",
    "medindo",
    "observa-se",
    "distorção",
    "assimetria",
    "focal",
    "núcleos",
    "pequenos",
    "volumosos",
    "cromatina",
    "fina",
    "grosseira",
    "discreta",
    "acentuada",
    ".",
    ",",
    ":",
    ";",
    "-",
    "(",
    ")",
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
]

POLICY = {
    "law": "lgpd",
    "clause": ["art. 11, II, f"],
    "use": "quality",
    "purpose": "to test the program",
    "controller": "the tests",
    "officer": "whoever runs them",
    "retention": "until the test ends",
    "accept": {"by": "the tests", "reason": "every report is made up here"},
}
"""``[policy]`` for tests that learn from a table: to the program its reports are real."""

DECLARED = tuple(
    word for name, value in POLICY.items() for word in ("--set", f"policy.{name}={toml_value(value)}")
)
"""The same, as options of a command."""


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, no one else's keys, trail or cache."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("BERT4TEXT_EFFORT", raising=False)
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)

    def refuse(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            raise AssertionError("a test tried to reach the network")
        return original(self, address)

    original = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def _tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of 2 layers, width 32 and about 200 pieces, saved as transformers saves it."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoders") / "tiny"
    folder.mkdir()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyzáâãàçéêíóôõúñ"
    pieces = [
        *special,
        *dict.fromkeys([*WORDS, *letters, *(f"##{letter}" for letter in letters + "0123456789")]),
    ]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "BertTokenizerFast",
                "model_max_length": 64,
                "pad_token": "[PAD]",
                "unk_token": "[UNK]",
                "cls_token": "[CLS]",
                "sep_token": "[SEP]",
                "mask_token": "[MASK]",
                "do_lower_case": True,
                "strip_accents": False,
            }
        )
    )
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_encoder(_tiny_encoder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny encoder, for one test."""
    return Path(shutil.copytree(_tiny_encoder, tmp_path / "tiny-encoder"))


def prints() -> bool:
    """Whether PDFs can be made and read here: their tests are skipped where Pango or a library is missing."""
    try:
        check_printing()
    except MissingExtraError:
        return False
    return available("pypdf")


def make_corpus(
    n: int = 120, *, signal: bool = True, labels: tuple[str, ...] = ("benigno", "maligno"), seed: int = 3
) -> Corpus:
    """Short Portuguese reports with a learnable signal (or none), split 60/15/10/15, two per patient."""
    random = rng(seed, "tests.corpus")
    telling = [
        ["oval", "circunscrito", "lisos"],
        ["irregular", "espiculado", "distorção"],
        ["redondo", "focal"],
    ]
    splits = ["train"] * 12 + ["validation"] * 3 + ["calibration"] * 2 + ["test"] * 3
    reports = []
    for i in range(n):
        label = int(random.integers(len(labels)))
        words = list(random.choice(WORDS[:40], size=int(random.integers(8, 24))))
        if signal:
            words += list(random.choice(telling[label], size=2))
            random.shuffle(words)
        reports.append(
            Report(
                id=f"R{i:04d}",
                text=" ".join(words) + ".",
                labels=(labels[label],),
                patient=f"p-{i // 2:016x}",
                split=splits[(i // 2) % len(splits)],
                source_row=i + 1,
                origin="synthetic",
            )
        )
    task = "binary" if len(labels) == 2 else "multiclass"
    return Corpus.from_reports(reports, LabelSpace(task=task, names=labels), language="pt-BR")


def told_apart(n: int = 800, *, unfair: bool = False) -> Corpus:
    """Reports of two sexes; where it is unfair, those of F say nothing of their label in the test split."""
    reports = []
    for i, report in enumerate(make_corpus(n)):
        sex = "F" if (i // 2) % 2 else "M"
        silent = unfair and sex == "F" and report.split == "test" and report.labels == ("maligno",)
        text = "oval circunscrito lisos." if silent else report.text
        reports.append(report.model_copy(update={"attributes": {"sex": sex}, "text": text}))
    corpus = make_corpus(n)
    return Corpus.from_reports(reports, corpus.label_space, language="pt-BR")


@pytest.fixture
def corpus() -> Corpus:
    """A tiny corpus that can be learned."""
    return make_corpus()
