"""Search, suggestions and lists of studies tell no finding of a fallen study as a plain fact."""

import re

import pytest

from education.articles.models import Article
from education.evidence.models import StatusEvent
from education.publishing.operations import publish
from education.safety.operations import lift_status
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
)
from tests.promises.worlds import make_glossary_revision, record_as

pytestmark = pytest.mark.django_db

FINDING = "Zebrafish injections doubled walking"
RETRACTED, CONCERN = StatusEvent.Status.RETRACTED, StatusEvent.Status.CONCERN


@pytest.fixture
def item():
    return make_item("fallen2020", title="Injections into zebrafish", finding=f"{FINDING}.")


@pytest.fixture
def page(item):
    return make_publication(
        article=make_article(slug="injections"),
        draft=make_draft(
            item.key,
            title="Do injections help?",
            short_answer=f"Injections double walking [@{item.key}].",
            body=f"## Found\n\n{FINDING} at once [@{item.key}].\n",
        ),
    )


def found(client, words: str) -> str:
    page = client.get("/search/", {"q": words}).content.decode()
    return re.sub("</?mark>", "", page)


def suggested(client, words: str) -> list[str]:
    return client.get("/search/suggest/", {"q": words}).json()[1]


def test_a_retracted_study_is_found_as_one_without_its_finding(item, client):
    assert FINDING in found(client, "injections")
    event = record_as(item, RETRACTED)

    page = found(client, "injections")

    assert item.title.split()[-1] in page
    assert "This study was retracted." in page
    assert "doubled" not in page
    assert suggested(client, "injections") == [f"{item.title} (This study was retracted)"]
    assert f"/evidence/{item.key}/" not in found(client, "doubled")
    lift_status(event=event, by=make_medical_reviewer(), reason="Another work was meant.")
    assert FINDING in found(client, "injections")


def test_a_study_under_concern_is_found_with_that_said(item, client):
    record_as(item, CONCERN)

    page = found(client, "injections")

    assert "This study was put under an expression of concern." in page
    (title,) = suggested(client, "injections")
    assert "expression of concern" in title


def test_a_page_on_a_retracted_study_is_found_with_that_said_and_its_words_masked(
    item, page, client
):
    record_as(item, RETRACTED)

    shown = found(client, "help")

    assert "A study behind this was retracted." in shown
    assert "double" not in shown
    assert "no longer stands" in shown
    assert f"{page.title} (A study behind this was retracted)" in suggested(client, "help")
    assert "certainty" not in shown.partition("page-list")[2].partition("</ol>")[0]


def test_a_page_on_a_study_under_concern_is_found_with_that_said(item, page, client):
    record_as(item, CONCERN)

    assert "A study behind this was put under an expression of concern." in found(client, "help")


def test_only_the_claims_and_words_that_rest_on_it_say_so(item, client):
    other = make_item()
    definition = f"Muscles that stay wobbly [@{item.key}]."
    publish(revision=make_glossary_revision(definition, item.key), by=make_editor())
    claims = [
        {
            "slug": f"on-{key}",
            "said": f"Gallopers walk {place}.",
            "verdict": "supported",
            "certainty": "low",
            "answer": f"Seen {place} [@{key}].",
            "claim": "",
        }
        for place, key in (("sooner", item.key), ("later", other.key))
    ]
    make_publication(
        article=make_article(kind=Article.Kind.CLAIMS),
        draft=make_draft(other.key, title="Claims", kind=Article.Kind.CLAIMS, claims=claims),
    )
    record_as(item, RETRACTED)

    claimed = suggested(client, "gallopers")

    assert any("sooner.”" in one and "was retracted" in one for one in claimed)
    assert any("later.”" in one and "was retracted" not in one for one in claimed)
    assert "A study behind this was retracted." in found(client, "spasticity")
    assert "wobbly" not in found(client, "spasticity")


def test_lists_of_studies_and_of_references_tell_no_retracted_finding(item, page, client):
    listed = client.get("/evidence/").content.decode()
    assert FINDING in listed
    record_as(item, RETRACTED)

    for address in (
        "/evidence/",
        "/articles/injections/",
        "/api/v1/articles/injections/",
        "/embed/injections/",
    ):
        answer = client.get(address).content.decode()
        assert FINDING not in answer, address
        assert "etracted" in answer, address
    head = client.get(f"/evidence/{item.key}/").content.decode().partition("</head>")[0]
    assert "doubled" not in head
    assert "Retracted" in head


def test_what_rests_on_sound_studies_is_found_as_before(item, client):
    make_publication(draft=make_draft(title="Sound help?"))
    before = found(client, "sound")

    record_as(item, RETRACTED)

    assert found(client, "sound") == before
