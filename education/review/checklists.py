"""
What each kind of reviewer looks at, in our own words.

The questions follow three instruments: DISCERN (Charnock et al., quality of written information on
treatment choices), PEMAT (AHRQ, can it be understood and acted on) and IPDAS (patient decision
aids: are the options set out fairly). The answers are stored with the decision; they guide the
reviewer and decide nothing by themselves.
"""

from dataclasses import dataclass

from education.review.models import Review

ANSWERS = (("yes", "Yes"), ("partly", "Partly"), ("no", "No"), ("na", "Does not apply"))


@dataclass(frozen=True)
class ChecklistQuestion:
    """One thing to look at, and the instrument it comes from."""

    name: str
    text: str
    instrument: str


CHECKLISTS: dict[str, tuple[ChecklistQuestion, ...]] = {
    Review.As.MEDICAL: (
        ChecklistQuestion(
            "sources", "Does every statement say no more than its source shows?", "DISCERN"
        ),
        ChecklistQuestion(
            "certainty", "Does each certainty fit the evidence behind it?", "DISCERN"
        ),
        ChecklistQuestion("benefits", "Are the benefits of each option described fairly?", "IPDAS"),
        ChecklistQuestion("harms", "Are the harms of each option described as fully?", "IPDAS"),
        ChecklistQuestion("no_treatment", "Is doing nothing, or waiting, described?", "DISCERN"),
        ChecklistQuestion("unknowns", "Is it clear what is not known?", "DISCERN"),
        ChecklistQuestion("who", "Is it clear which children the evidence is about?", "IPDAS"),
    ),
    Review.As.PLAIN_LANGUAGE: (
        ChecklistQuestion("purpose", "Is it clear at once what the page is for?", "PEMAT"),
        ChecklistQuestion("words", "Are the words everyday words, and terms explained?", "PEMAT"),
        ChecklistQuestion(
            "short", "Are sentences and sections short, each with one idea?", "PEMAT"
        ),
        ChecklistQuestion(
            "numbers", "Are numbers clear, with the same denominator and a time span?", "PEMAT"
        ),
        ChecklistQuestion("pictures", "Do pictures help, and say what they show?", "PEMAT"),
        ChecklistQuestion("act", "Does a reader know what they can do next?", "PEMAT"),
        ChecklistQuestion("tone", "Is the tone calm, respectful and free of pressure?", "IPDAS"),
    ),
}
