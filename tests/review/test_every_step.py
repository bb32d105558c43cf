"""
Every operation, in every state, by every kind of person.

``ALLOWED`` is written down here by hand, from the rules of review, and not read from the code:
whatever is not in it must be refused with a reason and change nothing.
"""

import datetime
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from education.articles.models import Contribution, Revision
from education.articles.operations import content_hash, put_aside
from education.audit.models import Event
from education.errors import EditorialError
from education.people.models import ConflictOfInterest, Role, User
from education.publishing.models import Publication, PublicationEvent
from education.publishing.operations import extend_review, publish, withdraw
from education.review.assignments import assign_reviewer
from education.review.comments import add_comment
from education.review.models import Assignment, Comment, Review
from education.review.operations import submit_for_review
from education.review.returning import send_back, take_back
from tests.factories import (
    approve_fully,
    edit,
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db

LONG_AGO = datetime.date(2020, 1, 1)


def people(revision: Revision, contributor: User) -> dict[str, User]:
    """One person of every kind that the rules tell apart."""
    kinds = {
        "writer": make_writer(),
        "contributor": contributor,
        "medical reviewer": make_medical_reviewer("Orthopaedics"),
        "expired reviewer": make_medical_reviewer(credentials_expire_on=LONG_AGO),
        "undeclared reviewer": make_medical_reviewer(interests_declared_on=LONG_AGO),
        "conflicted reviewer": make_medical_reviewer(),
        "switched-off reviewer": make_medical_reviewer(is_active=False),
        "plain-language reviewer": make_plain_language_reviewer(),
        "editor": make_editor(),
        "auditor": make_person(Role.AUDITOR),
        "clinic": make_person(Role.CLINIC),
        "superuser": make_person(is_superuser=True),
        "stranger": make_person(),
    }
    ConflictOfInterest.objects.create(
        person=kinds["conflicted reviewer"], topic=revision.article.topic, description="Owns one."
    )
    return kinds


def into_state(state: str, contributor: User) -> Revision:
    """A revision brought to a state by the operations; the contributor holds every role."""
    revision = make_revision(by=contributor)
    if state == "draft":
        return revision
    if state == "discarded":
        return put_aside(revision=revision, by=contributor, reason="Not wanted.")
    submit_for_review(revision=revision, by=contributor)
    if state == "changes_requested":
        make_decision(revision, make_medical_reviewer(), Review.Decision.CHANGES_REQUESTED)
    if state in {"approved", "published"}:
        approve_fully(revision)
    if state == "published":
        publish(revision=revision, by=make_editor())
    revision.refresh_from_db()
    return revision


def _withdraw(revision: Revision, by: User) -> object:
    publication = revision.publications.first()
    if publication is None:
        raise EditorialError("Nothing was published.")
    return withdraw(publication=publication, by=by, reason="A source was wrong.")


def _extend(revision: Revision, by: User) -> object:
    publication = revision.publications.first()
    if publication is None:
        raise EditorialError("Nothing was published.")
    return extend_review(publication=publication, by=by, days=30, reason="A trial is due.")


STEPS: dict[str, Callable[[Revision, User], object]] = {
    "save": lambda r, by: edit(r, by, unknowns=f"- Said by {by}."),
    "submit": lambda r, by: submit_for_review(revision=r, by=by),
    "approve": make_decision,
    "approve as plain-language": lambda r, by: make_decision(
        r, by, reviewed_as=Review.As.PLAIN_LANGUAGE
    ),
    "ask for changes": lambda r, by: make_decision(r, by, Review.Decision.CHANGES_REQUESTED),
    "publish": lambda r, by: publish(revision=r, by=by),
    "put aside": lambda r, by: put_aside(revision=r, by=by, reason="Not wanted."),
    "comment": lambda r, by: add_comment(revision=r, by=by, text="Hello."),
    "block": lambda r, by: add_comment(revision=r, by=by, text="Stop.", is_blocking=True),
    "assign": lambda r, by: assign_reviewer(
        revision=r,
        reviewer=User.objects.get(username="to-be-asked"),
        reviewed_as=Review.As.MEDICAL,
        due_on=timezone.localdate(),
        by=by,
    ),
    "take back": lambda r, by: take_back(revision=r, by=by, reason="A number is wrong."),
    "send back": lambda r, by: send_back(revision=r, by=by, reason="A part is missing."),
    "withdraw": _withdraw,
    "extend": _extend,
}

EDITABLE = {"draft", "changes_requested"}
UNDECIDED = {"in_review", "approved"}
OPEN = EDITABLE | UNDECIDED
REVIEWERS_WITH_A_FLAW = {"expired reviewer", "undeclared reviewer", "conflicted reviewer"}
MAY_WRITE = {
    "writer", "contributor", "medical reviewer", "plain-language reviewer", "editor",
} | REVIEWERS_WITH_A_FLAW  # fmt: skip

ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    # step: (in these states, by these people)
    "save": (EDITABLE, MAY_WRITE),
    "submit": (EDITABLE, MAY_WRITE),
    "approve": (UNDECIDED, {"medical reviewer"}),
    "approve as plain-language": (UNDECIDED, {"plain-language reviewer"}),
    "ask for changes": (UNDECIDED, {"medical reviewer"}),
    "publish": ({"approved"}, {"editor"}),
    "put aside": (EDITABLE, MAY_WRITE),
    "comment": (OPEN, MAY_WRITE),
    "block": (OPEN, MAY_WRITE - {"contributor"}),
    "assign": (OPEN, {"writer", "contributor", "editor"}),
    "take back": (UNDECIDED, {"contributor"}),
    "send back": (UNDECIDED, {"editor", "contributor"}),
    "withdraw": ({"published"}, {"editor", "contributor", "superuser"}),
    "extend": ({"published"}, {"editor"}),
}


def everything() -> list[object]:
    """What a refused step must leave as it was."""
    return [
        list(Revision.objects.order_by("pk").values()),
        *(
            list(model.objects.order_by("pk").values_list("pk", flat=True))
            for model in (
                Review, Publication, PublicationEvent, Comment, Assignment, Contribution, Event,
            )
        ),
    ]  # fmt: skip


class RolledBackError(Exception):
    """Takes back an allowed step, so that the next is tried from the same state."""


@pytest.mark.parametrize("state", [state.value for state in Revision.State])
def test_only_what_the_rules_allow_happens(state):
    contributor = make_person(*Role, specialty="Neurosurgery")
    make_medical_reviewer("Rehabilitation", username="to-be-asked")
    revision = into_state(state, contributor)
    kinds = people(revision, contributor)
    before = everything()
    wrong = []

    for step, act in STEPS.items():
        states, persons = ALLOWED[step]
        for kind, person in kinds.items():
            allowed = state in states and kind in persons
            try:
                with transaction.atomic():
                    act(Revision.objects.get(pk=revision.pk), person)
                    done = everything() != before
                    raise RolledBackError
            except RolledBackError:
                # A button pressed twice is no refusal, but does nothing.
                if done != allowed:
                    wrong.append(f"{step} by {kind}: {'went through' if done else 'did nothing'}")
            except EditorialError as refusal:
                if allowed:
                    wrong.append(f"{step} by {kind}: refused: {refusal}")
                elif len(str(refusal)) < 8:
                    wrong.append(f"{step} by {kind}: refused without a reason")
            if everything() != before:
                wrong.append(f"{step} by {kind}: left something behind")
                before = everything()

    assert not wrong


def test_the_hash_that_was_seen_is_the_hash_that_is_approved():
    revision = into_state("in_review", make_writer())

    review = make_decision(revision, make_medical_reviewer())

    assert review.content_hash == content_hash(revision)
