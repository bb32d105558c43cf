"""What readers are told of a topic, and where it belongs, needs a second person."""

import pytest
from django.urls import reverse

from education.audit.models import Event
from education.people.models import ConflictOfInterest, Role, TopicProposal
from education.people.rules import unfit_to_review
from education.topics.models import Topic
from tests.factories import make_editor, make_medical_reviewer, make_topic, make_writer

pytestmark = pytest.mark.django_db

ADVERTISEMENT = "Call our clinic for stem cells."


def form(topic, **changes):
    return {
        "slug": topic.slug,
        "title": topic.title,
        "summary": topic.summary,
        "parent": topic.parent_id or "",
        "position": topic.position,
        "codes-TOTAL_FORMS": 0,
        "codes-INITIAL_FORMS": 0,
    } | changes


def change(client, by, topic, **changes):
    client.force_login(by)
    address = reverse("admin:education_topic_change", args=[topic.pk])
    assert client.post(address, form(topic, **changes)).status_code == 302
    client.logout()


def decide(client, by, decision="agree"):
    client.force_login(by)
    proposal = TopicProposal.objects.get()
    address = reverse("admin:education_topicproposal_decide", args=[proposal.pk])
    client.post(address, {"decision": decision})
    client.logout()


def told(client):
    addresses = ("/topics/rhizotomy/", "/api/v1/topics/")
    return [ADVERTISEMENT in client.get(address).content.decode() for address in addresses]


def test_where_nobody_else_could_agree_it_is_done_and_the_record_says_so(client):
    change(client, make_editor(), make_topic(), summary=ADVERTISEMENT)

    assert told(client) == [True, True]
    assert Event.objects.get(action="topic.changed").data["alone"] is True


def test_readers_see_new_words_once_a_second_person_agrees(client):
    topic, editor, reviewer = make_topic(), make_editor(), make_medical_reviewer()

    change(client, editor, topic, summary=ADVERTISEMENT)
    assert told(client) == [False, False]

    decide(client, editor)
    assert told(client) == [False, False]

    decide(client, reviewer)
    assert told(client) == [True, True]


def test_refused_words_are_never_seen(client):
    topic, editor, reviewer = make_topic(), make_editor(), make_medical_reviewer()
    change(client, editor, topic, summary=ADVERTISEMENT)

    decide(client, reviewer, "refuse")

    assert told(client) == [False, False]


def test_a_new_topic_and_its_codes_wait_too(client):
    editor, reviewer = make_editor(), make_medical_reviewer()
    client.force_login(editor)
    new = Topic(slug="cells", title="Cells", summary=ADVERTISEMENT)
    codes = {
        "codes-TOTAL_FORMS": 1,
        "codes-0-system": "icd10",
        "codes-0-code": "G80",
        "codes-0-display": "Palsy",
    }
    answer = client.post(reverse("admin:education_topic_add"), form(new, **codes))
    client.logout()
    assert answer.status_code == 302
    assert not Topic.objects.exists()

    decide(client, reviewer)

    topic = Topic.objects.get()
    assert topic.summary == ADVERTISEMENT
    assert [(code.code, code.display) for code in topic.codes.all()] == [("G80", "Palsy")]


def test_the_record_holds_old_and_new_words_and_both_people(client):
    topic, editor, reviewer = make_topic(), make_editor(), make_medical_reviewer()
    change(client, editor, topic, summary=ADVERTISEMENT)
    decide(client, reviewer)

    event = Event.objects.get(action="topic.changed")
    assert event.data["before"]["summary"] == "A topic."
    assert event.data["after"]["summary"] == ADVERTISEMENT
    assert (event.by, event.data["proposed_by"]) == (reviewer, str(editor))


def test_another_parent_takes_no_conflict_from_anybody(client):
    parent = make_topic("stem-cells")
    topic = make_topic("cord-blood", parent=parent)
    conflicted, editor, other = make_medical_reviewer(), make_editor(), make_editor()
    ConflictOfInterest.objects.create(person=conflicted, topic=parent, description="Shares.")

    change(client, editor, topic, parent="")
    decide(client, conflicted)
    assert Topic.objects.get(pk=topic.pk).parent == parent  # who has the stake doesn't decide

    decide(client, other)
    topic = Topic.objects.get(pk=topic.pk)
    assert topic.parent is None
    reasons = unfit_to_review(conflicted, role=Role.MEDICAL_REVIEWER, topic=topic)
    assert any("conflict" in reason for reason in reasons)


def test_writers_neither_propose_nor_decide(client):
    topic, writer = make_topic(), make_writer()
    client.force_login(writer)
    address = reverse("admin:education_topic_change", args=[topic.pk])
    assert client.post(address, form(topic, summary=ADVERTISEMENT)).status_code == 403

    make_medical_reviewer()
    change(client, make_editor(), topic, summary=ADVERTISEMENT)
    decide(client, writer)
    assert told(client) == [False, False]
