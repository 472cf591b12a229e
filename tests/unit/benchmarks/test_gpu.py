"""The benchmarks on a GPU: what they measure, and that they say so where there is none."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from benchmarks.speed import gpu, predict_gpu, train_gpu  # noqa: E402 - after importorskip

GIVEN = {"tiny": True, "device": "cpu", "reports": 30, "peak": 2.0}


def test_reports_are_drawn_alike_and_within_bounds() -> None:
    drawn = gpu.lengths(500)
    assert drawn == gpu.lengths(500)
    assert min(drawn) >= gpu.SHORTEST
    assert max(drawn) <= gpu.LONGEST
    assert [len(row) for row in gpu.rows(GIVEN)] == gpu.lengths(30)
    assert min(min(row) for row in gpu.rows(GIVEN)) > 0


def test_utilisation_counts_what_tokens_need() -> None:
    tokens = sum(gpu.lengths(30))
    told = gpu.measures(GIVEN, tokens, 2.0, passes=3)
    assert told["tokens/s"] == tokens / 2
    assert told["utilisation"] == pytest.approx(3 * gpu.shape(GIVEN).gflop(gpu.lengths(30)) / 2 / 2)


def test_without_a_gpu_it_ends_with_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as ended:
        gpu.refuse_missing(argparse.Namespace(device="cuda", quick=False))
    assert ended.value.code == gpu.NO_DEVICE
    assert "no CUDA device" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="--quick"):
        gpu.refuse_missing(argparse.Namespace(device="cpu", quick=False))
    gpu.refuse_missing(argparse.Namespace(device="cpu", quick=True))


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", [train_gpu, predict_gpu])
def test_it_runs_on_a_processor(benchmark: object, tmp_path: Path) -> None:
    name = benchmark.__name__  # type: ignore[attr-defined]
    root = Path(__file__).parents[3]
    out = tmp_path / "results.json"
    options = ["--quick", "--device", "cpu", "--threads", "1", "--out", str(out)]
    subprocess.run([sys.executable, "-m", name, *options], cwd=root, check=True, capture_output=True)
    told = json.loads(out.read_text())
    assert told["peak"]
    assert {row["system"] for row in told["summary"]} == {one.name for one in benchmark.SYSTEMS}  # type: ignore[attr-defined]
    assert not any("failure" in row for row in told["summary"])
