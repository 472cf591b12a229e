"""The rows of the table of commands whose panel is Data."""

from __future__ import annotations

from bert4text.cli.command import Command
from bert4text.core.messages import N_

OVER_DATA = (
    Command(
        "prepare",
        "data:prepare",
        N_("Data"),
        help=N_(
            "Read a table of reports, repair it, take its labels, drop duplicates and split it by patient."
        ),
        examples=N_(
            "bert4text prepare reports.csv -o corpus.parquet\n\n"
            "bert4text prepare reports.xlsx --columns id=exam,text=report,labels=result -o corpus.parquet\n\n"
            "bert4text prepare reports.csv --set prepare.split.by=time -o corpus.parquet"
        ),
    ),
    Command(
        "audit",
        "data:audit",
        N_("Data"),
        help=N_(
            "Look for what gives the label away, what leaks between splits, what is too few; 1 if it blocks."
        ),
        examples=N_(
            "bert4text audit corpus.parquet\n\n"
            "bert4text audit corpus.parquet --html audit.html\n\n"
            "bert4text audit corpus.parquet --json > issues.json\n\n"
            "bert4text audit corpus.parquet --apply remedies.toml -o clean.parquet\n\n"
            "bert4text audit corpus.parquet --set audit.fail_on=warning"
        ),
    ),
    Command(
        "synthesize",
        "data:synthesize",
        N_("Data"),
        help=N_("Make synthetic reports that say they are synthetic."),
        examples=N_(
            "bert4text synthesize cytology -o cytology.parquet\n\n"
            "bert4text synthesize cytology -n 200 --set project.language=en -o cytology.parquet"
        ),
    ),
    Command(
        "deidentify",
        "privacy:deidentify",
        N_("Data"),
        help=N_("Replace what identifies persons, as a policy says; what was found is told in counts."),
        examples=N_(
            "bert4text deidentify corpus.parquet -o clean.parquet\n\n"
            "bert4text deidentify corpus.parquet --policy hipaa-safe-harbor -o clean.parquet\n\n"
            "bert4text deidentify corpus.parquet --set deidentify.actions.date=year -o clean.parquet\n\n"
            "bert4text deidentify reports.csv --columns id=exam -o clean.csv\n\n"
            "bert4text deidentify - < report.txt"
        ),
    ),
    Command(
        "reidentify",
        "privacy:reidentify",
        N_("Data"),
        help=N_("Give a de-identified corpus its ids and patients back; who did it and why is written down."),
        examples=N_(
            'bert4text reidentify clean.parquet --reason "callback of patients, opinion 12" -o named.parquet'
        ),
    ),
    Command(
        "recognizer",
        "",
        N_("Data"),
        help=N_("Build what finds names that no rule knows, and tell of it."),
    ),
    Command(
        "recognizer build",
        "recognizer:build",
        "",
        help=N_("Let an encoder learn to find what identifies persons, from made-up and marked reports."),
        examples=N_(
            "bert4text recognizer build\n\n"
            "bert4text recognizer build --gold marked.jsonl -o recognizers/ours --set recognizer.epochs=4"
        ),
    ),
    Command(
        "recognizer show",
        "recognizer:show",
        "",
        help=N_("Tell what a recognizer finds, what it learned from and how well."),
        examples=N_("bert4text recognizer show\n\nbert4text recognizer show recognizers/ours --json"),
    ),
    Command(
        "seal",
        "sealing:seal",
        N_("Data"),
        help=N_("Encrypt each report under the key of its patient; verbs open the corpus as before."),
        examples=N_(
            "bert4text seal corpus.parquet -o sealed.parquet\n\n"
            "bert4text prepare reports.csv --seal -o sealed.parquet"
        ),
    ),
    Command(
        "unseal",
        "sealing:unseal",
        N_("Data"),
        help=N_("Write a sealed corpus in plain; who did it and why is written down."),
        examples=N_('bert4text unseal sealed.parquet --reason "handed to the registry" -o plain.parquet'),
    ),
)
"""In the order in which help lists them."""
