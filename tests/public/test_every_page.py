"""What every page for readers must hold to, whatever is published."""

import datetime
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from education.public.context import DEMONSTRATION_NOTICE
from tests.factories import (
    make_article,
    make_draft,
    make_publication,
    make_revision_in_review,
    make_topic,
)
from tests.public.reading import fixed_addresses, make_claims, make_comparison, make_site, read

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_every_page_has_one_title_one_h1_and_a_language(client):
    for address in make_site():
        page = read(client, address)
        assert len(page.all("title")) == 1, address
        assert len(page.all("h1")) == 1, address
        assert page.all("html")[0]["lang"] == "en", address
        assert len(page.all("main")) == 1, address


def test_every_page_works_before_anything_is_published(client):
    for address in fixed_addresses():
        page = read(client, address)
        assert len(page.all("h1")) == 1, address


def test_every_page_has_unique_ids_and_links_that_lead_somewhere(client):
    followed = set()
    for address in make_site():
        page = read(client, address)
        assert len(page.ids) == len(set(page.ids)), address
        for link in page.all("a"):
            href = link["href"] or ""
            if href.startswith("#"):
                assert href[1:] in page.ids, f"{address} {href}"
            elif href.startswith("/") and href not in followed:
                followed.add(href)
                assert client.get(href, follow=True).status_code == 200, f"{address} {href}"


def test_every_page_keeps_to_the_content_security_policy(client):
    for address in make_site():
        response = client.get(address)
        html = response.content.decode()
        assert " style=" not in html, address
        assert "<style" not in html, address
        assert not re.search(r"\son\w+=", html), address
        for script in read(client, address).all("script"):
            assert script.get("src") or script.get("type") == "application/ld+json", address
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy


def test_every_page_asks_nothing_of_other_sites(client):
    for address in make_site():
        page = read(client, address)
        asked = [tag.get("src") for name in ("script", "img", "iframe") for tag in page.all(name)]
        asked += [tag.get("href") for tag in page.all("link") if tag.get("rel") != "canonical"]
        ours = [url.removeprefix(settings.SITE_URL) for url in asked if url]
        assert all(url.startswith("/") for url in ours), address


def test_every_page_sets_no_cookie_and_does_not_vary_by_cookie(client):
    for address in make_site():
        response = client.get(address)
        assert not response.cookies, address
        assert "Cookie" not in response.headers.get("Vary", ""), address


def test_every_page_of_a_demonstration_says_so(client, settings):
    settings.DEMO = True
    for address in make_site():
        assert str(DEMONSTRATION_NOTICE) in read(client, address).text, address


def test_no_page_says_demonstration_on_a_real_site(client):
    for address in make_site():
        assert str(DEMONSTRATION_NOTICE) not in read(client, address).text, address


def test_every_page_refuses_to_be_posted_to(client):
    forms = ("/reports/about/", "/reports/clear/")
    for address in make_site():
        expected = 400 if address.startswith(forms) else 405
        assert client.post(address).status_code == expected, address


def test_no_page_reads_a_draft_or_a_review(client):
    addresses = make_site()
    make_revision_in_review()
    drafts = re.compile(
        r"education_(revision|article|review|keymessage|comparison|claimcheck|glossaryterm"
        r"|citation|contribution)\w*"
    )
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        for query in queries.captured_queries:
            assert not drafts.search(query["sql"]), f"{address}: {query['sql']}"


def test_a_draft_appears_nowhere(client):
    addresses = make_site()
    hidden = make_revision_in_review(draft=make_draft(title="A title only reviewers know"))
    for address in [*addresses, f"{reverse('search')}?q=only+reviewers"]:
        assert "A title only reviewers know" not in read(client, address).text, address
    assert client.get(reverse("article-detail", args=[hidden.article.slug])).status_code == 404


def test_home_shows_the_comparison_and_the_questions(client):
    publication = make_publication()
    make_comparison()

    page = read(client, reverse("home"))

    assert publication.title in page.text
    assert "Stem cell therapy" in page.text
    assert "Low certainty" in page.text


def test_home_asks_in_the_order_of_the_topics(client):
    for place, title in ((2, "About care"), (1, "Zebras")):
        topic = make_topic(f"topic-{place}", position=place)
        make_publication(
            article=make_article(slug=f"page-{place}", topic=topic), draft=make_draft(title=title)
        )
    text = read(client, reverse("home")).text.partition("What parents ask")[2]
    assert text.index("Zebras") < text.index("About care")


def test_the_page_for_a_family_about_to_pay_is_asked_first(client):
    make_publication(article=make_article(slug="any-page", topic=make_topic("first", position=1)))
    about_to_pay = make_draft(title="How can we judge a clinic before we pay?")
    make_publication(article=make_article(slug="before-you-pay"), draft=about_to_pay)

    page = client.get(reverse("home")).content.decode().partition("What parents ask")[2]

    assert page.index("/articles/before-you-pay/") < page.index("/articles/any-page/")


def test_harms_are_listed_under_cells_and_the_operation_too(client):
    harms = make_topic("making-a-decision")
    make_publication(article=make_article(slug="harms-of-cells-and-surgery", topic=harms))
    for slug in ("stem-cell-therapy", "rhizotomy"):
        make_publication(article=make_article(topic=make_topic(slug)))

    page = client.get(reverse("topic-list")).content.decode()

    assert page.count("/articles/harms-of-cells-and-surgery/") == 3


def test_compare_leads_to_the_only_comparison(client):
    assert "No comparison has been published yet" in read(client, reverse("comparison-list")).text

    comparison = make_comparison()
    response = client.get(reverse("comparison-list"))
    assert response.status_code == 302
    assert response.url == reverse("article-detail", args=[comparison.slug])

    make_comparison("another-comparison")
    assert len(read(client, reverse("comparison-list")).all("h2")) >= 2


def test_sitemap_names_what_is_public_and_robots_the_sitemap(client):
    publication = make_publication()
    make_claims()
    sitemap = ET.fromstring(client.get("/sitemap.xml").content)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert sitemap.tag == f"{space}urlset"
    addresses = [
        place.text.removeprefix(settings.SITE_URL) for place in sitemap.iter(f"{space}loc")
    ]
    assert len(addresses) == len(set(addresses))
    assert {f"/articles/{publication.slug}/", "/claims/claim-2/", "/"} <= set(addresses)
    for address in addresses:
        links = [tag for tag in read(client, address).all("link") if tag["rel"] == "canonical"]
        assert [link["href"] for link in links] == [f"{settings.SITE_URL}{address}"]
    for day in sitemap.iter(f"{space}lastmod"):
        assert datetime.datetime.fromisoformat(day.text).tzinfo
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_robots_keep_out_of_a_demonstration(client, settings):
    settings.DEMO = True
    assert "Disallow: /\n" in client.get("/robots.txt").content.decode()
