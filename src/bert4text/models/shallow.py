"""A shallower classifier out of a deep one: its embeddings, some of its layers, and its head."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.models.body import layers
from bert4text.models.hub import quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


def spaced(deep: int, shallow: int) -> tuple[int, ...]:
    """Places of evenly spaced layers, the first and the last among them; one alone is the first.

    Of twelve layers, six are those at 0, 2, 4, 7, 9 and 11, which DistilBERT was made of (Sanh et al., 2019,
    "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter").

    Args:
        deep: how many there are.
        shallow: how many are wanted; where they are more, some places are named again.
    """
    return tuple(int(place) for place in np.linspace(0, deep - 1, shallow).round())


def depth(model: PreTrainedModel) -> int:
    """How many layers an encoder has; 0 where they are not found one above the other."""
    stacked = layers(model)
    return 0 if stacked is None else len(stacked)


def shallower(
    model: PreTrainedModel, places: Sequence[int], *, kind: str = "AutoModelForSequenceClassification"
) -> PreTrainedModel:
    """A classifier of its own with the weights of another's embeddings, head and some of its layers.

    It is made from its configuration, as it will be when it is opened again.

    Args:
        model: the classifier; it is not changed.
        places: of the layers that are kept, in their order.
        kind: transformers' class of it.

    Returns:
        The classifier, float32, in evaluation mode, on the processor.

    Raises:
        ModelError: the layers are not found, or are not all made alike.
    """
    stacked = layers(model)
    if stacked is None:
        raise ModelError(
            "the layers of this encoder are not found, so that no student can be made of some of them",
            hint="name a small encoder as the student: --encoder NAME",
            code="no-layers",
        )
    prefix = next(name for name, module in model.named_modules() if module is stacked) + "."
    with quiet():
        made: Any = getattr(require("transformers"), kind).from_config(_config(model, places))
    kept = {}
    for name, value in model.state_dict().items():
        place, _, rest = name.removeprefix(prefix).partition(".")
        if not name.startswith(prefix):
            kept[name] = value
            continue
        for new, old in enumerate(places):
            if int(place) == old:
                kept[f"{prefix}{new}.{rest}"] = value
    problem = None
    try:
        made.load_state_dict(kept)
    except RuntimeError as error:
        problem = type(error).__name__
    if problem is not None:
        raise ModelError(
            "the layers of this encoder are not made alike, so that no student can be made of some of them",
            hint="name a small encoder as the student: --encoder NAME",
            code="no-layers",
        )
    found: PreTrainedModel = made.float().eval()
    return found


def _config(model: PreTrainedModel, places: Sequence[int]) -> Any:
    config: Any = copy.deepcopy(model.config)
    kinds = getattr(config, "layer_types", None)
    config.num_hidden_layers = len(places)
    if isinstance(kinds, list) and len(kinds) > max(places):
        config.layer_types = [kinds[place] for place in places]
    return config
