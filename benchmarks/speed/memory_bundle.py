"""Make a tiny int8 bundle, drawn by chance: ``python -m benchmarks.speed.memory_bundle FOLDER``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from benchmarks.speed.reports import LABELS, made
from bert4text.core.labels import LabelSpace
from bert4text.inference.exporting import Export
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.embedded import embedded_folder
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend

WIDTH, LAYERS, WINDOW, VOCABULARY = 32, 2, 64, 30_522


def main() -> None:
    space = LabelSpace(task="multiclass", names=LABELS)
    torch.manual_seed(7)
    with tempfile.TemporaryDirectory() as work:
        drawn, graph = Path(work) / "tiny", Path(work) / "graph"
        graph.mkdir()
        config = BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=2,
            intermediate_size=2 * WIDTH,
            max_position_embeddings=WINDOW,
        )
        BertModel(config).save_pretrained(drawn)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(embedded_folder("minilm") / name, drawn / name)
        loaded = load_encoder(str(drawn), labels=space, seed=7)
        run = TorchBackend(loaded.model, loaded.tokenizer, window=WINDOW)
        export = Export(run, form="onnx")
        measured = made(run.tokenizer, range(12, WINDOW), seed=7).texts
        backend = export.write(graph, chosen=export.products(measured, seed=7))
        Classifier(space, backend, Calibrator.untouched(space)).save(Path(sys.argv[1]) / "bundle")


if __name__ == "__main__":
    main()
