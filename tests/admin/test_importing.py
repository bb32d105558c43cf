"""Importing evidence at the desk: what is shown before anything is written, and what is chosen."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.evidence import importing
from education.evidence.importing import read, start_import
from education.evidence.models import EvidenceImport, EvidenceItem
from education.people.models import Role
from tests.factories import make_item, make_person, make_writer
from tests.services import crossref_work, local_services, pubmed_work

pytestmark = pytest.mark.django_db

START = "admin:education_evidenceimport_add"


@pytest.fixture
def services(settings, monkeypatch):
    monkeypatch.setattr(importing, "SECONDS_BETWEEN", 0)
    with local_services(settings) as running:
        yield running


@pytest.fixture
def writer(client):
    person = make_writer()
    client.force_login(person)
    return person


def work(**fields):
    return {"type": "article-journal", "title": "New", "id": "new2020"} | fields


def upload(client, *works, content=None, name="works.json", **data):
    data["file"] = SimpleUploadedFile(name, content or json.dumps(works).encode())
    return client.post(reverse(START), data, follow=True)


def waiting(*works):
    return start_import(source="works.json", records=read(json.dumps(works).encode()), by=None)


def page(batch):
    return reverse("admin:education_evidenceimport_change", args=[batch.pk])


def confirm(client, batch, **data):
    seen = importing.plan_of(batch).seen
    return client.post(page(batch), {"seen": seen} | data, follow=True)


def test_the_list_of_works_leads_to_the_import(client, writer):
    shown = client.get(reverse("admin:education_evidenceitem_changelist")).content.decode()

    assert reverse(START) in shown


def test_an_uploaded_file_is_shown_before_anything_is_written(client, writer):
    make_item("here2020", title="Here", volume="6")

    response = upload(client, work(), work(title="Here", volume="7"), {"id": "bad"})

    shown = response.content.decode()
    assert "1 new, 1 here but different, 0 here already, 1 that can’t be used." in shown
    assert "Record 3 (bad): it has no title." in shown
    assert "Enter as <strong>new2020</strong>" in shown
    assert 'name="take" value="2:volume">' in shown
    assert "It is verified: with any change it waits for two people again" in shown
    assert EvidenceItem.objects.count() == 1
    assert EvidenceImport.objects.get().by == writer


def test_confirming_writes_what_was_chosen_and_says_so(client, writer):
    make_item("here2020", title="Here", volume="6", page="1")
    batch = waiting(work(), work(id="not", title="Not"), work(title="Here", volume="7", page="2"))

    shown = confirm(client, batch, enter=["1"], take=["3:volume"]).content.decode()

    assert "1 entered, 1 changed." in shown
    assert f"Confirmed by {writer}" in shown
    assert set(EvidenceItem.objects.values_list("key", "volume", "page")) == {
        ("here2020", "7", "1"),
        ("new2020", "", ""),
    }
    assert EvidenceItem.objects.get(key="new2020").entered_by == writer


def test_confirming_twice_writes_once(client, writer):
    batch = waiting(work())
    confirm(client, batch, enter=["1"])

    shown = confirm(client, batch, enter=["1"]).content.decode()

    assert "was confirmed already." in shown
    assert EvidenceItem.objects.count() == 1


def test_confirming_what_changed_meanwhile_shows_it_again_with_the_ticks(client, writer):
    make_item("here2020", title="Here", volume="6")
    batch = waiting(work(), work(id="no", title="No"), work(title="Here", volume="7"))
    seen = importing.plan_of(batch).seen
    make_item("new2020")

    data = {"seen": seen, "enter": ["1"], "take": ["3:volume"]}
    shown = client.post(page(batch), data).content.decode()

    assert "Something changed since you looked." in shown
    assert "Enter as <strong>new2020a</strong>" in shown
    assert 'name="enter" value="1" checked>' in shown
    assert 'name="enter" value="2">' in shown
    assert 'name="take" value="3:volume" checked>' in shown
    assert EvidenceItem.objects.get(key="here2020").volume == "6"


@pytest.mark.parametrize("seen", ["", "x"])
def test_confirming_what_was_not_seen_is_refused(client, writer, seen):
    batch = waiting(work())

    client.post(page(batch), {"seen": seen, "enter": ["1"]})

    assert not EvidenceItem.objects.exists()


@pytest.mark.parametrize("choice", ["x", "9:volume", "1:nothing", "²:volume", ":", "1", "9" * 5000])
def test_a_hand_made_choice_does_nothing(client, writer, choice):
    item = make_item(title="New", volume="6")
    batch = waiting(work(volume="7"))

    response = confirm(client, batch, take=[choice], enter=[choice])

    assert response.status_code == 200
    item.refresh_from_db()
    assert item.volume == "6"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "Type a DOI or a PubMed id, or choose a file."),
        ({"identifiers": " \n "}, "Type a DOI or a PubMed id, or choose a file."),
        ({"identifiers": " ".join(map(str, range(1, 30)))}, "These are 29; at most 20"),
    ],
)
def test_a_form_without_a_work_is_shown_again(client, writer, data, reason):
    response = client.post(reverse(START), data)

    assert response.status_code == 200
    assert reason in response.content.decode()
    assert not EvidenceImport.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"just words", "The file is not CSL-JSON, RIS, BibTeX, PubMed"),
        (b"[]", "The file holds no records."),
        (b"[" + b" " * (10 * 1024 * 1024), "At most 10 MB can be imported. Split the file."),
        (json.dumps([work()] * 501).encode(), "The file holds 501 works; here at most 500"),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_with_a_reason(client, writer, content, reason):
    response = upload(client, content=content, identifiers="")

    assert reason in response.content.decode()
    assert not EvidenceImport.objects.exists()


def test_identifiers_are_fetched_once_and_the_preview_asks_nobody(client, writer, services):
    services.knows(crossref_work("10.1000/one"), pubmed_work("17"))

    response = client.post(
        reverse(START), {"identifiers": "10.1000/one\nPMID: 17\n10.1000/none"}, follow=True
    )
    again = client.get(response.redirect_chain[0][0])

    shown = again.content.decode()
    assert "2 new, 0 here but different, 0 here already, 1 that can’t be used." in shown
    assert "Crossref does not know DOI 10.1000/none." in shown
    assert services.asked == ["10.1000/one", "17", "10.1000/none"]


def test_what_was_typed_stays_when_nothing_could_be_fetched(client, writer, services):
    services.status, services.headers = 429, {"Retry-After": "90"}

    shown = client.post(reverse(START), {"identifiers": "10.1000/one"}).content.decode()

    assert "try again in 90 seconds" in shown
    assert "10.1000/one</textarea>" in shown
    assert not EvidenceImport.objects.exists()


def test_nothing_a_file_says_becomes_markup(client, writer):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    make_item("here2020", title="Here", volume="6")
    batch = waiting(
        work(title=hostile, author=[{"literal": hostile}], publisher=hostile),
        work(title="Here", volume=hostile[:30], publisher=hostile),
        {"id": hostile},
    )

    before = client.get(page(batch)).content.decode()
    after = confirm(client, batch, enter=["1"], take=["2:volume", "2:publisher"]).content.decode()

    for shown in (before, after):
        assert "alert(1)" in shown
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


@pytest.mark.parametrize("role", [None, Role.AUDITOR, Role.CLINIC])
def test_others_do_not_import(client, role):
    client.force_login(make_person(*([role] if role else []), is_superuser=role is None))
    batch = waiting(work())

    assert client.get(reverse(START)).status_code == 403
    assert upload(client, work()).status_code == 403
    assert client.post(page(batch), {"enter": ["1"]}).status_code == 403
    assert not EvidenceItem.objects.exists()


def test_the_auditor_looks_and_finds_no_button(client):
    client.force_login(make_person(Role.AUDITOR))

    shown = client.get(page(waiting(work()))).content.decode()

    assert "Enter as <strong>new2020</strong>" in shown
    assert 'value="Confirm"' not in shown
    assert client.get(reverse("admin:education_evidenceimport_changelist")).status_code == 200


def test_a_preview_asks_the_same_number_of_questions_for_many_works(
    client, writer, django_assert_max_num_queries
):
    for n in range(12):
        make_item(f"here{n}", title=f"Here {n}", volume="1")
    batch = waiting(
        *[work(id=f"n{n}", title=f"Title {n}") for n in range(30)],
        *[work(title=f"Here {n}", volume="7") for n in range(12)],
    )

    with django_assert_max_num_queries(12):
        client.get(page(batch))


def test_identifiers_as_they_were_typed_are_proposed_and_changed_only_when_confirmed(
    client, writer
):
    make_item("dash2020", title="Dashed", doi="10.1000/x-1", pmid="17")
    make_item("plain2020", title="Plain", doi="10.1000/x-2", pmid="18")
    EvidenceItem.objects.filter(key="dash2020").update(doi="10.1000/x\u20101\u200b")
    start = client.get(reverse(START)).content.decode()
    assert "1 item holds a DOI or PubMed id with a hidden sign" in start

    shown = client.post(reverse(START), {"_mend": "Propose"}, follow=True)
    [proposal] = shown.context["found"].proposals
    assert [(one.field, one.theirs) for one in proposal.differences] == [("DOI", "10.1000/x-1")]
    assert "\u2010" in EvidenceItem.objects.get(key="dash2020").doi

    confirm(client, EvidenceImport.objects.get(), take=["1:DOI"])
    assert EvidenceItem.objects.get(key="dash2020").doi == "10.1000/x-1"
    assert "hidden sign" not in client.get(reverse(START)).content.decode()


def test_where_all_identifiers_are_plain_nothing_is_proposed(client, writer):
    make_item("plain2020", doi="10.1000/X-2", pmid="18")

    assert "hidden sign" not in client.get(reverse(START)).content.decode()
    client.post(reverse(START), {"_mend": "Propose"})
    assert not EvidenceImport.objects.exists()
