"""What is missing of a text, and where the person at the desk mends it."""

from django.urls import reverse

from education.admin.revision_pages import back_to
from education.articles.details import reasons_against_confirming
from education.articles.models import Revision
from education.articles.operations import cited_items
from education.evidence.rules import problems_as_citations
from education.people.models import User
from education.review.readiness import Gate, readiness, unexplained_concerns
from education.review.returning import reasons_against_sending_back, reasons_against_taking_back
from education.review.rules import may_review
from education.text.rendering import Draft, Rendered


def mended_at(gate: Gate, revision: Revision, person: User) -> list[tuple[str, str]]:
    """Where this person mends what stands in the way at a gate: (what the link says, address)."""
    if gate.passed:
        return []
    page = [revision.pk]
    review = reverse("admin:education_revision_review", args=page)
    if gate.mended_at == "text":
        return [way_to_the_text(revision, person)]
    if gate.mended_at == "concerns":
        return [
            (
                f"Write why the text may rest on {event.item.key}",
                reverse("admin:education_statusevent_explain", args=[event.pk, revision.pk]),
            )
            for event in unexplained_concerns(revision)
            if revision.state == Revision.State.APPROVED
        ]
    if gate.mended_at == "evidence":
        cited = list(cited_items(revision))
        wrong = problems_as_citations(cited)
        return [
            (f"Open {item.key}", reverse("admin:education_evidenceitem_change", args=[item.pk]))
            for item in cited
            if item.key in wrong
        ]
    links = {
        "approvals": ("Ask reviewers", reverse("admin:education_revision_assign", args=page)),
        "class": (
            "Look at the class"
            if reasons_against_confirming(person, revision.article)
            else "Confirm the class",
            f"{review}#risk-class",
        ),
        "comments": ("Read and resolve the comments", f"{review}#comments"),
    }
    return [links[gate.mended_at]]


def way_to_the_text(revision: Revision, person: User) -> tuple[str, str]:
    """How this person gets a text mended: by writing, or by giving it back to its writers."""
    review = reverse("admin:education_revision_review", args=[revision.pk])
    if revision.is_editable:
        return "Mend the text", back_to(revision)
    if may_review(person, revision):
        return "Ask for changes, so that the text can be mended", f"{review}#your-decision"
    if not reasons_against_taking_back(person, revision):
        address = reverse("admin:education_revision_take_back", args=[revision.pk])
        return "Take it back, so that it can be mended", address
    if not reasons_against_sending_back(person):
        address = reverse("admin:education_revision_send_back", args=[revision.pk])
        return "Send it back, so that it can be mended", address
    return "Tell its writers in a comment", f"{review}#comments"


def checklist(
    revision: Revision,
    person: User,
    rendered: Rendered,
    current_hash: str = "",
    draft: Draft | None = None,
) -> list[tuple[Gate, list[tuple[str, str]]]]:
    """Every gate of a text, as saved or as typed, with where this person mends it."""
    return [
        (gate, mended_at(gate, revision, person))
        for gate in readiness(revision, rendered, current_hash, draft=draft)
    ]
