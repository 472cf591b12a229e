"""How good classifiers of real reports are: ours, TF-IDF, transformers' Trainer, SetFit.

    python -m benchmarks.quality.reports --data DIR [--sets ...] [--systems ...] [--seeds 1,2,3]
        [--reports N] [--work DIR] [--out FILE] [--table]

Each system learns from the same reports, cut to the same tokens, and answers the same others. A set that is
dealt into folds is judged once, on the answers of all folds together. Answers are kept in the folder of
``--work`` (no text, no id), so that a measurement goes on where it was broken off; a system on a set takes
minutes to an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.document import document, write
from benchmarks.environments import cache, rival_python
from benchmarks.options import names
from benchmarks.quality.figures import Kept, judged, shown
from benchmarks.quality.lots import SETS, Lot, lots
from benchmarks.quality.systems import SYSTEMS, System
from bert4text.core.machine import cores
from bert4text.core.manifest import utc_now
from bert4text.models.embedded import embedded_folder

NAME, SEED = "quality.reports", 7


def main() -> None:
    """Answer what is missing, judge all answers, print the table."""
    asked, started = _arguments(), utc_now()
    asked.work.mkdir(parents=True, exist_ok=True)
    for name in asked.sets:
        for lot in _lots(name, asked):
            for system, seed in _asked_of(lot, asked):
                _answer(lot, SYSTEMS[system], seed, asked)
    found = [judged(kept, resamples=asked.resamples) for name in asked.sets for kept in _kept(name, asked)]
    if asked.out is not None:
        settings = {"sets": asked.sets, "reports": asked.reports, "seeds": asked.seeds, "seed": SEED}
        made = document(NAME, started=started, settings=settings, runs=found, summary=[])
        write(asked.out, made)
    print(shown(found))


def _lots(name: str, asked: argparse.Namespace) -> Iterator[Lot]:
    for lot in lots(SETS[name], asked.data, seed=SEED, reports=asked.reports):
        if asked.folds is None or lot.fold in asked.folds:
            yield lot


def _asked_of(lot: Lot, asked: argparse.Namespace) -> Iterator[tuple[str, int]]:
    for system in asked.systems:
        if not SYSTEMS[system].answers(lot.source):
            continue
        for seed in asked.seeds:
            yield system, seed


def _place(name: str, fold: int, system: str, seed: int, asked: argparse.Namespace) -> Path:
    size = "" if asked.reports is None else f".{asked.reports}"
    place: Path = asked.work / f"{name}{size}.{fold}.{system}.{seed}.npz"
    return place


def _answer(lot: Lot, system: System, seed: int, asked: argparse.Namespace) -> None:
    place = _place(lot.source.name, lot.fold, system.name, seed, asked)
    if place.is_file():
        return
    told = {
        "task": lot.source.task,
        "language": lot.source.language,
        "names": lot.names,
        "off_scale": lot.source.off_scale,
        "train": lot.train,
        "test": lot.test,
        "seed": seed,
        "settings": system.settings,
        "folder": str(embedded_folder(system.settings.get("encoder", "minilm"))) if system.rival else "",
    }
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "lot.json"
        given.write_text(json.dumps(told), encoding="utf-8")
        python = rival_python(system.rival, asked.rivals) if system.rival else Path(sys.executable)
        module = f"benchmarks.quality.{system.module}"
        surroundings = {**os.environ, "OMP_NUM_THREADS": str(asked.threads), "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [str(python), "-m", module, str(given), str(place)],
            env=surroundings,
            check=False,
            capture_output=True,
            text=True,
        )
    seconds = time.perf_counter() - start
    print(f"{place.stem}: {seconds:.0f} s", file=sys.stderr, flush=True)
    if done.returncode:
        kind = done.stderr.strip().rpartition("\n")[2].partition(":")[0]  # what follows may quote a report
        print(f"{place.stem}: failed, {kind}", file=sys.stderr, flush=True)


def _kept(name: str, asked: argparse.Namespace) -> Iterator[Kept]:
    """The answers of each system and seed whose folds are all there."""
    all_lots = list(_lots(name, asked))
    held = [labels for lot in all_lots for _, labels in lot.test]
    truth = np.array([[label in labels for label in all_lots[0].names] for labels in held], dtype=np.bool_)
    for system in asked.systems:
        for seed in asked.seeds:
            places = [_place(name, lot.fold, system, seed, asked) for lot in all_lots]
            if all(place.is_file() for place in places):
                yield Kept(SETS[name], all_lots[0].names, system, seed, truth, _opened(places))


def _opened(places: Sequence[Path]) -> list[dict[str, Any]]:
    found = []
    for place in places:
        with np.load(place) as arrays:
            found.append({name: arrays[name] for name in arrays.files})
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=list(SETS), help="only these, with commas")
    parser.add_argument("--systems", type=names, default=list(SYSTEMS), help="only these, with commas")
    parser.add_argument("--seeds", type=_numbers, default=[1])
    parser.add_argument("--folds", type=_numbers, help="only these, to try something")
    parser.add_argument("--reports", type=int, help="to learn from at most, for learning curves")
    parser.add_argument(
        "--work", type=Path, default=cache().parent / "quality", help="where answers are kept"
    )
    parser.add_argument("--rivals", type=Path, default=cache(), metavar="DIR", help="rivals' environments")
    parser.add_argument("--threads", type=int, default=cores(), help="threads of each system")
    parser.add_argument("--resamples", type=int, default=1000, help="of the intervals")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results; answers stay in --work")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(one) for one in names(text)]


if __name__ == "__main__":
    main()
