"""How good classifiers of real reports are: ours, TF-IDF, transformers' Trainer, SetFit.

    python -m benchmarks.quality.reports --data DIR [--sets ...] [--systems ...] [--seeds 1,2,3]
        [--reports 16,64] [--draws] [--beside tfidf] [--kept] [--answers DIR] [--out FILE]

Each system learns from the same reports, cut to the same tokens, and answers the same others. A set that is
dealt into folds is judged once, on the answers of all folds together. Answers are kept (labels by their
place: no text, no id), so that a measurement goes on where it was broken off; a system on a set takes
minutes to an hour. ``--kept`` asks nobody and makes the tables of what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.document import document, write
from benchmarks.environments import cache, rival_python
from benchmarks.options import names, numbers
from benchmarks.quality.answers import Answers
from benchmarks.quality.figures import frequent
from benchmarks.quality.lots import SETS, Lot, lots, truth
from benchmarks.quality.systems import SYSTEMS, TABLED, System
from benchmarks.quality.tables import RIVAL, Kept, judged, shown
from bert4text.core.machine import cores
from bert4text.core.manifest import utc_now
from bert4text.models.embedded import embedded_folder

NAME, SEED = "quality.reports", 7
ANSWERS = Path(__file__).parent.parent / "results" / "answers"


def main() -> None:
    """Answer what is missing, judge all answers, print the tables."""
    asked, started = _arguments(), utc_now()
    asked.answers.mkdir(parents=True, exist_ok=True)
    found = []
    for name in asked.sets:
        for size in asked.reports:
            whole = _lots(name, size, asked)
            dealt = {
                seed: [lot for lot in some if asked.folds is None or lot.fold in asked.folds]
                for seed, some in whole.items()
            }
            if not asked.kept:
                for seed, some in dealt.items():
                    for lot in some:
                        _answer_all(lot, size, seed, asked)
            often = frequent(truth(next(iter(whole.values()))))
            kept = [replace(one, often=often) for one in _kept(dealt, size, asked)]
            beside = next((one for one in kept if one.system == asked.beside), None)
            drawn = {"draws": True} if asked.draws else {}
            found += [judged(one, beside, resamples=asked.resamples) | drawn for one in kept]
    if asked.out is not None:
        settings = {"sets": asked.sets, "systems": asked.systems, "reports": asked.reports, "seed": SEED}
        settings |= {} if asked.folds is None else {"folds": asked.folds}
        settings |= {} if asked.beside == RIVAL else {"beside": asked.beside}
        settings |= {"draws": True} if asked.draws else {}
        write(asked.out, document(NAME, started=started, settings=settings, runs=found, summary=[]))
    print(shown(found))


def _lots(name: str, size: int | None, asked: argparse.Namespace) -> dict[int, list[Lot]]:
    """The lots that each seed is given: the same, or each its own draw of what is learned from."""
    source = SETS[name]
    draws = {seed: seed if asked.draws else 1 for seed in asked.seeds or source.seeds}
    dealt = {
        draw: list(lots(source, asked.data, seed=SEED, reports=size, draw=draw))
        for draw in set(draws.values())
    }
    return {seed: dealt[draw] for seed, draw in draws.items()}


def _answer_all(lot: Lot, size: int | None, seed: int, asked: argparse.Namespace) -> None:
    for system in asked.systems:
        place = _place(lot, size, system, seed, asked)
        if SYSTEMS[system].answers(lot.source) and not place.is_file():
            _answer(lot, SYSTEMS[system], seed, place, asked)


def _place(lot: Lot, size: int | None, system: str, seed: int, asked: argparse.Namespace) -> Path:
    cut = "" if size is None else f".{size}"
    draw = ".draw" if asked.draws and seed != 1 else ""
    folder: Path = asked.answers
    return folder / f"{lot.source.name}{cut}.{lot.fold}.{system}.{seed}{draw}.json"


def _answer(lot: Lot, system: System, seed: int, place: Path, asked: argparse.Namespace) -> None:
    told = {
        **lot.asked(seed=seed),
        "settings": system.settings,
        "folder": str(embedded_folder(system.settings.get("encoder", "minilm"))) if system.rival else "",
    }
    started, start = utc_now(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "lot.json"
        given.write_text(json.dumps(told), encoding="utf-8")
        arrays = (asked.arrays or Path(folder)) / f"{place.stem}.npz"
        python = rival_python(system.rival, asked.rivals) if system.rival else Path(sys.executable)
        module = f"benchmarks.quality.{system.module}"
        surroundings = {**os.environ, "OMP_NUM_THREADS": str(asked.threads), "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [str(python), "-m", module, str(given), str(arrays)],
            env=surroundings,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            Answers.of_arrays(arrays, lot, started=started).save(place)
    print(f"{place.stem}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    if done.returncode:
        kind = done.stderr.strip().rpartition("\n")[2].partition(":")[0]  # what follows may quote a report
        print(f"{place.stem}: failed, {kind}", file=sys.stderr, flush=True)


def _kept(dealt: dict[int, list[Lot]], size: int | None, asked: argparse.Namespace) -> Iterator[Kept]:
    """The answers of each system, with the seeds whose folds are all there."""
    answered = next(iter(dealt.values()))  # the same reports, whatever was drawn to learn from
    first = answered[0]
    for system in asked.systems:
        answers = {}
        for seed, some in dealt.items():
            places = [_place(lot, size, system, seed, asked) for lot in some]
            if all(place.is_file() for place in places):
                answers[seed] = [Answers.open(place, lot) for place, lot in zip(places, some, strict=True)]
        if answers:
            yield Kept(first.source.name, size, first.names, system, truth(answered), answers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=list(SETS), help="only these, with commas")
    parser.add_argument("--systems", type=names, default=list(TABLED), help="of those in systems.py")
    parser.add_argument("--beside", default=RIVAL, choices=SYSTEMS, help="what figures are set against")
    parser.add_argument("--seeds", type=numbers, help="others than the set's own")
    parser.add_argument("--folds", type=numbers, help="only these, to try something")
    parser.add_argument(
        "--reports", type=numbers, default=[None], help="to learn from at most, for learning curves"
    )
    parser.add_argument(
        "--draws", action="store_true", help="each seed learns from a draw of its own; the first is the usual"
    )
    parser.add_argument("--kept", action="store_true", help="only judge what was answered before")
    parser.add_argument("--answers", type=Path, metavar="DIR", default=ANSWERS, help="where answers are kept")
    parser.add_argument("--arrays", type=Path, metavar="DIR", help="keep probabilities and logits here too")
    parser.add_argument("--rivals", type=Path, default=cache(), metavar="DIR", help="rivals' environments")
    parser.add_argument("--threads", type=int, default=cores(), help="threads of each system")
    parser.add_argument("--resamples", type=int, default=1000, help="of the intervals")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
