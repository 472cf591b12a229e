"""Turn a training that is ready into a private one: its budget planned, its head centred, its steps noisy."""

from __future__ import annotations

from bert4text.models.torch_backend import TorchBackend
from bert4text.training.frozen import FrozenBody, head_stands_alone
from bert4text.training.loop import Fit
from bert4text.training.private import PrivateSteps, unit_index
from bert4text.training.private_head import anchor_of, centre, features_of, first_layer
from bert4text.training.private_settings import DEEP_RATE
from bert4text.training.secret import draws_of
from bert4text.training.sources import frozen
from bert4text.training.spending import planned


def make_private(fit: Fit, groups: list[str], *, backend: TorchBackend) -> None:
    """Let a training keep to its budget.

    It writes no checkpoint: what lies there would tell of reports more than the budget allows, and noise
    that was drawn once must not be drawn again.

    Args:
        fit: nothing of it was taken yet; it is changed.
        groups: the patient of each training report.
        backend: of the model, which cuts public sentences into tokens.

    Raises:
        ConfigError: the budget leaves nothing to learn.
        MissingExtraError: Opacus is not installed.
    """
    config, units = fit.config.private, unit_index(groups)
    draws, rows = draws_of(config.noise, seed=fit.seed), fit.examples.rows
    body = fit.source if isinstance(fit.source, FrozenBody) else None
    if body is None and head_stands_alone(fit.model, rows):
        body = frozen(fit.model, rows, fit.config)
    layer = None if body is None else first_layer(fit.model, body)
    plan = planned(
        config,
        units=int(units.max()) + 1,
        rate=config.rate or DEEP_RATE,
        epochs=fit.epochs,
        centred=layer is not None,
    )
    if body is not None and layer is not None and plan.mean_noise is not None:
        centre(
            layer,
            features_of(fit.model, layer, body, fit.examples, units),
            anchor=anchor_of(layer, backend),
            noise=plan.mean_noise,
            draws=draws,
        )
    fit.private = PrivateSteps(fit.optimizer, units, plan=plan, clip=config.clip, draws=draws)
    fit.optimizer = fit.private.optimizer
    fit.checkpoints = None
