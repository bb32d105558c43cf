"""My work: what waits for a person, in the order of risk to readers, each row saying why."""

from django.urls import reverse

from education.admin import texts, upkeep
from education.admin.access import WRITERS
from education.admin.rows import Pile, by_risk
from education.articles.rules import may_write
from education.people.models import Role, User

# The first piles are about what readers see now, the last about what is with somebody else.
PILES = (
    ("Readers say this could harm a child", upkeep.safety_reports),
    ("Evidence that fell", upkeep.fallen),
    ("Emergency notes to approve", upkeep.notes),
    ("Overdue pages", upkeep.overdue),
    ("About you", upkeep.declared),
    ("Rights to agree to", upkeep.rights),
    ("Reports of readers", upkeep.other_reports),
    ("Changes requested", texts.changes_requested),
    ("To review", texts.to_review),
    ("To publish", texts.to_publish),
    ("Comments to answer", texts.threads),
    ("To write", texts.to_write),
    ("Evidence to verify", upkeep.to_verify),
    ("Reviewers to ask", texts.to_ask),
    ("Mail that was not sent", upkeep.failed_mail),
    ("Waiting for others", texts.waiting),
)


def my_work(person: User) -> list[Pile]:
    """What waits for this person; only piles with something in them."""
    piles = [Pile(title, sorted(rows(person), key=by_risk)) for title, rows in PILES]
    return [pile for pile in piles if pile.rows]


NOTHING = "Nothing waits for you. When somebody asks you to review or answers you, it appears here"
READS = "You read everything here and change nothing, so nothing will ever wait for you."
ADMINISTERS = (
    "As administrator you look after accounts. You have no part in the review of texts; "
    "in an emergency you can take a page off the site."
)
NO_ROLE = "You have no role at this desk yet. Whoever looks after accounts can give you one."


def when_empty(person: User) -> tuple[str, list[tuple[str, str]]]:
    """What to tell a person for whom nothing waits, and where they may go: (says, address)."""
    roles = person.roles
    if roles & WRITERS:
        mail = (
            " and you get a mail."
            if person.email
            else ". No address is on record for you, so no mail can tell you."
        )
        links = [("All texts on their way", reverse("admin:education_revision_changelist"))]
        if may_write(person):
            links.insert(0, ("Begin an article", reverse("admin:education_article_add")))
        return NOTHING + mail, links
    if Role.AUDITOR in roles:
        links = [
            ("The record of every step", reverse("admin:education_event_changelist")),
            ("All texts", reverse("admin:education_revision_changelist")),
            ("What was published", reverse("admin:education_publication_changelist")),
        ]
        return READS, links
    if person.is_superuser:
        links = [
            ("People and their roles", reverse("admin:education_user_changelist")),
            ("Pages on the site", reverse("admin:education_publication_changelist")),
        ]
        return ADMINISTERS, links
    return NO_ROLE, []
