"""One training of an encoder for itself: rehearsed, resumed, taken to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bert4text.core.progress import Progress
from bert4text.models.token_batches import budget
from bert4text.training.checkpoints import Checkpoints, State
from bert4text.training.config import TrainConfig
from bert4text.training.loop import Fit, Step, steps
from bert4text.training.pretrain_config import PretrainConfig
from bert4text.training.recognizer_config import RecognizerConfig
from bert4text.training.rehearse import Rehearsal, rehearsed
from bert4text.training.settled import choice, precision
from bert4text.training.sources import prepared
from bert4text.training.tracking import Figures, JsonLines, observe

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Begun:
    """A training of which no step, or only those of a checkpoint, were taken.

    Attributes:
        fit: what learns.
        before: what was measured before the first step.
        foretold: what it is expected to take, or None.
        work: a folder for checkpoints and ``steps.jsonl`` that outlives a kill.
    """

    fit: Fit
    before: dict[str, float]
    foretold: Rehearsal | None
    work: Path

    @classmethod
    def of(
        cls,
        make: Callable[[TrainConfig], Fit],
        config: TrainConfig,
        *,
        asked: str,
        answered: int,
        identity: dict[str, str],
        work: Path,
    ) -> Begun:
        """Rehearse, measure, and go on from the newest checkpoint.

        Args:
            make: gives the training for settings.
            config: settings of the one loop.
            asked: the precision that was asked for.
            answered: tokens of the texts that are answered after each epoch.
            identity: what the training is; a checkpoint goes on only under the same.
            work: the folder.

        Raises:
            ModelError: the checkpoint is of another training.
        """
        picked = choice(asked, config)
        fit, foretold = rehearsed(make, config, choice=picked, answered=answered, work=work)
        fit.checkpoints, fit.state = Checkpoints(work / "checkpoints", identity), State(identity=identity)
        with prepared(fit.source, fit.model, fit.examples.rows, steps=0):
            before = fit.validate()
        fit.resume()
        return cls(fit, before, foretold, work)

    def taken(self, title: str, *, progress: Progress) -> list[Step]:
        """Take every step; the best weights are in place afterwards, the model in evaluation mode.

        Args:
            title: of the bar; a message id.
            progress: where it is shown.

        Raises:
            GuardError: training diverged.
            OutputError: the work folder cannot be written.
        """
        fit = self.fit
        self.work.mkdir(parents=True, exist_ok=True)
        lines = JsonLines(self.work / "steps.jsonl", done=fit.state.step)
        total = fit.epochs * fit.steps_an_epoch
        left = total - fit.state.step
        with (
            progress.task(title, total) as task,
            prepared(fit.source, fit.model, fit.examples.rows, steps=left),
        ):
            task.advance(fit.state.step)
            if self.foretold is not None:
                self.foretold.tell(task)
            taken = observe(steps(fit), [lines, Figures(task)])
        fit.restore_best()
        fit.model.train(mode=False)
        return [*lines.past, *taken]


def loop_settings(
    config: PretrainConfig | RecognizerConfig, model: PreTrainedModel, *, section: str
) -> TrainConfig:
    """The settings of the one loop for what learns no labels of reports.

    Args:
        config: its settings.
        model: what learns.
        section: that they stand in.
    """
    same = ("encoder", "epochs", "learning_rate", "precision", "optimizer")
    given = {name: getattr(config, name) for name in same}
    batches = {**config.batches.model_dump(), "tokens": config.batches.tokens or budget(model.device.type)}
    settings = TrainConfig.parse({**given, "batches": batches, "patience": 0}, section=section)
    return settings.replace(precision=precision(settings, model.device))
