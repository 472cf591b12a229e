"""Write the reference pages that come from the code: commands, settings, errors, encoders, the tree, speed.

python scripts/reference.py            write those pages of docs/reference/
python scripts/reference.py --check    fail if one of them is not what the code says
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from benchmarks.fairness.tables import groups_table as fair_groups
from benchmarks.fairness.tables import table as fair_table
from benchmarks.privacy.meddocan import table as marked_table
from benchmarks.privacy.peers import peers
from benchmarks.privacy.peers import table as peers_table
from benchmarks.privacy.private import table as private_table
from benchmarks.privacy.recall import table as found_table
from benchmarks.privacy.utility import table as utility_table
from benchmarks.quality import augmentation, promises, stress, students
from benchmarks.quality.tables import shown
from benchmarks.table import table
from pydantic import BaseModel

from bert4text.cli.screen import Screen
from bert4text.cli.template import inner_record
from bert4text.cli.tree import build
from bert4text.core import errors
from bert4text.core.config import toml_value
from bert4text.core.messages import load
from bert4text.models.catalog import Encoder, encoders
from bert4text.project import SECTIONS

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "bert4text"
PLACE = ROOT / "docs" / "reference"
RESULTS = ROOT / "benchmarks" / "results"
TOLD = ("torch", "transformers", "tokenizers")
"""Libraries whose version stands beside what was measured."""

MADE = "<!-- made by scripts/reference.py from the code: change the code, not this page -->\n"


def pages() -> dict[str, str]:
    """File name -> text."""
    return {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "encoders.md": encoders_page(),
        "modules.md": modules_page(),
        "benchmarks.md": benchmarks_page(),
        "quality.md": quality_page(),
        "privacy.md": privacy_page(),
        "fairness.md": fairness_page(),
        "augmentation.md": augmentation_page(),
        "stress.md": stress_page(),
    }


def commands_page() -> str:
    """Every command with its arguments, options and examples; the shared options once."""
    root = build(Screen(load("en")))
    lines = [MADE, "# Commands", "", root.help, ""]
    shared: list[Any] = []
    for name, command in _leaves("bert4text", root):
        own = [parameter for parameter in command.params if not _is_shared(parameter)]
        if len(command.params) - len(own) > len(shared):
            shared = [parameter for parameter in command.params if _is_shared(parameter)]
        lines += [f"## {name}", "", command.help, "", "```console", f"$ {_usage(name, own)}", "```", ""]
        lines += _parameters(own)
        lines += ["Examples:", "", "```console", *_examples(command.epilog), "```", ""]
    lines += [
        "## Options of every verb",
        "",
        "A command that has no use for one of them does not take it.",
        "",
    ]
    return "\n".join([*lines, *_parameters(shared)]).rstrip() + "\n"


def settings_page() -> str:
    """Every section of ``bert4text.toml`` with its keys, types, defaults and meaning."""
    lines = [
        MADE,
        "# Settings",
        "",
        "One file, `bert4text.toml`, one section for each verb. Order: defaults, the file, `--set` on the",
        "command line, arguments in Python. `bert4text init` writes the file with every setting explained.",
        "",
    ]
    for name, record in SECTIONS.items():
        lines += _section(name, record)
    return "\n".join(lines).rstrip() + "\n"


def errors_page() -> str:
    """Exit statuses, the family of errors, and every code with its message and hint."""
    lines = [MADE, "# Errors and exit statuses", "", "| status | meaning |", "| --- | --- |", "| 0 | done |"]
    family = [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind)
        and kind.__module__ == errors.__name__
        and issubclass(kind, errors.Bert4TextError)
    ]
    heads = [kind for kind in family if errors.Bert4TextError in kind.__bases__]
    heads.sort(key=lambda kind: kind.exit_status)
    lines += [f"| {kind.exit_status} | `{kind.__name__}`: {_first(kind)} |" for kind in heads]
    lines += ["| 70 | a bug: its kind and its line, never values |", "| 130 | interrupted |", ""]
    lines += [
        "With `--json` an error is one `problem/1` object on stderr. `HTTP` is the status of a service.",
        "",
    ]
    lines += ["## The family", "", "| class | code | exit | HTTP | |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{kind.__name__}` | `{kind.code}` | {kind.exit_status} | {kind.http_status} | {_first(kind)} |"
        for kind in family
    ]
    lines += ["", "## Codes", "", "| code | class | message | what to do |", "| --- | --- | --- | --- |"]
    rows = sorted(set(_raised({kind.__name__: kind for kind in family})))
    lines += [
        f"| `{code}` | `{name}` | {_cell(message)} | {_cell(hint)} |" for code, name, message, hint in rows
    ]
    return "\n".join(lines) + "\n"


def encoders_page() -> str:
    """Every encoder of the catalog: a table of facts, then what it is and when to choose it."""
    lines = [MADE, "# Encoders", ""]
    lines += [
        "The catalog, as `bert4text encoders list` has it: what model cards, papers and files of the",
        "encoders state; what is not known is left out. Memory is what training all of it takes in",
        "gigabytes: weights, gradients and AdamW's two moments in float32, 16 bytes for each weight;",
        "activations come on top. Work is that for each token, where MiniLM's is 1, reckoned from layers",
        "and width as if the layers had BERT's proportions; those of ModernBERT and DeBERTa have others.",
        "Neither says how good an encoder is: no figure of quality stands here, because your own",
        "scorecard is the one that counts.",
        "",
    ]
    shape = ("weights, millions", "layers x width", "window")
    titles = ("name", "languages", "domain", *shape, "licence", "memory", "work")
    lines += [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    lines += [f"| {' | '.join(_encoder_cells(row))} |" for row in encoders()]
    for row in encoders():
        lines += ["", f"## {row.name}", "", f"{row.summary[0].upper()}{row.summary[1:]}. {row.choose}", ""]
        lines.append("; ".join(_encoder_facts(row)) or "No pretrained weights.")
    return "\n".join(lines).rstrip() + "\n"


def _encoder_facts(row: Encoder) -> Iterator[str]:
    if row.hub is not None:
        yield f"`{row.hub}`"
    if row.family is not None:
        yield row.family
    if row.vocabulary is not None:
        yield f"{row.vocabulary:,} pieces"
    if row.cased is not None:
        yield "tells upper and lower case apart" if row.cased else "knows lower case alone"
    if row.weights is not None:
        yield f"weights held as {row.weights}"
    if row.paper is not None:
        yield row.paper


def _encoder_cells(row: Encoder) -> list[str]:
    shape = "" if row.layers is None or row.width is None else f"{row.layers} x {row.width}"
    licence = row.licence or ("" if row.hub is None else "none stated")
    numbers = ["" if number is None else f"{number:.1f}" for number in (row.memory, row.cost)]
    weights = "" if row.parameters is None else f"{row.parameters:g}"
    facts = [", ".join(row.languages), row.domain, weights, shape, str(row.window or ""), licence, *numbers]
    return [f"[`{row.name}`](#{row.name})", *map(_cell, facts)]


def modules_page() -> str:
    """Every module with the first sentence of its docstring."""
    lines = [MADE, "# The tree", "", "Every module of `src/bert4text/`, and what it owns.", ""]
    folders = [SOURCE, *sorted(path.parent for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE)]
    for folder in folders:
        name = folder.relative_to(SOURCE.parent).as_posix()
        lines += [f"## {name}/", "", _owns(folder / "__init__.py"), "", "| module | |", "| --- | --- |"]
        modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
        lines += [f"| `{path.name}` | {_cell(_owns(path))} |" for path in modules]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def benchmarks_page() -> str:
    """Every measurement of speed that is kept, as tables."""
    lines = [MADE, "# Measured speed", ""]
    lines += ["How to read the tables, and how to measure again: `benchmarks/README.md`.", ""]
    for path in sorted(RESULTS.glob("speed.*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        rounds = len({run["round"] for run in found["runs"]} - {None})
        lines += [f"## {found['name']}", ""]
        lines += [*_measured(found, f"; {rounds} round{'s' if rounds != 1 else ''}."), ""]
        lines += [table(found, markdown=True), ""]
    return "\n".join(lines)


PROMISED = (
    "The test reports of our system (encoder, or both together), dealt anew a hundred times: one half",
    "calibrates, the other is measured. An error is the debiased calibration error of the likeliest label;",
    "in brackets, where 95 % of the resplits lie (as trained: of resamples). Held: the share of reports",
    "whose true label is in the set; least and most label: of labels with 60 reports or more in all.",
    "",
)


TAUGHT = (
    "Encoders alone, without TF-IDF, exported as `export` does by itself. They answered the same reports in",
    "turn; times as fast: of three rounds. As the teacher: the share of reports answered alike. After the",
    "semicolon stands what a student has more than its teacher.",
    "",
)


def quality_page() -> str:
    """How good classifiers of real reports were, as tables."""
    lines = [MADE, "# Measured quality", ""]
    lines += ["Sets, systems and how to read a cell: `benchmarks/README.md`. The sets are not part of the"]
    lines += ["project; what was answered to each report is kept beside the results.", ""]
    for path in sorted(RESULTS.glob("quality.reports*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        lines += [*_measured(found, "."), "", shown(found["runs"], parts=False)]
    taught = RESULTS / "quality.students.json"
    if taught.exists():
        found = json.loads(taught.read_text(encoding="utf-8"))
        lines += ["", "## Measured students", "", *TAUGHT, *_measured(found, "."), ""]
        for name in found["settings"]["sets"]:
            lines += [students.shown([run for run in found["runs"] if run["set"] == name])]
    promised = RESULTS / "quality.promises.json"
    if promised.exists():
        found = json.loads(promised.read_text(encoding="utf-8"))
        lines += ["", "## Measured promises", "", *PROMISED, *_measured(found, "."), ""]
        lines += [promises.shown(found["runs"])]
    return "\n".join(lines).rstrip() + "\n"


FURTHER = (
    (
        "privacy.recognizer",
        "Measured with a recognizer",
        [
            "As above, with fewer reports of each set, and with what `bert4text recognizer build` makes",
            "beside the rules. Nothing was set: it learned from made-up reports, of none of these layouts.",
        ],
    ),
    (
        "privacy.meddocan",
        "Measured recognizer that learned from marks",
        [
            "MEDDOCAN, dev part. Strict: ends and kind are right. Merged: what is hidden, whatever its kind.",
            "Covered: every letter of a mark is hidden.",
        ],
    ),
    (
        "privacy.speed",
        "Measured speed",
        [
            "Reports of 150 words by two processes, their start counted, and what is left looked for again.",
        ],
    ),
    (
        "privacy.memory",
        "Measured memory",
        ["The peak of one process that de-identifies a table by rules, of few rows and of many."],
    ),
)
"""Results that stand on the page of privacy once they are measured: name, title, what they are."""
SHOWN: dict[str, Any] = {
    "privacy.recognizer": lambda kept: found_table(kept["summary"]),
    "privacy.meddocan": lambda kept: marked_table(kept["summary"]),
    "privacy.speed": lambda kept: table(kept, markdown=True),
    "privacy.memory": lambda kept: table(kept, markdown=True),
}


def fairness_page() -> str:
    """Contracts on real reports, and what weights and thresholds did, as tables."""
    found = json.loads((RESULTS / "fairness.subgroups.json").read_text(encoding="utf-8"))
    contract = found["settings"]["contract"]
    criteria, attributes = ", ".join(contract["criterion"]), " and ".join(contract["attributes"])
    lines = [MADE, "# Measured fairness", ""]
    point, encoders = found["settings"]["point"], found["settings"]["encoders"]
    read = ", ".join(f"`{encoder}` of `{name}`" for name, encoder in encoders.items())
    lines += [
        "Every report of a set is answered once, from its beginning, by what learned from the other half"
    ]
    lines += [
        "of the set: TF-IDF, or a head, as a training of ours starts one, on an encoder that stays as it"
    ]
    lines += [f"is ({read}). All answers together are held to one contract: {criteria} between groups of"]
    lines += [f"{attributes} and of both crossed, at a tolerance of {contract['tolerance']}, with"]
    lines += [f"{contract['minimum_n']} reports or more in each figure.", ""]
    lines += ["`thinned`: four of five women of one label were taken out of the training reports. `opposed`:"]
    lines += ["one of two labels is asked for, and four of five women of the one and men of the other were"]
    lines += ["taken out. The reports that are measured stay as they are. `reweighed` learned with"]
    lines += [
        "`[train.loss] reweigh`. `common` lowers the threshold of that label until half of the answered"
    ]
    lines += [
        f"reports prove that {point['sensitivity']:.0%} are found, with {point['confidence']:.0%} confidence,"
    ]
    lines += ["and answers the other half by it; `by sex` proves it of women and of men"]
    lines += ["([thresholds by group](../how-to/thresholds-by-group.md)). In brackets the interval of 95 %;"]
    lines += ["`at least` is certain over all gaps."]
    lines += [
        "Patients are not known here; sex and age of `mtsamples_en` were found by rules in the texts, and"
    ]
    lines += ["the specialty of `meddocan_es` is that of the journal. How to read a verdict:"]
    lines += ["[how to check fairness](../how-to/check-fairness.md).", "", *_measured(found, ".")]
    for system in found["settings"]["systems"]:
        title = {"tfidf": "TF-IDF", "encoder": "A head on a frozen encoder"}[system]
        lines += ["", f"# {title}", "", fair_table(found["runs"], system)]
    lines += ["", "# By group", "", fair_groups(found["runs"])]
    return "\n".join(lines).rstrip() + "\n"


def stress_page() -> str:
    """Where models broke, as tables."""
    found = json.loads((RESULTS / "quality.stress.json").read_text(encoding="utf-8"))
    lines = [MADE, "# Measured stress", ""]
    lines += ["The share of answers that change where they should not, of reports that the model has not"]
    lines += ["learned from (how many: in brackets behind the model), with the interval of 95 % by patient;"]
    lines += ["bold: more than 5 % surely, it breaks. `quickstart` is the model of the tour on made-up"]
    lines += ["cytology reports; the others read mammography reports (`mammo_birads_es_pt`, serious from"]
    lines += [f"BI-RADS 4); encoders learned with adaptation {found['settings']['adaptation']} at the effort"]
    lines += ["quick. What each capability tries: [how to stress](../how-to/stress.md).", ""]
    lines += [*_measured(found, "."), "", stress.shown(found["runs"])]
    return "\n".join(lines).rstrip() + "\n"


def augmentation_page() -> str:
    """What training with changed copies of reports changed, as tables."""
    found = json.loads((RESULTS / "quality.augmentation.json").read_text(encoding="utf-8"))
    settings = found["settings"]
    practiced = ", ".join(f"`{name}`" for name in settings["practiced"])
    lines = [MADE, "# Measured augmentation", ""]
    lines += ["A model is trained twice with the same seed, without and with changed copies of"]
    lines += [f"{settings['share']:.0%} of its training reports. Practiced were {practiced};"]
    lines += ["the other capabilities were not, and show whether practice carries over. `others`: the share"]
    lines += ["of changed reports whose answer is another than that of the report as it was. `right more"]
    lines += ["often`: the difference in the share of right answers to changed reports. In brackets the"]
    lines += ["interval of 95 %, that of a difference from the same reports answered by both. One seed, and"]
    lines += ["many intervals: one in forty lies above 0 by chance. `told_br_pt` holds tweets, for which"]
    lines += ["very long texts and letterheads are odd. How to use it: [stress](../how-to/stress.md).", ""]
    lines += [*_measured(found, "."), ""]
    for name, training in settings["training"].items():
        told = ", ".join(f"{key} {value}" for key, value in training.items())
        lines += [f"* `{name}`: {told}; TF-IDF beside it is `tfidf`, the encoder alone `model`"]
    lines += ["", augmentation.shown(found["runs"])]
    return "\n".join(lines).rstrip() + "\n"


def privacy_page() -> str:
    """How much of what identifies persons was found, as tables."""
    lines = [MADE, "# Measured de-identification", ""]
    lines += ["An identifier is found where every letter and digit of it is covered; of each share the"]
    lines += ["interval of 95 % (Wilson). What the sets are: `benchmarks/privacy/recall.py`; what is not"]
    lines += ["found, and why: [how to de-identify](../how-to/deidentify.md).", ""]
    found = json.loads((RESULTS / "privacy.recall.json").read_text(encoding="utf-8"))
    lines += [*_measured(found, "."), "", found_table(found["summary"])]
    for name, title, said in FURTHER:
        if (RESULTS / f"{name}.json").is_file():
            kept = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
            lines += ["", f"# {title}", "", *said, "", *_measured(kept, "."), "", SHOWN[name](kept)]
    lines += ["", *_peers(), "", *_utility()]
    lines += ["", "# Measured differential privacy", ""]
    lines += ["Means of some trainings, attacks with the interval of 95 % of the first; an area of 0.5 and a"]
    lines += ["share of 0.01 named are guessing. What epsilon means:"]
    lines += ["[how to train privately](../how-to/train-privately.md).", ""]
    kept = json.loads((RESULTS / "privacy.private.json").read_text(encoding="utf-8"))
    lines += [*_measured(kept, f"; {_of(kept)}."), "", private_table(kept["summary"])]
    return "\n".join(lines).rstrip() + "\n"


def _peers() -> list[str]:
    found = json.loads((RESULTS / "privacy.peers.json").read_text(encoding="utf-8"))
    return [
        "# Beside others",
        "",
        "All systems in one run on the same reports, 300 of a set at most. An identifier is found where",
        "every letter and digit of it is covered, whatever a system calls it. What a peer says that it",
        "finds was written down before it was measured (`benchmarks/privacy/claims.toml`); ours is asked",
        "for all. Left out of MEDDOCAN and of Presidio's sentences: sex, country, trade, ages, titles.",
        "",
        "Peers stand here as they can be installed from an index and work without a network, which is",
        "less than they can do elsewhere. `presidio` has no model for Portuguese and Spanish there, so it",
        "looks for no names in them; in English it has spaCy's small model, where its default is the large",
        "one. `openmed` is its sweep of patterns alone: its own functions need a model from a hub. `tarja`",
        "looks for no names by design, and is asked about Portuguese alone. The Brazilian layouts were",
        'written in this project: twice the rules were mended on the "other layouts", never on the rest.',
        "For English texts ours knows hardly any names: presidio is the one to take there. Speed is that of",
        "each doing what it does here: presidio without a model, tarja and openmed without names.",
        "",
        *_measured(found, f"; {peers(found)}."),
        "",
        peers_table(found),
    ]


def _utility() -> list[str]:
    found = json.loads((RESULTS / "privacy.utility.json").read_text(encoding="utf-8"))
    return [
        "# What a classifier loses",
        "",
        "The same classifier on the same real reports, as they are and as `deidentify` leaves them.",
        "Intervals of 95 % are of resampled reports, those of the difference of pairs. The publishers have",
        "taken most identifiers out of these sets: what is replaced is what stayed, and words that are none.",
        "",
        *_measured(found, "."),
        "",
        utility_table(found["summary"]),
    ]


def _of(found: dict[str, Any]) -> str:
    """What a benchmark of private training learned from, and how often."""
    settings, turns = found["settings"], {row["turns"] for row in found["summary"]}
    return (
        f"`{settings['set']}`, {settings['encoder']}, {settings['reports']:,} reports learned from, "
        f"{settings['held_out']:,} held out, trainings of each: {' or '.join(map(str, sorted(turns)))}"
    )


def _measured(found: dict[str, Any], ending: str) -> list[str]:
    """By which command, when, where and with what something was measured."""
    machine, libraries = found["machine"], found["versions"]
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
    with_what = ", ".join(f"{name} {version}" for name, version in libraries.items() if name in TOLD)
    command = f"`python -m benchmarks.{found['name']}`, {found['started'][:10]},"
    return [command, f"{where}; {with_what}{ending}"]


def _owns(path: Path) -> str:
    found = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return found.split("\n\n")[0].replace("\n", " ")


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name, child in children.items():
        yield from _leaves(f"{path} {name}", child)


def _is_shared(parameter: Any) -> bool:
    return getattr(parameter, "rich_help_panel", None) == "Options of every verb"


def _usage(name: str, parameters: list[Any]) -> str:
    words = [name]
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            shown = _metavar(parameter)
            words.append(shown if parameter.required else f"[{shown}]")
    return " ".join([*words, "[OPTIONS]"])


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _parameters(parameters: list[Any]) -> list[str]:
    rows = []
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            name = _metavar(parameter)
        else:
            takes = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or 'PATH'}"
            name = ", ".join(reversed(parameter.opts)) + takes
        rows.append(f"| `{_cell(name)}` | {_cell(parameter.help or '')} |")
    return ["| | |", "| --- | --- |", *rows, ""] if rows else []


def _examples(epilog: str | None) -> list[str]:
    return [f"$ {line}" for line in (epilog or "").split("\n\n") if line]


def _section(name: str, record: type[BaseModel]) -> list[str]:
    lines = [f"## [{name}]", "", _first(record), ""]
    rows, nested = [], []
    for key, info in record.model_fields.items():
        inner = inner_record(info)
        if inner is not None:
            nested += _section(f"{name}.{key}", inner)
            continue
        default = info.get_default(call_default_factory=True, validated_data={})
        shown = "" if default is None else f"`{_cell(toml_value(default))}`"
        rows.append(
            f"| `{key}` | {_cell(_kind(info.annotation))} | {shown} | {_cell(info.description or '')} |"
        )
    if rows:
        lines += ["| key | type | default | meaning |", "| --- | --- | --- | --- |", *rows, ""]
    return lines + nested


def _kind(annotation: Any) -> str:
    kinds = [kind for kind in (get_args(annotation) or (annotation,)) if kind is not type(None)]
    if get_origin(annotation) is Literal or all(isinstance(kind, str) for kind in kinds):
        return f"`{' or '.join(sorted(kinds))}`"  # Python keeps one order for equal literals: ours
    if len(kinds) == 1 and get_origin(annotation) in {Union, UnionType}:
        return _kind(kinds[0])
    return f"`{annotation.__name__ if inspect.isclass(annotation) else annotation}`".replace("typing.", "")


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _raised(family: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in family:
                yield from _rows_of(node, family[node.func.id])


def _rows_of(node: ast.Call, kind: Any) -> Iterator[tuple[str, str, str, str]]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    for message in _texts(node.args[0]) if node.args else ():
        codes = _texts(given["code"]) if "code" in given else [kind.code]
        hints = _texts(given["hint"]) if "hint" in given else [""]
        for code in codes:
            yield code, kind.__name__, message, " - or: ".join(hints)


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return []


def main() -> int:
    """Write or check the pages."""
    check = sys.argv[1:] == ["--check"]
    stale = []
    for name, text in pages().items():
        path = PLACE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"not what the code says: {', '.join(stale)}; run: python scripts/reference.py")
        return 1
    print("the reference pages are what the code says" if not stale else f"written: {', '.join(stale)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
