"""Nobody who judges a text becomes one of its writers unwarned."""

from io import BytesIO

import pytest
from django.urls import reverse

from education.articles.models import Revision
from education.people.models import Role
from education.review.rules import may_review
from tests.factories import (
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision():
    return make_revision()


def address(name: str, revision: Revision) -> str:
    return reverse(f"admin:education_revision_{name}", args=[revision.pk])


def fields_of(answer) -> dict[str, object]:
    """What the form holds, as a browser sends it."""
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    return {
        field.html_name: "" if field.value() is None else field.value()
        for form in forms
        for field in form
        if field.value() is not False
    }


def save(client, revision, **changes) -> str:
    page = client.get(address("change", revision))
    answer = client.post(address("change", revision), fields_of(page) | changes, follow=True)
    revision.refresh_from_db()
    return answer.content.decode()


@pytest.mark.parametrize(
    ("make", "lost"),
    [
        (make_medical_reviewer, "review"),
        (make_plain_language_reviewer, "review"),
        (make_editor, "publish"),
        (lambda: make_person(Role.MEDICAL_REVIEWER, Role.EDITOR_IN_CHIEF), "review or publish"),
    ],
)
def test_who_judges_is_told_before_they_save_and_says_yes_by_a_button(client, revision, make, lost):
    person = make()
    client.force_login(person)
    assert f"can never {lost} it" in client.get(address("change", revision)).content.decode()

    shown = save(client, revision, unknowns="- Another thing.")
    assert f"you can never {lost} it. Nothing is saved yet" in shown
    assert "- Another thing.</textarea>" in shown
    assert not revision.contributions.filter(person=person).exists()
    assert "Another" not in revision.unknowns

    assert 'name="_contribute"' in shown
    shown = save(client, revision, unknowns="- Another thing.", _contribute="1")
    assert "Another" in revision.unknowns
    assert revision.contributions.filter(person=person).exists()
    assert may_review(person, revision) == []
    assert "can never" not in shown


def test_who_only_writes_is_not_asked(client, revision):
    client.force_login(make_writer())
    assert "can never" not in client.get(address("change", revision)).content.decode()

    save(client, revision, unknowns="- Another thing.")

    assert "Another" in revision.unknowns


def test_a_word_file_asks_too(client, revision):
    client.force_login(make_medical_reviewer())
    file = BytesIO(b"no Word file")
    file.name = "text.docx"

    shown = client.post(
        address("word", revision), {"file": file, "expected_version": revision.version}
    ).content.decode()

    assert "I become one of its writers, and can never review this text." in shown
    assert "This field is required." in shown
    assert "docx" not in Revision.objects.get(pk=revision.pk).body
