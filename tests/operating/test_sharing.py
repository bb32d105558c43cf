"""What other sites may have of each address, as docs/connect.md says: every address is asked."""

import pytest
from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse

from tests.factories import make_editor, make_publication

pytestmark = pytest.mark.django_db

DATA = {"cors": "*", "corp": "cross-origin", "frames": False}
PAGE_FOR_FRAMES = {"cors": None, "corp": "cross-origin", "frames": True}
OURS = {"cors": None, "corp": "same-origin", "frames": False}
EVERY_SITE = {
    "embed": PAGE_FOR_FRAMES,
    "connect": PAGE_FOR_FRAMES,
    "integrators": OURS,
    "article-card": {"cors": None, "corp": "cross-origin", "frames": False},
    "handout-pdf": {"cors": "*", "corp": "cross-origin", "frames": True},
}


def shared(response):
    policy = response.get("Content-Security-Policy", "")
    framed = "frame-ancestors *" in policy
    assert framed == ("X-Frame-Options" not in response)
    assert framed or "frame-ancestors 'none'" in policy
    assert "Access-Control-Allow-Credentials" not in response
    assert response["X-Content-Type-Options"] == "nosniff"
    return {
        "cors": response.get("Access-Control-Allow-Origin"),
        "corp": response["Cross-Origin-Resource-Policy"],
        "frames": framed,
    }


def patterns(resolver, before=""):
    """Every address of the site as (name, address with {argument}s)."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry.name, before + str(entry.pattern), entry.pattern.converters
        else:
            yield from patterns(entry, before + str(entry.pattern))


def addresses(slug):
    for name, pattern, converters in patterns(get_resolver(settings.ROOT_URLCONF)):
        if "(" in pattern or "\\" in pattern:
            continue
        address = pattern
        for argument, converter in converters.items():
            value = "1" if "Int" in type(converter).__name__ else slug
            for written in (f"<int:{argument}>", f"<slug:{argument}>", f"<str:{argument}>",
                            f"<path:{argument}>", f"<{argument}>"):  # fmt: skip
                address = address.replace(written, value)
        yield name, f"/{address}"


@pytest.mark.slow
def test_each_address_gives_other_sites_what_the_table_says_and_no_more(client):
    slug = make_publication().slug
    client.force_login(make_editor())
    seen = set()

    for name, address in addresses(slug):
        expected = EVERY_SITE.get(name) or (DATA if address.startswith("/api/v1/") else OURS)
        assert shared(client.get(address, {"searchFormCode": ""})) == expected, address
        seen.add(name)

    assert set(EVERY_SITE) <= seen
    assert len(seen) > 60


QUESTION = {"mainSearchCriteria.v.c": "G80", "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.3"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"knowledgeResponseType": "text/xml"}, DATA),
        ({"knowledgeResponseType": "application/json"}, DATA),
        (
            {"knowledgeResponseType": "application/javascript", "callback": "answer"},
            {"cors": None, "corp": "cross-origin", "frames": False},
        ),
        ({"knowledgeResponseType": "text/html"}, PAGE_FOR_FRAMES),
        ({"knowledgeResponseType": "nonsense/at-all"}, None),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_record_system_reads_the_answer_it_asked_for(client, asked, expected, method):
    response = getattr(client, method)(reverse("connect"), QUESTION | asked)

    if expected is None:
        assert response.status_code == 400
        expected = DATA
    assert shared(response) == expected


@pytest.mark.parametrize(
    ("address", "methods", "headers"),
    [
        ("/connect/", "GET, HEAD, POST, OPTIONS", "Accept, Content-Type"),
        ("/handouts/a.pdf", "GET, HEAD, OPTIONS", "If-None-Match, Accept, Prefer"),
        ("/api/v1/articles/", "GET, HEAD, OPTIONS", "If-None-Match"),
    ],
)
def test_a_browser_that_asks_first_is_answered(client, address, methods, headers):
    response = client.options(address)

    assert response.status_code == 204
    assert response["Access-Control-Allow-Methods"] == methods
    assert response["Access-Control-Allow-Headers"] == headers
    assert shared(response)["cors"] == "*"


def test_every_link_of_the_page_for_record_systems_leaves_a_frame(client):
    make_publication()

    html = client.get(reverse("connect"), QUESTION | {"knowledgeResponseType": "text/html"})

    assert '<base target="_blank">' in html.content.decode()
