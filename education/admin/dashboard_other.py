"""My work beside texts: what fell or is overdue, notes, evidence, mail, what you declared."""

import datetime
from collections.abc import Iterable, Iterator
from itertools import islice
from textwrap import shorten

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from education.admin.dashboard_rows import WorkItem, page_of
from education.articles.drawings import reasons_against_judging
from education.articles.models import Contribution, Drawing, Revision
from education.articles.rules import may_write
from education.evidence.importing import WATCH
from education.evidence.models import EvidenceImport, EvidenceItem
from education.evidence.rules import reasons_against_verifying
from education.evidence.web_sources import all_source_states, reasons_against_saying_unchanged
from education.feedback.models import Report
from education.feedback.rules import may_answer
from education.handouts.bounces import bounces
from education.handouts.recall_lists import open_recalls
from education.people.models import (
    DECLARATION_LASTS,
    Message,
    RightsProposal,
    Role,
    TopicProposal,
    User,
)
from education.people.profile_changes import waiting_for
from education.people.rules import demonstration_accounts_of_before, unfit_to_review
from education.people.topic_changes import reasons_against_deciding
from education.publishing.hiding import reasons_against_hiding
from education.publishing.models import MaskedPassage, Publication, PublicationEvent, RestoreHold
from education.publishing.passages import CONFIRMED_WITHIN, reasons_against_confirming
from education.review.models import Review
from education.safety.models import EmergencyNote, Task
from education.safety.rules import may_record_status
from education.watch.models import EvidenceCandidate
from education.watch.rules import (
    reasons_against_deciding as reasons_against_deciding_on_candidate,
)

SOON = datetime.timedelta(days=90)
# How long before it lapses a person is reminded of their own declaration and credentials.
WARNED = datetime.timedelta(days=30)
MOST_ROWS = 20
# A clinic that was reminded after a week and said nothing is somebody's to telephone.
RECALLS_ARE_LATE = datetime.timedelta(days=14)
DECLARATION = "Your declaration of interests"


def fallen(person: User) -> Iterator[WorkItem]:
    """Evidence whose status changed or may have changed, and the pages that rest on it."""
    if not may_record_status(person):
        return
    for task in Task.objects.open().select_related("item", "publication"):
        status = task.get_status_display().lower()
        why = f"{task.item.key}, which it cites: {status}."
        yield WorkItem(
            task.publication.title if task.publication else f"{task.item.key}: {status}?",
            why if task.publication else task.report,
            task.get_kind_display(),
            reverse("admin:education_task_change", args=[task.pk]),
            task.due_on,
            task.publication.risk_class if task.publication else "",
        )


def held(person: User) -> Iterator[WorkItem]:
    """What a restored backup brought back; for editors-in-chief, who settle it on one page."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    number = RestoreHold.objects.waiting().count()
    if number:
        yield WorkItem(
            f"Pages and accounts: {number}",
            "The site was restored from a backup. They had ended since it was made.",
            "Bring back or keep off",
            reverse("admin:education_restorehold_changelist"),
        )


def demonstration(person: User) -> Iterator[WorkItem]:
    """Accounts that look like a demonstration's on a site that is none, and what rests on them."""
    if not (person.is_superuser or person.has_role(Role.EDITOR_IN_CHIEF)):
        return
    for account in demonstration_accounts_of_before().order_by("username"):
        pages = Publication.objects.current().filter(published_by=account).count()
        approvals = account.reviews.filter(decision=Review.Decision.APPROVED).count()
        yield WorkItem(
            account.username,
            "Its password was printed when a demonstration was loaded. It published "
            f"{pages} of the pages that are public and gave {approvals} approvals.",
            "Switch it off",
            reverse("admin:education_user_change", args=[account.pk]),
        )


def safety_reports(person: User) -> Iterator[WorkItem]:
    """What readers say could harm a child; a person who may not answer these sees none."""
    yield from _reports(person, Report.objects.open().about_safety().with_pages())


def other_reports(person: User) -> Iterator[WorkItem]:
    """What else readers report, as much as fits."""
    reports = Report.objects.open().exclude(kind=Report.Kind.SAFETY).with_pages()
    yield from _reports(person, reports[:MOST_ROWS])


def _reports(person: User, reports: Iterable[Report]) -> Iterator[WorkItem]:
    roles = person.roles
    for report in reports:
        if not may_answer(person, report, roles):
            return  # the same holds for all of one kind
        part = report.section_title or "the whole page"
        yield WorkItem(
            report.publication.title,
            f"{report.get_kind_display()}, in {part}: {shorten(report.words, 160)}",
            "Read and answer",
            reverse("admin:education_report_change", args=[report.pk]),
            report.due_on,
            report.publication.risk_class,
        )


def rights(person: User) -> Iterator[WorkItem]:
    """Rights that wait until this person, or another, agrees."""
    if not (person.is_superuser or person.has_role(Role.EDITOR_IN_CHIEF)):
        return
    waiting = RightsProposal.objects.filter(decided_at=None).select_related("person", "by")
    for proposal in waiting.exclude(by=person).exclude(person=person):
        yield WorkItem(
            f"{proposal.person}: {proposal.in_words}",
            f"{proposal.by} proposed it; a second person must agree.",
            "Look and decide",
            reverse("admin:education_rightsproposal_change", args=[proposal.pk]),
        )


def profiles(person: User) -> Iterator[WorkItem]:
    """What was proposed of this person, or by somebody of themselves, and this person decides."""
    for proposal in waiting_for(person):
        yield WorkItem(
            str(proposal),
            f"{proposal.by} proposed it; it takes effect once you agree."
            if proposal.person == person
            else f"{proposal.person} proposed it; a second person must agree.",
            "Look and decide",
            reverse("admin:education_profileproposal_change", args=[proposal.pk]),
        )


def topics(person: User) -> Iterator[WorkItem]:
    """Words of topics that wait until this person, or another, agrees."""
    for proposal in TopicProposal.objects.filter(decided_at=None).select_related("by"):
        if not reasons_against_deciding(proposal, person):
            yield WorkItem(
                str(proposal),
                f"{proposal.by} proposed it; readers see it once a second person agrees.",
                "Look and decide",
                reverse("admin:education_topicproposal_change", args=[proposal.pk]),
            )


def drawings(person: User) -> Iterator[WorkItem]:
    """Drawings of the library that wait until this person, or another, approves them."""
    if reasons_against_judging(Drawing(), person):
        return
    waiting = Drawing.objects.filter(state=Drawing.State.WAITING).exclude(uploaded_by=person)
    for drawing in waiting.defer("svg").select_related("uploaded_by")[:MOST_ROWS]:
        yield WorkItem(
            str(drawing),
            f"{drawing.uploaded_by} uploaded it; texts show it once a second person approves.",
            "Look and decide",
            reverse("admin:education_drawing_change", args=[drawing.pk]),
        )


def notes(person: User) -> Iterator[WorkItem]:
    """Emergency notes that wait for this medical reviewer's approval."""
    if not person.has_role(Role.MEDICAL_REVIEWER):
        return
    for note in EmergencyNote.objects.filter(approved_at=None, ended_at=None).exclude(by=person):
        page = Publication.objects.current().filter(slug=note.slug, language=note.language).first()
        if page is None or unfit_to_review(person, role=Role.MEDICAL_REVIEWER, topic=page.topic):
            continue
        if Contribution.objects.filter(revision=page.revision, person=person).exists():
            continue
        yield WorkItem(
            page.title,
            f"{note.by} wrote an emergency note; readers see it once you approve it: {note.text}",
            "Read and approve",
            reverse("admin:education_emergencynote_change", args=[note.pk]),
            risk=page.risk_class,
        )


def masked(person: User) -> Iterator[WorkItem]:
    """Passages that somebody masked and that wait until this person, or another, confirms it."""
    for passage in MaskedPassage.objects.unconfirmed().select_related("by"):
        if reasons_against_confirming(passage, person):
            continue
        yield WorkItem(
            f"{passage.slug}: {shorten(passage.words, 160)}",
            f"{passage.by} masked it: {passage.reason}",
            "Keep it masked, or show it again",
            reverse("admin:education_maskedpassage_change", args=[passage.pk]),
            timezone.localdate(passage.at + CONFIRMED_WITHIN),
        )


def to_hide(person: User) -> Iterator[WorkItem]:
    """Old versions whose text waits to be hidden until this person, or another, confirms it."""
    kinds = PublicationEvent.Kind
    hidden = PublicationEvent.objects.filter(kind=kinds.HIDDEN).values("publication")
    proposals = PublicationEvent.objects.filter(kind=kinds.HIDING_PROPOSED)
    for proposal in proposals.exclude(publication__in=hidden).select_related("publication", "by"):
        if not reasons_against_hiding(proposal.publication, person):
            yield WorkItem(
                str(proposal.publication),
                f"{proposal.by} proposes to hide its text: {proposal.reason}",
                "Read and confirm",
                reverse("admin:education_publication_hide", args=[proposal.publication_id]),
            )


def overdue(person: User) -> Iterator[WorkItem]:
    """Public pages whose review is due, or soon will be."""
    if not (person.has_role(Role.EDITOR_IN_CHIEF) or may_write(person)):
        return
    today = timezone.localdate()
    pages = Publication.objects.current().filter(review_due_on__lte=today + SOON)
    for publication in sorted(pages, key=lambda page: page.due_on):
        late = (today - publication.due_on).days
        if late < -SOON.days:
            continue
        days = f"{late} day{'' if late == 1 else 's'}"
        why = f"The review was due {days} ago." if late > 0 else "The review is due soon."
        begun = Revision.objects.open().filter(
            article=publication.revision.article_id, language=publication.language
        )
        revision = begun.first()
        article = reverse("admin:education_article_change", args=[publication.revision.article_id])
        next_ = f" {revision} is {revision.get_state_display().lower()}." if revision else ""
        yield WorkItem(
            publication.title,
            f"{why} Readers see a notice from the day it is due.{next_}",
            "Look at the next revision" if revision else "Start the next revision",
            page_of(revision, "change") if revision else article,
            publication.due_on,
            publication.risk_class,
        )


def to_verify(person: User) -> Iterator[WorkItem]:
    """Evidence that texts on their way cite and that this person may verify."""
    if not person.has_role(Role.MEDICAL_REVIEWER):
        return
    cited = EvidenceItem.objects.filter(
        usable=True, citations__revision__state__in=Revision.OPEN_STATES
    ).distinct()
    unverified = cited.exclude(pk__in=EvidenceItem.objects.verified().values("pk"))
    for item in unverified[:MOST_ROWS]:
        if reasons_against_verifying(person, item):
            continue
        mine = item.verifications.filter(by=person, details_hash=item.details_hash)
        if not mine.filter(details_sequence=item.details_sequence).exists():
            yield WorkItem(
                f"{item.key}: {item.title[:120]}",
                "A text that is on its way cites it, and it is not verified yet.",
                "Verify",
                reverse("admin:education_evidenceitem_verify", args=[item.pk]),
            )


def to_look_through(person: User) -> Iterator[WorkItem]:
    """Imports for people to confirm: what ships says otherwise than we do, accepted candidates."""
    if not (person.has_role(Role.EDITOR_IN_CHIEF) or may_write(person)):
        return
    left = Q(by=None) | Q(source__startswith=f"{WATCH}: ")
    waiting = EvidenceImport.objects.filter(left, confirmed_at=None).defer("records")
    for batch in waiting.select_related("by")[:MOST_ROWS]:
        came = f"{batch.by} accepted it" if batch.by else "It came by a command"
        yield WorkItem(
            batch.source,
            f"{came}; it changes nothing until somebody has looked through it. An item that is "
            "changed waits for verification again.",
            "Look through it",
            reverse("admin:education_evidenceimport_change", args=[batch.pk]),
        )


def candidates(person: User) -> Iterator[WorkItem]:
    """Topics about which registers named something new, with the likeliest to matter."""
    roles = person.roles
    if not (roles & {Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER, Role.WRITER}):
        return
    waiting = EvidenceCandidate.objects.waiting()
    counts = waiting.order_by().values("topic").annotate(number=Count("pk"))
    for row in counts.order_by("topic__position", "topic"):
        of_topic = waiting.filter(topic=row["topic"]).select_related("topic__parent")
        first = of_topic.order_by("-relevance", "-year", "pk").first()
        if first is None or reasons_against_deciding_on_candidate(first, person):
            continue
        number = row["number"]
        yield WorkItem(
            f"{first.topic}: {number} to decide on",
            f"Registers named {'it' if number == 1 else 'them'}; the likeliest to matter: "
            f"{shorten(first.title, 160)}",
            "Accept, put off or dismiss",
            f"{reverse('admin:education_evidencecandidate_changelist')}"
            f"?topic__id__exact={first.topic_id}",
        )


def web_sources(person: User) -> Iterator[WorkItem]:
    """Web sources that are dead, have another title or are due, for those who may judge them."""
    if not person.roles & {Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER, Role.WRITER}:
        return
    to_look_at = (state for state in all_source_states() if state.what_is_wrong)
    allowed = (
        state for state in to_look_at if not reasons_against_saying_unchanged(person, state.item)
    )
    for state in islice(allowed, MOST_ROWS):
        yield WorkItem(
            f"{state.item.key}: {state.item.title[:120]}",
            " ".join(state.what_is_wrong),
            "Look at the page",
            reverse("admin:education_evidenceitem_source", args=[state.item.pk]),
            state.due_on if state.is_due else None,
        )


def unanswered_recalls(person: User) -> Iterator[WorkItem]:
    """Clinics that were told two weeks ago to bin paper and did not say what became of it."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    for recall in open_recalls(timezone.now() - RECALLS_ARE_LATE)[:MOST_ROWS]:
        prints = len(recall.copies)
        yield WorkItem(
            f"{recall.clinic} has not answered a recall",
            f"{prints} print{'' if prints == 1 else 's'}, called back on "
            f"{date_format(timezone.localdate(recall.cause.at))}. {recall.cause.why}",
            "Who works there",
            reverse("admin:education_clinic_change", args=[recall.clinic.pk]),
        )


def failed_mail(person: User) -> Iterator[WorkItem]:
    """Mail that did not go out, for those who may send it again."""
    if not (person.is_superuser or person.has_role(Role.EDITOR_IN_CHIEF)):
        return
    failed = Message.objects.filter(sent_at=None).exclude(error="").select_related("to")
    for message in failed[:MOST_ROWS]:
        yield WorkItem(
            f"{message.subject}, to {message.recipient}",
            f"{message.error} It is tried again by send_mail_queue.",
            "Look at it and send it again",
            reverse("admin:education_message_change", args=[message.pk]),
        )


def bounced_mail(person: User) -> Iterator[WorkItem]:
    """People and clinics whose mail comes back, for those who can have an address corrected."""
    if not (person.is_superuser or person.has_role(Role.EDITOR_IN_CHIEF)):
        return
    for row in bounces()[:MOST_ROWS]:
        for owner in row.people:
            url = reverse("admin:education_user_change", args=[owner.pk])
            yield WorkItem(str(owner), row.in_words, "Correct the address", url)
        for clinic in row.clinics:
            url = reverse("admin:education_clinic_change", args=[clinic.pk])
            why = f"{row.in_words} It is the clinic’s mailbox for recalls."
            yield WorkItem(str(clinic), why, "Who works there", url)


def own_mail(person: User) -> Iterator[WorkItem]:
    """That mail to oneself comes back: nobody else may notice."""
    for row in bounces([person.email]):
        yield WorkItem(
            "Your mail address",
            f"{row.in_words} Ask an administrator to correct the address, or your mail service "
            "why it refuses mail.",
            "Your account",
            reverse("admin:account"),
        )


def declared(person: User) -> Iterator[WorkItem]:
    """What keeps this reviewer from deciding, or soon will: the declaration, the credentials."""
    roles = person.roles & {Role.MEDICAL_REVIEWER, Role.PLAIN_LANGUAGE_REVIEWER}
    if not roles:
        return
    today = timezone.localdate()
    for what, last_day in _expiries(person, roles):
        if last_day and last_day > today + WARNED:
            continue
        if last_day is None:
            state = "not on record yet: you can’t decide on any text."
        elif last_day < today:
            state = f"out of date since {date_format(last_day)}: you can’t decide on any text."
        else:
            state = f"good until {date_format(last_day)}; after that you can’t decide on any text."
        is_declaration = what == DECLARATION
        yield WorkItem(
            what,
            f"It is {state}" if is_declaration else f"They are {state}",
            "Declare your interests" if is_declaration else "Look at what is on record",
            reverse(f"admin:education_user_{'declaration' if is_declaration else 'profile'}"),
            last_day,
        )


def _expiries(person: User, roles: set[Role]) -> Iterator[tuple[str, datetime.date | None]]:
    declared_on = person.interests_declared_on if person.interests else None
    yield DECLARATION, declared_on + DECLARATION_LASTS if declared_on else None
    if Role.MEDICAL_REVIEWER in roles:
        yield "Your credentials", person.credentials_expire_on if person.credentials else None
