"""The publish gates: what must be true before the public sees a revision. Reads, never writes."""

import datetime
from dataclasses import dataclass

from education.articles.models import Article, Revision
from education.articles.operations import cited_items, render_revision
from education.evidence.models import StatusEvent
from education.evidence.rules import problems_as_citations, standing_events
from education.people.models import Role, User
from education.publishing.models import Publication, PublicationQuerySet
from education.review.rules import missing_approvals
from education.text.glossary import explained_terms
from education.text.rendering import Rendered
from education.text.tree import Node, Tree, walk


@dataclass(frozen=True)
class Gate:
    """
    One condition of publishing: what it asks, what stands in the way, and where that is mended.

    ``mended_at``: approvals, class, evidence, concerns, text or comments; the desk knows the pages.
    """

    name: str
    problems: tuple[str, ...]
    mended_at: str = "text"

    @property
    def passed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.problems


def reasons_against_publishing(person: User, revision: Revision) -> list[str]:
    """
    Why this person may not publish this revision (rule 3).

    What takes a page off the site needs one person; what brings it back needs another.
    """
    reasons = []
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        reasons.append(f"{person} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if revision.contributions.filter(person=person).exists():
        reasons.append(f"{person} contributed to {revision}; someone else must publish it.")
    newest = (
        Publication.objects.newest()
        .filter(slug=revision.article.slug, language=revision.language)
        .first()
    )
    withdrawal = newest.withdrawal if newest else None
    if withdrawal and withdrawal.by_id == person.pk:
        reasons.append(f"{person} withdrew this page; someone else must publish it again.")
    return reasons


def scheduled_after(publication: Publication) -> PublicationQuerySet:
    """The copies that wait to take the place of this one, the first to come first."""
    waiting = Publication.objects.scheduled().filter(
        slug=publication.slug, language=publication.language
    )
    return waiting.order_by("goes_live_at", "pk")


def may_recall_paper(publication: Publication) -> bool:
    """Whether it is live and corrects an error, so that paper from before may be wrong."""
    same = Publication.objects.live().filter(pk=publication.pk, number__gt=1)
    return bool(publication.correction.strip()) and same.exists()


def publish_gates(
    revision: Revision, rendered: Rendered, content_hash: str, on: datetime.date | None = None
) -> list[Gate]:
    """
    Every gate of rule 4, in the order an editor would mend them.

    ``rendered`` and ``content_hash`` are the revision as it is now; ``on`` is the day the copy goes
    live: approvals must still count that day.
    """
    of_citations = problems_as_citations(list(cited_items(revision)))
    first = not (
        Publication.objects.not_cancelled()
        .filter(slug=revision.article.slug, language=revision.language)
        .exclude(revision=revision)
        .exists()
    )
    return [
        Gate(
            "Every required approval was given to exactly this text and evidence",
            tuple(
                f"Missing: {phrase}." for phrase in missing_approvals(revision, content_hash, on)
            ),
            "approvals",
        ),
        Gate(
            "A second person confirmed the risk class",
            (
                (f"Class {revision.article.risk_class} is the judgement of one person so far.",)
                if revision.article.class_waits
                else ()
            ),
            "class",
        ),
        Gate(
            "Every citation resolves to verified evidence that still stands",
            tuple(problem for problems in of_citations.values() for problem in problems),
            "evidence",
        ),
        Gate(
            "A concern about cited evidence is explained",
            tuple(
                f"{event.item.key} is under an expression of concern: write why the text may "
                "rest on it."
                for event in unexplained_concerns(revision)
            ),
            "concerns",
        ),
        Gate(
            "The text has no blocking problem",
            tuple(problem.message for problem in rendered.problems if problem.blocking),
        ),
        Gate("Every required part is filled in", _missing_parts(revision, first=first)),
        Gate("Every statement that must be cited is cited", _uncited_parts(rendered.tree)),
        Gate(
            "No comment that blocks publication is open",
            tuple(
                f"{comment.by} wrote: {comment.text}"
                for comment in revision.comments.blocking().select_related("by")
            ),
            "comments",
        ),
        Gate("The comparison asks every question of every option", _asymmetry(revision)),
    ]


def concerns_of(revision: Revision) -> dict[int, StatusEvent]:
    """
    The expressions of concern that stand against works the text rests on, by the work's number:
    those that it cites, and those that the definitions of its explained words cite.
    """
    keys = set(revision.citations.values_list("item__key", flat=True))
    for node in explained_terms(render_revision(revision).tree):
        keys.update(key for statement in node.get("evidence", []) for key in statement)
    return {
        event.item_id: event
        for event in standing_events(keys).values()
        if event.status == StatusEvent.Status.CONCERN
    }


def unexplained_concerns(revision: Revision) -> list[StatusEvent]:
    """The concerns among them for which nobody has written why the text may rest on the work."""
    explained = set(revision.concern_notes.values_list("event_id", flat=True))
    return [event for event in concerns_of(revision).values() if event.pk not in explained]


def _missing_parts(revision: Revision, *, first: bool) -> tuple[str, ...]:
    wanted = {
        "short_answer": "The one-sentence answer is missing.",
        "unknowns": "Say what we do not know.",
        "funding": "Say who paid for this text.",
    }
    if not first:
        wanted["what_changed"] = "Say what changed for readers."
    return tuple(text for name, text in wanted.items() if not getattr(revision, name).strip())


def _uncited_parts(tree: Tree) -> tuple[str, ...]:
    uncited = [
        f"Key message {number} has no citation."
        for number, message in enumerate(tree["key_messages"], 1)
        if not _cites(message["c"])
    ]
    for row in (tree["comparison"] or {"rows": []})["rows"]:
        uncited += [
            f"“{row['question']}”, {cell['option']}: cite evidence or mark it as unknown."
            for cell in row["cells"]
            if not cell["unknown"] and not _cites(cell["c"])
        ]
    return tuple(uncited)


def _cites(nodes: list[Node]) -> bool:
    """Whether a citation stands anywhere in these nodes."""
    return any(node["t"] == "cite" for node in walk(nodes))


def _asymmetry(revision: Revision) -> tuple[str, ...]:
    if revision.article.kind != Article.Kind.COMPARISON:
        return ()
    options = list(revision.comparison_options.all())
    problems = []
    if not any(option.slug == "no-change" for option in options):
        problems.append("“No change in treatment” must be one of the options.")
    for row in revision.comparison_rows.prefetch_related("cells"):
        answered = {cell.option_id for cell in row.cells.all()}
        problems += [
            f"“{row.question}” is not answered for {option.name}."
            for option in options
            if option.pk not in answered
        ]
    return tuple(problems)
