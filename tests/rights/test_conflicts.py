"""
Who declared a conflict of interest lets readers see no more of its topic, and protects as before.

What a conflict bars from in a review is in ``tests/review/test_decide.py``, in evidence in
``test_evidence.py``.
"""

import pytest
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.people.models import ConflictOfInterest, Role, TopicProposal
from education.people.topic_changes import MayNotChangeTopicError, propose_topic, words_of
from education.publishing.models import MaskedPassage, Publication, RestoreHold
from education.publishing.passages import mask_passage
from education.review.comments import add_comment
from education.safety.models import EmergencyNote, Task
from education.safety.notes import approve_note, write_note
from education.safety.operations import record_status
from education.safety.rules import effects_of, effects_of_lifting
from education.topics.models import Topic
from tests.factories import (
    PASSWORD,
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.feedback.reports import make_report

pytestmark = pytest.mark.django_db

SAID = "has declared a conflict of interest"


@pytest.fixture
def person(client):
    """Somebody with every right of a page's life, who has a stake above its topic."""
    person = make_person(Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER, specialty="Neurology")
    above = make_topic("stem-cells")
    Topic.objects.update_or_create(slug="rhizotomy", defaults={"title": "R", "parent": above})
    ConflictOfInterest.objects.create(person=person, topic=above, description="Shares.")
    client.force_login(person)
    return person


@pytest.fixture
def topic(person):
    return Topic.objects.get(slug="rhizotomy")


@pytest.fixture
def send(client):
    """Send the form of a step by its name; what the page says then."""

    def send(name, *args, **fields):
        typed = fields | {"confirm_password": PASSWORD}
        return client.post(reverse(f"admin:education_{name}", args=args), typed, follow=True)

    return send


def page_of(topic, *keys):
    article = make_article(topic=topic, slug="page")
    return make_publication(article=article, draft=make_draft(*keys))


def class_waits(topic):
    article = make_article(topic=topic)
    type(article).objects.filter(pk=article.pk).update(class_set_by=make_writer())
    return "article_confirm_class", [article.pk], {"risk_class_seen": article.risk_class}


def approved(topic):
    revision = make_approved_revision(article=make_article(topic=topic))
    return "revision_publish", [revision.pk], {"goes_live_at": ""}


def due(topic):
    return "publication_extend", [page_of(topic).pk], {"days": 30, "reason": "It is so."}


def masked(topic):
    passage = mask_passage(
        publication=page_of(topic), words="What was found", reason="Not so.", by=make_editor()
    )
    return "maskedpassage_lift", [passage.pk], {"reason": "It is so."}


def noted(topic):
    note = write_note(slug=page_of(topic).slug, text="Read this first.", by=make_editor())
    approve_note(note=note, by=make_medical_reviewer())
    return "emergencynote_end", [note.pk], {}


def fallen(topic, status="concern"):
    item = make_item("study1")  # of no topic: the page that cites it has one
    page_of(topic, item.key)
    event = record_status(
        item=item, status=status, occurred_on=timezone.localdate(), reason="Asked.",
        by=make_editor(),
    )  # fmt: skip
    return item, event


def suspended(topic):
    _, event = fallen(topic)
    seen = effects_of_lifting(event).seen()
    return "statusevent_lift", [event.pk], {"reason": "It is so.", "effects_seen": seen}


def less_suspended(topic):
    item, _ = fallen(topic)
    recorded = {
        "status": "corrected", "occurred_on": timezone.localdate(), "reason": "It is so.",
        "source_url": "", "effects_seen": effects_of(item, "corrected").seen(),
    }  # fmt: skip
    return "statusevent_record", [item.pk], recorded


def task(topic):
    fallen(topic)
    return "task_close", [Task.objects.get().pk], {"note": "It is so."}


def blocked(topic):
    revision = make_revision_in_review(article=make_article(topic=topic))
    comment = add_comment(
        revision=revision, by=make_medical_reviewer(), text="Why?", is_blocking=True
    )
    return "revision_comment", [revision.pk], {"comment": comment.pk, "resolve": "on"}


def reported(topic):
    return "report_dismiss", [make_report(page_of(topic)).pk], {}


def reported_words(topic):
    return "report_blank", [make_report(page_of(topic)).pk], {}


def held(topic):
    page = page_of(topic)
    hold = RestoreHold.objects.create(
        publication=page, restored=Event.objects.last(), reasons=["Gone."],
        held_at=timezone.now(),
    )  # fmt: skip
    return "restorehold_changelist", [], {"hold": hold.pk, "step": "back"}


def words_of_topic(topic):
    make_medical_reviewer()  # somebody who could agree
    after = words_of(topic) | {"summary": "Call our clinic."}
    proposal = propose_topic(slug=topic.slug, after=after, by=make_editor())
    return "topicproposal_decide", [proposal.pk], {"decision": "agree"}


@pytest.mark.parametrize(
    "begin",
    [class_waits, approved, due, masked, noted, suspended, less_suspended, task, blocked,
     reported, reported_words, held, words_of_topic],
)  # fmt: skip
def test_a_conflict_bars_from_what_lets_readers_see_more(topic, send, begin):
    name, args, typed = begin(topic)
    before = Event.objects.count()

    answer = send(name, *args, **typed).content.decode()

    assert Event.objects.count() == before
    assert SAID in answer or "no conflict of interest" in answer
    # Nothing else stood in the way: without the conflict the same step is taken.
    ConflictOfInterest.objects.all().delete()
    send(name, *args, **typed)
    assert Event.objects.count() > before


def test_a_conflict_on_the_topic_itself_bars_from_agreeing_to_its_words(client, send):
    topic, person = make_topic(), make_medical_reviewer()
    ConflictOfInterest.objects.create(person=person, topic=topic)
    name, args, typed = words_of_topic(topic)
    client.force_login(person)
    assert SAID in send(name, *args, **typed).content.decode()
    assert TopicProposal.objects.get().decided_at is None


def test_words_of_a_topic_are_not_done_alone_by_who_has_a_stake_in_it(person, topic):
    with pytest.raises(MayNotChangeTopicError, match=SAID):
        propose_topic(slug=topic.slug, after=words_of(topic) | {"summary": "Call us."}, by=person)


def test_a_conflict_never_bars_from_protecting(person, topic, send):
    page, reason = page_of(topic), {"reason": "It may harm."}
    send("publication_mask", page.pk, words="What was found", **reason)
    send("emergencynote_add", slug=page.slug, text="Read this first.")
    send("publication_withdraw", page.pk, **reason)
    assert (MaskedPassage.objects.count(), EmergencyNote.objects.count()) == (1, 1)
    assert not Publication.objects.current().exists()
