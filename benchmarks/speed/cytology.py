"""A model of made-up cytology reports, learned once, for what is timed on it; and the reports."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import bert4text
from bert4text.core.corpus import Corpus
from bert4text.project import Project

SEED = 7
ENCODER, LANGUAGE = "minilm", "pt-BR"
SERIOUS = "maligno"


def project(**sections: Any) -> Project:
    """Settings of what is timed."""
    given = {"project": {"language": LANGUAGE, "seed": SEED}, "audit": {"fail_on": "never"}, **sections}
    return Project(None, given)


def reports(number: int | None, *, style: str, seed: int = SEED) -> Corpus:
    """Made-up reports; all that the table has rows for, if no number is given."""
    settings = {"language": LANGUAGE, "style": style, "n": number}
    given = {"project": {"language": LANGUAGE, "seed": seed}, "synthesize": settings}
    corpus: Corpus = bert4text.synthesize("cytology", project=Project(None, given))
    return corpus


def learned(kept: Path, *, style: str) -> Path:
    """A run at the effort quick that answers by its encoder alone: its folder, learned if it is not there."""
    place = kept / f"cytology-{style}-{ENCODER}"
    if not (place / "bundle.json").is_file():
        print(f"learning {place.name}", file=sys.stderr, flush=True)
        settings = {"encoder": ENCODER, "effort": "quick", "calibration": {"deliver": "model"}}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            bert4text.train(reports(None, style=style), project=project(train=settings), out=place)
    return place
