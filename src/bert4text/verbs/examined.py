"""What an audit leaves: findings kept beside the corpus, the verdict page, the remedied corpus."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.auditing.config import AuditConfig
from bert4text.core.config import read_toml
from bert4text.core.corpus import Corpus
from bert4text.core.digest import digest
from bert4text.core.errors import MissingExtraError, ModelError
from bert4text.core.issue import Issue, blocking
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import Manifest, Parent, utc_now
from bert4text.core.messages import Translator
from bert4text.core.output import writing_file
from bert4text.core.progress import Progress
from bert4text.project import Project
from bert4text.verbs.cut import reading_of
from bert4text.verbs.declared import declared
from bert4text.verbs.opening import left_out

if TYPE_CHECKING:
    from bert4text.auditing.excerpts import Excerpt

Remedying = Mapping[str, Any] | Path | str


def examine(corpus: Corpus, settings: AuditConfig, project: Project, progress: Progress) -> list[Issue]:
    """Run the checks, with the tokens of the encoder that is to be trained."""
    from bert4text.auditing.audit import audit
    from bert4text.models.embedded import suited

    lengths, window = _token_counter(suited(project.section("train").encoder, corpus.language))
    found = audit(corpus, settings, seed=project.seed, lengths=lengths, window=window, progress=progress)
    return [*found, *left_out(corpus)]


def document(corpus: Corpus, issues: Sequence[Issue], *, settings: AuditConfig) -> dict[str, Any]:
    """The findings as ``issues/1``."""
    return {
        "format": "issues/1",
        "corpus": f"sha256:{corpus.fingerprint}",
        "verdict": "blocked" if blocking(issues, fail_on=settings.fail_on) else "passed",
        "items": [issue.model_dump(mode="json") for issue in issues],
    }


def key_of(corpus: Corpus, settings: AuditConfig, project: Project) -> str:
    """What the findings depend on; they are used again while it stays the same."""
    from bert4text.auditing.checks import CHECKS
    from bert4text.models.embedded import suited

    return digest(
        {
            "checks": sorted(CHECKS.names()),
            "corpus": corpus.fingerprint,
            **({"unopened": corpus.unopened} if corpus.unopened else {}),
            "settings": settings.model_dump(mode="json", exclude={"fail_on"}),
            "encoder": suited(project.section("train").encoder, corpus.language),
            "seed": project.seed,
            "version": versions().get("bert4text"),
        }
    )


def kept(path: Path | None, key: str) -> list[Issue] | None:
    """The findings kept beside a corpus, or None where there are none of the same key."""
    if path is None or not _beside(path).exists():
        return None
    try:
        known = json.loads(_beside(path).read_text(encoding="utf-8"))
        if known.get("key") != key or known.get("items_digest") != digest(known["items"]):
            return None
        return [Issue.model_validate(item) for item in known["items"]]
    except (OSError, ValueError, KeyError, AttributeError):  # unreadable: examine anew
        return None


def keep(path: Path, key: str, corpus: Corpus, settings: AuditConfig, issues: Sequence[Issue]) -> None:
    """Keep the findings beside a corpus.

    Raises:
        OutputError: they cannot be written.
    """
    values = document(corpus, issues, settings=settings)
    values.update(key=key, items_digest=digest(values["items"]))
    with writing_file(_beside(path), overwrite=True) as partial:
        partial.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_page(
    corpus: Corpus,
    issues: Sequence[Issue],
    html: Path,
    *,
    settings: AuditConfig,
    translator: Translator,
    name: str,
    show_text: bool,
    overwrite: bool,
) -> None:
    """Write the verdict page.

    Raises:
        OutputError: it exists or cannot be written.
    """
    from bert4text.auditing.page import audit_page

    page = audit_page(
        corpus,
        issues,
        fail_on=settings.fail_on,
        translator=translator,
        excerpts=quoted(corpus, issues) if show_text else None,
        name=name,
    )
    with writing_file(html, overwrite=overwrite) as partial:
        partial.write_text(page, encoding="utf-8")


def quoted(corpus: Corpus, issues: Sequence[Issue]) -> dict[int, list[Excerpt]]:
    """Pieces of reports for each finding, by its position: for local eyes alone."""
    from bert4text.auditing.excerpts import excerpts

    return {place: pieces for place, issue in enumerate(issues) if (pieces := excerpts(corpus, issue))}


def remedied(corpus: Corpus, apply: Remedying, *, project: Project) -> Corpus:
    """The corpus with remedies applied, and a manifest that lists every change.

    Args:
        corpus: as it is; it is not changed.
        apply: the remedies, or the TOML file that holds them.
        project: whose seed a new split takes.

    Raises:
        ConfigError: the file is missing or no TOML, or holds what is no remedy.
        DataError: a label or row that the corpus does not have, or nothing is left.
    """
    from bert4text.auditing.remedies import Remedies, mend

    started = time.perf_counter()
    values = dict(apply) if isinstance(apply, Mapping) else read_toml(Path(apply))
    remedies = Remedies.parse(values)
    mended = mend(corpus, remedies, seed=project.seed)
    before = reading_of(corpus)
    remedy = values.get("prepare", {})
    manifest = Manifest(
        kind="corpus",
        verb="audit",
        digest=f"sha256:{mended.corpus.fingerprint}",
        parents=tuple(Parent(kind="corpus", digest=digest) for digest in corpus.identities),
        config={
            "sections": _both(before.get("sections"), remedy.get("sections")),
            "sentences": {"drop": _joined(before.get("sentences"), remedy.get("sentences"), "drop")},
            "labels_from": before.get("labels_from"),
            "sides": before.get("sides"),
            "remedies": values,
        },
        versions=versions(),
        machine=describe(),
        seed=project.seed,
        created=utc_now(),
        seconds=round(time.perf_counter() - started, 3),
        **declared(project),
        notes={"said": [note.model_dump(mode="json") for note in mended.notes]},
    )
    return mended.corpus.replace(manifest=manifest)


def _both(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Which sections new reports must lose, once for what was cut before and once for what was cut now."""
    first, second = before or {}, now or {}
    joined = {name: _joined(before, now, name) for name in ("drop", "mask")}
    keeps = [set(each["keep"]) for each in (first, second) if each.get("keep")]
    return {"keep": sorted(set.intersection(*keeps)) if keeps else [], **joined}


def _joined(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None, name: str) -> list[str]:
    return sorted({value for each in (before, now) for value in (each or {}).get(name, ())})


def _beside(path: Path) -> Path:
    return path.with_name(path.stem + ".audit.json")


def _token_counter(encoder: str) -> tuple[Callable[[Sequence[str]], Sequence[int]] | None, int]:
    """Count tokens as the encoder would; words stand in for it where it is not at hand."""
    from bert4text.models.tokenizer import lengths, window_of

    if encoder == "tfidf":
        return None, 256
    try:
        return lengths(encoder), window_of(encoder)
    except (ModelError, MissingExtraError):  # `train` will say so; the audit needs only a measure
        return None, 256
