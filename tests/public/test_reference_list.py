"""A long list of references links to what each work found, so that a page stays light."""

import pytest
from django.urls import reverse

from education.public import parts
from tests.factories import make_draft, make_item, make_publication
from tests.public.reading import read


@pytest.mark.django_db
def test_a_short_list_holds_what_each_work_found(client):
    item = make_item()
    publication = make_publication(draft=make_draft(item.key))

    page = client.get(reverse("article-detail", args=[publication.slug])).content.decode()

    assert item.finding in page


@pytest.mark.django_db
def test_a_long_list_leads_to_the_page_of_each_work_for_its_finding(client, monkeypatch):
    monkeypatch.setattr(parts, "MOST_FINDINGS", 0)
    item = make_item()
    publication = make_publication(draft=make_draft(item.key))
    address = reverse("evidence-detail", args=[item.key])

    page = client.get(reverse("article-detail", args=[publication.slug])).content.decode()
    version = reverse("version-detail", args=[publication.slug, publication.number])

    assert f'<a href="{address}">What it found</a>' in page
    assert item.finding not in page
    assert item.finding in read(client, address).text
    # A work that only an old version cites may have no page any more.
    assert item.finding in client.get(version).content.decode()
