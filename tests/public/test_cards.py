"""The picture beside a link to a page."""

import struct

import pytest
from django.urls import reverse

from education.public import cards
from education.publishing.operations import withdraw
from tests.factories import (
    make_draft,
    make_editor,
    make_next_publication,
    make_publication,
)
from tests.public.reading import read

pytestmark = pytest.mark.django_db


def size_of(png):
    """Width and height of a PNG: PNG specification, 11.2.2."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_card_is_a_picture_of_the_size_that_the_page_announces(client, settings):
    settings.SITE_URL = "https://portal.example"
    publication = make_publication(draft=make_draft(title="Does it help?"))
    page = read(client, reverse("article-detail", args=[publication.slug]))
    said = {tag["property"]: tag["content"] for tag in page.all("meta") if "property" in tag}

    address = said["og:image"].removeprefix(settings.SITE_URL)
    response = client.get(address)

    assert address == f"/articles/{publication.slug}/card.png?version=1"
    assert response["Content-Type"] == "image/png"
    assert "Set-Cookie" not in response
    announced = (int(said["og:image:width"]), int(said["og:image:height"]))
    assert size_of(response.content) == announced == (1200, 630)
    assert said["og:image:alt"] == "Does it help?"


def test_card_follows_the_title(client):
    first = make_publication(draft=make_draft(title="Does it help?"))
    address = reverse("article-card", args=[first.slug])
    before = client.get(address).content
    assert client.get(address).content == before

    make_next_publication(first, title="Does it help at all?")

    assert client.get(address).content != before


def test_card_of_a_demonstration_is_another(settings):
    publication = make_publication()
    plain = cards.card_of(publication)
    settings.DEMO = True
    assert cards.card_of(publication) != plain


def test_card_is_not_found_for_what_is_not_public(client):
    publication = make_publication()
    withdraw(publication=publication, by=make_editor(), reason="Its main study fell.")

    for slug in (publication.slug, "never-was"):
        read(client, reverse("article-card", args=[slug]), 404)


def test_old_version_has_no_card(client):
    first = make_publication()
    make_next_publication(first)

    page = read(client, reverse("version-detail", args=[first.slug, 1]))

    assert "og:image" not in {tag.get("property") for tag in page.all("meta")}


@pytest.mark.parametrize(
    "title",
    [
        "W" * 200,
        "word " * 39 + "end",
        '#panic("x") $x$ *b* `c` @d <e>',
        "脑瘫",
        "\u202etfel",
        "🙂?",
    ],
)
def test_card_draws_any_title(title, settings):
    publication = make_publication()
    publication.title = title
    publication.publisher_name = settings.SITE_NAME = "A very long name " * 12

    assert size_of(cards.card_of(publication)) == (1200, 630)
