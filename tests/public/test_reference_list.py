"""A long list of references links to what each work found, so that a page stays light."""

import pytest
from django.urls import reverse

from education.public import reference_list
from education.public.reference_list import with_links_to_findings
from tests.factories import make_draft, make_item, make_publication
from tests.public.reading import read

PRINTED = (
    '<ol><li id="ref-1" value="1"><p>One.</p></li>'
    '<li id="ref-2" value="2"><p>Two.</p><details class="reference-finding">'
    "<summary>What it found</summary><p>It fell.</p><p>Limits: Small.</p></details></li></ol>"
)
REFERENCES = [{"n": 1, "key": "first2001"}, {"n": 2, "key": "second2002"}]


def test_a_short_list_keeps_its_findings():
    assert with_links_to_findings(PRINTED, REFERENCES) == PRINTED


def test_a_long_list_links_each_finding_to_the_page_of_its_own_work(monkeypatch):
    monkeypatch.setattr(reference_list, "MOST_FINDINGS", 1)

    printed = with_links_to_findings(PRINTED, REFERENCES)

    assert "It fell." not in printed
    assert '<a href="/evidence/second2002/">What it found</a>' in printed
    assert "first2001" not in printed


@pytest.mark.django_db
def test_the_link_on_a_page_leads_to_the_finding(client, monkeypatch):
    monkeypatch.setattr(reference_list, "MOST_FINDINGS", 0)
    item = make_item()
    publication = make_publication(draft=make_draft(item.key))
    address = reverse("evidence-detail", args=[item.key])

    page = client.get(reverse("article-detail", args=[publication.slug])).content.decode()

    assert f'<a href="{address}">What it found</a>' in page
    assert item.finding in read(client, address).text
