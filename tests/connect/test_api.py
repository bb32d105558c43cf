"""The read-only API and the embedded article: what is public, and nothing else."""

import datetime
import json
import re
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from education.connect.changes import changes
from education.connect.openapi import EXAMPLES, document
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.operations import change_item
from education.evidence.shipped_evidence import APPRAISAL
from education.languages import TEST_LANGUAGE, language_override
from education.publishing.models import Publication
from education.publishing.operations import withdraw
from education.safety.notes import approve_note, write_note
from education.safety.operations import lift_status, record_status
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision,
    make_topic,
)
from tests.public.reading import make_claims, make_comparison, make_glossary

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def get(client, address, **parameters):
    response = client.get(f"/api/v1/{address}", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def retract(item):
    return record_status(
        item=item,
        status="retracted",
        occurred_on=timezone.localdate(),
        reason="The data were made up.",
        by=make_editor(),
    )


def seen():
    """All changes so far, with none held back."""
    return changes(at=timezone.now() + datetime.timedelta(seconds=1))


# What is public


def test_a_text_is_told_whole(client):
    publication = make_publication(article=make_article(slug="does-it-help"))

    told = get(client, "articles/does-it-help/")

    assert told["title"] == publication.title
    assert told["content"] == publication.content
    assert told["key_messages"] == [{"text": "It may help.", "certainty": "low"}]
    assert told["references"][0]["key"] == publication.content["references"][0]["key"]
    assert told["state"] == "current"
    assert told["reviewers"] == publication.reviewers


def test_a_draft_is_nowhere(client):
    revision = make_revision()

    written = json.dumps([get(client, f"{name}/") for name in ("articles", "changes", "claims")])

    assert revision.article.slug not in written
    assert client.get(f"/api/v1/articles/{revision.article.slug}/").status_code == 404


def test_a_list_goes_on_until_each_was_told_once(client):
    made = {make_publication().slug for _ in range(5)}

    told, address = [], "/api/v1/articles/?limit=2"
    while address:
        part = client.get(address).json()
        told += [entry["slug"] for entry in part["results"]]
        address = part["next"] and part["next"].partition("localhost:8000")[2]

    assert told == sorted(made)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "²", "", "9" * 5000])
def test_a_limit_that_is_none_is_refused_and_says_why(client, limit):
    response = client.get("/api/v1/articles/", {"limit": limit})

    assert response.status_code == 400
    assert "1 to 100" in response.json()["error"]


def test_every_version_has_its_place(client):
    first = make_publication(article=make_article(slug="a"))
    make_next_publication(first)

    told = get(client, "articles/a/versions/")["results"]

    assert [entry["version"] for entry in told] == [2, 1]
    assert get(client, "articles/a/versions/1/")["title"] == first.title
    assert client.get("/api/v1/articles/a/versions/3/").status_code == 404


def test_words_that_rest_on_a_retracted_study_are_in_no_answer(client):
    item = make_item("fallen")
    make_publication(article=make_article(slug="a"), draft=make_draft(item.key))
    retract(item)

    told = client.get("/api/v1/articles/a/").content.decode()

    assert "It may help" not in told
    assert "Statement about fallen" not in told
    assert "The data were made up" in told
    assert json.loads(told)["may_be_printed"] is False


def test_a_withdrawn_text_is_gone(client):
    publication = make_publication(article=make_article(slug="a"))
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    assert client.get("/api/v1/articles/a/").status_code == 404
    assert get(client, "articles/")["results"] == []


def test_evidence_is_told_when_two_people_verified_it(client):
    make_item("verified")
    make_item("waiting", verified=False)

    told = get(client, "evidence/")["results"]

    assert [entry["key"] for entry in told] == ["verified"]
    assert get(client, "evidence/verified/")["csl"]["id"] == "verified"
    assert client.get("/api/v1/evidence/waiting/").status_code == 404


def test_every_part_of_the_appraisal_is_told_and_of_a_retracted_work_nothing_it_found(client):
    findings = [
        {
            "outcome": "movement", "option": "cells", "measure": "gmfm-66", "contrast": "between",
            "effect": "8.1", "certainty": "low", "as_reported": "8.1 points higher",
        }
    ]  # fmt: skip
    details = {
        "age_from_months": 24,
        "gmfcs_levels": [2, 3],
        "registration": "NCT00000000",
        "findings": findings,
    }
    item = make_item("verified", **details)
    described = document()["components"]["schemas"]["Evidence"]["properties"]

    told = get(client, "evidence/verified/")

    assert told | details == told
    assert set(APPRAISAL) <= set(told) == set(described)
    change_item(item=make_item("changed", **details), details={"age_to_months": 72}, by=None)
    assert client.get("/api/v1/evidence/changed/").status_code == 404
    retract(item)
    told = get(client, "evidence/verified/")
    assert (told["finding"], told["findings"]) == ("", [])
    assert "8.1" not in json.dumps(told)


def test_claims_words_comparison_and_topics_are_told(client):
    key = make_item().key
    claim = {
        "slug": "it-cures", "said": "It cures.", "verdict": "unsupported", "certainty": "low",
        "answer": f"It does not [@{key}].",
    }  # fmt: skip
    make_publication(
        article=make_article(kind="claims"),
        draft=make_draft(key, kind="claims", claims=[claim]),
    )
    word = {"slug": "cp", "term": "Cerebral palsy", "also": ["CP"], "definition": "A condition."}
    make_publication(
        article=make_article(kind="glossary"),
        draft=make_draft(key, kind="glossary", terms=[word]),
    )
    topic = make_topic("palsy", title="Palsy")
    topic.codes.create(system="icd10", code="G80.1")

    assert get(client, "claims/")["results"][0]["verdict"] == "unsupported"
    assert get(client, "claims/it-cures/")["said"] == "It cures."
    assert get(client, "glossary/")["results"][0]["also"] == ["CP"]
    codes = {entry["slug"]: entry["codes"] for entry in get(client, "topics/")["results"]}
    assert codes["palsy"] == [{"system": "icd10", "code": "G80.1", "display": ""}]
    assert get(client, "comparison/") == {"results": []}


def test_parts_of_a_text_carry_the_notices_of_the_text(client):
    texts = {
        "comparison/": make_comparison(), "claims/": make_claims(), "glossary/": make_glossary(),
    }  # fmt: skip
    for publication in texts.values():
        note = write_note(slug=publication.slug, text="Read this first.", by=make_editor())
        approve_note(note=note, by=make_medical_reviewer())
    item = EvidenceItem.objects.get(key=texts["claims/"].content["references"][0]["key"])
    record_status(
        item=item, status="concern", occurred_on=timezone.localdate(), reason="Asked.",
        by=make_editor(),
    )  # fmt: skip

    for address, publication in texts.items():
        whole = get(client, f"articles/{publication.slug}/")["notices"]
        for part in get(client, address)["results"]:
            assert part["notices"] == whole
        assert whole[0] == {"kind": "emergency", "text": "Read this first."}
    claim = get(client, "claims/")["results"][0]
    assert "concern" in {notice["kind"] for notice in claim["notices"]}
    assert get(client, f"claims/{claim['slug']}/")["notices"] == claim["notices"]


# How it is sent


def test_what_did_not_change_is_not_sent_again(client):
    make_publication()
    first = client.get("/api/v1/articles/")

    again = client.get("/api/v1/articles/", headers={"if-none-match": first["ETag"]})
    make_publication()
    changed = client.get("/api/v1/articles/", headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert changed.status_code == 200


def test_any_site_may_read_and_none_may_write(client):
    asked = client.options("/api/v1/articles/", headers={"origin": "https://clinic.example"})
    read = client.get("/api/v1/articles/", headers={"origin": "https://clinic.example"})

    assert asked.status_code == 204
    assert read["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in read
    assert not read.cookies
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/v1/articles/").status_code == 405


# Changes


def test_each_change_is_told_once_in_order_with_what_a_copy_must_do():
    item = make_item("study")
    first = make_publication(article=make_article(slug="a"), draft=make_draft(item.key))
    make_next_publication(first, correction="We had the number wrong.")
    event = retract(item)
    lift_status(event=event, reason="It was another study.", by=make_medical_reviewer())
    withdraw(
        publication=Publication.objects.current().get(), by=make_editor(), reason="It was wrong."
    )

    told = [(change.kind, change.do.value, change.version) for change in seen()]

    assert told == [
        ("published", "add", 1),
        ("corrected", "replace", 2),
        ("evidence_retracted", "fetch_again", 2),
        ("evidence_cleared", "fetch_again", 2),
        ("withdrawn", "remove", 2),
    ]
    places = [change.place for change in seen()]
    assert len(set(places)) == len(places)


def test_going_on_after_a_place_tells_the_rest():
    make_publication()
    make_publication()
    first, second = seen()

    after = changes(after=first.place, at=timezone.now() + datetime.timedelta(seconds=1))

    assert after == [second]


def test_what_is_not_live_yet_is_no_change_and_what_just_happened_waits(client):
    make_publication(publisher=make_editor())  # at this moment, not made once before

    assert get(client, "changes/")["results"] == []
    assert len(seen()) == 1


def test_a_study_that_nothing_public_cites_changes_nothing():
    make_publication()
    retract(make_item("alone"))

    assert [change.kind for change in seen()] == ["published"]
    assert StatusEvent.objects.exists()


# The embedded article


def test_an_article_may_stand_in_a_frame_and_no_other_page_may(client):
    make_publication(article=make_article(slug="a"))

    framed = client.get("/embed/a/")
    page = client.get("/articles/a/")

    assert framed.status_code == 200
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "It may help a little" in framed.content.decode()
    assert not framed.cookies


def test_a_frame_says_that_its_article_was_withdrawn(client):
    publication = make_publication(article=make_article(slug="a"))
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    framed = client.get("/embed/a/")

    assert framed.status_code == 410
    assert "It was wrong." in framed.content.decode()
    assert "It may help a little" not in framed.content.decode()
    assert client.get("/embed/never-there/").status_code == 404


# What integrators are told


def test_every_address_of_the_api_is_in_the_document(client):
    from education.clinics.urls import urlpatterns as of_clinics
    from education.connect.urls import urlpatterns

    ours = {
        before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        for before, patterns in (("/", urlpatterns), ("/clinic/", of_clinics))
        for pattern in patterns
        if str(pattern.name).startswith("api-") or pattern.name == "clinic-receipt"
    }

    assert set(document()["paths"]) == ours
    assert get(client, "openapi.json") == document()


@pytest.mark.parametrize(("does", "address"), EXAMPLES)
def test_each_example_for_integrators_works(does, address):
    topic = make_topic("cerebral-palsy", title="Cerebral palsy")
    topic.codes.create(system="icd10", code="G80.1")
    topic.codes.create(system="snomed", code="128188000")
    publication = make_publication(article=make_article(topic=topic))
    client = Client()

    response = client.get(address)

    assert response.status_code == 200, does
    assert address.replace("&", "&amp;") in client.get("/api/v1/").content.decode()
    if address.startswith("/connect/"):
        assert publication.title in response.content.decode()


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("/api/v1/articles/?lang=en", "after, code, language, limit, topic"),
        ("/api/v1/evidence/?code=G80", "after, limit, topic"),
        ("/api/v1/claims/?q=cells", "after, language, limit"),
        ("/api/v1/changes/?since=2026", "after, limit"),
        ("/api/v1/topics/?limit=3", "none"),
        ("/api/v1/articles/nowhere/?fields=title", "language"),
        ("/api/v1/evidence/nowhere/?fields=title", "none"),
    ],
)
def test_a_filter_that_is_misspelt_is_refused_and_told_what_there_is(client, address, known):
    response = client.get(address)

    assert response.status_code == 400
    assert known in response.json()["error"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_what_caches_and_counters_add_to_an_address_is_ignored(client):
    assert client.get("/api/v1/articles/?_=17&utm_source=x&format=json").status_code == 200


def test_texts_are_chosen_by_code_topic_and_language(client):
    palsy = make_topic("cerebral-palsy")
    palsy.codes.create(system="icd10", code="G80.1", display="Spastic diplegia")
    other = make_topic("another")
    make_publication(article=make_article(slug="of-palsy", topic=palsy))
    make_publication(article=make_article(slug="of-other", topic=other))

    def slugs(query):
        return [each["slug"] for each in client.get("/api/v1/articles/", query).json()["results"]]

    assert slugs({"topic": "another"}) == ["of-other"]
    for code in ("G80.1", "g801", "http://hl7.org/fhir/sid/icd-10|G80.1", "icd10cm|G80.11"):
        assert slugs({"code": code}) == ["of-palsy"], code
    assert slugs({"code": "Z99"}) == []
    assert slugs({"language": "en", "code": "G80"}) == ["of-palsy"]
    for query, status, known in (
        ({"topic": "nothing"}, 404, "another, cerebral-palsy"),
        ({"language": "x"}, 400, "en"),
        ({"code": "icd9|343.9"}, 404, "icd10cm"),
    ):
        refused = client.get("/api/v1/articles/", query)
        assert refused.status_code == status
        assert known in refused.json()["error"]


def test_a_text_is_given_in_the_language_asked_for_and_in_no_other(client, settings):
    settings.LANGUAGES = [("en-gb", "English"), (TEST_LANGUAGE, "Test")]
    article = make_article(slug="does-it-help")
    make_publication(article=article)
    address = "/api/v1/articles/does-it-help/"
    assert client.get(f"{address}?language={TEST_LANGUAGE}").status_code == 404
    with language_override(TEST_LANGUAGE):
        other = make_publication(article=article, draft=make_draft(title="Ðøéš îţ ĥéļþ?"))

    assert other.language == TEST_LANGUAGE
    assert client.get(address).json()["language"] == "en"
    for path in ("", "versions/1/"):
        told = client.get(f"{address}{path}?language={TEST_LANGUAGE}").json()
        assert told["title"] == other.title
        assert told["url"].endswith(f"/{TEST_LANGUAGE}/articles/does-it-help/")
    (version,) = client.get(f"{address}versions/?language={TEST_LANGUAGE}").json()["results"]
    assert version["language"] == TEST_LANGUAGE
    assert client.get(f"{address}?language=x").status_code == 400
    later = timezone.now() + datetime.timedelta(minutes=1)
    with mock.patch("django.utils.timezone.now", return_value=later):
        change = get(client, "changes/")["results"][-1]
    assert change["url"].endswith(f"{address}?language={TEST_LANGUAGE}")
    assert client.get(change["url"].removeprefix(settings.SITE_URL)).json()["title"] == other.title


def test_claims_words_and_comparisons_are_given_in_the_language_asked_for(client, settings):
    settings.LANGUAGES = [("en-gb", "English"), (TEST_LANGUAGE, "Test")]
    make_comparison()
    with language_override(TEST_LANGUAGE):
        make_claims()
        make_glossary()

    asked = {"language": TEST_LANGUAGE}
    for path, here, there in (("claims/", 0, 1), ("glossary/", 0, 1), ("comparison/", 1, 0)):
        assert bool(get(client, path)["results"]) == bool(here), path
        assert bool(get(client, path, **asked)["results"]) == bool(there), path
    claim = get(client, "claims/", **asked)["results"][0]
    assert get(client, f"claims/{claim['slug']}/", **asked) == claim
    assert client.get(f"/api/v1/claims/{claim['slug']}/").status_code == 404


def test_a_list_goes_on_by_the_same_filters(client):
    topic = make_topic("many")
    for slug in ("a", "b", "c"):
        make_publication(article=make_article(slug=slug, topic=topic))
    first = client.get("/api/v1/articles/?topic=many&limit=2").json()

    assert "topic=many" in first["next"]
    assert [each["slug"] for each in client.get(first["next"]).json()["results"]] == ["c"]


def test_the_licence_of_the_texts_is_told_to_machines(client, settings):
    make_publication(article=make_article(slug="a-text"))
    licence = "https://creativecommons.org/licenses/by/4.0/"

    assert client.get("/api/v1/openapi.json").json()["info"]["license"] == {
        "name": "CC BY 4.0", "url": licence,
    }  # fmt: skip
    assert f"<rights>{licence}</rights>" in client.get("/feeds/new.xml").content.decode()
    data = json.loads(
        client.get("/articles/a-text/").content.decode().partition("ld+json")[2]
        .partition(">")[2].partition("</script>")[0]
    )  # fmt: skip
    assert data["license"] == licence
    assert data["about"]["name"]
    assert data["author"][0]["name"]
    assert data["dateModified"] >= data["datePublished"]

    settings.CONTENT_LICENCE = ""
    assert "license" not in client.get("/api/v1/openapi.json").json()["info"]
