"""The table of commands: what help says of each, and where its function stands; reading it loads none."""

from __future__ import annotations

from typing import NamedTuple

from bert4text.core.messages import N_

INTRODUCTION = N_(
    "From a table of clinical reports to an audited, calibrated BERT classifier, offline, on your machine."
)
FIRST_STEPS = N_(
    "Begin with: bert4text quickstart\n\n"
    "Your own table: prepare, audit, train, evaluate, predict - each with --help and examples.\n\n"
    "Not a medical device: a physician decides."
)


class Command(NamedTuple):
    """One thing to type.

    Attributes:
        name: the words after ``bert4text``.
        place: ``module:function`` within ``bert4text.cli``; empty for a group of commands.
        panel: the heading under which help lists it; empty within a group.
        help: what it does, in a sentence.
        examples: calls of it, with an empty line between two.
    """

    name: str
    place: str
    panel: str
    help: str
    examples: str = ""


COMMANDS = (
    Command(
        "quickstart",
        "start:quickstart",
        N_("Start"),
        help=N_(
            "Take the tour: two synthetic data sets, an audit, two classifiers, a scorecard; no network."
        ),
        examples=N_("bert4text quickstart\n\nbert4text quickstart --language pt-BR --folder tour"),
    ),
    Command(
        "init",
        "start:init",
        N_("Start"),
        help=N_("Write a bert4text.toml that explains every setting."),
        examples=N_("bert4text init\n\nbert4text init my-project --from reports.csv"),
    ),
    Command(
        "doctor",
        "start:doctor",
        N_("Start"),
        help=N_("Tell what this machine is, what is installed and what will be used."),
        examples=N_("bert4text doctor\n\nbert4text doctor --measure --json"),
    ),
    Command(
        "plugins",
        "start:plugins",
        N_("Start"),
        help=N_("List what can be extended, and what stands in it."),
        examples=N_("bert4text plugins\n\nbert4text plugins checks"),
    ),
    Command(
        "encoders",
        "",
        N_("Start"),
        help=N_("List the encoders of the catalog, tell of one, fetch one."),
    ),
    Command(
        "encoders list",
        "encoders:list_",
        "",
        help=N_("List the catalog."),
        examples=N_("bert4text encoders list"),
    ),
    Command(
        "encoders show",
        "encoders:show",
        "",
        help=N_("Tell all that is known of one encoder."),
        examples=N_("bert4text encoders show minilm"),
    ),
    Command(
        "encoders fetch",
        "encoders:fetch",
        "",
        help=N_("Fetch an encoder from the hub: the one command that uses the network."),
        examples=N_(
            "bert4text encoders fetch bertimbau-base --to encoders/bertimbau\n\n"
            "bert4text encoders fetch biobertpt-clin --to encoders/clin --accept-no-licence"
        ),
    ),
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
        "pretrain",
        "encoder:pretrain",
        N_("Model"),
        help=N_("Let an encoder learn the language of your reports; no labels are needed."),
        examples=N_(
            "bert4text pretrain corpus.parquet -o encoders/ours\n\n"
            "bert4text train corpus.parquet --encoder encoders/ours -o runs/a"
        ),
    ),
    Command(
        "train",
        "model:train",
        N_("Model"),
        help=N_("Fine-tune an encoder, with TF-IDF beside it; the audit comes first and may stop it."),
        examples=N_(
            "bert4text train corpus.parquet -o runs/a\n\n"
            "bert4text train corpus.parquet --encoder encoders/bertimbau --effort thorough -o runs/b\n\n"
            "bert4text train corpus.parquet --set train.adaptation=head -o runs/c\n\n"
            "bert4text train corpus.parquet --private epsilon=8 -o runs/d"
        ),
    ),
    Command(
        "tune",
        "tuning:tune",
        N_("Model"),
        help=N_("Look for better settings of train within a time, and tell a gain from noise."),
        examples=N_(
            "bert4text tune corpus.parquet -o tuned.toml --minutes 120\n\n"
            "bert4text train corpus.parquet --project tuned.toml -o runs/a\n\n"
            "bert4text tune corpus.parquet -o tuned.toml --set train.learning_rate=5e-5"
        ),
    ),
    Command(
        "distill",
        "distill:distill",
        N_("Model"),
        help=N_("Make a smaller, faster run that answers as another; reports without a label help."),
        examples=N_(
            "bert4text distill runs/a corpus.parquet -o runs/small\n\n"
            "bert4text distill runs/a corpus.parquet --encoder minilm -o runs/small\n\n"
            "bert4text distill runs/a corpus.parquet --set distill.layers=3 -o runs/small"
        ),
    ),
    Command(
        "evaluate",
        "model:evaluate",
        N_("Model"),
        help=N_("Measure a run on reports it has not seen, beside TF-IDF and the most frequent class."),
        examples=N_(
            "bert4text evaluate runs/a corpus.parquet\n\n"
            "bert4text evaluate runs/b corpus.parquet --compare runs/a --html scorecard.html\n\n"
            "bert4text evaluate runs/a corpus.parquet --set evaluate.membership.on=true"
        ),
    ),
    Command(
        "predict",
        "use:predict",
        N_("Use"),
        help=N_("Classify new reports: one answer for each row, in order, with its probabilities."),
        examples=N_(
            "bert4text predict runs/a new.csv -o predictions.parquet\n\n"
            "bert4text predict runs/a new.xlsx --columns id=exam,text=report -o predictions.csv\n\n"
            "cat new.jsonl | bert4text predict runs/a > predictions.jsonl"
        ),
    ),
    Command(
        "export",
        "delivery:export",
        N_("Use"),
        help=N_("Make a bundle that answers without PyTorch, compared with its run first."),
        examples=N_(
            "bert4text export runs/a corpus.parquet\n\n"
            "bert4text export runs/a corpus.parquet --precision int8 -o exported"
        ),
    ),
    Command(
        "document",
        "account:document",
        N_("Account"),
        help=N_("Let a corpus describe itself; what only a person can tell is left open and marked."),
        examples=N_(
            "bert4text document corpus.parquet --kind datasheet -o datasheet.html\n\n"
            "bert4text document corpus.parquet --language pt-BR > datasheet.md"
        ),
    ),
)
"""In the order in which help lists them."""


def under(group: str = "") -> dict[str, Command]:
    """The commands of a group by the word to type for each; those of the first level without a group."""
    start = f"{group} " if group else ""
    words = {
        command.name.removeprefix(start): command for command in COMMANDS if command.name.startswith(start)
    }
    return {word: command for word, command in words.items() if " " not in word}


__all__ = ["COMMANDS", "FIRST_STEPS", "INTRODUCTION", "Command", "under"]
