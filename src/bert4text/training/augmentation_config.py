"""Settings of augmentation: which changed copies of training reports are learned from too."""

from __future__ import annotations

from pydantic import Field

from bert4text.core.config import Config


class AugmentationConfig(Config):
    """The ``[train.batches.augmentation]`` section: changed copies of training reports; off unless named."""

    perturbations: list[str] = Field(
        default_factory=list,
        description="perturbations or capabilities of `stress` whose changes are practiced: copies of "
        "training reports that are changed so are learned from too; none if not given",
    )
    share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="share of the training reports that get changed copies, drawn by the seed",
    )
    copies: int = Field(
        1, ge=1, le=10, description="copies of each such report, each changed by another perturbation"
    )
