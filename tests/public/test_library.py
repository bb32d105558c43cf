"""Claims, evidence and words, one by one."""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Article, ClaimCheck
from education.evidence.models import StatusEvent
from education.evidence.operations import change_item
from education.publishing.models import Publication
from education.safety.operations import record_status
from education.text.labels import LABELS, VERDICTS
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
)
from tests.public.reading import make_claims, make_glossary, make_site, read

pytestmark = pytest.mark.django_db


def claim(number):
    return reverse("claim-detail", args=[f"claim-{number}"])


def test_claim_list_shows_each_claim_with_its_verdict_in_words(client):
    make_claims()
    page = read(client, reverse("claim-list"))
    for number, words in enumerate(("Overstated", "Supported", "Out of date"), 1):
        assert f"Claim number {number} is true." in page.text
        assert words in page.text


def test_claim_detail_answers_one_claim_with_its_references_only(client):
    make_item("other2020")
    make_claims(key=make_item("claim2021", title="The study of the claim").key)
    page = read(client, claim(2))

    assert "The answer to claim 2" in page.text
    assert "The answer to claim 1" not in page.text
    assert "The study of the claim" in page.text
    backlinks = [a["href"] for a in page.all("a") if a.get("role") == "doc-backlink"]
    assert backlinks
    assert all(href[1:] in page.ids for href in backlinks)
    assert {claim(1), claim(3)} <= {a["href"] for a in page.all("a")}


def test_a_claim_has_one_badge_its_verdict(client):
    make_claims()
    for address, many in ((claim(1), 1), (reverse("claim-list"), 3)):
        kinds = [(span.get("class") or "").split() for span in read(client, address).all("span")]
        badges = [kind[0] for kind in kinds if {"verdict", "certainty"} & set(kind)]
        assert badges == ["verdict"] * many, address
    assert "How sure: Low certainty" in read(client, claim(1)).text


def test_claim_detail_is_not_found_for_a_claim_nobody_checked(client):
    make_claims()
    read(client, reverse("claim-detail", args=["nobody-checked"]), 404)


def test_claim_detail_has_no_verdict_once_its_evidence_fell(client):
    item = make_item("fallen2020")
    make_claims(key=item.key)
    record_status(
        item=item,
        status=StatusEvent.Status.RETRACTED,
        occurred_on=timezone.localdate(),
        reason="The data could not be found.",
        by=make_editor(),
    )
    page = read(client, claim(1))
    assert "Overstated" not in page.text
    assert "The answer to claim 1" not in page.text
    assert "Being checked again" in read(client, reverse("claim-list")).text


def test_no_page_feed_or_answer_says_a_claim_as_if_it_were_ours(client):
    pages = [
        *make_site(),
        *(reverse(name) for name in ("sitemap", "feed-new", "feed-corrections", "suggest")),
        *(f"{reverse(name)}?q=claim+number+2" for name in ("search", "suggest")),
        reverse("handout-detail", args=["claims-you-may-hear"]),
        reverse("embed", args=["claims-you-may-hear"]),
        *(f"/api/v1/{kind}/" for kind in ("articles", "claims", "changes")),
        "/api/v1/articles/claims-you-may-hear/",
        *(f"/connect/?mainSearchCriteria.v.dn=rhizotomy&knowledgeResponseType={kind}"
          for kind in ("text/html", "text/xml", "application/json")),
        "/articles/claim-number/",
    ]  # fmt: skip
    make_next_publication(Publication.objects.get(slug="claims-you-may-hear"))
    pages.append(reverse("version-changes", args=["claims-you-may-hear", 1, 2]))
    saying = set()
    for address in pages:
        written = client.get(address).content.decode()
        shown = html.unescape(re.sub("</?mark>", "", written)).replace("\\u201c", "“")
        for before in re.findall(r"(.{0,9})Claim number", shown):
            # In data, a name says whose words they are.
            assert before.endswith(("“", '"said": "')), (address, before)
            saying.add(address.partition("?")[0])
    assert {reverse(name) for name in ("home", "claim-list", "search", "suggest")} <= saying
    assert claim(2) in saying


def test_verdicts_have_the_words_editors_chose():
    chosen = dict(ClaimCheck.Verdict.choices)
    assert {verdict: LABELS[verdict] for verdict in VERDICTS} == chosen


def test_evidence_list_shows_only_what_two_people_verified(client):
    make_item("verified2020", title="A verified study")
    make_item("waiting2020", title="A study that waits", verified=False)
    page = read(client, reverse("evidence-list"))
    assert "A verified study" in page.text
    assert "A study that waits" not in page.text


def test_evidence_detail_shows_the_study_and_where_it_is_used(client):
    item = make_item("used2020", title="A used study", finding="It was found.", sample_size=63)
    publication = make_publication(draft=make_draft("used2020"))
    page = read(client, reverse("evidence-detail", args=[item.key]))
    assert "A used study" in page.text
    assert "It was found." in page.text
    assert "How many 63" in page.text
    assert publication.title in page.text


def test_evidence_detail_is_hidden_after_an_edit_until_it_is_verified_again(client):
    item = make_item("edited2020")
    address = reverse("evidence-detail", args=[item.key])
    read(client, address)
    change_item(item=item, details={"finding": "Something else was found."}, by=None)
    read(client, address, 404)


def test_evidence_detail_says_what_became_of_the_work(client):
    item = make_item("fallen2020")
    record_status(
        item=item,
        status=StatusEvent.Status.RETRACTED,
        occurred_on=timezone.localdate(),
        reason="The data could not be found.",
        by=make_editor(),
    )
    page = read(client, reverse("evidence-detail", args=[item.key]))
    assert "Retracted" in page.text
    assert "The data could not be found." in page.text
    assert "Retracted" in read(client, reverse("evidence-list")).text


def test_glossary_explains_words_under_their_letter(client):
    publication = make_glossary()
    page = read(client, reverse("glossary"))
    assert "Spasticity" in page.text
    assert "Also called: stiffness" in page.text
    assert "term-spasticity" in page.ids
    assert "letter-S" in page.ids
    article = reverse("article-detail", args=[publication.slug])
    assert f"{article}#ref-1" in [a["href"] for a in page.all("a")]


def test_claims_stand_in_groups_with_what_sellers_say_first_and_a_way_to_each_group(client):
    slugs = ("hundred-billion-nerve-cells", "stem-cells-cure", "helps-speech-arms-and-squint")
    key = make_item().key
    claims = [
        {"slug": slug, "said": f"{slug}.", "verdict": "outdated", "certainty": "low",
         "answer": f"No [@{key}].", "claim": ""}
        for slug in slugs
    ]  # fmt: skip
    draft = make_draft(key, kind=Article.Kind.CLAIMS, claims=claims)
    make_publication(article=make_article(kind=Article.Kind.CLAIMS), draft=draft)

    page = read(client, reverse("claim-list"))

    assert {"#group-1", "#group-2"} <= {a["href"] for a in page.all("a")}
    about_cells, about_operation = page.text.rsplit("About the operation", 1)
    assert about_cells.index("stem-cells-cure.") < about_cells.index("hundred-billion-nerve-cells.")
    assert "helps-speech-arms-and-squint." in about_operation


def test_the_page_of_a_claim_begins_with_its_verdict(client):
    make_claims()

    text = read(client, claim(1)).text

    assert text.index("Overstated") < text.index("Last reviewed")


def test_claims_are_filtered_by_verdict(client):
    make_claims()
    address = reverse("claim-list")
    page = read(client, f"{address}?verdict=outdated")

    assert "Claim number 3 is true." in page.text
    assert "Claim number 1 is true." not in page.text
    links = {
        a["href"]: a.get("aria-current") for a in page.all("a") if a["href"].startswith(address)
    }
    assert links[f"{address}?verdict=outdated"] == "true"
    assert f"{address}?verdict=unsupported" not in links  # which no claim has
    assert "Claim number 1 is true." in read(client, f"{address}?verdict=%3Cb%3E").text


def test_a_claim_that_is_shared_says_its_verdict_and_leads_to_the_whole_text(client):
    publication = make_claims()
    page = read(client, claim(1))

    shared = {meta["property"]: meta["content"] for meta in page.all("meta") if "property" in meta}
    assert shared["og:title"] == "Is it true? “Claim number 1 is true.”"
    assert LABELS["overstated"] in shared["og:description"]
    assert shared["og:image"].endswith(reverse("article-card", args=[publication.slug]))
    whole = reverse("article-detail", args=[publication.slug])
    assert f"{whole}#claim-claim-1" in [a["href"] for a in page.all("a")]


@pytest.mark.parametrize("name", ["home", "topic-list", "handout-list", "claim-list"])
def test_pages_of_the_site_say_what_they_are_where_they_are_shared(client, name):
    page = read(client, reverse(name))
    shared = {meta["property"]: meta["content"] for meta in page.all("meta") if "property" in meta}

    assert shared["og:title"]
    assert shared["og:description"]
    assert shared["og:url"].endswith(reverse(name))
