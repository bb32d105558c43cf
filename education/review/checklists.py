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
class Question:
    """One thing to look at, and the instrument it comes from."""

    name: str
    text: str
    instrument: str


CHECKLISTS: dict[str, tuple[Question, ...]] = {
    Review.As.MEDICAL: (
        Question("sources", "Does every statement say no more than its source shows?", "DISCERN"),
        Question("certainty", "Does each certainty fit the evidence behind it?", "DISCERN"),
        Question("benefits", "Are the benefits of each option described fairly?", "IPDAS"),
        Question("harms", "Are the harms of each option described as fully?", "IPDAS"),
        Question("no_treatment", "Is doing nothing, or waiting, described?", "DISCERN"),
        Question("unknowns", "Is it clear what is not known?", "DISCERN"),
        Question("who", "Is it clear which children the evidence is about?", "IPDAS"),
    ),
    Review.As.PLAIN_LANGUAGE: (
        Question("purpose", "Is it clear at once what the page is for?", "PEMAT"),
        Question("words", "Are the words everyday words, and terms explained?", "PEMAT"),
        Question("short", "Are sentences and sections short, each with one idea?", "PEMAT"),
        Question(
            "numbers", "Are numbers clear, with the same denominator and a time span?", "PEMAT"
        ),
        Question("pictures", "Do pictures help, and say what they show?", "PEMAT"),
        Question("act", "Does a reader know what they can do next?", "PEMAT"),
        Question("tone", "Is the tone calm, respectful and free of pressure?", "IPDAS"),
    ),
}
