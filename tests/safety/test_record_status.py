"""What happens at once when a study falls, and that all of it happens or none."""

import datetime
import itertools
import json
import random

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from education.articles.models import Revision
from education.articles.operations import content_hash
from education.audit import operations as audit
from education.audit.models import Event
from education.audit.operations import broken_links
from education.errors import StaleError
from education.evidence.models import StatusEvent
from education.evidence.operations import change_item
from education.people.models import Message
from education.publishing import operations as publishing
from education.publishing.models import PublicationEvent
from education.publishing.operations import (
    MayNotPublishError,
    explain_concern,
    publish,
    withdraw,
)
from education.publishing.status import (
    evidence_notices,
    shown_content,
    shown_summaries,
    shown_summary,
)
from education.review.readiness import unexplained_concerns
from education.review.rules import counting_approvals
from education.safety import operations
from education.safety.models import Task
from education.safety.operations import (
    MayNotRecordError,
    close_task,
    lift_status,
    record_status,
)
from education.safety.rules import effects_of, effects_of_lifting
from education.text.html import to_html
from education.text.tree import passages, walk
from tests.factories import (
    make_approved_revision,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
RETRACTED = StatusEvent.Status.RETRACTED
CONCERN = StatusEvent.Status.CONCERN
CORRECTED = StatusEvent.Status.CORRECTED


def draft_with(first, second, **fields):
    """A text that cites ``first`` alone in one sentence and together with ``second`` in another."""
    return make_draft(
        first.key,
        second.key,
        short_answer=f"It may help a little [@{second.key}].",
        key_messages=[{"text": f"It may help [@{second.key}].", "certainty": "low"}],
        body=(
            "## What was found\n\n"
            f"Only one study found a gain [@{first.key}]. "
            f"Two studies found it safe [@{first.key}; @{second.key}]. "
            "Nobody knows if it lasts.\n"
        ),
        **fields,
    )


def fall(item, by=None, status=RETRACTED, **fields):
    """Somebody records that the item fell."""
    values = {"occurred_on": TODAY(), "reason": "The data could not be trusted."} | fields
    return record_status(item=item, status=status, by=by or make_medical_reviewer(), **values)


def words(content):
    """Everything a page says, node by node."""
    return [
        (node["t"], node.get("text", ""))
        for passage in passages(content)
        for node in walk(passage.nodes)
    ]


def frozen(publication):
    """The bytes of a page as it was frozen; the database keeps no order of keys."""
    publication.refresh_from_db()
    return json.dumps([publication.html, publication.content], sort_keys=True)


def shown(publication):
    """The bytes of a page as it is shown."""
    publication.refresh_from_db()
    return json.dumps(
        [to_html(shown_content(publication)), shown_content(publication)], sort_keys=True
    )


def everything():
    """What the database holds that an operation of this package may change."""
    return {
        "statuses": list(StatusEvent.objects.values_list("pk", flat=True)),
        "tasks": list(Task.objects.values()),
        "revisions": list(Revision.objects.order_by("pk").values("pk", "state", "version")),
        "publication events": list(PublicationEvent.objects.values()),
        "events": list(Event.objects.values_list("hash", flat=True)),
        "mail": list(Message.objects.values_list("pk", flat=True)),
    }


# Rule 6 of review: what a retraction does


def test_a_retraction_does_all_of_rule_6_and_lifted_leaves_the_same_bytes():
    fallen, standing = make_item("fallen2020"), make_item("standing2021")
    publication = make_publication(draft=draft_with(fallen, standing))
    approved = make_approved_revision(draft=draft_with(fallen, standing))
    before = shown(publication)
    assert before == frozen(publication)

    event = fall(fallen, occurred_on=datetime.date(2026, 3, 4))

    said = words(shown_content(publication))
    text = " ".join(text for _, text in said)
    assert "Only one study found a gain" not in text
    assert [kind for kind, _ in said].count("masked") == 1
    assert "Two studies found it safe" in text
    assert [kind for kind, _ in said].count("notice") == 1
    assert "Nobody knows if it lasts" in text
    assert "Only one study" not in json.dumps(to_html(shown_content(publication)))
    assert "Two studies found it safe" in json.dumps(to_html(shown_content(publication)))

    now = evidence_notices(publication)
    assert now.masked == {"fallen2020"}
    assert not now.may_print
    assert now.reasons_against_printing == ("Research this text rests on was retracted.",)
    assert [notice.kind for notice in now.notices] == ["retracted"]
    assert "was retracted on 4 March 2026: The data could not be trusted." in now.notices[0].text

    approved.refresh_from_db()
    assert approved.state == Revision.State.IN_REVIEW
    assert counting_approvals(approved) == []

    task = Task.objects.open().get()
    assert (task.publication, task.item, task.cause) == (publication, fallen, event)
    assert task.due_on == TODAY() + datetime.timedelta(days=7)
    assert task.days_left() == 7
    assert frozen(publication) == before

    lift_status(event=event, by=make_editor(), reason="It was another study of the same authors.")

    assert shown(publication) == before
    now = evidence_notices(publication)
    assert now.may_print
    assert now.notices == ()
    approved.refresh_from_db()
    assert approved.state == Revision.State.APPROVED
    assert len(counting_approvals(approved)) == 1
    task.refresh_from_db()
    assert task.outcome == Task.Outcome.LIFTED
    assert not Task.objects.open().exists()
    assert fallen.status_events.count() == 2
    assert list(broken_links()) == []


def build_everything_a_retraction_touches():
    """A page, a schedule, an approved text and one in review with an approval, all on one item."""
    fallen, standing = make_item(), make_item()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    make_publication(draft=draft_with(fallen, standing))
    publish(
        revision=make_approved_revision(draft=draft_with(fallen, standing)),
        by=make_editor(email="editor@example.org"),
        goes_live_at=tomorrow,
    )
    make_approved_revision(draft=draft_with(fallen, standing))
    operations.report_change(
        item=fallen, status=RETRACTED, reference="retracted 10.1000/n", report="Crossref says so."
    )
    return fallen


def break_at_call(monkeypatch, number):
    """Let the n-th event of the record fail as a database does; returns what was written."""
    calls = itertools.count(1)
    written = []
    original = audit.record

    def failing(*args, **kwargs):
        if next(calls) == number:
            raise DatabaseError("disk I/O error")
        written.append(args[0])
        return original(*args, **kwargs)

    for module in (operations, publishing):
        monkeypatch.setattr(module, "record", failing)
    return written


def test_a_retraction_happens_whole_or_not_at_all(monkeypatch):
    fallen = build_everything_a_retraction_touches()
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    before = everything()
    complete = False

    for number in itertools.count(1):
        with monkeypatch.context() as patch:
            written = break_at_call(patch, number)
            try:
                fall(fallen, by=reviewer)
            except DatabaseError:
                assert everything() == before
                assert fallen.status == "current"
                continue
            complete = True
            break

    assert complete
    assert sorted(written) == [
        "evidence_item.retracted",
        "publication.cancelled",
        "revision.approvals_lapsed",
        "revision.approvals_lapsed",
        "task.closed",
        "task.opened",
    ]
    assert number == len(written) + 1
    assert list(broken_links()) == []


def test_lifting_happens_whole_or_not_at_all(monkeypatch):
    fallen = build_everything_a_retraction_touches()
    event = fall(fallen)
    before = everything()

    for number in itertools.count(1):
        with monkeypatch.context() as patch:
            written = break_at_call(patch, number)
            try:
                lift_status(event=event, by=make_editor(), reason="A false alarm.")
            except DatabaseError:
                assert everything() == before
                assert fallen.status == "retracted"
                continue
            break

    assert sorted(written) == [
        "evidence_item.status_lifted",
        "revision.approvals_returned",
        "revision.approvals_returned",
        "task.closed",
    ]


def test_a_retraction_cancels_what_has_not_gone_live_and_tells_who_scheduled_it():
    fallen = make_item()
    editor = make_editor(email="editor@example.org")
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    publication = publish(
        revision=make_approved_revision(draft=make_draft(fallen.key)),
        by=editor,
        goes_live_at=tomorrow,
    )

    fall(fallen)

    event = publication.events.get()
    assert event.kind == PublicationEvent.Kind.CANCELLED
    assert event.by is None
    assert "The data could not be trusted." in event.reason
    publication.revision.refresh_from_db()
    assert publication.revision.state == Revision.State.IN_REVIEW
    assert Message.objects.filter(to=editor, subject__contains="was cancelled").count() == 1


def test_a_retraction_cancels_a_schedule_though_a_newer_revision_is_open():
    fallen = make_item()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    revision = make_approved_revision(draft=make_draft(fallen.key))
    publish(revision=revision, by=make_editor(), goes_live_at=tomorrow)
    newer = make_revision(article=revision.article, draft=make_draft(fallen.key))

    fall(fallen)

    revision.refresh_from_db()
    newer.refresh_from_db()
    assert revision.state == Revision.State.DISCARDED
    assert newer.state == Revision.State.DRAFT


def test_words_that_rest_on_two_retracted_works_are_masked():
    first, second = make_item(), make_item()
    publication = make_publication(draft=draft_with(first, second))

    fall(first)
    fall(second)

    text = " ".join(text for _, text in words(shown_content(publication)))
    assert "Two studies found it safe" not in text
    assert "Nobody knows if it lasts" in text


def test_the_short_answer_is_masked_wherever_it_is_shown():
    fallen = make_item()
    touched = make_publication(draft=make_draft(fallen.key))
    other = make_publication()
    assert shown_summaries([touched, other]) == {
        touched.pk: touched.summary,
        other.pk: other.summary,
    }

    fall(fallen)

    assert "It may help a little" in touched.summary
    assert "It may help a little" not in shown_summary(touched)
    summaries = shown_summaries([touched, other])
    assert summaries[touched.pk] == shown_summary(touched)
    assert summaries[other.pk] == other.summary


def test_old_versions_are_masked_at_their_own_addresses():
    fallen, standing = make_item(), make_item()
    first = make_publication(draft=draft_with(fallen, standing))
    second = make_next_publication(first, body=f"## New\n\nOther words [@{standing.key}].\n")

    fall(fallen)

    assert evidence_notices(first).masked == {fallen.key}
    assert evidence_notices(second).masked == frozenset()
    assert not Task.objects.exists()


def test_evidence_notices_answer_for_a_moment():
    fallen = make_item()
    publication = make_publication(draft=make_draft(fallen.key))
    before = timezone.now()
    event = fall(fallen)
    between = timezone.now()
    lift_status(event=event, by=make_editor(), reason="A false alarm.")

    assert not evidence_notices(publication, before).masked
    assert evidence_notices(publication, between).masked
    assert not evidence_notices(publication).masked


# A concern and a correction do their lesser parts


@pytest.mark.parametrize("status", [CONCERN, CORRECTED, StatusEvent.Status.SUPERSEDED])
def test_what_is_less_than_a_retraction_shows_a_notice_and_masks_nothing(status):
    item = make_item()
    publication = make_publication(draft=make_draft(item.key))
    approved = make_approved_revision(draft=make_draft(item.key))
    before = shown(publication)

    fall(item, status=status)

    now = evidence_notices(publication)
    assert [notice.kind for notice in now.notices] == [status]
    assert now.may_print
    assert shown(publication) == before
    assert Task.objects.open().get().due_on == TODAY() + datetime.timedelta(days=30)
    approved.refresh_from_db()
    assert approved.state == Revision.State.IN_REVIEW


def test_a_concern_needs_a_written_reason_before_publication():
    item = make_item()
    revision = make_approved_revision(draft=make_draft(item.key))
    event = fall(item, status=CONCERN)
    make_decision(revision, make_medical_reviewer("Neurosurgery"))
    revision.refresh_from_db()
    editor = make_editor()
    with pytest.raises(MayNotPublishError, match="write why the text may rest on it"):
        publish(revision=revision, by=editor)
    assert unexplained_concerns(revision) == [event]

    explain_concern(
        revision=revision, event=event, by=editor, reason="The doubt is about another outcome."
    )
    publication = publish(revision=revision, by=editor)

    notice = evidence_notices(publication).notices[0]
    assert "Why we still use it: The doubt is about another outcome." in notice.text


def test_the_reason_for_a_concern_is_written_by_who_may_publish_and_is_never_changed():
    item = make_item()
    writer = make_writer()
    revision = make_approved_revision(by=writer, draft=make_draft(item.key))
    event = fall(item, status=CONCERN)
    make_decision(revision, make_medical_reviewer("Neurosurgery"))
    revision.refresh_from_db()

    with pytest.raises(MayNotPublishError, match="does not have the role"):
        explain_concern(revision=revision, event=event, by=writer, reason="It is fine.")
    with pytest.raises(MayNotPublishError, match="Say why"):
        explain_concern(revision=revision, event=event, by=make_editor(), reason=" ")
    assert not revision.concern_notes.exists()

    note = explain_concern(revision=revision, event=event, by=make_editor(), reason="It is fine.")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        type(note).objects.update(reason="No reason.")


def test_a_further_concern_needs_a_reason_of_its_own():
    item = make_item()
    revision = make_approved_revision(draft=make_draft(item.key))
    first = fall(item, status=CONCERN)
    make_decision(revision, make_medical_reviewer("Neurosurgery"))
    revision.refresh_from_db()
    explain_concern(revision=revision, event=first, by=make_editor(), reason="It is minor.")
    fall(item, status=StatusEvent.Status.CURRENT, by=make_editor())

    second = fall(item, status=CONCERN)

    assert unexplained_concerns(revision) == [second]


# Who may, and who may not


def test_record_status_needs_a_medical_reviewer_or_an_editor_in_chief():
    item = make_item()

    for person in (make_writer(), make_writer(is_superuser=True)):
        with pytest.raises(MayNotRecordError, match="medical reviewer or an editor-in-chief"):
            fall(item, by=person)

    assert item.status == "current"
    fall(item, by=make_editor())
    assert item.status == "retracted"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": " "}, "Say what happened"),
        ({"occurred_on": datetime.date(2999, 1, 1)}, "in the future"),
        ({"status": StatusEvent.Status.CURRENT}, "Nothing is known against"),
    ],
)
def test_record_status_refuses_what_makes_no_sense(fields, said):
    item = make_item()

    with pytest.raises(MayNotRecordError, match=said):
        fall(item, **fields)

    assert not StatusEvent.objects.exists()


def test_record_status_pressed_twice_happens_once():
    item = make_item()
    make_publication(draft=make_draft(item.key))
    reviewer = make_medical_reviewer()

    assert fall(item, by=reviewer) == fall(item, by=reviewer)

    assert StatusEvent.objects.count() == Task.objects.count() == 1


def test_a_retraction_is_lifted_by_a_second_person_only():
    item = make_item()
    reviewer = make_medical_reviewer()
    event = fall(item, by=reviewer)

    with pytest.raises(MayNotRecordError, match="a second person must"):
        lift_status(event=event, by=reviewer, reason="I was wrong.")
    for status in (StatusEvent.Status.CURRENT, CORRECTED, CONCERN, RETRACTED):
        with pytest.raises(MayNotRecordError, match="retracted already"):
            fall(item, by=make_editor(), status=status)
    with pytest.raises(MayNotRecordError, match="medical reviewer"):
        lift_status(event=event, by=make_writer(), reason="I like the study.")

    assert item.status == "retracted"
    assert StatusEvent.objects.get() == event


def test_the_database_refuses_a_lift_by_the_same_person():
    event = fall(make_item())

    with pytest.raises(DatabaseError, match="second person"), transaction.atomic():
        StatusEvent.objects.create(
            item=event.item,
            status="current",
            lifts=event,
            occurred_on=TODAY(),
            reason="I was wrong.",
            by=event.by,
            at=timezone.now(),
        )

    assert StatusEvent.objects.get() == event


def test_lift_status_refuses_what_was_lifted_and_what_lifts():
    event = fall(make_item())
    lifting = lift_status(event=event, by=make_editor(), reason="A false alarm.")

    with pytest.raises(MayNotRecordError, match="lifted already"):
        lift_status(event=event, by=make_editor(), reason="Again.")
    with pytest.raises(MayNotRecordError, match="record the status anew"):
        lift_status(event=lifting, by=make_editor(), reason="It was right after all.")

    assert StatusEvent.objects.count() == 2


def test_a_lifted_retraction_can_be_recorded_again():
    item = make_item()
    lift_status(event=fall(item), by=make_editor(), reason="A false alarm.")

    fall(item, reason="It was true after all.")

    assert item.status == "retracted"


WEIGHT = {"current": 0, "superseded": 1, "corrected": 1, "concern": 2, "retracted": 3}


@pytest.mark.parametrize("seed", range(8))
def test_nobody_takes_back_alone_what_they_recorded(seed):
    """Whatever two people press, in whatever order: a status weakens only by the other's hand."""
    chance = random.Random(seed)
    item = make_item(verified=False)
    people = [make_medical_reviewer(), make_editor()]
    weakened = 0
    for step in range(40):
        standing = item.status_events.standing().order_by("-pk").first()
        before, by = item.status, chance.choice(people)
        events = list(item.status_events.all())
        try:
            if events and chance.random() < 0.5:
                lift_status(event=chance.choice(events[-3:]), by=by, reason="A false alarm.")
            else:
                fall(item, by=by, status=chance.choice(list(WEIGHT)), reason=f"Step {step}.")
        except MayNotRecordError:
            assert item.status == before
        if WEIGHT[item.status] < WEIGHT[before]:
            weakened += 1
            assert standing.by != by
    assert weakened


# Tasks


def test_a_lifted_retraction_leaves_the_concern_before_it_with_its_task():
    item = make_item()
    publication = make_publication(draft=make_draft(item.key))
    fall(item, status=CONCERN)
    retraction = fall(item)
    assert [task.status for task in Task.objects.open()] == ["retracted"]

    lift_status(event=retraction, by=make_editor(), reason="A false alarm.")

    assert [task.status for task in Task.objects.open()] == ["concern"]
    assert [notice.kind for notice in evidence_notices(publication).notices] == ["concern"]
    outcomes = set(Task.objects.exclude(outcome="").values_list("outcome", flat=True))
    assert outcomes == {"overtaken", "lifted"}


def test_a_task_ends_by_itself_with_a_new_version_or_a_withdrawal():
    item, other = make_item(), make_item()
    replaced = make_publication(draft=make_draft(item.key))
    withdrawn = make_publication(draft=make_draft(item.key))
    fall(item)
    assert Task.objects.open().count() == 2

    withdraw(publication=withdrawn, by=make_editor(), reason="Its study was retracted.")
    body = f"## New\n\nOther words [@{other.key}].\n"
    make_next_publication(
        replaced,
        short_answer=f"No [@{other.key}].",
        key_messages=[{"text": f"No [@{other.key}].", "certainty": "low"}],
        body=body,
    )

    assert not Task.objects.open().exists()


def test_a_concern_is_settled_by_someone_who_did_not_write_the_text():
    item = make_item()
    author = make_medical_reviewer()
    make_publication(by=author, draft=make_draft(item.key))
    fall(item, status=CONCERN)
    task = Task.objects.open().get()

    with pytest.raises(MayNotRecordError, match="contributed"):
        close_task(task=task, by=author, outcome="no_change", note="I checked it.")
    with pytest.raises(MayNotRecordError, match="Say what you checked"):
        close_task(task=task, by=make_medical_reviewer(), outcome="no_change", note=" ")
    assert Task.objects.open().get() == task

    close_task(task=task, by=make_medical_reviewer(), outcome="no_change", note="It still holds.")
    assert not Task.objects.open().exists()


def test_a_retraction_is_not_settled_by_a_word():
    item = make_item()
    make_publication(draft=make_draft(item.key))
    fall(item)

    with pytest.raises(MayNotRecordError, match="new version"):
        close_task(
            task=Task.objects.get(), by=make_editor(), outcome="no_change", note="It is fine."
        )

    assert Task.objects.open().exists()


def test_recording_a_reported_change_closes_the_report():
    item = make_item()
    report = operations.report_change(
        item=item, status=RETRACTED, reference="retracted 10.1000/n", report="Crossref says so."
    )
    again = operations.report_change(
        item=item, status=RETRACTED, reference="retracted 10.1000/n", report="Crossref says so."
    )
    assert again is None

    fall(item)

    report.refresh_from_db()
    assert report.outcome == Task.Outcome.RECORDED


# Approvals are sealed to the evidence


def test_a_changed_number_puts_an_approved_text_back_in_line_with_the_difference():
    item = make_item(sample_size=63)
    revision = make_approved_revision(draft=make_draft(item.key))

    change_item(item=item, details={"sample_size": 36}, by=make_writer())

    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    event = Event.objects.get(action="revision.approvals_lapsed")
    assert event.data["moved"] == {"sample_size": [63, 36]}
    assert event.article_id == revision.article_id


def test_an_edit_taken_back_revives_no_approval():
    item = make_item(sample_size=63)
    revision = make_approved_revision(draft=make_draft(item.key))
    approved = content_hash(revision)
    change_item(item=item, details={"sample_size": 36}, by=make_writer())

    change_item(item=item, details={"sample_size": 63}, by=make_writer())

    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    assert content_hash(revision) != approved


def test_a_reviewer_whose_approval_lapsed_is_told():
    item = make_item()
    revision = make_revision_in_review(draft=make_draft(item.key))
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    make_decision(revision, reviewer)

    fall(item, status=CORRECTED)

    assert Message.objects.filter(to=reviewer, subject__contains="read it again").count() == 1


def test_texts_that_do_not_cite_the_item_stay_as_they_are():
    revision = make_approved_revision()
    publication = make_publication()

    fall(make_item())

    revision.refresh_from_db()
    assert revision.state == Revision.State.APPROVED
    assert evidence_notices(publication).may_print
    assert not Task.objects.exists()


# What it will touch, before it is done


def test_effects_list_exactly_what_a_retraction_then_does():
    fallen, standing = make_item(), make_item()
    first = make_publication(draft=draft_with(fallen, standing))
    publication = make_next_publication(first, title="Does it help a little?")
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    scheduled = publish(
        revision=make_approved_revision(draft=draft_with(fallen, standing)),
        by=make_editor(),
        goes_live_at=tomorrow,
    )
    approved = make_approved_revision(draft=draft_with(fallen, standing))
    draft = make_revision(draft=draft_with(fallen, standing))
    make_publication(draft=make_draft(standing.key))

    effects = effects_of(fallen, RETRACTED)

    assert [page.publication for page in effects.pages] == [publication]
    assert (effects.pages[0].newly_masked, effects.pages[0].noticed) == (1, 1)
    assert effects.older_versions == 1
    assert list(effects.schedules) == [scheduled]
    assert list(effects.approvals) == [(approved, 1)]
    assert list(effects.drafts) == [draft]

    event = fall(fallen, effects_seen=effects.seen())

    said = [kind for kind, _ in words(shown_content(publication))]
    assert (said.count("masked"), said.count("notice")) == (1, 1)
    assert effects_of_lifting(event).pages[0].restored == 1


def test_record_status_refuses_when_what_it_touches_changed_meanwhile():
    item = make_item()
    seen = effects_of(item, RETRACTED).seen()
    make_publication(draft=make_draft(item.key))

    with pytest.raises(StaleError, match="look at the list again"):
        fall(item, effects_seen=seen)

    assert item.status == "current"
