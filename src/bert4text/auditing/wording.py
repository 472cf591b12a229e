"""What checks are called on the page of the audit, and what their findings cost if nothing is done."""

from __future__ import annotations

from bert4text.core.messages import N_

TITLES: dict[str, str] = {
    "schema": N_("Single reports"),
    "class-counts": N_("Size of the classes"),
    "patients-across-splits": N_("Patients across splits"),
    "groups": N_("Episodes and sites across splits"),
    "time": N_("Time and splits"),
    "near-duplicates": N_("Repeated and nearly repeated reports"),
    "conflicting-labels": N_("Same text, other label"),
    "templates": N_("Templates"),
    "synthetic": N_("Synthetic reports"),
    "stated-label": N_("The report states its label"),
    "stated-conduct": N_("The report says what to do next"),
    "shortcut": N_("Shortcuts"),
    "sections": N_("Sections that carry the label"),
    "clinical-evidence": N_("Clinical evidence"),
    "label-noise": N_("Doubtful labels"),
    "language": N_("Language"),
    "exam-type": N_("Kind of exam"),
    "shape": N_("Shape of the texts"),
    "identifiers": N_("Identifiers"),
    "window": N_("Window of the encoder"),
    "tail": N_("What a window cuts"),
    "sample": N_("What was read"),
    "honest-score": N_("Score of a simple reader"),
}
"""Check -> what a person calls it."""

COSTS: dict[str, str] = {
    "schema": N_(
        "Such reports teach nothing, or the wrong thing, and new ones like them get answers by chance."
    ),
    "class-counts": N_("A class of few reports is learned badly, and how badly cannot be measured either."),
    "patients-across-splits": N_(
        "A model recognizes the patient instead of the finding; its figures are too good and do not hold for "
        "new patients."
    ),
    "groups": N_("Figures measured on known episodes or sites are too good for new ones."),
    "time": N_("A model that learned from the future is measured too well; reports of next year may differ."),
    "near-duplicates": N_("What is measured on reports that were learned by heart is memory, not reading."),
    "conflicting-labels": N_(
        "Nobody can be right on a text that bears two labels: such reports bound every score."
    ),
    "templates": N_(
        "The model learns the template, and the class holds fewer different reports than it seems to."
    ),
    "synthetic": N_("Figures measured on synthetic reports say little or nothing about patients."),
    "stated-label": N_(
        "The model reads the answer, not the findings: near-perfect here, useless on a report without it."
    ),
    "stated-conduct": N_(
        "Who writes what to do next has already decided: the model repeats the decision instead of reading "
        "the findings."
    ),
    "shortcut": N_("The model learns who wrote, when or where, and fails as soon as that changes."),
    "sections": N_(
        "A section that holds the answer makes all others superfluous: the model will not read them."
    ),
    "label-noise": N_("Wrong labels teach errors, and no model can be measured better than its labels are."),
    "language": N_("Texts of another language are read in pieces, and their answers are guesses."),
    "exam-type": N_("Reports of another exam follow other rules; the model answers them all the same."),
    "shape": N_("Damaged, cut or empty texts are read as they stand: what is missing is not missed."),
    "identifiers": N_(
        "Names and numbers of persons go wherever the corpus goes, and some may be learned: "
        "de-identification comes before sharing."
    ),
    "window": N_(
        "Programs that read one window only do not see the rest of these reports; BERT4Text reads it all, "
        "unless [train.windows] read says otherwise."
    ),
}
"""Check -> what it costs to leave its findings as they are."""
