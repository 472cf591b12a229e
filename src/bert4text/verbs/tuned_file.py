"""``tuned.toml``: the project with the settings that were found, and where they come from."""

from __future__ import annotations

from functools import partial
from textwrap import wrap

from bert4text import __version__
from bert4text.core.config import dump_toml
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.sentences import interval_said
from bert4text.project import SECTIONS, Project
from bert4text.training.search import merged
from bert4text.training.tuned import Tuned

WIDTH = 100
DIGITS = 3


def settings_of(found: Tuned, project: Project) -> Project:
    """The project as ``tune`` leaves it: with the encoder and the settings that won, or as it was."""
    if found.verdict != "better":
        return project
    train = merged(project.given.get("train", {}), {"encoder": found.encoder, **found.settings})
    return project.changed("train", **train)


def text_of(found: Tuned, project: Project, translator: Translator) -> str:
    """The file: comments, then every section that was given.

    Args:
        found: what was found.
        project: as it was given.
        translator: of the language of the comments.
    """
    given = {"train": {}, **settings_of(found, project).given}
    values = {
        name: kind.parse(given[name], section=name).model_dump(mode="json", exclude_unset=True, by_alias=True)
        for name, kind in SECTIONS.items()
        if name in given
    }
    lines = [line for said in comments(found, translator) for line in wrap(said, WIDTH - 2)]
    return "".join(f"# {line}\n" for line in lines) + "\n" + dump_toml(values)


def comments(found: Tuned, translator: Translator) -> list[str]:
    """Where the settings come from and what they gain, in sentences."""
    said = translator(
        N_("Written by bert4text tune {version}: encoder {encoder}, corpus {corpus}, seed {seed}."),
        version=__version__,
        encoder=found.encoder,
        corpus=found.corpus[:23],
        seed=found.seed,
    )
    tried = translator(
        N_(
            "{trials} trials in {minutes} minutes, {pruned} of them left early, on {scored} of {folds} folds."
        ),
        trials=found.trials,
        minutes=translator.number(found.seconds / 60, 1),
        pruned=found.pruned,
        scored=found.scored,
        folds=found.folds,
    )
    return [said, tried, gain(found, translator), verdict(found, translator)]


def gain(found: Tuned, translator: Translator) -> str:
    """The figures that the verdict rests on, in a sentence."""
    decisive = found.decisive
    said_of = partial(interval_said, translator=translator, digits=DIGITS)
    return translator(
        N_(
            "Macro-F1 on {reports} reports held out: {baseline} with the defaults, {best} with the best "
            "settings; a gain of {gain}, above 0 in {better} of the resamples of patients."
        ),
        reports=translator.integer(decisive.reports),
        baseline=said_of(decisive.baseline),
        best=said_of(decisive.best),
        gain=said_of(decisive.gain),
        better=translator.percent(decisive.better, 1),
    )


def verdict(found: Tuned, translator: Translator) -> str:
    """What follows from them, in a sentence."""
    if found.trials == 1:
        return translator(N_("There was time for the defaults alone: they stay."))
    if all(trial.score <= found.tried[0].score for trial in found.tried if not trial.pruned):
        return translator(N_("Nothing that was tried is better than the defaults: they stay."))
    needed = translator.percent(found.needed, 1)
    if found.verdict == "noise":
        return translator(
            N_("The gain is not more than noise ({needed} of the resamples were wanted): the defaults stay."),
            needed=needed,
        )
    if found.confirmation is None:
        return translator(
            N_(
                "The gain is more than noise ({needed} of the resamples were wanted), but it flatters: there "
                "was no time to score the settings again on other folds."
            ),
            needed=needed,
        )
    return translator(
        N_("The gain is more than noise: it was measured again, on other folds than those of the search.")
    )
