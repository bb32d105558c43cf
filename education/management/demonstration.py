"""
A demonstration site: role accounts, and content in every state.

Every state is reached by the operations that editors use, so nothing here is a state an editor
could not reach. No account has a real person's name, and no approval here is a clinician's.
"""

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from education.articles.details import confirm_class
from education.articles.models import Article, Revision
from education.articles.operations import (
    content_hash,
    draft_of,
    start_article,
    start_revision,
)
from education.audit.operations import lock_event_head, record
from education.evidence.models import EvidenceItem
from education.evidence.operations import verify_item
from education.feedback.models import Report
from education.feedback.operations import answer_report, count_clarity, take_report
from education.handouts.operations import (
    add_to_clinic,
    open_clinic,
    print_copy,
    print_pack,
    save_pack,
    save_profile,
)
from education.handouts.rules import clinic_of
from education.handouts.typesetting import PrintOptions
from education.people.models import Role, User
from education.publishing.models import Publication
from education.publishing.operations import publish, withdraw
from education.review.models import Review
from education.review.operations import decide, submit_for_review
from education.review.rules import REQUIRED
from education.text.rendering import Draft
from education.topics.models import Topic

Say = Callable[[str], object]

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 40"><g fill="none" '
    b'stroke="#0B5257" stroke-width="4"><path d="M4 34C18 10 26 10 32 22S50 34 60 6"/>'
    b'<path d="M4 38H60"/></g></svg>'
)
SECOND_VERSION = "Demonstration: this second version shows how a change is announced to readers."


@dataclass(frozen=True)
class Account:
    """A role account of the demonstration."""

    username: str
    name: str
    role: Role
    specialty: str = ""


WRITER = Account("demo-writer", "Demo writer", Role.WRITER)
NEUROLOGY = Account(
    "demo-neurology", "Demo neurology reviewer", Role.MEDICAL_REVIEWER, "Paediatric neurology"
)
NEUROSURGERY = Account(
    "demo-neurosurgery", "Demo neurosurgery reviewer", Role.MEDICAL_REVIEWER, "Neurosurgery"
)
PLAIN_LANGUAGE = Account(
    "demo-plain-language", "Demo plain-language reviewer", Role.PLAIN_LANGUAGE_REVIEWER
)
EDITOR = Account("demo-editor-in-chief", "Demo editor-in-chief", Role.EDITOR_IN_CHIEF)
AUDITOR = Account("demo-auditor", "Demo auditor", Role.AUDITOR)
CLINIC = Account("demo-clinic", "Demo clinic", Role.CLINIC)
ACCOUNTS = (WRITER, NEUROLOGY, NEUROSURGERY, PLAIN_LANGUAGE, EDITOR, AUDITOR, CLINIC)

# The pages with a second version, a draft, a revision in review, one sent back and one approved.
SHOWN = (
    "before-you-pay",
    "fspr-and-rhizotomy",
    "harms-of-cells-and-surgery",
    "is-stem-cell-therapy-feasible",
    "standard-care-for-spasticity",
)


def is_empty() -> bool:
    """Whether nobody has begun to use this database."""
    return not (User.objects.exists() or Article.objects.exists() or EvidenceItem.objects.exists())


@transaction.atomic
def load(*, password: str, say: Say) -> dict[str, str]:
    """
    Fill an empty database; return each account's password by user name.

    ``password`` is used for all accounts when given; otherwise each gets a random one.
    """
    passwords = make_accounts(password)
    record("demonstration.loaded", lock_event_head(), by=None, accounts=list(passwords))
    say(f"{len(passwords)} demonstration accounts made")
    call_command("load_evidence", verbosity=0, stdout=_Quiet())
    verify_evidence(say)
    call_command("load_founding_content", verbosity=0, stdout=_Quiet())
    drafts = Revision.objects.filter(state=Revision.State.DRAFT).select_related("article")
    # First the glossary, whose words the other texts explain, and the table whose rows they name.
    first = [Article.Kind.GLOSSARY, Article.Kind.FINDINGS]
    order = {kind.value: place for place, kind in enumerate(first)}
    for revision in sorted(drafts, key=lambda r: (order.get(r.article.kind, len(first)), r.pk)):
        publish_through_review(revision)
        say(f"published {revision.article.slug}")
    open_the_clinic(say)
    show_every_state(say)
    return passwords


class _Quiet:
    """Swallows the progress of the commands this one calls."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def make_accounts(password: str) -> dict[str, str]:
    """Make the role accounts; all but the clinic and the auditor declare no interests."""
    passwords = {}
    today = timezone.localdate()
    for account in ACCOUNTS:
        passwords[account.username] = password or secrets.token_urlsafe(9)
        user = User(
            username=account.username,
            display_name=account.name,
            is_staff=account.role != Role.CLINIC,
            specialty=account.specialty,
            credentials="Demonstration account, not a clinician" if account.specialty else "",
            credentials_expire_on=today + datetime.timedelta(days=365),
            interests="None (demonstration account)",
            interests_declared_on=today,
            made_for_demonstration=True,
        )
        user.set_password(passwords[account.username])
        user.full_clean()
        user.save()
        user.groups.add(Group.objects.get(name=account.role.label))
    return passwords


def person(account: Account) -> User:
    """The user of a demonstration account."""
    return User.objects.get(username=account.username)


def verify_evidence(say: Say) -> None:
    """Two demonstration people verify every item that may be cited, at the level it was read."""
    checkers = [person(NEUROLOGY), person(NEUROSURGERY)]
    read = [EvidenceItem.Level.ABSTRACT, EvidenceItem.Level.FULL_TEXT]
    items = EvidenceItem.objects.filter(usable=True, dossier_level__in=read)
    for item in items:
        for checker in checkers:
            verify_item(
                item=item,
                by=checker,
                level=item.dossier_level,
                note="Demonstration: nobody has checked this against the work.",
            )
    say(f"{len(items)} evidence items verified by two demonstration accounts")


def approve(revision: Revision) -> None:
    """Every approval the risk class asks for, each by a person of its own."""
    people = {
        Review.As.MEDICAL: [NEUROLOGY, NEUROSURGERY],
        Review.As.PLAIN_LANGUAGE: [PLAIN_LANGUAGE],
    }
    for requirement in REQUIRED[revision.article.risk_class]:
        for account in people[requirement.reviewed_as][: requirement.count]:
            decide(
                revision=revision,
                by=person(account),
                reviewed_as=requirement.reviewed_as,
                decision=Review.Decision.APPROVED,
                content_hash_seen=content_hash(revision),
                interests_confirmed=True,
            )


def publish_through_review(revision: Revision) -> Publication:
    """Submit, approve and publish, each by those who may."""
    submit_for_review(revision=revision, by=person(WRITER))
    approve(revision)
    return publish(revision=revision, by=person(EDITOR))


def next_revision(slug: str) -> Revision:
    """The next revision of a published article, with the text of the last and a note of change."""
    article = Article.objects.get(slug=slug)
    last = article.revisions.order_by("-number")[0]
    draft = replace(draft_of(last), what_changed=SECOND_VERSION)
    return start_revision(article=article, draft=draft, by=person(WRITER), based_on=last)


def open_the_clinic(say: Say) -> None:
    """A clinic with a desk, its details, a pack, and paper on its shelf."""
    clinic, by = open_clinic(name="Demonstration clinic", by=person(EDITOR)), person(CLINIC)
    add_to_clinic(person=by, clinic=clinic, by=person(EDITOR))
    save_profile(
        clinic=clinic,
        by=by,
        name=clinic.name,
        telephone="000 000 000",
        opening_hours="Monday to Friday, 9 to 5",
        address="1 Example Street",
        logo=LOGO,
    )
    pack = save_pack(
        clinic=clinic,
        by=by,
        name="First visit",
        note="Welcome. Please read this at home and bring your questions to the next visit.",
        slugs=["what-is-cerebral-palsy", "standard-care-for-spasticity", "stem-cells-or-fspr"],
    )
    print_pack(pack=pack, by=by, options=PrintOptions(length="short"), copies=20)
    say("opened a clinic, which made a pack and printed it")


def print_at_the_clinic(slug: str, copies: int, options: PrintOptions | None = None) -> None:
    """What the demonstration clinic has on its shelf."""
    by = person(CLINIC)
    clinic = clinic_of(by)
    assert clinic is not None
    print_copy(clinic=clinic, by=by, slug=slug, copies=copies, options=options)


def show_every_state(say: Say) -> None:
    """Leave behind a revision in each state, an old version and a withdrawn page."""
    first, drafted, in_review, changes_requested, ready = SHOWN
    print_at_the_clinic(first, 30)
    publish_through_review(next_revision(first))
    print_at_the_clinic(first, 10, PrintOptions(size="large"))
    say("published a second version, with the first on a clinic's shelf")

    next_revision(drafted)
    say("left a draft")

    submit_for_review(revision=next_revision(in_review), by=person(WRITER))
    say("left a revision in review")

    sent_back = next_revision(changes_requested)
    submit_for_review(revision=sent_back, by=person(WRITER))
    decide(
        revision=sent_back,
        by=person(PLAIN_LANGUAGE),
        reviewed_as=Review.As.PLAIN_LANGUAGE,
        decision=Review.Decision.CHANGES_REQUESTED,
        content_hash_seen=content_hash(sent_back),
        interests_confirmed=True,
        comments="Demonstration: please explain the long words in the first section.",
    )
    say("left a revision with changes requested")

    approved = next_revision(ready)
    submit_for_review(revision=approved, by=person(WRITER))
    approve(approved)
    say("left an approved revision")

    publication = publish_through_review(_page_to_withdraw())
    print_at_the_clinic(publication.slug, 5)
    withdraw(
        publication=publication,
        by=person(EDITOR),
        reason="Demonstration: this page shows what readers see when a page was withdrawn.",
    )
    say("withdrew a page")

    hear_from_readers(Publication.objects.current().get(slug=first))
    say("left reports of readers")


def hear_from_readers(publication: Publication) -> None:
    """Leave one report for the editors and one that was answered, and what readers found clear."""
    take_report(
        kind=Report.Kind.SAFETY,
        words="Demonstration: this shows how a reader’s worry comes before everything else.",
        form="demonstration-1",
        publication=publication,
        sender="",
    )
    answered = take_report(
        kind=Report.Kind.UNCLEAR,
        words="Demonstration: what does the second key message mean?",
        form="demonstration-2",
        publication=publication,
        sender="",
    )
    answer_report(
        report=answered,
        words="Demonstration: thank you. The next version says it in plainer words.",
        by=person(WRITER),
        outcome=Report.Outcome.WILL_CHANGE,
    )
    for number, is_clear in enumerate([True] * 7 + [False] * 2):
        count_clarity(publication=publication, is_clear=is_clear, sender=f"demonstration {number}")


def _page_to_withdraw() -> Revision:
    article = start_article(
        by=person(WRITER),
        slug="a-withdrawn-page",
        topic=Topic.objects.get(slug="cerebral-palsy"),
        kind=Article.Kind.ARTICLE,
        risk_class=Article.RiskClass.C,
        review_every_months=12,
    )
    confirm_class(article=article, by=person(EDITOR), risk_class_seen=article.risk_class)
    draft = Draft(
        language="en",
        kind=Article.Kind.ARTICLE,
        title="What does a withdrawn page look like?",
        short_answer="It says that it was withdrawn, why, and where to go [@rosenbaum2007].",
        key_messages=[
            {
                "text": "Cerebral palsy is a group of lasting conditions [@rosenbaum2007].",
                "certainty": "not_graded",
            }
        ],
        body="## Why it is here\n\nThis page is part of the demonstration [@rosenbaum2007].\n",
        unknowns="- This page answers no question.",
        questions="",
        funding="Nobody paid for this page.",
        what_changed="",
        options=[],
        rows=[],
        claims=[],
        terms=[],
    )
    return start_revision(article=article, draft=draft, by=person(WRITER))
