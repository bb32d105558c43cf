"""My work: what waits for a person, in the order of risk to readers, each row saying why."""

from django.urls import reverse

from education.admin import dashboard_other, dashboard_texts
from education.admin.access import WRITERS
from education.admin.dashboard_rows import WorkQueue, by_risk
from education.articles.rules import may_write
from education.people.models import Role, User

# The first piles are about what readers see now, the last about what is with somebody else.
QUEUES = (
    ("Held after a restore", dashboard_other.held),
    ("Left from a demonstration", dashboard_other.demonstration),
    ("Readers say this could harm a child", dashboard_other.safety_reports),
    ("Evidence that fell", dashboard_other.fallen),
    ("Masked passages to confirm", dashboard_other.masked),
    ("Versions to hide", dashboard_other.to_hide),
    ("Emergency notes to approve", dashboard_other.notes),
    ("Known to be wrong", dashboard_texts.to_correct),
    ("Graded otherwise by now", dashboard_texts.to_regrade),
    ("Overdue pages", dashboard_other.overdue),
    ("About you", dashboard_other.declared),
    ("Mail to you", dashboard_other.own_mail),
    ("Rights to agree to", dashboard_other.rights),
    ("Credentials to agree to", dashboard_other.profiles),
    ("Topics to agree to", dashboard_other.topics),
    ("Reports of readers", dashboard_other.other_reports),
    ("Changes requested", dashboard_texts.changes_requested),
    ("To review", dashboard_texts.to_review),
    ("Risk classes to confirm", dashboard_texts.to_confirm),
    ("Drawings to approve", dashboard_other.drawings),
    ("To publish", dashboard_texts.to_publish),
    ("Comments to answer", dashboard_texts.threads),
    ("To write", dashboard_texts.to_write),
    ("Evidence to verify", dashboard_other.to_verify),
    ("Evidence to look through", dashboard_other.to_look_through),
    ("New about a topic", dashboard_other.candidates),
    ("Web sources to look at again", dashboard_other.web_sources),
    ("Texts that ship", dashboard_texts.shipped_drafts),
    ("Risk classes to make stricter", dashboard_texts.classes_to_raise),
    ("Reviewers to ask", dashboard_texts.to_ask),
    ("Too few who can review", dashboard_texts.few_reviewers),
    ("Recalls that a clinic did not answer", dashboard_other.unanswered_recalls),
    ("Mail that was not sent", dashboard_other.failed_mail),
    ("Mail that comes back", dashboard_other.bounced_mail),
    ("Waiting for others", dashboard_texts.waiting),
)


def my_work(person: User) -> list[WorkQueue]:
    """What waits for this person; only piles with something in them."""
    piles = [WorkQueue(title, sorted(rows(person), key=by_risk)) for title, rows in QUEUES]
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
            ("Start the site: settings, people, what ships", reverse("admin:start")),
            ("People and their roles", reverse("admin:education_user_changelist")),
            ("Pages on the site", reverse("admin:education_publication_changelist")),
        ]
        return ADMINISTERS, links
    return NO_ROLE, []
