"""Search over what is public: any words give an answer, and never an error."""

import datetime
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.evidence.operations import change_item
from education.public import site_search
from education.public.site_search import Kind, find
from education.publishing.operations import publish, withdraw
from education.search import engine, retrieval
from education.search.analysis import stem
from education.search.models import SearchEntry, SynonymGroup
from education.search.operations import SearchPart, put
from education.search.retrieval import LONGEST_QUERY, cleaned
from education.templatetags.readers import marked
from tests.examples import examples
from tests.factories import (
    make_approved_revision,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
)
from tests.public.reading import make_claims, make_glossary, read
from tests.safety.test_standing import fall

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def search(client, words):
    return read(client, f"{reverse('search')}?q={words}")


def test_search_finds_by_another_form_of_the_word(client):
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    assert "What is rhizotomy?" in search(client, "rhizotomies").text


def test_search_finds_claims_words_and_evidence_at_their_own_addresses(client):
    make_claims()
    make_glossary()
    make_item("sdr2020", title="A trial of rhizotomy")
    links = [a["href"] for a in search(client, "claim+number+2").all("a")]
    assert reverse("claim-detail", args=["claim-2"]) in links
    links = [a["href"] for a in search(client, "stiffness").all("a")]
    assert f"{reverse('glossary')}#term-spasticity" in links
    links = [a["href"] for a in search(client, "rhizotomy").all("a")]
    assert reverse("evidence-detail", args=["sdr2020"]) in links


def test_a_claim_among_hits_has_its_verdict_and_no_certainty(client):
    make_claims()
    hits = [hit for hit in find("claim number is true").hits if "/claims/" in hit.url]
    assert {(hit.verdict, hit.certainty) for hit in hits} == {
        ("overstated", ""), ("supported", ""), ("outdated", ""),
    }  # fmt: skip
    assert "Overstated" in search(client, "claim+number+1").text


def test_search_marks_the_hit_and_shows_certainty_and_date(client):
    publication = make_publication(draft=make_draft(title="What is rhizotomy?"))
    page = search(client, "rhizotomy")
    assert page.all("mark")
    assert "Low certainty" in page.text
    assert f"Last reviewed {publication.reviewed_on.day} " in page.text


def test_only_the_short_answer_has_a_certainty_and_only_the_one_it_is_worded_with(client):
    body = "## Quokkas\n\nOf quokkas we are very uncertain."
    make_publication(draft=make_draft(title="What is rhizotomy?", body=body))
    unsure = f"We are very uncertain [@{make_item().key}]."
    unsure = make_draft(title="What are zebras?", short_answer=unsure)
    make_publication(draft=unsure)

    (of_the_section,) = find("quokkas").hits
    (of_the_other_grade,) = find("zebras").hits

    assert of_the_section.text == "Of quokkas we are very uncertain."
    assert not of_the_section.certainty
    assert not of_the_other_grade.certainty


def test_small_words_of_a_synonym_are_not_marked(client):
    make_publication(
        draft=make_draft(title="Level V: a child who does not walk, in a wheelchair or not")
    )

    page = client.get(reverse("search"), {"q": "GMFCS V"}).content.decode()

    assert "<mark>wheelchair</mark>" in page
    assert not re.search("<mark>(a|does|not|or|who)</mark>", page)


def test_search_with_words_that_never_meet_finds_some_of_them(client):
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    page = search(client, "rhizotomy+zebra")
    assert "What is rhizotomy?" in page.text
    assert "no page has all of your words" in page.text


def test_search_that_finds_nothing_says_what_to_try(client):
    page = search(client, "zebra")
    assert "Nothing here matches those words." in page.text
    assert reverse("topic-list") in [a["href"] for a in page.all("a")]


def test_search_does_not_find_evidence_that_waits_for_verification(client):
    make_item("waiting2020", title="A trial of zebras", verified=False)
    assert "A trial of zebras" not in search(client, "zebras").text


def test_search_shows_the_query_as_text(client):
    html = client.get(reverse("search"), {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "\x00",
        "%",
        "_",
        "'",
        '"',
        "\\",
        "a" * 10_000,
        "é",
        "脑瘫",
        "🧠",
        "AND OR NOT",
        "(*",
    ],
)
def test_search_answers_whatever_is_typed(client, query):
    make_publication()
    assert client.get(reverse("search"), {"q": query}).status_code == 200


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=st.text(max_size=300))
def test_find_never_raises(query):
    assert {hit.kind for hit in find(query).hits} <= {"This site"}
    assert len(cleaned(query)) <= LONGEST_QUERY


@given(text=st.text(max_size=200), words=st.lists(st.text(max_size=8), max_size=4))
def test_marked_changes_no_word_and_escapes_all(text, words):
    html = str(marked(text, words))
    without = html.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in without
    assert ">" not in without


@pytest.mark.parametrize("typed", ["rhizotmy", "rhizotoym", "rhizzotomy", "hrizotomy", "rhizotemy"])
def test_search_forgives_one_slip_and_says_what_it_took_it_for(client, typed):
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    page = search(client, typed)
    assert "What is rhizotomy?" in page.text
    assert "We looked for rhizotomy too" in page.text


def test_search_completes_the_last_word(client):
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    assert "What is rhizotomy?" in search(client, "what+rhizo").text


def test_search_finds_by_the_synonyms_that_editors_keep(client):
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    assert "What is rhizotomy?" not in search(client, "quokka").text
    SynonymGroup.objects.create(words="quokka, rhizotomy")
    assert "What is rhizotomy?" in search(client, "quokka").text


def test_search_gives_the_page_about_it_before_one_that_names_it_and_the_studies_last(client):
    SynonymGroup.objects.create(words="rhizotomy, SDR")
    make_item("sdr2020", title="Rhizotomy, rhizotomy, rhizotomy")
    make_publication(draft=make_draft(title="What can go wrong with cells, drugs and rhizotomy?"))
    make_publication(draft=make_draft(title="What is SDR?"))
    for query in ("rhizotomy", "SDR", "what is sdr", "rhizo", "rhizotmy"):
        titles = [hit.title for hit in find(query).hits]
        assert titles[0] == "What is SDR?", query
        assert titles[-1] == "Rhizotomy, rhizotomy, rhizotomy", query


def test_search_answers_in_one_sentence_where_the_title_holds_the_words(client):
    publication = make_publication(draft=make_draft(title="What is rhizotomy?"))
    [hit] = find("rhizotomy").hits
    assert hit.text == publication.content["short_answer_text"]


def test_search_finds_a_scheduled_text_only_from_its_moment_on(client, monkeypatch):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    publish(
        revision=make_approved_revision(draft=make_draft(title="Of quokkas")),
        by=make_editor(),
        goes_live_at=tomorrow,
    )
    assert "Of quokkas" not in search(client, "quokkas").text
    monkeypatch.setattr(timezone, "now", lambda: tomorrow + datetime.timedelta(minutes=1))
    assert "Of quokkas" in search(client, "quokkas").text


def test_search_never_finds_what_was_withdrawn(client):
    publication = make_publication(draft=make_draft(title="Of quokkas"))
    assert "Of quokkas" in search(client, "quokkas").text
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    assert "Of quokkas" not in search(client, "quokkas").text
    assert "We looked for" not in search(client, "quokas").text


def test_search_by_kind_and_topic_leaves_out_the_rest(client):
    make_claims()
    make_item("sdr2020", title="A claim of rhizotomy")
    everything = search(client, "claim").text
    assert "A claim of rhizotomy" in everything
    assert "A claim of rhizotomy" not in search(client, "claim&kind=claim").text
    assert "A claim of rhizotomy" not in search(client, "claim&topic=none-such&kind=page").text
    assert search(client, "claim&kind=nonsense").text.count("A claim of rhizotomy") == 1


def test_search_asks_the_same_few_questions_however_much_is_found(
    client, django_assert_max_num_queries
):
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    for number in range(5):
        make_item(f"sdr{number}", title=f"Trial {number} of rhizotomy")
    with django_assert_max_num_queries(10):
        search(client, "rhizotomy+walking")


@pytest.mark.parametrize("words", ["rhizotomy", "rhizotomy today", "today"])
def test_search_asks_the_engine_once_where_one_word_must_be_there(words):
    make_publication(draft=make_draft(title="What is rhizotomy today?"))
    with CaptureQueriesContext(connection) as asked:
        assert retrieval.find(words).candidates
    assert sum(engine.TITLES in query["sql"] for query in asked) == 1


def test_search_finds_an_old_text_however_many_newer_ones_there_are(client, monkeypatch):
    monkeypatch.setattr(retrieval, "_MOST", {"titles": 1, "texts": 1, "studies": 10})
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    for number in range(3):
        make_item(f"other{number}", title=f"Trial {number} of walking")
    assert "What is rhizotomy?" in search(client, "rhizotomy").text
    assert "Trial 0 of walking" in search(client, "walking").text


def test_search_finds_the_old_page_about_it_however_many_newer_texts_have_the_word(client):
    make_publication(draft=make_draft(title="Rhizotomy"))
    for kind, many in ((Kind.PAGE, 300), (Kind.STUDY, 600)):
        subject = "evidenceitem" if kind == Kind.STUDY else "publication"
        for number in range(many):  # of texts that nobody may see, which is harder still
            title = f"Rhizotomy, part {number}"
            put(subject, 1_000_000 + number, [SearchPart(kind, title, "", "Rhizotomy. " * 20)])
    make_item("sdr2020", title="A trial of rhizotomy")
    for query in ("rhizotomy", "what is rhizotomy", "rhizo", "rhizotmy"):
        assert find(query).hits[0].title == "Rhizotomy", query


def test_the_engine_holds_a_row_for_each_text_and_no_other():
    first = make_publication(draft=make_draft(title="Of quokkas"))
    make_next_publication(first, title="Of quokkas and of how they walk")
    make_claims()
    item = make_item("sdr2020", title="A trial of rhizotomy")
    change_item(item=item, details={"title": "Another trial"}, by=None)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rowid FROM {engine.TABLE}")
        held = {place for (place,) in cursor.fetchall()}
        cursor.execute(f"SELECT rowid FROM {engine.TITLES}")
        titles = {place for (place,) in cursor.fetchall()}
    assert held == set(SearchEntry.objects.values_list("pk", flat=True))
    assert len(held) == SearchEntry.objects.count() > 5
    ours = SearchEntry.objects.exclude(kind=Kind.STUDY)
    assert titles == set(ours.values_list("pk", flat=True)) < held


def test_suggestions_name_the_pages_that_search_finds_first(client, settings):
    make_claims()
    told = client.get("/search/suggest/", {"q": "claim"})
    found = client.get("/search/", {"q": "claim"}).context["answer"].hits

    query, titles, _, addresses = told.json()
    assert told.headers["Content-Type"] == "application/x-suggestions+json"
    assert query == "claim"
    assert len(titles) == len(found[:6]) > 0
    for title, hit in zip(titles, found, strict=False):
        # A claim alone would read as if we said so.
        assert title == (f"Claim check: {hit.title}" if "/claims/" in hit.url else hit.title)
    assert any(title.startswith("Claim check: “") for title in titles)
    assert addresses == [f"{settings.SITE_URL}{hit.url}" for hit in found[:6]]
    assert client.get("/search/suggest/", {"q": "\x00"}).json() == ["", [], [], []]


def test_stems_are_right_whoever_else_asks_at_the_same_moment(monkeypatch):
    words = [f"{start}{end}" for start in "abcdefgh" for end in ("izations", "fulness", "ically")]
    alone = {word: stem.__wrapped__(word) for word in words}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            rounds = threads.map(lambda _: {w: stem.__wrapped__(w) for w in words}, range(200))
            assert all(found == alone for found in rounds)
    finally:
        sys.setswitchinterval(interval)


def test_search_finds_the_same_however_few_it_asks_about_first(monkeypatch):
    fallen = make_item("fallen2020")
    for number in range(3):
        make_publication(draft=make_draft("fallen2020", title=f"Of quokkas, part {number}"))
        make_item(f"sound-{number}", title=f"A trial of quokkas {number}")
    fall(fallen)
    monkeypatch.setattr(site_search, "MOST_HITS", 4)
    everything = site_search.find("quokkas").hits
    assert len(everything) == 4

    for first in (1, 2, 3):
        monkeypatch.setattr(site_search, "MOST_ASKED", first)
        assert site_search.find("quokkas").hits == everything
