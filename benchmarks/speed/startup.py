"""How long the command line takes from the Enter key to the end of its process, beside that of Python alone.

    python -m benchmarks.speed.startup [--rounds N] [--out FILE] [--busy]

Each round calls everything once, in turn; the first is a warm-up and is dropped. One report is predicted with
an int8 bundle of an encoder of MiniLM's shape and random weights, made in a temporary folder. A busy machine
is refused, unless ``--busy`` is given.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification

from benchmarks.document import document, write
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import cores
from bert4text.core.manifest import utc_now
from bert4text.inference.exporting import Export
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.torch_backend import TorchBackend

NAME, LOAD = "speed.startup", 0.3
"""Load of a core from which timings mean nothing."""
PYTHON, HELP, VERB, PREDICT = "python -c pass", "--help", "train --help", "predict of one report"
GOAL = {HELP: {"times_python": 10}, VERB: {"times_python": 25}, PREDICT: {"seconds": 1.0}}
SHAPE = {"layers": 6, "width": 384, "heads": 12, "inner": 1536, "vocabulary": 30_000, "window": 256}
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
REPORT = "Mamografia: nódulo espiculado de 12 mm no quadrante superior externo da mama direita. BI-RADS 5."


def main() -> None:
    """Measure in rounds, then print the medians."""
    asked = _arguments()
    if os.getloadavg()[0] > LOAD * cores() and not asked.busy:
        sys.exit("the machine is busy: timings would mean nothing (--busy measures all the same)")
    started = utc_now()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make_bundle(folder / "bundle")
        (folder / "one.csv").write_text(f'text\n"{REPORT}"\n', encoding="utf-8")
        runs = measure(folder, rounds=asked.rounds)
    rows = summary(runs)
    if asked.out:
        settings = {"rounds": asked.rounds, "busy": asked.busy, "encoder": SHAPE, "goal": GOAL}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=rows))
    print(table(rows))


def make_bundle(folder: Path) -> None:
    """Write an int8 bundle of an encoder with random weights; how it answers does not matter here."""
    pieces = [*SPECIAL, *(f"##{chr(code)}" for code in range(97, 123)), *map(chr, range(97, 123))]
    pieces += [f"word{number}" for number in range(SHAPE["vocabulary"] - len(pieces))]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=SPECIAL[1]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(1)
    space = LabelSpace(task="binary", names=("benign", "malignant"))
    config = BertConfig(
        vocab_size=SHAPE["vocabulary"],
        hidden_size=SHAPE["width"],
        num_hidden_layers=SHAPE["layers"],
        num_attention_heads=SHAPE["heads"],
        intermediate_size=SHAPE["inner"],
    )
    config.num_labels = len(space.names)
    model = BertForSequenceClassification(config)
    with tempfile.TemporaryDirectory() as traced:
        run = TorchBackend(model, tokenizer, window=SHAPE["window"])
        export = Export(run, form="onnx")
        backend = export.write(Path(traced), chosen=export.products([REPORT] * 8, seed=1))
        Classifier(space, backend, Calibrator.untouched(space)).save(folder)


def measure(folder: Path, *, rounds: int) -> list[dict[str, Any]]:
    """Seconds of each call in each round."""
    bert4text = [sys.executable, "-m", "bert4text"]
    calls = {
        PYTHON: [sys.executable, "-c", "pass"],
        HELP: [*bert4text, "--help"],
        VERB: [*bert4text, "train", "--help"],
        PREDICT: [*bert4text, "predict", "bundle", "one.csv", "-o", "out.csv", "--overwrite"],
    }
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    runs = []
    for number in range(rounds + 1):
        for case, call in calls.items():
            before = time.perf_counter()
            subprocess.run(call, cwd=folder, env=environment, capture_output=True, check=True)
            seconds = round(time.perf_counter() - before, 4)
            if number:
                runs.append({"system": "bert4text", "case": case, "round": number, "seconds": seconds})
    return runs


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Median and quartiles of each call, and how many times as long as Python alone, round by round."""
    cases = list(dict.fromkeys(run["case"] for run in runs))
    seconds = {case: [run["seconds"] for run in runs if run["case"] == case] for case in cases}
    rows = []
    for case, own in seconds.items():
        low, middle, high = statistics.quantiles(own, n=4, method="inclusive")
        ratios = [value / alone for value, alone in zip(own, seconds[PYTHON], strict=True)]
        ratio = None if case == PYTHON else {PYTHON: round(statistics.median(ratios), 1)}
        rows.append(
            {
                "system": "bert4text", "case": case, "median": round(middle, 4), "low": round(low, 4),
                "high": round(high, 4), "ratio_to": ratio,
            }
        )  # fmt: skip
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The summary for human eyes."""
    lines = []
    for row in rows:
        ratio = f"{row['ratio_to'][PYTHON]:>6.1f} times Python" if row["ratio_to"] else ""
        quartiles = f"{row['low'] * 1000:.0f} to {row['high'] * 1000:.0f}"
        lines.append(f"{row['case']:<22} {row['median'] * 1000:>6.0f} ms ({quartiles}) {ratio}".rstrip())
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=_rounds, default=11, help="rounds that count, at least 5")
    parser.add_argument("--out", type=Path, help="results as benchmark/1")
    parser.add_argument("--busy", action="store_true", help="measure on a busy machine too")
    return parser.parse_args()


def _rounds(text: str) -> int:
    if int(text) < 5:
        raise argparse.ArgumentTypeError("fewer than five rounds tell nothing")
    return int(text)


if __name__ == "__main__":
    main()
