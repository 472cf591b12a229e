"""The writer of one report: words a level, a figure or a list, and remembers which synonym it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bert4text.synthesis.grammar import capitalized, figure, joined
from bert4text.synthesis.lexicon import (
    Construct,
    Form,
    Lexicon,
    compact_surfaces,
    plural,
    surfaces,
)
from bert4text.synthesis.plan import FEATURE_OF, Figure, Finding
from bert4text.synthesis.scales import SCALES, SIZE_FEATURES, Observation, Statistic, column

PITTED = frozenset({"concavity", "concave_points"})
"""Features that are exactly 0 in rows of one class only: low readings are not told apart."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One synonym taken: of which construct, in which form, at which level, and which of how many."""

    construct: str
    form: Form
    level: int
    index: int
    among: int


class Writer:
    """Words for one observation.

    Args:
        lexicon: the language.
        observation: what the observer read.
        rng: the row's stream.
        short: whether only short surfaces are taken.
    """

    def __init__(
        self, lexicon: Lexicon, observation: Observation, *, rng: np.random.Generator, short: bool
    ) -> None:
        self.lexicon = lexicon
        self.observation = observation
        self.rng = rng
        self.short = short
        self.choices: list[Choice] = []

    def pick(self, options: Sequence[str]) -> str:
        """One of some ways to say the same."""
        return options[int(self.rng.integers(len(options)))]

    def level(self, finding: Finding) -> int:
        """The level a finding is worded at."""
        seen = self.observation
        if finding.construct == "anisokaryosis":
            return seen.spread("radius" if finding.statistic == "error" else "area")
        if finding.construct == "largest":
            # The largest nuclei are never said to be smaller than the nuclei on average.
            return max(seen.level("area", "worst"), seen.level("area", "mean"))
        if finding.construct == "indentations":
            number = seen.level("concave_points", finding.statistic)
            return 5 * (number - 1) + seen.level("concavity", finding.statistic)
        return seen.level(FEATURE_OF[finding.construct], finding.statistic)

    def say(self, finding: Finding, form: Form, *, governed: bool = False) -> str:
        """A finding in one form; ``governed`` leaves out surfaces that cannot follow a verb."""
        construct = self.lexicon.constructs[finding.construct]
        return self._choose(finding.construct, construct, form, self.level(finding), governed=governed)

    def vary(self, feature: str, form: Form) -> str:
        """How much a feature varies between nuclei, from its standard error."""
        construct = self.lexicon.variations[feature]
        level = self.observation.level(feature, "error")
        return self._choose(f"variation of {feature}", construct, form, level, governed=False)

    def _choose(self, name: str, construct: Construct, form: Form, level: int, *, governed: bool) -> str:
        known = compact_surfaces if self.short else surfaces
        options = [
            surface
            for surface in known(self.lexicon, construct, form, level)
            if not (governed and surface.startswith(self.lexicon.verbless))
        ]
        index = int(self.rng.integers(len(options)))
        self.choices.append(Choice(name, form, level, index, len(options)))
        return options[index]

    def premodifies(self, finding: Finding) -> bool:
        """Whether the finding's attribute stands before the noun."""
        return self.lexicon.constructs[finding.construct].premodifier

    def host(self, findings: Sequence[Finding]) -> str:
        """``nuclei`` with the attributes of some findings."""
        said = [(self.premodifies(finding), self.say(finding, "attribute")) for finding in findings]
        return self.lexicon.host_phrase(
            [words for before, words in said if before], [words for before, words in said if not before]
        )

    def clause(self, finding: Finding) -> str:
        """A nominal clause, alone or after a verb that agrees with it."""
        if self.short or finding.construct == "largest" or self.rng.random() < 0.6:
            return self.say(finding, "clause")
        words = self.say(finding, "clause", governed=True)
        construct = self.lexicon.constructs[finding.construct]
        frames = self.lexicon.verbs[plural(self.lexicon, construct, words)]
        return self.pick(frames).replace("*", words)

    def extremes(self, findings: Sequence[Finding]) -> str:
        """What the nuclei with extreme values show."""
        clauses = [self.say(finding, "clause", governed=True) for finding in findings]
        return self.pick(self.lexicon.extremes).replace("*", joined(clauses, self.lexicon.both[1]))

    def number(self, feature: str, statistic: Statistic, *, sign: bool = False) -> str:
        """One reading as a number; a low reading of indentations is only said to be low."""
        scale = SCALES[column(feature, statistic)]
        value = self.observation.value(feature, statistic)
        if feature in PITTED and value < scale.cuts[0]:
            least = figure(scale.cuts[0], 2, self.lexicon.decimal)
            return self.lexicon.below[sign].replace("*", least)
        return figure(value, 2 if value < 1 or statistic == "error" else 3, self.lexicon.decimal)

    def unit(self, feature: str) -> str:
        """The unit, with a space before it, or nothing for a pure number."""
        if feature not in SIZE_FEATURES:
            return ""
        return " px²" if feature == "area" else " px"

    def figures(self, item: Figure, *, colon: str = "") -> str:
        """The numbers of one feature, in prose or, with a colon after the name, in a list."""
        names = dict(zip(("mean", "error", "worst"), self.lexicon.names[item.feature][:3], strict=True))
        unit = self.unit(item.feature)
        if item.relative and item.feature not in PITTED:
            scale = SCALES[column(item.feature, "mean")]
            ratio = self.observation.value(item.feature, "mean") / scale.median
            number = figure(ratio, 2, self.lexicon.decimal)
            return f"{names['mean']}{colon} {self.lexicon.times(number, round(ratio, 1))}"
        if len(item.statistics) == 2:
            second = item.statistics[1]
            word = self.lexicon.error if second == "error" else self.lexicon.extreme
            aside = f"{word} {self.number(item.feature, second, sign=True)}"
            return f"{names['mean']}{colon} {self.number(item.feature, 'mean')}{unit} ({aside})"
        (only,) = item.statistics
        return f"{names[only]}{colon} {self.number(item.feature, only)}{unit}"

    def row(self, item: Figure) -> str:
        """The numbers of one feature as a line of a table."""
        mean, error, worst = (
            self.number(item.feature, kind, sign=True) for kind in ("mean", "error", "worst")
        )
        label = self.lexicon.names[item.feature][3]
        unit = self.unit(item.feature)
        shown = f"{label} ({unit.strip()})" if unit else label
        return f"{shown}: {mean}; {self.lexicon.error} {error}; {self.lexicon.extreme} {worst}"

    def sentence(self, words: str) -> str:
        """A sentence with its capital letter and its full stop."""
        return capitalized(words) + "."
