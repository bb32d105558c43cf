"""Who asks too fast waits a minute; others, and readers of pages, don't."""

import pytest
from django.urls import reverse

from tests.factories import make_publication

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/search/?q=cells", "/search/suggest/?q=cells", "/check/7F3-K9Q-2MF/", "/check/shelf/",
    "/reports/7F3-K9Q-2MF/", "/reports/about/page/", "/reports/clear/page/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_asks_too_fast_waits_and_others_do_not(client, settings, monkeypatch, address):
    settings.REQUESTS_A_MINUTE = 5
    monkeypatch.setattr("education.public.rate_limits.time.time", lambda: now[0])
    now = [60 * 1_000_000 + hash(address) % 10_000 * 60]
    place = "2001:db8:1:2::{}"
    for number in range(5):
        assert client.get(address, REMOTE_ADDR=place.format(number)).status_code != 429

    refused = client.get(address, REMOTE_ADDR=place.format("f"))
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "no-store" in refused.headers["Cache-Control"]
    assert client.get(address, REMOTE_ADDR="2001:db8:1:3::1").status_code != 429
    now[0] += 60
    assert client.get(address, REMOTE_ADDR=place.format("f")).status_code != 429


def test_pages_are_read_however_fast(client, settings):
    settings.REQUESTS_A_MINUTE = 1
    address = reverse("article-detail", args=[make_publication().slug])
    for _ in range(5):
        assert client.get(address).status_code == 200
