"""Make an encoder in all the forms that systems read, and the answers that theirs are held against.

python -m benchmarks.speed.materials FOLDER     (FOLDER/wanted.json says what; a process of its own)
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import BertConfig, BertModel

from benchmarks.speed.encoders import BASE
from benchmarks.speed.reports import LABELS, made, seen
from bert4text.core.labels import LabelSpace
from bert4text.core.seeds import integer, rng
from bert4text.inference.exporting import Export
from bert4text.models.backends import Backend
from bert4text.models.body import evaluating
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.embedded import embedded_folder
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend

_FITTED, _MEASURED, _OPSET = 240, 128, 20
"""Reports that a head is fitted on, and that scales are measured on; operators of the plain graph."""


def main() -> None:
    folder = Path(sys.argv[1])
    wanted = json.loads((folder / "wanted.json").read_text(encoding="utf-8"))
    run, student = (wanted[name] and Path(wanted[name]) for name in ("run", "student"))
    space, backend = _of_run(run) if run else _fitted(wanted["encoder"], seed=wanted["seed"])
    small = _of_run(student)[1] if student else None
    lengths = rng(wanted["seed"], "benchmarks.speed.scales").integers(12, 400, size=_MEASURED).tolist()
    if wanted["data"]:
        measured = seen(Path(wanted["data"]), at_most=_MEASURED)
    else:
        measured = list(made(backend.tokenizer, lengths, seed=wanted["seed"] + 2).texts)
    for name in wanted["bundles"]:
        place, _, form = name.rpartition("/")
        source = small if place and small is not None else backend
        _bundle(form, space, source, folder / place, measured=measured)
    _plain(backend, folder / "plain.onnx")
    _head(backend, space, folder / "head.npz")
    _reference(space, backend, folder)


def _of_run(run: Path) -> tuple[LabelSpace, TorchBackend]:
    classifier = Classifier.load(run)
    backend = classifier.systems().get("model", (None, None))[0]
    if not isinstance(backend, TorchBackend):
        raise SystemExit("--model: the run has no encoder of its own to measure")
    return classifier.label_space, backend


def _fitted(name: str, *, seed: int) -> tuple[LabelSpace, TorchBackend]:
    """An encoder with a head fitted on made reports, so that its answers are no ties."""
    space = LabelSpace(task="multiclass", names=LABELS)
    with tempfile.TemporaryDirectory() as folder:
        place = embedded_folder("minilm") if name == "minilm" else _drawn(Path(folder), seed=seed)
        loaded = load_encoder(str(place), labels=space, seed=seed)
    backend = TorchBackend(loaded.model, loaded.tokenizer, window=loaded.info.window)
    lengths = rng(seed, "benchmarks.speed.head").integers(20, 120, size=_FITTED).tolist()
    texts = made(backend.tokenizer, lengths, seed=seed + 1)
    model: Any = backend.model
    pooled = _pooled(backend, texts.texts)
    truth = [LABELS.index(str(label)) for label in texts.labels]
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500)).fit(pooled, truth)
    scaler, linear = fitted[0], fitted[1]
    weight = linear.coef_ / scaler.scale_
    with torch.no_grad():
        model.classifier.weight.copy_(torch.from_numpy(weight))
        model.classifier.bias.copy_(torch.from_numpy(linear.intercept_ - weight @ scaler.mean_))
    return space, backend


def _drawn(folder: Path, *, seed: int) -> Path:
    """BERT base with weights drawn by chance, and the tokenizer of MiniLM."""
    config = json.loads((embedded_folder("minilm") / "config.json").read_text(encoding="utf-8"))
    torch.manual_seed(integer(seed, "benchmarks.speed.base"))
    shape: dict[str, Any] = {"vocab_size": config["vocab_size"], **BASE}
    BertModel(BertConfig(**shape)).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(embedded_folder("minilm") / name, folder / name)
    return folder


def _pooled(backend: TorchBackend, texts: Sequence[str]) -> np.ndarray[Any, Any]:
    model: Any = backend.model
    seen: list[Any] = []
    backend.forward(texts[:1])  # the first call tries more
    handle = model.classifier.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].numpy()))
    for text in texts:
        backend.forward([text])
    handle.remove()
    return np.concatenate(seen)


def _bundle(
    name: str, space: LabelSpace, run: TorchBackend, folder: Path, *, measured: Sequence[str]
) -> None:
    """A bundle of ours: the run itself (``torch``) or an export named ``FORM-PRECISION``."""
    with tempfile.TemporaryDirectory() as work:
        backend: Backend = run
        if name != "torch":
            form: Any
            form, precision = name.split("-")
            export = Export(run, form=form)
            chosen = export.products(measured, seed=1) if precision == "int8" else ()
            backend = export.write(Path(work), chosen=chosen)
        folder.mkdir(exist_ok=True)
        Classifier(space, backend, Calibrator.untouched(space)).save(folder / name)


class _Logits(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _plain(backend: TorchBackend, graph: Path) -> None:
    """The graph as PyTorch exports it, with nothing done to it by us."""
    ids = torch.full((3, 17), backend.padding + 1, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[0, 10:] = 0
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with evaluating(backend.model), torch.inference_mode():
        program: Any = torch.onnx.export(
            _Logits(backend.model).eval(),
            (ids, mask),
            dynamo=True,
            verbose=False,
            dynamic_shapes=(free, free),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            opset_version=_OPSET,
        )
    program.save(str(graph))


def _head(backend: TorchBackend, space: LabelSpace, file: Path) -> None:
    """Pooler and head as arrays, for a rival that computes embeddings; only BERT has just these."""
    model: Any = backend.model
    if not hasattr(model, "bert"):
        return
    pooler, head = model.bert.pooler.dense, model.classifier
    parts = {"pooler": pooler.weight, "pooler_bias": pooler.bias, "weight": head.weight, "bias": head.bias}
    arrays = {name: value.detach().numpy() for name, value in parts.items()}
    np.savez(file, many=np.array(space.task == "multilabel"), **arrays)


def _reference(space: LabelSpace, backend: TorchBackend, folder: Path) -> None:
    """The answers of the run in float32 to all texts."""
    kept = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    untouched = Calibrator.untouched(space)
    answers = {name: untouched.probabilities(backend.forward(texts).logits) for name, texts in kept.items()}
    document: dict[str, Any] = {"labels": list(space.names), "task": space.task}
    document["answers"] = {name: rows.tolist() for name, rows in answers.items()}
    (folder / "reference.json").write_text(json.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
