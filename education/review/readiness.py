"""What is still missing before reviewers are asked and before the public reads; never writes."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from education.articles.details import may_confirm
from education.articles.models import Article, Revision
from education.articles.operations import cited_items, render_revision
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.rules import problems_as_citations, standing_events
from education.review.rules import missing_approvals
from education.text.glossary import explained_terms
from education.text.rendering import Draft, Rendered
from education.text.tree import Node, Tree, walk

# So many are named of those who may confirm a risk class.
FEW_NAMES = 5


@dataclass(frozen=True)
class MissingItem:
    """One thing that is missing, as a sentence; ``where`` is the part of the text it is in."""

    text: str
    where: str = ""


@dataclass(frozen=True)
class Gate:
    """
    One condition on the way to the public, and what stands in the way of it.

    ``mended_at``: approvals, class, evidence, concerns, text or comments; the desk knows the pages.
    ``before_review``: a text is not sent to review without it. The others come with the review.
    """

    name: str
    missing: tuple[MissingItem, ...]
    mended_at: str = "text"
    before_review: bool = True

    @property
    def passed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.missing


def readiness(
    revision: Revision,
    rendered: Rendered,
    current_hash: str = "",
    on: datetime.date | None = None,
    draft: Draft | None = None,
) -> list[Gate]:
    """
    Every gate of rule 4, in the order an editor would mend them.

    The one answer to what is missing: the draft's form, submission, review and publishing ask it.
    ``rendered`` and ``current_hash`` are the text as it is now; ``on`` is the day the copy goes
    live: approvals must still count that day. ``draft`` is a text that is not saved yet, of which
    ``rendered`` was made.
    """
    tree = rendered.tree
    items = list(cited_items(revision) if draft is None else _items_of(tree))
    saved = rendered if draft is None else None
    draft = rendered.draft
    return [
        Gate("Every required part is filled in", tuple(_missing_parts(revision, draft))),
        Gate(
            "The text has no blocking problem",
            tuple(
                MissingItem(problem.message, problem.where)
                for problem in rendered.problems
                if problem.blocking
            ),
        ),
        Gate("Every statement that must be cited is cited", tuple(_uncited(tree, items, draft))),
        Gate(
            "The comparison asks every question of every option",
            tuple(_asymmetry(revision, draft)),
        ),
        Gate(
            "Every citation resolves to verified evidence that still stands",
            _items(
                problem
                for problems in problems_as_citations(items).values()
                for problem in problems
            ),
            "evidence",
        ),
        Gate(
            "A second person confirmed the risk class",
            _items(_class_of_one(revision.article)),
            "class",
            # A text that was in review before submission asked for it is not called back.
            before_review=revision.is_editable,
        ),
        Gate(
            "Every required approval was given to exactly this text and evidence",
            _items(
                f"Missing: {phrase}." for phrase in missing_approvals(revision, current_hash, on)
            ),
            "approvals",
            before_review=False,
        ),
        Gate(
            "No comment that blocks publication is open",
            _items(
                f"{comment.by} wrote: {comment.text}"
                for comment in revision.comments.blocking().select_related("by")
            ),
            "comments",
            before_review=False,
        ),
        Gate(
            "A concern about cited evidence is explained",
            _items(
                f"{event.item.key} is under an expression of concern: write why the text may "
                "rest on it."
                for event in unexplained_concerns(revision, saved)
            ),
            "concerns",
            before_review=False,
        ),
    ]


def missing_texts(gates: Iterable[Gate], *, before_review: bool = False) -> list[str]:
    """What is missing as sentences; with ``before_review``, what keeps a text from its review."""
    return [
        item.text
        for gate in gates
        if gate.before_review or not before_review
        for item in gate.missing
    ]


def concerns_of(revision: Revision, rendered: Rendered | None = None) -> dict[int, StatusEvent]:
    """
    The expressions of concern that stand against works the text rests on, by the work's number:
    those that it cites, and those that the definitions of its explained words cite.

    ``rendered`` is the revision as it is now, where it is at hand.
    """
    keys = set(revision.citations.values_list("item__key", flat=True))
    for node in explained_terms((rendered or render_revision(revision)).tree):
        keys.update(key for statement in node.get("evidence", []) for key in statement)
    return {
        event.item_id: event
        for event in standing_events(keys).values()
        if event.status == StatusEvent.Status.CONCERN
    }


def unexplained_concerns(revision: Revision, rendered: Rendered | None = None) -> list[StatusEvent]:
    """The concerns among them for which nobody has written why the text may rest on the work."""
    explained = set(revision.concern_notes.values_list("event_id", flat=True))
    standing = concerns_of(revision, rendered).values()
    return [event for event in standing if event.pk not in explained]


def _class_of_one(article: Article) -> Iterable[str]:
    if not article.class_waits:
        return
    able = [str(person) for person in may_confirm(article)]
    who = ", ".join(able[:FEW_NAMES]) + (" and others" if len(able) > FEW_NAMES else "")
    nobody = "a medical reviewer or an editor-in-chief who wrote nothing of it; there is none yet"
    yield (
        f"Class {article.risk_class} is the judgement of one person so far. "
        f"It can be confirmed by {who or nobody}."
    )


def _items(texts: Iterable[str]) -> tuple[MissingItem, ...]:
    return tuple(MissingItem(text) for text in texts)


def _items_of(tree: Tree) -> list[EvidenceItem]:
    """The works in the list of references, in its order."""
    keys = [reference["key"] for reference in tree["references"]]
    items = EvidenceItem.objects.filter(key__in=keys).with_status()
    return sorted(items, key=lambda item: keys.index(item.key))


def _missing_parts(revision: Revision, draft: Draft) -> Iterable[MissingItem]:
    wanted = {
        "short_answer": "The one-sentence answer is missing.",
        "body": "The text is missing.",
        "unknowns": "Say what we do not know.",
        "funding": "Say who paid for this text.",
    }
    # Versions before this one, also those that are scheduled: readers are told what is new.
    before = Revision.objects.filter(
        article=revision.article_id, language=revision.language, state=Revision.State.PUBLISHED
    )
    if before.exclude(pk=revision.pk).exists():
        wanted["what_changed"] = "Say what changed for readers."
    for name, text in wanted.items():
        if not getattr(draft, name).strip():
            yield MissingItem(text, name)


def _uncited(tree: Tree, items: list[EvidenceItem], draft: Draft) -> Iterable[MissingItem]:
    if not items:
        yield MissingItem("The text cites no evidence.", "body")
    for number, message in enumerate(tree["key_messages"]):
        if not _cites(message["c"]):
            yield MissingItem(
                f"Key message {number + 1} has no citation.", f"key_messages.{number}"
            )
    names = {option["slug"]: option["name"] for option in draft.options}
    for number, row in enumerate((tree["comparison"] or {"rows": []})["rows"]):
        for cell in row["cells"]:
            answered = cell["option"] in draft.rows[number]["cells"]
            if answered and not cell["unknown"] and not _cites(cell["c"]):
                yield MissingItem(
                    f"“{row['question']}”, {names[cell['option']]}: cite evidence or mark it as "
                    "unknown.",
                    f"rows.{number}.{cell['option']}",
                )


def _cites(nodes: list[Node]) -> bool:
    """Whether a citation stands anywhere in these nodes."""
    return any(node["t"] == "cite" for node in walk(nodes))


def _asymmetry(revision: Revision, draft: Draft) -> Iterable[MissingItem]:
    if revision.article.kind != Article.Kind.COMPARISON:
        return
    if not any(option["slug"] == "no-change" for option in draft.options):
        yield MissingItem("“No change in treatment” must be one of the options.")
    for number, row in enumerate(draft.rows):
        for option in draft.options:
            if option["slug"] not in row["cells"]:
                yield MissingItem(
                    f"“{row['question']}” is not answered for {option['name']}.", f"rows.{number}"
                )
