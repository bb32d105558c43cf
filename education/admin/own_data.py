"""What is kept of a person, and why, as data for that person."""

from typing import Any

from django.db.models import QuerySet

from education.articles.models import Contribution
from education.audit.models import Event
from education.evidence.models import Verification
from education.people.models import BouncedAddress, User
from education.review.models import Comment

ACCOUNT = (
    "username", "display_name", "first_name", "last_name", "email", "specialty", "credentials",
    "credentials_expire_on", "interests", "interests_declared_on", "is_active", "date_joined",
    "last_login",
)  # fmt: skip
FOR_EVER = "Readers can see for ever who wrote and judged what they read; nothing of it is deleted."


def own_data(person: User) -> dict[str, Any]:
    """
    Everything that names a person, by kind, each with the reason it is kept.

    Secrets are left out: password, keys of telephones, recovery codes. They prove who somebody is.
    """
    return {
        "account": {
            "why": "To sign in, and to tell readers who wrote and reviewed.",
            "rows": [{name: getattr(person, name) for name in ACCOUNT}],
        },
        "roles": _part(
            person.groups.all(), "What the person may do here.", "name"
        ),
        "conflicts of interest": _part(
            person.conflicts.all(),
            "Who has one does not review that topic.",
            "topic__title", "description", "declared_on",
        ),
        "absences": _part(
            person.absences.all(),
            "Who is away is not asked to review; a substitute is told.",
            "first_day", "last_day", "substitute__display_name", "ended_at",
        ),
        "sign-ins": _part(
            person.sign_ins.all(),
            "To find one that was not yours; forgotten after 90 days.",
            "browser", "began_at", "seen_at",
        ),
        "mail": _part(
            person.messages.all(),
            "To send again what did not go out; forgotten a year after it was sent.",
            "subject", "body", "created_at", "sent_at", "error",
        ),
        "mail that came back": _part(
            BouncedAddress.objects.filter(address=person.email.lower()),
            "So that somebody corrects the address; forgotten when mail arrives again.",
            "address", "status", "at",
        ),
        "choices of mail": _part(
            person.mail_choices.all(), "To send mail as you want it.", "topic", "pace"
        ),
        "rights": _part(
            person.rights_proposals.all(),
            "Nobody gives out rights alone.",
            "roles", "flags", "at", "accepted", "decided_at",
        ),
        "changes of credentials and conflicts": _part(
            person.profile_proposals.all(),
            "What lets a person do more is agreed to by them and somebody else.",
            "changes", "at", "accepted", "decided_at",
        ),
        "texts written": _part(
            Contribution.objects.filter(person=person),
            FOR_EVER,
            "revision__article__slug", "revision__number", "revision__language", "inherited",
        ),
        "decisions": _part(
            person.reviews.all(),
            FOR_EVER,
            "revision__article__slug", "revision__number", "round", "reviewed_as", "specialty",
            "reviewer_name", "credentials", "decision", "comments", "checklist", "interests",
            "decided_at",
        ),
        "requests to review": _part(
            person.assignments.all(),
            "To remind, and to show who was asked.",
            "revision__article__slug", "revision__number", "reviewed_as", "due_on", "assigned_at",
        ),
        "comments": _part(
            Comment.objects.filter(by=person),
            "They belong to the record of the text.",
            "revision__article__slug", "revision__number", "at", "passage", "proposal", "text",
        ),
        "evidence verified": _part(
            Verification.objects.filter(by=person),
            "Two people stand for each work that texts rest on.",
            "item__key", "at", "level", "note",
        ),
        "record of steps": _part(
            Event.objects.filter(by=person),
            "Each event holds the hash of the one before, so none is taken out.",
            "sequence", "at", "action", "subject", "by_name",
        ),
    }  # fmt: skip


def _part(rows: "QuerySet[Any]", why: str, *names: str) -> dict[str, Any]:
    return {"why": why, "rows": list(rows.order_by("pk").values(*names))}
