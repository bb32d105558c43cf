"""Each version says how it stands itself: current, superseded or withdrawn; never one to come."""

import datetime

import pytest
from django.utils import timezone

from education.evidence.models import StatusEvent
from education.publishing.operations import publish, withdraw
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
)
from tests.promises.worlds import WHY, record_as

pytestmark = pytest.mark.django_db
HARM = "The dose was wrong."


@pytest.fixture
def first():
    return make_publication(article=make_article(slug="dose"))


def told(client, number: int):
    """One version, as asked for by itself and as it stands in the list."""
    alone = client.get(f"/api/v1/articles/dose/versions/{number}/").json()
    listed = client.get("/api/v1/articles/dose/versions/").json()["results"]
    (same,) = [one for one in listed if one["version"] == number]
    for name in same:
        assert same[name] == alone[name], name
    return alone


def test_a_version_whose_place_another_took_says_so_and_is_not_for_print(client, first):
    make_next_publication(first)

    old, new = told(client, 1), told(client, 2)

    assert (old["state"], old["may_be_printed"]) == ("superseded", False)
    assert old["notices"][0]["kind"] == "superseded"
    assert "version 2 took its place" in old["notices"][0]["text"]
    assert (new["state"], new["may_be_printed"], new["notices"]) == ("current", True, [])


def test_a_withdrawn_version_and_those_before_it_say_so_with_the_reason(client, first):
    second = make_next_publication(first)
    withdraw(publication=second, by=make_editor(), reason=HARM)

    for number in (1, 2):
        version = told(client, number)
        assert (version["state"], version["may_be_printed"]) == ("withdrawn", False)
        assert version["notices"][0]["kind"] == "withdrawn"
        assert HARM in version["notices"][0]["text"]


def test_what_was_withdrawn_stays_so_when_a_new_version_is_public(client, first):
    withdraw(publication=first, by=make_editor(), reason=HARM)
    make_next_publication(first)

    assert told(client, 1)["state"] == "withdrawn"
    assert told(client, 2)["state"] == "current"
    page = client.get("/articles/dose/versions/1/").content.decode()
    assert HARM in page
    assert "This version was withdrawn" in page
    assert 'href="/articles/dose/"' in page


def test_a_scheduled_version_is_nowhere(client, first):
    draft = make_draft(title="To come", what_changed="A new dose.")
    revision = make_approved_revision(article=first.revision.article, draft=draft)
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    publish(revision=revision, by=make_editor(), goes_live_at=tomorrow)

    listed = client.get("/api/v1/articles/dose/versions/").content.decode()
    assert "To come" not in listed
    assert client.get("/api/v1/articles/dose/versions/2/").status_code == 404
    assert client.get("/articles/dose/versions/2/").status_code == 404
    assert told(client, 1)["state"] == "current"


def test_notices_of_evidence_stand_on_old_versions_too(client):
    item = make_item()
    first = make_publication(article=make_article(slug="dose"), draft=make_draft(item.key))
    make_next_publication(first)
    record_as(item, StatusEvent.Status.RETRACTED)

    kinds = [notice["kind"] for notice in told(client, 1)["notices"]]

    assert kinds == ["superseded", "retracted"]
    assert WHY in told(client, 1)["notices"][1]["text"]


@pytest.mark.parametrize("end", ["withdrawn", "superseded"])
def test_an_old_or_withdrawn_version_does_not_call_itself_a_reviewed_page(
    client, first, end, settings
):
    settings.DEMO = False
    address = "/articles/dose/versions/1/"
    assert "MedicalWebPage" in client.get("/articles/dose/").content.decode()
    if end == "withdrawn":
        withdraw(publication=first, by=make_editor(), reason=HARM)
    else:
        make_next_publication(first)

    page = client.get(address).content.decode()

    assert "MedicalWebPage" not in page
    assert '<meta name="robots" content="noindex">' in page
    assert "og:image" not in page


def test_what_was_withdrawn_is_offered_by_no_other_door(client, first):
    withdraw(publication=first, by=make_editor(), reason=HARM)

    assert client.get("/articles/dose/card.png").status_code == 404
    assert client.get("/handouts/dose.pdf").status_code == 410
    assert client.get("/api/v1/articles/dose/").status_code == 404
    framed = client.get("/embed/dose/")
    assert framed.status_code == 410
    assert HARM in framed.content.decode()
    asked = "/connect/?mainSearchCriteria.v.dn=Rhizotomy&knowledgeResponseType=application/json"
    for address in ("/feeds/new.xml", "/search/?q=help", "/api/v1/articles/", asked):
        assert first.title not in client.get(address).content.decode(), address
