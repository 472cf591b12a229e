"""What a stress suite found, in words, in two languages."""

from __future__ import annotations

from collections.abc import Sequence

from bert4text.core.messages import N_, Translator
from bert4text.core.stress import Expectation, Holding, Practice, Rate, Stress

CAPABILITIES = {
    "negation": N_("negation and its scope"),
    "hedges": N_("doubt"),
    "history": N_("past and family"),
    "laterality": N_("right and left"),
    "abbreviations": N_("abbreviations"),
    "accents": N_("lost accents"),
    "capitals": N_("capitals"),
    "typing-errors": N_("typing errors"),
    "scans": N_("misread scans"),
    "numbers": N_("decimal comma and point"),
    "units": N_("mm and cm"),
    "section-order": N_("order of sections"),
    "boilerplate": N_("boilerplate before and behind"),
    "duplication": N_("copy and paste"),
    "line-breaks": N_("line breaks"),
    "length": N_("very long reports"),
    "look-alikes": N_("signs that look alike"),
    "encoding": N_("other codes of the same signs"),
    "nothing-said": N_("texts that say nothing"),
    "names": N_("names of persons"),
    "sex": N_("sex of the patient"),
    "age": N_("age of the patient"),
    "town": N_("towns"),
    "payer": N_("who pays (SUS, health plan)"),
}
"""Capability -> what it is called; those of plug-ins go by their own names."""
EXPECTATIONS: dict[Expectation, str] = {
    "invariance": N_("the answer stays"),
    "direction": N_("the answer moves one way alone"),
    "minimum-functionality": N_("no answer is sure"),
}
VERDICTS: dict[Holding, str] = {
    "breaks": N_("breaks"),
    "holds": N_("holds"),
    "not-shown": N_("not shown"),
    "too-few": N_("too few"),
    "skipped": N_("skipped"),
}
REASONS = {
    "no-order": N_("nobody said which labels are serious: [stress] serious"),
    "asked-of-a-side": N_("the question is asked of one side"),
    "language": N_("no report is in a language that it can change"),
    "nothing-to-change": N_("no report has anything to change"),
}
PRACTICE: dict[Practice, str] = {"all": N_("practiced"), "part": N_("practiced in part")}
LIMITS = (
    N_(
        "A change is what a program made of a report: now and then it says something odd, or something that "
        "does change the answer. Look at the worst reports before you believe a rate."
    ),
    N_(
        "That the answer stays says nothing of whether it is right: a model that always gives the same label "
        "passes every such test."
    ),
    N_(
        "Each interval is by itself. Of many capabilities one in forty may lie above its limit, or below it, "
        "by chance."
    ),
)
"""What a suite of changes can not show."""


def capability_name(name: str, translator: Translator) -> str:
    """What a capability is called."""
    return translator(CAPABILITIES[name]) if name in CAPABILITIES else name


def rated_name(one: Rate, called: str, found: Stress, translator: Translator) -> str:
    """What a rate is of, and whether the model has practiced it.

    Args:
        one: of a capability or a perturbation.
        called: how that is named.
        found: that it is part of.
        translator: the language.
    """
    practice = found.practice(one)
    return called if practice == "none" else f"{called} ({translator(PRACTICE[practice])})"


def verdict_sentences(found: Stress, translator: Translator) -> list[tuple[str, str]]:
    """Tone and sentence of what is shown: where it breaks, where it holds, and what stays open."""
    _ = translator
    said = [
        (tone, _(sentence, capabilities=names))
        for verdict, tone, sentence in (
            ("breaks", "bad", N_("Breaks: {capabilities}.")),
            ("not-shown", "warn", N_("Neither shown to hold nor to break: {capabilities}.")),
            ("holds", "good", N_("Holds: {capabilities}.")),
        )
        if (names := _named([one for one in found.capabilities if one.verdict == verdict], _))
    ]
    few = _named([one for one in found.capabilities if one.verdict == "too-few"], _)
    return [*said, ("", _("Tried too seldom to tell: {capabilities}.", capabilities=few))] if few else said


def _named(rates: Sequence[Rate], translator: Translator) -> str:
    return ", ".join(capability_name(one.name, translator) for one in rates)


def measured(found: Stress, translator: Translator) -> str:
    """Of how many reports it tells, and what a failure is."""
    _ = translator
    return _(
        "{reports} reports of {split} were changed. A test fails where an answer changes that should stay, "
        "where one moves the wrong way (a probability by more than {tolerance}), and where one is sure of a "
        "text that says nothing.",
        reports=_.integer(found.reports),
        split=found.split,
        tolerance=_.number(found.tolerance, 2),
    )


def remarks(found: Stress, translator: Translator) -> list[str]:
    """What has to be known beside the rates."""
    _ = translator
    said = []
    if found.synthetic:
        sentence = N_("{count} of the reports are synthetic: this says little of real ones.")
        said.append(_(sentence, count=_.integer(found.synthetic)))
    if found.use is not None:
        sentence = N_(
            "These reports had a part in making the model ({use}): of others it may break more often."
        )
        said.append(_(sentence, use=found.use))
    if found.common is not None:
        sentence = N_(
            "The model has thresholds by group ({attribute}). A changed text has no patient, so that every "
            "report and its changes were answered by the common thresholds; where the group decides, another "
            "answer may change."
        )
        said.append(_(sentence, attribute=found.common))
    if found.practiced:
        sentence = N_(
            "The model has learned from reports that were changed by {names} (practiced): how seldom it "
            "fails there tells nothing of changes that it has not met."
        )
        said.append(_(sentence, names=list(found.practiced)))
    if found.noise > NOISE:
        sentence = N_(
            "Asked twice beside other reports, a probability moves by up to {noise}, and {share} of the "
            "answers change: as much of every rate is no effect of a change."
        )
        said.append(_(sentence, noise=_.number(found.noise, 3), share=_.percent(found.noisy, 1)))
    return said


NOISE = 1e-3
"""What a probability moves by where a report is asked twice that is worth a word."""


def figures(one: Rate, translator: Translator) -> list[str]:
    """Tests, failures, their rate and its interval."""
    _ = translator
    if one.rate is None:
        return ["–", "–", "–", "–"]
    interval = f"[{_.percent(one.low, 1)}; {_.percent(one.high, 1)}]"
    return [_.integer(one.tests), _.integer(one.failures), _.percent(one.rate, 1), interval]


def skipped(found: Stress, translator: Translator) -> list[str]:
    """Which perturbations were not tried, by why."""
    _ = translator
    by_reason: dict[str, list[str]] = {}
    for one in found.perturbations:
        if one.reason is not None:
            by_reason.setdefault(one.reason, []).append(one.name)
    template = N_("not tried, since {reason}: {names}")
    return [_(template, reason=_(REASONS[reason]), names=names) for reason, names in by_reason.items()]


def outcome(one: Rate, translator: Translator) -> str:
    """The verdict in a word or two."""
    return translator(VERDICTS[one.verdict])
