"""A definition that rests on a retracted study is gone wherever its word is explained."""

import importlib
from dataclasses import replace

import pytest
from django.apps import apps
from django.utils import timezone

from education.articles.models import Revision
from education.evidence.models import StatusEvent
from education.handouts.copy_check import public_code
from education.handouts.pdf import typesetting_input
from education.handouts.print_options import PrintOptions
from education.publishing.glossary import live_glossary
from education.publishing.models import Publication
from education.publishing.operations import frozen_hash, publish
from education.publishing.status import evidence_notices
from education.safety.operations import lift_status
from education.text.glossary import explained_terms
from tests.factories import (
    approve_fully,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision_in_review,
)
from tests.promises.worlds import (
    WHY,
    make_explaining_draft,
    make_explaining_page,
    make_glossary_revision,
    record_as,
)

pytestmark = pytest.mark.django_db

DEFINITION = "Muscles that three of four injections loosen"
RETRACTED = StatusEvent.Status.RETRACTED


@pytest.fixture
def item():
    return make_item("fallen2020", title="Injections and stiff muscles")


@pytest.fixture
def page(item):
    return _page(item)


def _page(item):
    definition = f"{DEFINITION} [@{item.key}]."
    publish(revision=make_glossary_revision(definition, item.key), by=make_editor())
    return make_explaining_page()


@pytest.fixture
def old_page(item, monkeypatch):
    """The same, frozen as copies were before they carried what their definitions rest on."""

    def without_evidence(language):
        found = live_glossary(language)
        return {slug: replace(term, evidence=()) for slug, term in found.items()}

    with monkeypatch.context() as patched:
        patched.setattr("education.articles.operations.glossaries", [without_evidence])
        page = _page(item)
    assert ["evidence" in node for node in explained_terms(page.content)] == [False]
    migration = importlib.import_module("education.migrations.0025_definitions_of_earlier_copies")
    migration.fill(apps, None)
    return page


def everything_said(client, page) -> str:
    addresses = [
        f"/articles/{page.slug}/",
        f"/articles/{page.slug}/versions/{page.number}/",
        f"/api/v1/articles/{page.slug}/",
        f"/api/v1/articles/{page.slug}/versions/{page.number}/",
        f"/embed/{page.slug}/",
        "/glossary/",
        "/api/v1/glossary/",
        f"/handouts/{page.slug}/",
        "/search/?q=spasticity",
        "/search/suggest/?q=spasticity",
        "/feeds/new.xml",
    ]
    answers = {address: client.get(address) for address in addresses}
    assert all(answer.status_code == 200 for answer in answers.values()), answers
    return "\n".join(answer.content.decode() for answer in answers.values())


@pytest.mark.parametrize("kind", ["page", "old_page"])
def test_a_retracted_definition_is_gone_from_every_page_that_explains_the_word(
    kind, item, client, request
):
    page = request.getfixturevalue(kind)
    assert DEFINITION in client.get(f"/articles/{page.slug}/").content.decode()
    frozen = page.content

    record_as(item, RETRACTED)

    assert DEFINITION not in everything_said(client, page)
    shown = client.get(f"/articles/{page.slug}/").content.decode()
    assert "no longer stands" in shown
    assert "What explains “spasticity” on this page rests on" in shown
    assert WHY in shown
    told = client.get(f"/api/v1/articles/{page.slug}/").json()
    assert told["notices"][0]["kind"] == "retracted"
    assert WHY in client.get(f"/embed/{page.slug}/").content.decode()
    copy = Publication.objects.defer(None).get(pk=page.pk)
    assert copy.content == frozen
    assert frozen_hash(copy) == copy.frozen_hash


@pytest.mark.parametrize("kind", ["page", "old_page"])
def test_such_a_page_is_not_printed_and_paper_of_it_is_not_to_be_used(kind, item, client, request):
    page = request.getfixturevalue(kind)
    assert client.get(f"/handouts/{page.slug}.pdf")["Content-Type"] == "application/pdf"

    record_as(item, RETRACTED)

    refused = client.get(f"/handouts/{page.slug}.pdf")
    assert refused["Content-Type"].startswith("text/html")
    assert "retracted" in refused.content.decode()
    assert client.get(f"/api/v1/articles/{page.slug}/").json()["may_be_printed"] is False
    checked = client.get(f"/check/{public_code(page)}/").content.decode()
    assert "Do not use" in checked
    standing = evidence_notices(page)
    printed = typesetting_input(
        [standing], code="", printed_on=timezone.localdate(), options=PrintOptions()
    )
    assert DEFINITION not in str(printed.parts)


def test_the_list_of_effects_names_the_page_and_a_task_is_opened(page, item, client):
    reviewer = make_medical_reviewer()
    client.force_login(reviewer)
    listed = client.post(
        f"/admin/education/statusevent/record/{item.pk}/",
        {
            "status": "retracted",
            "occurred_on": timezone.localdate().isoformat(),
            "reason": WHY,
            "source_url": "",
        },
    ).content.decode()
    assert page.title in listed

    record_as(item, RETRACTED)

    assert page.tasks.get().status == RETRACTED


def test_machines_that_keep_a_copy_are_told_to_fetch_it_again(page, item, client, monkeypatch):
    record_as(item, RETRACTED)
    monkeypatch.setattr("education.connect.changes.SETTLING", timezone.timedelta(0))

    changes = client.get("/api/v1/changes/").json()["results"]

    told = [one for one in changes if one["kind"] == "evidence_retracted"]
    assert page.slug in {one["slug"] for one in told}


def test_a_false_alarm_gives_the_same_page_back(page, item, client):
    before = client.get(f"/articles/{page.slug}/").content
    event = record_as(item, RETRACTED)

    lift_status(event=event, by=make_medical_reviewer(), reason="Another work was meant.")

    assert client.get(f"/articles/{page.slug}/").content == before


def test_a_concern_is_noticed_on_the_page_and_on_paper_and_the_words_stay(page, item, client):
    record_as(item, StatusEvent.Status.CONCERN)

    shown = client.get(f"/articles/{page.slug}/").content.decode()
    assert DEFINITION in shown
    assert "expression of concern" in shown
    printed = typesetting_input(
        [evidence_notices(page)], code="", printed_on=timezone.localdate(), options=PrintOptions()
    )
    assert any("expression of concern" in notice for notice in printed.copy.notices)


def test_a_statement_that_fell_takes_its_whole_definition(client):
    item = make_item()
    other = make_item().key
    definition = f"It is stiffness [@{other}]. It goes by itself [@{item.key}]."
    publish(revision=make_glossary_revision(definition, other), by=make_editor())
    page = make_explaining_page()

    record_as(item, RETRACTED)

    assert "It goes by itself" not in client.get(f"/articles/{page.slug}/").content.decode()


def test_an_approved_text_that_explains_the_word_goes_back_to_its_reviewers(page, item):
    approved = approve_fully(make_revision_in_review(draft=make_explaining_draft()))
    assert approved.state == Revision.State.APPROVED

    record_as(item, RETRACTED)

    approved.refresh_from_db()
    assert approved.state == Revision.State.IN_REVIEW


def test_a_new_version_explains_nothing_by_a_retracted_work_and_may_be_printed(page, item, client):
    record_as(item, RETRACTED)

    following = make_next_publication(page)

    told = client.get(f"/api/v1/articles/{page.slug}/").json()
    assert told["version"] == following.number
    assert (told["notices"], told["may_be_printed"]) == ([], True)
    assert DEFINITION not in everything_said(client, following)


def test_a_page_that_does_not_use_the_word_is_untouched(page, item, client):
    other = make_publication()
    before = client.get(f"/articles/{other.slug}/").content

    record_as(item, RETRACTED)

    assert client.get(f"/articles/{other.slug}/").content == before
