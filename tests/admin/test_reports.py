"""Reports of readers at the desk: who sees them first, and what can be done."""

import pytest
from django.urls import reverse

from education.admin.dashboard import my_work
from education.feedback.models import Report
from education.people.models import Role
from tests.factories import (
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_writer,
)
from tests.feedback.reports import make_report

pytestmark = pytest.mark.django_db

SAFETY, OTHERS = "Readers say this could harm a child", "Reports of readers"


def step(name, report):
    return reverse(f"admin:education_report_{name}", args=[report.pk])


def test_what_could_harm_a_child_stands_before_everything_else():
    page = make_publication()
    make_report(page, kind="unclear", words="What is a rhizotomy?")
    make_report(page, kind="safety", words="The dose is wrong.")

    for person in (make_editor(), make_medical_reviewer()):
        piles = my_work(person)
        assert piles[0].title == SAFETY
        assert "The dose is wrong." in piles[0].rows[0].why
        assert OTHERS in [pile.title for pile in piles]
    writer = [pile.title for pile in my_work(make_writer())]
    assert OTHERS in writer
    assert SAFETY not in writer
    for role in (Role.AUDITOR, Role.CLINIC):
        assert not {SAFETY, OTHERS} & {pile.title for pile in my_work(make_person(role))}


def test_an_editor_answers_a_report(client):
    report = make_report()
    client.force_login(make_editor())

    response = client.post(
        step("answer", report), {"words": "We mended it.", "outcome": "changed"}, follow=True
    )

    assert "We mended it." in response.content.decode()
    report.refresh_from_db()
    assert report.outcome == "changed"
    assert SAFETY not in response.content.decode()


def test_a_refused_answer_keeps_what_was_typed(client):
    report = make_report()
    writer = report.publication.revision.contributors().first()
    client.force_login(writer)

    typed = {"words": "It is fine as it is.", "outcome": "no_change"}
    response = client.post(step("answer", report), typed)

    html = response.content.decode()
    assert "someone else must say that it may stay" in html
    assert "It is fine as it is." in html
    report.refresh_from_db()
    assert report.closed_at is None


@pytest.mark.parametrize("name", ["dismiss", "blank"])
def test_what_cannot_be_undone_is_confirmed_first(client, name):
    report = make_report(words="Buy now")
    client.force_login(make_editor())

    assert "Buy now" in client.get(step(name, report)).content.decode()
    report.refresh_from_db()
    assert (report.closed_at, report.blanked_at) == (None, None)
    client.post(step(name, report))
    report.refresh_from_db()
    assert (report.closed_at is not None, report.blanked_at is not None) == (
        name == "dismiss",
        name == "blank",
    )


@pytest.mark.parametrize("name", ["answer", "dismiss", "blank"])
def test_who_may_not_answer_reaches_no_step(client, name):
    report = make_report(kind="safety")
    before = Report.objects.values().get()
    for person in (make_writer(), make_person(Role.AUDITOR), make_person(is_superuser=True)):
        client.force_login(person)
        assert client.get(step(name, report)).status_code == 403
        response = client.post(step(name, report), {"words": "No.", "outcome": "changed"})
        assert response.status_code == 403
    assert Report.objects.values().get() == before


def test_a_report_is_read_and_never_edited_or_deleted(client):
    report = make_report()
    client.force_login(make_editor())
    address = reverse("admin:education_report_change", args=[report.pk])

    assert "The number of children is wrong." in client.get(address).content.decode()
    assert client.post(address, {"words": "Other words."}).status_code == 403
    delete = reverse("admin:education_report_delete", args=[report.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert Report.objects.get().words == "The number of children is wrong."
