"""The manifest of what is found out about a classifier on the reports of a corpus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bert4text.core.config import Config
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.project import Project
from bert4text.verbs.declared import declared

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.models.classifier import Classifier


def manifest_about(
    classifier: Classifier,
    corpus: Corpus,
    settings: Config,
    *,
    kind: str,
    verb: str,
    used: dict[str, str],
    project: Project,
    started: float,
) -> Manifest:
    """What was found out, about which model, on which reports, and when; its digest is the caller's to fill.

    Args:
        classifier: that it is about.
        corpus: whose reports.
        settings: of the verb.
        kind: what was found.
        verb: that found it.
        used: what each split of the corpus served for.
        project: its seed, and what it declares.
        started: when, by ``time.perf_counter``.
    """
    return Manifest(
        kind=kind,
        verb=verb,
        parents=(
            Parent(kind="model", digest=f"sha256:{classifier.digest}"),
            Parent(kind="corpus", digest=f"sha256:{corpus.fingerprint}"),
        ),
        config=settings.model_dump(mode="json"),
        versions=versions(),
        machine=describe(),
        seed=project.seed,
        created=utc_now(),
        seconds=round(time.perf_counter() - started, 3),
        **declared(project),
        split_used=used,
    )
