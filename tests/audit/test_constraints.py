"""
Every constraint and trigger of the models, tried against the database itself.

A row that is there is put in once more with something of it changed, past all code of ours.
"""

import datetime
import uuid

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import CheckConstraint, F, UniqueConstraint
from django.utils import timezone

from education.accounts.models import FailedSignIn, RecoveryCode, SignIn
from education.articles.models import OpenEditor
from education.audit import triggers
from education.audit.models import Event
from education.evidence.models import SourceCheck, StatusEvent
from education.feedback.models import Answer, SenderMark
from education.handouts.models import (
    Clinic,
    PrintedCopy,
    RecallAnswer,
    RecallDrill,
    RecallWebhook,
    WebhookDelivery,
)
from education.people.models import BouncedAddress, ConflictOfInterest, MailChoice, Message
from education.publishing.models import ConcernNote, PublicationEvent, RestoreHold
from education.review.models import Assignment, Comment
from education.safety.models import RegistryCheck, Task
from education.topics.models import TopicCode
from tests.factories import make_draft, make_editor, make_item, make_publication
from tests.operating.world import make_world
from tests.public.reading import FOUND

pytestmark = pytest.mark.engine

MODELS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith(("education.", "portal.")) and model._meta.managed
]
NOW = timezone.now()
TODAY = NOW.date()
SOMEBODY = object()  # stands for a person who has no part in the row

# What breaks each check constraint, and no other: values of one more row like one that is there.
# F() takes another value of that row.
BROKEN = {
    "education_drawing_decision_is_dated": [
        {"name": "x", "decided_at": NOW},
        {"name": "x", "state": "approved"},
        {"name": "x", "state": "drawn", "decided_at": NOW, "decided_by_id": SOMEBODY},
    ],
    "education_drawing_is_approved_by_another": [
        {
            "name": "x",
            "state": "approved",
            "decided_at": NOW,
            "decided_by_id": F("uploaded_by_id"),
        },
    ],
    "education_drawing_end_is_explained": [
        {"name": "x", "state": "refused", "decided_at": NOW, "decided_by_id": SOMEBODY},
    ],
    "education_recall_webhook_previous_secret_ends": [
        {"previous_secret": "a"},
        {"previous_until": NOW},
    ],
    "education_mail_choice_keeps_requests": [{"topic": "requests", "pace": "never"}],
    "education_publication_change_is_known": [{"change": "tiny", "number": 99}],
    "education_message_is_to_a_person_or_a_mailbox": [
        {"to_id": None, "about": "x"},
        {"mailbox": "desk@example.org", "about": "x"},
    ],
    "education_restore_hold_is_of_a_page_or_an_account": [
        {"publication_id": None, "person_id": None, "settled_at": NOW, "outcome": "kept_off"},
        {"person_id": SOMEBODY, "settled_at": NOW, "outcome": "kept_off"},
    ],
    "education_restore_hold_is_settled_with_an_outcome": [
        {"settled_at": NOW, "outcome": ""},
        {"settled_at": None, "outcome": "kept_off"},
        {"settled_at": None, "settled_by_id": SOMEBODY},
    ],
    "education_topic_is_not_its_own_parent": [{"id": 9999, "parent_id": 9999}],
    "education_absence_ends_after_it_begins": [
        {"first_day": TODAY, "last_day": datetime.date(2000, 1, 1)}
    ],
    "education_absence_substitute_is_another": [{"substitute_id": F("person_id")}],
    "education_profile_is_agreed_by_the_person_and_another": [
        {"decided_at": NOW},
        {"accepted": True, "decided_at": NOW, "decided_by_id": F("by_id")},
        {"accepted": True, "decided_at": NOW, "decided_by_id": SOMEBODY},
    ],
    "education_rights_are_agreed_by_another": [
        {"decided_at": NOW},
        {"accepted": True, "decided_at": NOW, "decided_by_id": F("by_id")},
        {"accepted": True, "decided_at": NOW, "decided_by_id": F("person_id")},
    ],
    "education_topic_words_are_agreed_by_another": [
        {"decided_at": NOW},
        {"accepted": True, "decided_at": NOW, "decided_by_id": F("by_id")},
    ],
    "education_source_seen_has_person_and_next_day": [
        {"seen_on": TODAY},
        {"seen_on": TODAY, "look_again_on": TODAY},
        {"seen_by_id": SOMEBODY},
    ],
    "education_candidate_dismissed_has_a_reason": [{"state": "dismissed", "reason": ""}],
    "education_candidate_put_off_has_a_day": [{"state": "later", "look_again_on": None}],
    "education_evidence_unusable_has_a_reason": [{"usable": False, "unusable_reason": ""}],
    "education_evidence_month_is_a_month": [{"issued_month": 0}, {"issued_month": 13}],
    "education_evidence_day_is_a_day": [{"issued_day": 0}, {"issued_day": 32}],
    "education_evidence_ages_are_in_order": [{"age_from_months": 24, "age_to_months": 12}],
    "education_finding_interval_has_two_ends": [
        {"low": 1, "high": None},
        {"low": None, "high": 1},
        {"low": 2, "high": 1},
    ],
    "education_finding_interval_is_around_an_effect": [{"effect": None, "low": 1, "high": 2}],
    "education_status_event_has_a_reason": [{"reason": ""}],
    "education_article_class_is_confirmed_by_another": [
        {"class_set_by_id": SOMEBODY, "class_confirmed_by_id": SOMEBODY},
        {"class_set_by_id": None, "class_confirmed_by_id": SOMEBODY},
    ],
    "education_article_cycle_is_36_months_at_most": [
        {"review_every_months": 0},
        {"review_every_months": 37},
    ],
    "education_article_risk_class_is_known": [{"risk_class": "D"}],
    "education_revision_state_is_known": [{"state": "lost"}],
    "education_revision_submission_is_signed": [
        {"state": "published", "submitted_by_id": None},
        {"state": "published", "submitted_at": None},
    ],
    "education_key_message_certainty_is_known": [{"certainty": "sure"}],
    "education_comparison_cell_certainty_is_known": [{"certainty": "sure"}],
    "education_claim_check_verdict_is_known": [{"verdict": "true"}],
    "education_findings_row_certainty_is_known": [{"certainty": "sure"}],
    "education_findings_row_direction_is_known": [{"direction": "up"}],
    "education_findings_row_counts_fit_the_frame": [
        {"frame": None, "with_option": 3},
        {"frame": 10, "with_option": 3},
        {"frame": 100, "with_option": 101},
        {"frame": 100, "without_option": 101},
    ],
    "education_event_sequence_starts_at_one": [{"sequence": 0}],
    "education_event_head_is_one_row": [{"id": 2}],
    "education_publication_is_due_after_review": [{"review_due_on": F("reviewed_on")}],
    "education_publication_event_has_a_reason": [{"reason": ""}],
    "education_publication_event_extension_sets_a_date": [
        {"kind": "extended", "due_on": None},
        {"kind": "withdrawn", "due_on": TODAY},
    ],
    "education_masked_passage_says_what_and_why": [{"words": ""}, {"reason": ""}],
    "education_masked_passage_is_confirmed_by_another": [
        {"confirmed_at": NOW, "confirmed_by_id": F("by_id")},
        {"confirmed_at": None, "confirmed_by_id": SOMEBODY},
    ],
    "education_masked_passage_is_lifted_by_another": [
        {"lifted_at": NOW, "lifted_by_id": F("by_id"), "lifted_because": "No."},
        {"lifted_at": NOW, "lifted_by_id": SOMEBODY, "lifted_because": ""},
        {"lifted_at": None, "lifted_by_id": SOMEBODY},
    ],
    "education_concern_note_has_a_reason": [{"reason": ""}],
    "education_report_says_something": [{"words": "", "blanked_at": None}],
    "education_report_closing_is_signed_and_has_an_outcome": [
        {"closed_at": NOW, "closed_by_id": SOMEBODY, "outcome": ""},
        {"closed_at": NOW, "closed_by_id": None, "outcome": "changed"},
        {"closed_at": None, "closed_by_id": SOMEBODY, "outcome": "changed"},
    ],
    "education_answer_says_something": [{"words": ""}],
    "education_clinic_has_a_name": [{"name": ""}],
    "education_pack_has_a_name": [{"name": ""}],
    "education_printed_copy_is_one_or_more": [{"copies": 0}, {"copies": 1001}],
    "education_printed_copy_may_be_used_the_day_it_is_printed": [
        {"do_not_use_after": datetime.date(2000, 1, 1)}
    ],
    "education_recall_answer_says_something": [{"binned": 0, "given_out": 0, "none_left": False}],
    "education_recall_answer_is_signed": [{"by_id": None}, {"by_key": "abc"}],
    "education_review_changes_are_explained": [{"decision": "changes_requested", "comments": ""}],
    "education_review_decision_is_known": [{"decision": "perhaps"}],
    "education_review_medical_has_a_specialty": [{"reviewed_as": "medical", "specialty": ""}],
    "education_review_interests_were_confirmed": [{"interests": ""}],
    "education_comment_says_something": [{"text": ""}],
    "education_comment_resolution_is_signed": [
        {"resolved_at": NOW, "resolved_by_id": None},
        {"resolved_at": None, "resolved_by_id": SOMEBODY},
    ],
    "education_comment_proposal_is_for_a_passage": [{"proposal": "Other words.", "passage": ""}],
    "education_comment_reply_is_part_of_its_thread": [
        {"parent_id": F("id"), "is_blocking": True},
        {"parent_id": F("id"), "resolved_at": NOW, "resolved_by_id": SOMEBODY},
    ],
    "education_task_is_about_a_page_or_a_report": [
        {"publication_id": None, "cause_id": None},
        {"kind": "check"},
    ],
    "education_task_closing_is_signed_and_has_an_outcome": [
        {"closed_at": NOW, "closed_by_id": SOMEBODY, "outcome": ""},
        {"closed_at": NOW, "closed_by_id": None, "outcome": "lifted"},
    ],
    "education_task_judgement_is_explained": [
        {"closed_at": NOW, "closed_by_id": SOMEBODY, "outcome": outcome, "note": ""}
        for outcome in ("no_change", "dismissed")
    ],
    "education_emergency_note_says_something": [{"text": ""}],
    "education_emergency_note_is_approved_by_another": [
        {"approved_at": NOW, "approved_by_id": F("by_id")},
        {"approved_at": None, "approved_by_id": SOMEBODY},
    ],
}


def checks():
    return {
        constraint.name: model
        for model in MODELS
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    }


def uniques():
    """What may be there once: the model, the fields, and of which rows that holds."""
    for model in MODELS:
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                yield model, constraint.fields, constraint.condition
        for field in model._meta.local_fields:
            if field.unique and not field.primary_key:
                yield model, (field.name,), None


@pytest.fixture(scope="module")
def somebody(django_db_setup, django_db_blocker):
    """A person who has no part in a site with a row in every table; made once for all tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill()
        yield make_editor()
        transaction.set_rollback(True)


def fill():
    """Something of everything, and what ``World`` has none of."""
    world = make_world()
    rows = world.rows
    editor, item = (
        make_editor(),
        make_item("numbers2020", doi="10.1000/x", pmid="1", findings=FOUND),
    )
    once = {"by": editor, "at": NOW}
    make_publication(draft=make_draft(body="It eases spasticity."))  # the glossary's word
    event, revision = rows["statusevent"], rows["revision"]
    bulk = (
        ConflictOfInterest(person=editor, topic=rows["topic"], description="A grant."),
        Message(to=editor, subject="A mail", body="Words", about="this"),
        Message(mailbox="desk@example.org", subject="A mail", body="Words", about="this"),
        TopicCode(topic=rows["topic"], system="icd10", code="G80"),
        OpenEditor(revision=revision, person=editor, seen_at=NOW),
        StatusEvent(
            item=event.item, status="current", lifts=event, occurred_on=TODAY, reason="No.", **once
        ),
        ConcernNote(revision=revision, event=event, reason="It rests on others.", **once),
        Assignment(
            revision=revision, reviewer=editor, reviewed_as="medical", due_on=TODAY,
            assigned_by=editor, assigned_at=NOW,
        ),
        Comment(revision=revision, text="Is it so?", **once),
        PublicationEvent(publication=rows["publication"], kind="withdrawn", reason="Old.", **once),
        Answer(report=rows["report"], words="We changed it.", **once),
        SenderMark(mark="a", day=TODAY),
        Task(
            item=item, kind="check", status="retracted", reference="10.1000/y", opened_at=NOW,
            due_on=TODAY,
        ),
        RegistryCheck(item=item, asked_at=NOW),
        SourceCheck(item=item),
        RecoveryCode(person=editor, mark="a"),
        BouncedAddress(address="a@example.org", status="5.1.1", at=NOW),
        SignIn(person=editor, session_key="a", browser="A browser", began_at=NOW, seen_at=NOW),
        FailedSignIn(mark="a", last_at=NOW),
        RestoreHold(publication=rows["publication"], restored=Event.objects.first(), held_at=NOW),
        RestoreHold(person=editor, restored=Event.objects.first(), held_at=NOW),
    )  # fmt: skip
    identifiers = {"doi": "10.1000/z", "registration": "NCT00000001"}
    type(rows["evidencecandidate"]).objects.update(**identifiers)
    for row in bulk:
        type(row)._base_manager.bulk_create([row])
    copy = copied(PrintedCopy.objects.first(), code="ABCDEFGHJ", press="a")
    PrintedCopy._base_manager.bulk_create([copy])
    MailChoice.objects.create(person=editor, topic="texts", pace="daily")
    receipt = RecallAnswer(copy=copy, cause="a", state="changed", binned=1, by=editor, press="a")
    RecallAnswer._base_manager.bulk_create([receipt])
    for clinic in Clinic.objects.order_by("pk")[:2]:
        webhook = RecallWebhook(clinic=clinic, address="https://x.example/", secret="a")
        RecallWebhook._base_manager.bulk_create([webhook])
    delivery = WebhookDelivery(
        webhook=RecallWebhook.objects.first(), name="a", kind="recall.opened", cause="a",
        copy=PrintedCopy.objects.get(code="ABCDEFGHJ"), body="{}",
    )  # fmt: skip
    WebhookDelivery._base_manager.bulk_create([delivery])
    RecallDrill._base_manager.bulk_create([RecallDrill(copy=delivery.copy, by=editor)])


def copied(row, **changes):
    """One more row like this one, unsaved, with other values."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    if not row._meta.pk.remote_field and row._meta.pk.name == "id":
        values.pop("id")
    return type(row)(**values | changes)


def put_in(row):
    with transaction.atomic():
        type(row)._base_manager.bulk_create([row])


def another(row, field):
    """A value of a field that no row has."""
    if isinstance(field, models.ForeignKey):
        others = field.related_model._base_manager.exclude(pk=getattr(row, field.attname))
        return others.order_by("-pk").values_list("pk", flat=True).first()
    if isinstance(field, models.DateField):
        return getattr(row, field.name) + datetime.timedelta(days=1)
    if isinstance(field, models.IntegerField):
        return 12345
    return uuid.uuid4() if isinstance(field, models.UUIDField) else f"zz{row.pk}"[:9]


def test_every_check_constraint_is_tried():
    assert set(BROKEN) == set(checks())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "changes"),
    [(name, changes) for name, cases in BROKEN.items() for changes in cases],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_the_database_refuses_what_a_check_constraint_forbids(somebody, name, changes):
    rows = checks()[name]._base_manager.order_by("pk")
    if "submission" in name or "state" in name:
        rows = rows.filter(submitted_by__isnull=False)
    row = rows.first()
    values = {
        field: getattr(row, value.name) if isinstance(value, F)
        else somebody.pk if value is SOMEBODY else value
        for field, value in changes.items()
    }  # fmt: skip

    with pytest.raises(IntegrityError, match=rf"\b{name}\b"):
        put_in(copied(row, **values))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "fields", "condition"),
    list(uniques()),
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_the_database_refuses_a_second_row_where_one_may_be(somebody, model, fields, condition):
    rows = model._base_manager.exclude(**{f"{name}__isnull": True for name in fields})
    row = rows.filter(condition or models.Q()).order_by("pk").first()
    assert row is not None
    mine = [model._meta.get_field(name) for name in fields]
    others = {name for of, names, _ in uniques() if of is model for name in names} - set(fields)
    changes = {
        field.attname: another(row, field)
        for field in map(model._meta.get_field, sorted(others))
        if getattr(row, field.attname) not in {None, ""}  # of which there may be many
    }
    if model._meta.pk.name != "id" and model._meta.pk not in mine:
        changes[model._meta.pk.attname] = another(row, model._meta.pk)

    with pytest.raises(IntegrityError) as refusal:
        put_in(copied(row, **changes))

    columns = [field.column for field in mine]
    expected = (
        ", ".join(f"{model._meta.db_table}.{column}" for column in columns)
        if connection.vendor == "sqlite"
        else f"Key ({', '.join(columns)})="
    )
    assert expected in str(refusal.value).replace('"', "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "trigger",
    [one for one in triggers.TRIGGERS if one.event != "INSERT"],
    ids=lambda trigger: trigger.name,
)
def test_the_database_refuses_to_change_or_delete_what_is_kept(somebody, trigger):
    (model,) = (model for model in MODELS if model._meta.db_table == trigger.table)
    column = model._meta.pk.column
    statement = {
        # One that looks at what changes is tried on a column of words.
        "UPDATE": f"UPDATE {trigger.table} SET name = 'another'"
        if trigger.when
        else f"UPDATE {trigger.table} SET {column} = {column}",
        "DELETE": f"DELETE FROM {trigger.table}",
    }[trigger.event]
    assert model._base_manager.exists()

    with pytest.raises(DatabaseError, match=trigger.message), transaction.atomic():
        connection.cursor().execute(statement)


def test_triggers_of_new_rows_are_tried_where_their_rules_are():
    """By name, so that the next one is not forgotten."""
    assert {one.name for one in triggers.TRIGGERS if one.event == "INSERT"} == {
        "education_review_is_independent",  # tests/review/test_decide.py
        "education_publication_is_independent",  # tests/publishing/test_publish.py
        "education_statusevent_is_lifted_by_another",  # tests/safety/test_record_status.py
    }
