"""The home page."""

import re

import pytest
from django.utils import timezone

from tests.factories import make_publication

pytestmark = pytest.mark.django_db


def test_pages_of_one_moment_are_news_in_the_order_of_their_publication(client, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    slugs = [make_publication().slug for _ in range(3)]

    news = client.get("/").content.decode().partition('id="news"')[2]

    assert re.findall(r'<h3><a href="/articles/([^/]+)/">', news) == slugs[::-1]
