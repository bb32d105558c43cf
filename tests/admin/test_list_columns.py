"""Lists of the desk say who, when and what next, in as many queries however long they are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.admin.event_words import WORDS, in_words
from education.audit.actions import ACTIONS
from education.audit.models import Event
from education.review.assignments import assign_reviewer
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db

TEXTS = "admin:education_revision_changelist"
EVIDENCE = "admin:education_evidenceitem_changelist"


def asked(client, address) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_list_of_texts_says_who_wrote_who_is_asked_and_what_next(client):
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision_in_review(by=writer)
    assign_reviewer(
        revision=revision,
        reviewer=reviewer,
        reviewed_as="medical",
        due_on=timezone.localdate(),
        by=make_editor(),
    )
    make_revision(by=writer)
    client.force_login(writer)

    shown = client.get(reverse(TEXTS)).content.decode()

    assert f"{writer}, asked: {reviewer}" in shown
    assert "Reviewers decide, by" in shown
    assert "Its writers finish it and submit it" in shown


def test_texts_are_found_by_the_part_one_has_in_them(client):
    writer = make_writer()
    own = make_revision(by=writer, draft=make_draft(title="Mine"))
    make_revision(draft=make_draft(title="Of another"))
    client.force_login(writer)

    shown = client.get(reverse(TEXTS) + "?mine=wrote").context["cl"].result_list

    assert [revision.pk for revision in shown] == [own.pk]


def test_evidence_to_verify_is_a_queue_that_begins_with_what_texts_wait_for(client):
    make_item("aaa2020", verified=False)
    make_item("verified2020")
    waited_for = make_item("zzz2020", verified=False)
    make_revision(draft=make_draft(waited_for.key))
    client.force_login(make_medical_reviewer())

    shown = client.get(reverse(EVIDENCE) + "?verified=no").context["cl"].result_list

    assert [item.key for item in shown] == ["zzz2020", "aaa2020"]


def test_the_page_of_a_work_says_where_it_is_used(client):
    used, unused = make_item("used2020"), make_item("unused2020")
    publication = make_publication(draft=make_draft(used.key))
    draft = make_revision(draft=make_draft(used.key))
    client.force_login(make_writer())

    def page(item):
        address = reverse("admin:education_evidenceitem_change", args=[item.pk])
        return client.get(address).content.decode()

    assert reverse("admin:education_publication_change", args=[publication.pk]) in page(used)
    assert reverse("admin:education_revision_change", args=[draft.pk]) in page(used)
    assert "No public page and no text on its way cites it." in page(unused)


@pytest.mark.parametrize("address", [TEXTS, EVIDENCE])
def test_a_longer_list_asks_no_more(client, address):
    client.force_login(make_editor())
    make_revision(draft=make_draft(make_item().key))
    few = asked(client, reverse(address))
    for _ in range(3):
        make_revision(draft=make_draft(make_item().key))

    assert asked(client, reverse(address)) == few


def test_every_action_has_words():
    assert ACTIONS.keys() <= WORDS.keys()
    assert in_words(Event(action="something.new_here")) == "something: new here"
