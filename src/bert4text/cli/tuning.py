"""Commands that find settings: tune."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bert4text.cli import render
from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_, Translator

if TYPE_CHECKING:
    from bert4text.training.tuned import Tuned


@common()
def tune(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    minutes: Annotated[
        float | None, typer.Option("--minutes", metavar="N", help=N_("Minutes that it may take."))
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help=N_("Go on where a killed run of the same -o stopped."))
    ] = False,
) -> None:
    """Run the verb."""
    from bert4text.verbs.tuning import tune as verb

    session.set("tune.minutes", minutes)
    out = session.target()
    found = verb(
        corpus,
        project=session.project,
        out=out,
        overwrite=session.overwrite,
        resume=resume,
        progress=session.progress,
    )
    if session.screen.json:
        session.screen.document({**found.model_dump(mode="json"), "file": str(out)})
        return
    session.screen.show(render.pairs(_rows(found, session.screen.translator)))
    session.screen.remark(
        N_("next: bert4text train {corpus} --project {file} -o runs/a"),
        corpus=as_typed(corpus),
        file=as_typed(out),
    )


def _rows(found: Tuned, translator: Translator) -> list[tuple[str, str]]:
    """What was found, for human eyes; the verdict last."""
    from bert4text.core.config import toml_value
    from bert4text.evaluation.sentences import interval_said
    from bert4text.verbs.tuned_file import DIGITS, verdict

    decisive = found.decisive
    said_of = partial(interval_said, translator=translator, digits=DIGITS)
    trials = translator(
        N_("{trials}, {pruned} of them left early"),
        trials=translator.integer(found.trials),
        pruned=translator.integer(found.pruned),
    )
    folds = translator(
        N_("{scored} of {folds}, {reports} reports"),
        scored=found.scored,
        folds=found.folds,
        reports=translator.integer(decisive.reports),
    )
    gain = translator(
        N_("{gain}, above 0 in {better} of the resamples"),
        gain=said_of(decisive.gain),
        better=translator.percent(decisive.better, 1),
    )
    changed = [f"train.{name} = {toml_value(value)}" for name, value in found.settings.items()]
    return [
        (translator(N_("encoder")), found.encoder),
        (translator(N_("trials")), trials),
        (translator(N_("folds scored")), folds),
        (translator(N_("macro-F1 of the defaults")), said_of(decisive.baseline)),
        (translator(N_("macro-F1 of the best settings")), said_of(decisive.best)),
        (translator(N_("gain")), gain),
        (translator(N_("settings")), "\n".join(changed) or translator(N_("as they were"))),
        (translator(N_("verdict")), verdict(found, translator)),
    ]
