"""Whatever is asked of the public pages, they answer: 2,000 requests here, 20,000 by hand."""

import re

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operating.world import PARAMETER, addresses, make_world

pytestmark = pytest.mark.django_db

EACH = 10  # requests of one example

# What a page may be asked with, and values that mean something to one of them.
NAMES = sorted(
    [
        "q",
        "topic",
        "kind",
        "age",
        "gmfcs",
        "page",
        "sort",
        "only",
        "design",
        "year",
        "certainty",
        "option",
        "question",
        "code",
        "codes",
        "paper",
        "size",
        "length",
        "references",
        "copies",
        "from",
        "to",
        "old",
        "new",
        "since",
        "limit",
        "after",
        "informationRecipient",
        "mainSearchCriteria.v.c",
        "mainSearchCriteria.v.cs",
        "mainSearchCriteria.v.dn",
        "knowledgeResponseType",
    ]
)
KNOWN = sorted(
    [
        "page",
        "1",
        "2",
        "4-5",
        "II",
        "movement",
        "stands2020",
        "letter",
        "giant",
        "full",
        "G80.1",
        "text/html",
        "application/json",
        "en",
        "rhizotomy",
        "newest",
        "2026-01-01T00:00:00Z",
        "ris",
        "pdf",
        "card.png",
    ]
)
VALUES = st.one_of(st.sampled_from(KNOWN), st.text(max_size=30), st.integers().map(str))
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Modified-Since",
         "Range", "Origin", "Referer", "Cookie", "X-Request-ID"]
    ),
    st.one_of(
        st.sampled_from(["*/*", "application/json;q=0.x", '"abc"', "W/", "bytes=0-", "gzip;q=0"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    ),
    max_size=2,
)  # fmt: skip
METHODS = st.sampled_from(["GET"] * 6 + ["HEAD", "POST", "OPTIONS", "DELETE"])


def public():
    return [
        pattern
        for pattern in addresses()
        if not pattern.startswith(("admin/", "clinic/", "health/", "metrics"))
    ]


def path(pattern: str) -> st.SearchStrategy[str]:
    """An address of this pattern: with what is there, or with anything."""
    plain = re.sub(r"\[\\s\\S\]\+|[\^$]", "", pattern)
    parts = PARAMETER.split(plain)
    words = st.one_of(
        st.sampled_from(KNOWN),
        st.text(max_size=12).map(lambda text: re.sub(r"[\ud800-\udfff]", "", text)),
    )
    fixed = [st.just(part) for part in parts[::3]]
    pieces = [piece for pair in zip(fixed, [words] * len(fixed), strict=True) for piece in pair]
    return st.tuples(*pieces[:-1]).map(lambda found: "/" + "".join(found))


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(public()).flatmap(path),
        METHODS,
        st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3),
        HEADERS,
    ),
    min_size=EACH,
    max_size=EACH,
)


@pytest.fixture(scope="module")
def client():
    return Client(raise_request_exception=False)


def ask(client, requests):
    for address, method, query, headers in requests:
        response = client.generic(method, address, query_params=query, headers=headers)
        assert response.status_code < 500, (method, address, query, headers)


@pytest.fixture
def world():
    return make_world()


@pytest.mark.thorough
@given(REQUESTS)
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_no_request_is_answered_with_an_error(world, client, requests):
    ask(client, requests)


@pytest.mark.soak
@given(REQUESTS)
@settings(max_examples=2000, suppress_health_check=list(HealthCheck))
def test_no_request_of_very_many_is_answered_with_an_error(world, client, requests):
    ask(client, requests)
