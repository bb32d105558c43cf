"""
"What matters to us": a sheet on which a family and its team work out a decision.

Its words are those of a published comparison, and labels that ask. It adds nothing up, sorts
nothing and recommends nothing; what is ticked or typed is stored and sent by nobody.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from education.handouts.copy_check import public_code
from education.handouts.pdf import (
    ExtraNotices,
    check_url,
    notices_with_demonstration,
    public_check_url,
)
from education.handouts.rules import do_not_use_after
from education.handouts.typesetting import CopyDetails, PrintOptions, typeset_worksheet
from education.languages import translated_labels
from education.publishing.status import PublicationStatus
from education.text.findings import shows_certainty
from education.text.labels import CERTAINTIES, LABELS
from education.text.sentences import sentences
from education.text.tree import plain

# What families weigh: rows of a comparison that are asked about unless others are chosen. Harms
# are asked about as fully as gains.
WEIGHED = (
    "what-is-it-like", "stiffness", "movement", "daily-life", "how-long", "side-effects",
    "serious-harms", "undo", "waiting", "follow-up", "cost",
)  # fmt: skip
MOST_ROWS = 12

_WORDS = {
    "name": _("What matters to us"),
    "lead": _(
        "For your family, to fill in before you see the team or together with it. There is no "
        "score, and there are no right or wrong answers."
    ),
    "decision": _("The decision"),
    "who": _("Who decides with us"),
    "when": _("By when"),
    "options": _("The options"),
    "matters": _("How much does the answer to each question matter to us?"),
    "not_at_all": _("Not at all"),
    "a_little": _("A little"),
    "partly": _("Partly"),
    "a_lot": _("A lot"),
    "very_much": _("Very much"),
    "else": _("Something else that matters to us"),
    "known": _("What is known, and how sure it is"),
    "ready": _("Are we ready to choose?"),
    "yes": _("Yes"),
    "no": _("No"),
    "know_options": _("We know the options, and what may be good and bad about each."),
    "clear_values": _("We are clear about what matters most to us."),
    "enough_help": _("We have enough help and advice, and nobody presses us."),
    "sure_enough": _("We feel sure enough."),
    "leaning": _("Where we lean today"),
    "unsure": _("Unsure"),
    "more_time": _("We need more time"),
    "our_questions": _("Our questions for the team"),
    "next_step": _("Our next step, and when"),
}
SCALE = ("not_at_all", "a_little", "partly", "a_lot", "very_much")
READY = ("know_options", "clear_values", "enough_help", "sure_enough")


@dataclass(frozen=True)
class KnownLine:
    """One key message of the comparison, with how sure it is in words and in dots of four."""

    text: str
    certainty: str
    dots: int


@dataclass(frozen=True)
class Worksheet:
    """
    What stands on the sheet; ``words`` are its labels in the language of the comparison.

    ``decision`` is the sentence that states the decision, or empty where the text states none.
    """

    title: str
    decision: str
    options: list[str]
    questions: list[str]
    known: list[KnownLine]
    words: dict[str, str]

    @property
    def scale(self) -> list[str]:
        """How much something matters, from nothing to very much."""
        return [self.words[name] for name in SCALE]

    @property
    def ready(self) -> list[str]:
        """What a family can say yes or no to before it chooses."""
        return [self.words[name] for name in READY]

    @property
    def yes_or_no(self) -> list[str]:
        """The answers to what a family can be ready for."""
        return [self.words["yes"], self.words["no"]]

    @property
    def leanings(self) -> list[str]:
        """Each option, and that no choice is made yet, all alike."""
        return [*self.options, self.words["unsure"], self.words["more_time"]]


def worksheet_of(
    tree: Mapping[str, Any], chosen: Collection[str] = (), options: Collection[str] = ()
) -> Worksheet | None:
    """
    The sheet of a comparison, with these of its questions and options; all options unless chosen.

    None of a text that compares nothing.
    """
    comparison = tree["comparison"]
    if not comparison:
        return None
    rows = {row["slug"]: row["question"] for row in comparison["rows"]}
    names = {option["slug"]: option["name"] for option in comparison["options"]}
    wanted = [slug for slug in rows if slug in chosen]
    usual = [slug for slug in rows if slug in WEIGHED] or list(rows)
    labels = translated_labels(str(tree["language"]), LABELS | _WORDS)
    return Worksheet(
        title=tree["title"],
        decision=_decision_of(tree),
        options=[name for slug, name in names.items() if slug in options] or list(names.values()),
        questions=[rows[slug] for slug in wanted or usual[:MOST_ROWS]],
        known=[
            KnownLine(
                message["text"], labels[message["certainty"]], CERTAINTIES[message["certainty"]]
            )
            for message in tree["key_messages"]
            if shows_certainty(message)
        ],
        words=labels,
    )


def _decision_of(tree: Mapping[str, Any]) -> str:
    """
    The first sentence of a body that opens with words in bold, "**The decision is:** …".

    IPDAS asks a decision aid and its worksheet to state the decision (item Q2).
    """
    opening: dict[str, Any] = tree["body"][0] if tree["body"] else {"t": ""}
    if opening["t"] != "paragraph" or not opening["c"] or opening["c"][0]["t"] != "strong":
        return ""
    return sentences(plain([opening], one_line=True))[0]


def worksheet_pdf(
    sheet: Worksheet,
    standing: PublicationStatus,
    *,
    on: datetime.date,
    options: PrintOptions,
    beside: ExtraNotices | None = None,
) -> bytes:
    """
    The sheet on paper, with empty boxes, under the code of its comparison.

    ``beside`` are notices beside the text's own. Raises ``TypesettingError``.
    """
    publication = standing.publication
    code = public_code(publication)
    copy = CopyDetails(
        code=code,
        check_url=check_url(code),
        scan_url=public_check_url(code, on),
        title=publication.title,
        version=str(publication.number),
        reviewed_on=publication.reviewed_on,
        do_not_use_after=do_not_use_after(on, [standing.due_on]),
        printed_on=on,
        site_name=settings.SITE_NAME,
        notices=notices_with_demonstration(standing, beside),
    )
    content = {
        "words": sheet.words,
        "decision": sheet.decision,
        "options": sheet.options,
        "questions": sheet.questions,
        "known": [
            {"text": line.text, "certainty": line.certainty, "dots": line.dots}
            for line in sheet.known
        ],
        "scale": sheet.scale,
        "ready": sheet.ready,
        "leanings": sheet.leanings,
    }
    return typeset_worksheet(content, publication.language, copy=copy, options=options)
