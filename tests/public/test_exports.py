"""References that readers take along, and that our own import takes back."""

import json

import pytest
from django.urls import reverse

from education.evidence.formats import parse
from education.evidence.import_preview import ProposalKind, plan
from education.evidence.operations import change_item
from education.publishing.operations import withdraw
from tests.factories import make_draft, make_editor, make_item, make_publication
from tests.public.reading import read

pytestmark = pytest.mark.django_db

ENDINGS = ["ris", "bib", "json"]


def files_on(client, url):
    return [a["href"] for a in read(client, url).all("a") if "download" in a]


@pytest.mark.parametrize("ending", ENDINGS)
def test_evidence_export_is_what_our_import_takes_back(client, ending):
    item = make_item("here2020", title="A <b>study</b> & more", doi="10.1000/x", volume="6")

    response = client.get(reverse("evidence-export", args=[item.key, ending]))

    assert response["Content-Disposition"] == f'attachment; filename="here2020.{ending}"'
    [proposal] = plan(parse(response.content)).proposals
    assert (proposal.kind, proposal.item) == (ProposalKind.SAME, item)


def test_evidence_page_offers_its_reference_in_every_format(client):
    item = make_item()
    files = files_on(client, reverse("evidence-detail", args=[item.key]))

    assert files == [reverse("evidence-export", args=[item.key, ending]) for ending in ENDINGS]
    assert {client.get(file).status_code for file in files} == {200}


def test_evidence_export_keeps_to_what_the_public_may_see(client):
    make_item("waits2020", verified=False)
    make_item("here2020", dossier_note="Doubtful.")

    assert client.get(reverse("evidence-export", args=["waits2020", "ris"])).status_code == 404
    assert client.get(reverse("evidence-export", args=["none2020", "ris"])).status_code == 404
    assert client.get(reverse("evidence-export", args=["here2020", "exe"])).status_code == 404
    assert client.post(reverse("evidence-export", args=["here2020", "ris"])).status_code == 405
    shown = client.get(reverse("evidence-export", args=["here2020", "json"])).content.decode()
    assert "Doubtful." not in shown
    assert "Something was found." in shown


@pytest.mark.parametrize("ending", ENDINGS)
def test_references_export_has_every_work_of_the_page_in_its_order(client, ending):
    for key in ("b2020", "a2020"):
        make_item(key)
    publication = make_publication(draft=make_draft("b2020", "a2020"))

    page = reverse("article-detail", args=[publication.slug])
    assert reverse("references-export", args=[publication.slug, ending]) in files_on(client, page)
    response = client.get(reverse("references-export", args=[publication.slug, ending]))

    assert [record.csl["id"] for record in parse(response.content)] == ["b2020", "a2020"]


def test_references_export_shows_nothing_of_an_edit_that_nobody_verified(client):
    item = make_item("here2020", title="As it was", doi="10.1000/x")
    publication = make_publication(draft=make_draft(item.key))
    change_item(item=item, details={"title": "As nobody has checked it"}, by=None)

    response = client.get(reverse("references-export", args=[publication.slug, "json"]))

    [record] = json.loads(response.content)
    assert record["title"].startswith("Tester A. As it was.")
    assert record["DOI"] == "10.1000/x"


def test_references_export_is_gone_with_its_page(client):
    publication = make_publication()
    address = reverse("references-export", args=[publication.slug, "ris"])
    assert client.get(address).status_code == 200
    withdraw(publication=publication, by=make_editor(), reason="Out of date.")

    assert client.get(address).status_code == 404
