"""The table of commands: what help says of each, and where its function stands; reading it loads none."""

from __future__ import annotations

from bert4text.cli.command import Command
from bert4text.cli.commands_over_data import OVER_DATA
from bert4text.core.messages import N_

INTRODUCTION = N_(
    "From a table of clinical reports to an audited, calibrated BERT classifier, offline, on your machine."
)
FIRST_STEPS = N_(
    "Begin with: bert4text quickstart\n\n"
    "Your own table: prepare, audit, train, evaluate, predict - each with --help and examples.\n\n"
    "Not a medical device: a physician decides."
)


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
    *OVER_DATA,
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
        "calibrate",
        "calibrating:calibrate",
        N_("Model"),
        help=N_("Calibrate a model anew: on your reports, or to another operating point."),
        examples=N_(
            "bert4text calibrate runs/a ours.parquet -o runs/ours\n\n"
            "bert4text calibrate runs/a corpus.parquet --set calibrate.point.risk=0.05 -o runs/sure"
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
        "stress",
        "stressing:stress",
        N_("Model"),
        help=N_("Change reports in ways that should not change the answer, and tell how often they do."),
        examples=N_(
            "bert4text stress runs/a corpus.parquet\n\n"
            "bert4text stress runs/a corpus.parquet -o stressed --set stress.serious='[\"malignant\"]'\n\n"
            "bert4text stress runs/a corpus.parquet --only accents-lost --only side-swapped"
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
        "explain",
        "explaining:explain",
        N_("Use"),
        help=N_("Tell what the answers to some reports hang on, and how far that is to be believed."),
        examples=N_(
            "bert4text explain runs/a new.csv --id E17\n\n"
            "bert4text explain runs/a new.csv --id E17 --id E18 --html why.html\n\n"
            "bert4text explain runs/a --text - < report.txt\n\n"
            "bert4text explain runs/a corpus.parquet --global --html drivers.html"
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
    Command(
        "print",
        "printing:print_",
        N_("Account"),
        help=N_("Make a PDF of a page: what is folded on the screen is open on paper."),
        examples=N_(
            "bert4text print runs/a/evaluations/corpus-test/scorecard.html\n\n"
            "bert4text print datasheet.html -o filed/datasheet.pdf"
        ),
    ),
    Command(
        "keys",
        "",
        N_("Account"),
        help=N_("List keys, change one, destroy that of a patient."),
    ),
    Command(
        "keys list",
        "keys:list_",
        "",
        help=N_("List the keys of the project: names, ages, where they come from; never a key."),
        examples=N_("bert4text keys list"),
    ),
    Command(
        "keys rotate",
        "keys:rotate",
        "",
        help=N_("Put a new key in the place of another; corpora that are sealed open as before."),
        examples=N_("bert4text keys rotate\n\nbert4text keys rotate --name patients --yes"),
    ),
    Command(
        "keys destroy",
        "keys:destroy",
        "",
        help=N_("Destroy the key of a patient: the sealed reports open no more, in whatever copy."),
        examples=N_(
            'bert4text keys destroy --patient p-0123456789abcdef --reason "request 12 of the patient"\n\n'
            'bert4text keys destroy --patient - --raw --reason "request 12" --yes < number.txt'
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
