"""What a corpus says of itself, in the words of one language: facts to the values of a template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bert4text.core.basis import Basis
from bert4text.core.config import toml_value
from bert4text.core.messages import Translator
from bert4text.core.report import SPLITS
from bert4text.governance.facts import CorpusFacts, Words

Row = tuple[str, ...]

DASH = "–"


class Said:
    """Facts in the words of one language.

    Args:
        facts: of the corpus.
        words: the template's own, by name.
        translator: of the same language: numbers, dates, findings and notes.
    """

    def __init__(self, facts: CorpusFacts, words: Mapping[str, Any], translator: Translator) -> None:
        self.facts = facts
        self.words = words
        self.translator = translator
        self.integer = translator.integer
        self.unknown = str(words["unknown"])

    def say(self, name: str, **values: Any) -> str:
        """A sentence of the template's own, filled in."""
        template: str = self.words[name]
        return template.format(**{key: self._shown(value) for key, value in values.items()})

    def _shown(self, value: Any) -> str:
        return self.integer(value) if isinstance(value, int) else str(value)

    def notices(self) -> dict[str, Any]:
        """What must not be missed."""
        facts, weights = self.facts, Counter(issue.severity for issue in self.facts.issues)
        synthetic = facts.reports - facts.origins.get("real", 0)
        kind = "synthetic_all" if synthetic == facts.reports else "synthetic_some"
        return {
            "synthetic_said": self.say(kind, count=synthetic, total=facts.reports) if synthetic else "",
            "issues_said": self.say(
                "issues_many", errors=weights["error"], warnings=weights["warning"], notes=weights["info"]
            )
            if facts.issues
            else self.say("issues_none"),
        }

    def counts(self) -> dict[str, Any]:
        """How many of what."""
        facts = self.facts
        return {
            "reports": self.integer(facts.reports),
            "origin": self._listed(facts.origins, self.words["origin"]),
            "generators": self._listed(facts.generators, {}) or DASH,
            "language": self._language(),
            "task": self.words["task"][facts.task] if facts.task else self.unknown,
            "labelled": self.integer(facts.labelled),
            "unlabelled": self.integer(facts.unlabelled),
            "none_of_them": self.integer(facts.none_of_them),
            **{name: self._some(name) for name in ("patients", "episodes", "sites")},
            "period": self._period(),
            "sealed": self.integer(facts.sealed),
            "deidentified": self._deidentified(),
        }

    def _language(self) -> str:
        code = self.facts.language
        if code is None:
            return self.unknown
        name = self.words["language"].get(code.split("-")[0].casefold())
        return f"{name} ({code})" if name else code

    def _listed(self, counts: Mapping[str, int], names: Mapping[str, str]) -> str:
        return ", ".join(f"{names.get(name, name)} {self.integer(n)}" for name, n in counts.items())

    def _some(self, name: str) -> str:
        """How many different ones, and how many reports name none."""
        count, without = getattr(self.facts, name), self.facts.without[name]
        if count is None:
            return self.unknown
        return self.say("some_unknown", count=count, without=without) if without else self.integer(count)

    def _period(self) -> str:
        facts = self.facts
        if facts.first_month is None or facts.last_month is None:
            return self.unknown
        first, last = self._month(facts.first_month), self._month(facts.last_month)
        return self.say("period", first=first, last=last, dated=facts.dated, total=facts.reports)

    def _month(self, month: str) -> str:
        year, number = month.split("-")
        return f"{number}/{year}" if self.translator.language == "pt-BR" else month

    def _deidentified(self) -> str:
        facts = self.facts
        if facts.deidentified is not None:
            return ", ".join(f"{name}: {value}" for name, value in facts.deidentified.items()) or self.unknown
        synthetic = not facts.origins.get("real")
        return self.say("deidentified_synthetic" if synthetic else "not_deidentified")

    def tables(self) -> dict[str, Any]:
        """Labels, splits, sections and attributes."""
        facts, integer, share = self.facts, self.integer, self._share
        splits = [(self.words["split"][x.name], x.reports, x.patients) for x in facts.splits]
        if splits and facts.not_split:
            splits.append((self.words["not_split"], facts.not_split, None))
        names = self.words["section"]
        return {
            "labels_said": "" if facts.labelled else self.say("no_labels"),
            "labels": [
                (x.name, integer(x.reports), share(x.reports, facts.labelled), integer(x.patients))
                for x in facts.labels
            ],
            "splits_said": "" if facts.splits else self.say("no_splits"),
            "splits": [(name, integer(n), integer(patients)) for name, n, patients in splits],
            "by_split_said": self.say("by_split") if facts.splits and facts.labels else "",
            "labels_by_split": [
                (x.name, *(integer(x.splits.get(name, 0)) for name in (*SPLITS, "")))
                for x in (facts.labels if facts.splits else ())
            ],
            "sections_said": self.say("sections_read", count=facts.sections_read, total=facts.reports)
            + (" " + self.say("no_sections") if not facts.sections else ""),
            "sections": [
                (names.get(name, name), integer(n), share(n, facts.sections_read))
                for name, n in facts.sections.items()
            ],
            "attributes_said": "" if facts.attributes else self.say("no_attributes"),
            "attributes": [(x.name, integer(x.reports), integer(x.values)) for x in facts.attributes],
        }

    def _share(self, count: int, total: int) -> str:
        return self.translator.percent(count / total if total else None, 1)

    def length_tables(self) -> dict[str, Any]:
        """Lengths of all reports, and of those of each label."""
        named = [
            (self.words["corpus_row"], self.facts.words),
            *((x.name, x.words) for x in self.facts.labels),
        ]
        return {"lengths": [(name, *self._lengths(words)) for name, words in named]}

    def _lengths(self, words: Words | None) -> Iterable[str]:
        found = (None,) * 4 if words is None else (words.least, words.median, words.p95, words.most)
        return (self.integer(value) for value in found)

    def findings(self) -> dict[str, Any]:
        """What the audit found, and how often the test split was looked at."""
        looks = self.facts.looks
        rows = []
        for issue in self.facts.issues:
            weight = self.words["severity"][issue.severity]
            rows.append(
                (
                    f"{weight} ({self.words['accepted']})" if issue.accepted else weight,
                    issue.check,
                    self.translator.issue(issue),
                    self.integer(issue.reports),
                    "; ".join(_setting(item) for item in (issue.remedy or {}).items()) or DASH,
                )
            )
        said = self.say("looks_unknown") if looks is None else self.say("looks", count=looks)
        return {"issues": rows, "looks_said": said}

    def making(self) -> dict[str, Any]:
        """How the corpus was made, as its manifest tells."""
        manifest, unknown = self.facts.manifest, self.unknown
        settings = [] if manifest is None else list(_flat(manifest.config))
        said = tuple(self.translator(note.message, **note.values) for note in self.facts.said)
        return {
            "manifest_said": self.say("no_manifest") if manifest is None else "",
            "verb": manifest.verb if manifest else unknown,
            "created": date(manifest.created, self.translator) if manifest else unknown,
            "seed": str(manifest.seed) if manifest else unknown,
            "versions": _joined(manifest.versions) if manifest and manifest.versions else unknown,
            "overrides": (", ".join(manifest.overrides) or self.words["nothing"]) if manifest else unknown,
            **self._basis(),
            "parents": self._parents(),
            "settings_said": "" if settings else self.say("no_settings"),
            "settings": settings,
            "said": said or self.say("said_none"),
            **self._set_aside(),
        }

    def _basis(self) -> dict[str, str]:
        """What is declared of the processing."""
        manifest = self.facts.manifest
        basis = (manifest and manifest.basis) or Basis()
        names = ("purpose", "controller", "officer", "retention", "data_use")
        return {
            "legal_basis": (manifest and manifest.legal_basis) or self.words["no_basis"],
            "use": self.words["use"][basis.use] if basis.use else DASH,
            "ethics": basis.ethics or basis.ethics_exempt or DASH,
            **{name: getattr(basis, name) or DASH for name in names},
        }

    def _parents(self) -> str:
        parents = self.facts.manifest.parents if self.facts.manifest else ()
        return ", ".join(f"{parent.kind} {parent.digest}" for parent in parents) or (
            self.unknown if self.facts.manifest is None else self.say("no_parents")
        )

    def _set_aside(self) -> dict[str, Any]:
        facts, names = self.facts, self.words["aside"]
        if facts.rows is None or facts.aside is None:
            return {"rows_said": self.say("rows_unknown"), "aside": []}
        gone = sum(facts.aside.values())
        said = self.say("rows_read", rows=facts.rows, reports=facts.reports, aside=gone)
        rows = [(names.get(code, code), self.integer(n)) for code, n in facts.aside.items()]
        return {"rows_said": said if rows else f"{said} {self.say('aside_none')}", "aside": rows}


def date(moment: str, translator: Translator) -> str:
    """A moment of a manifest as a date; a dash where it has none."""
    return translator.date(datetime.fromisoformat(moment)) if moment else DASH


def _joined(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _flat(config: Mapping[str, Any], before: str = "") -> Iterable[Row]:
    """Settings that say something, by their whole name."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif value is not None and value != []:
            yield f"{before}{name}", toml_value(value)


def _setting(item: tuple[str, Any]) -> str:
    return f"{item[0]} = {toml_value(item[1])}"
