"""Kill -9 in the middle of training, go on, and end where an unbroken training ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

CHILD = f"""
import json, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from conftest import make_corpus
from bert4text.training import checkpoints, guards
from bert4text.training.config import TrainConfig
from bert4text.training.train import train
from safetensors.torch import save_file

checkpoints.COST = 1e9
guards.FEWEST_OTHERS = 10**9
config = TrainConfig.parse(json.loads(sys.argv[1]), section="train")
trained = train(make_corpus(), config, seed=7, work=Path(sys.argv[2]), resume=sys.argv[3] == "resume")
weights = {{name: value.detach().clone() for name, value in trained.backend.model.named_parameters()}}
save_file(weights, sys.argv[4])
print(json.dumps({{
    "steps": [step.model_dump(exclude={{"seconds"}}) for step in trained.steps],
    "calibrator": trained.calibrator.model_dump(mode="json"),
}}))
"""


def start(config: dict, work: Path, how: str, weights: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps(config), str(work), how, str(weights)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def finish(process: subprocess.Popen) -> dict:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-2000:]
    return json.loads(out)


def lines(work: Path) -> int:
    path = work / "steps.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.fixture
def config(tiny_encoder: Path) -> dict:
    return {
        "encoder": str(tiny_encoder),
        "epochs": 6,
        "patience": 0,
        "learning_rate": 2e-3,
        "batches": {"size": 4, "checkpoint_steps": 1},
    }


@pytest.mark.slow
def test_killed_at_random_points_it_ends_as_if_unbroken(config: dict, tmp_path: Path) -> None:
    whole = finish(start(config, tmp_path / "whole", "fresh", tmp_path / "whole.safetensors"))
    total = len(whole["steps"])
    assert total > 90
    random = np.random.default_rng()
    points = sorted(int(point) for point in random.choice(np.arange(2, total - 20), size=3, replace=False))
    work, how = tmp_path / "work", "fresh"
    for point in points:
        process = start(config, work, how, tmp_path / "never.safetensors")
        deadline = time.monotonic() + 200
        while lines(work) < point and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, f"it was over before step {point}"
        how = "resume"
    resumed = finish(start(config, work, "resume", tmp_path / "resumed.safetensors"))
    assert resumed == whole, points
    assert (tmp_path / "resumed.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert not (tmp_path / "never.safetensors").exists()


def test_killed_once_it_ends_as_if_unbroken(config: dict, tmp_path: Path) -> None:
    config = {**config, "epochs": 3}
    whole = finish(start(config, tmp_path / "whole", "fresh", tmp_path / "whole.safetensors"))
    process = start(config, tmp_path / "work", "fresh", tmp_path / "never.safetensors")
    while lines(tmp_path / "work") < 20 and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    resumed = finish(start(config, tmp_path / "work", "resume", tmp_path / "resumed.safetensors"))
    assert resumed == whole
    assert (tmp_path / "resumed.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
