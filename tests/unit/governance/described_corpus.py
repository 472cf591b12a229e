"""A small corpus that has everything a datasheet tells of."""

from __future__ import annotations

from datetime import UTC, datetime

from bert4text.core.basis import Basis
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest, Parent
from bert4text.core.report import Report

SECRET = "Zuleica"
"""Stands in every report, id, patient, site and attribute value: nothing of it may be shown."""

MANIFEST = Manifest(
    kind="corpus",
    verb="prepare",
    parents=(Parent(kind="table", digest="sha256:" + "ab" * 32),),
    config={
        "source": f"/home/{SECRET}/laudos.csv",
        "columns": {"text": "laudo"},
        "label_map": {},
        "encoding": None,
        "deduplicate": True,
    },
    versions={"bert4text": "9.9.9"},
    seed=11,
    created="2026-11-22T10:00:00Z",
    overrides=("shortcut",),
    legal_basis="LGPD, art. 11, II, c",
    basis=Basis(
        law="lgpd",
        clauses=("11-II-c",),
        use="research",
        purpose="to count grades | by month",
        controller="Hospital X",
        officer="encarregado@hospital.example",
        retention="until 2028",
        ethics="CAAE 00000000.0.0000.0000",
        data_use="term 12/2026",
    ),
    notes={
        "rows": 15,
        "aside": {"duplicate": 2, "label-several": 1},
        "said": [
            {
                "code": "language",
                "message": "language of the reports: {language}",
                "values": {"language": "pt-BR"},
            }
        ],
    },
)

ISSUES = (
    Issue(
        check="stated-label",
        severity="error",
        code="label-in-section",
        message="reports without text: {count}",
        values={"count": 3},
        reports=3,
        remedy={"prepare.sections.drop": ["conclusion"]},
    ),
    Issue(
        check="near-duplicates",
        severity="warning",
        code="near",
        message="reports that repeat the text of another: {count}",
        values={"count": 1},
        accepted=True,
    ),
)


def small_corpus() -> Corpus:
    """Twelve reports: 8 benign, 3 of grade|2, 1 unlabelled; 5 patients; March 2024 to February 2025."""
    reports = []
    for i in range(12):
        conclusion = "\nConclusão: sem alterações." if i < 4 else ""
        reports.append(
            Report(
                id=f"{SECRET}-{i}",
                text=f"{SECRET} " + "vesícula " * i + conclusion,
                labels=None if i == 11 else ("benigno",) if i < 8 else ("grau|2",),
                patient=f"p-{SECRET}-{i // 2}" if i < 10 else None,
                site=f"{SECRET} {i % 2}",
                written_at=datetime(2024, 3, 5, tzinfo=UTC) if i else datetime(2025, 2, 1, tzinfo=UTC),
                split=None if i == 11 else "train" if i < 9 else "test",
                origin="synthetic" if i == 3 else "real",
                generator="cytology" if i == 3 else None,
                attributes={"sexo": SECRET, "idade": f"{SECRET}{i}"} if i < 6 else {},
            )
        )
    space = LabelSpace(task="binary", names=("benigno", "grau|2"))
    return Corpus.from_reports(reports, space, language="pt-BR").replace(
        manifest=MANIFEST,
        deidentified={"policy": "lgpd", "residue": {"names": 2, "who": SECRET}, "by": SECRET},
    )
