"""verify_audit and check_integrity name every row that is not what the record says."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from education.articles.models import Contribution
from education.audit import triggers
from education.handouts.models import PrintedCopy
from education.handouts.operations import print_copy
from education.management.integrity import audit_problems
from education.publishing.models import MaskedPassage, Publication, PublicationEvent
from education.publishing.operations import withdraw
from education.publishing.passages import mask_passage
from education.review.models import Review
from tests.factories import make_editor, make_publication, make_revision, make_topic
from tests.handouts.clinics import make_clinic_person

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def site():
    """A page that was masked, printed and withdrawn, with the database's guards taken away."""
    page = make_publication()
    mask_passage(publication=page, words="What was found", reason="No.", by=make_editor())
    person = make_clinic_person()
    print_copy(clinic=person.clinic_staff.clinic, by=person, slug=make_publication().slug)
    withdraw(publication=page, by=make_editor(), reason="It was wrong.")
    assert list(audit_problems()) == []
    triggers.remove(connection)
    return page


def delete(model):
    def change(page):
        row = model._default_manager.order_by("pk").first()
        model._default_manager.filter(pk=row.pk)._raw_delete(connection.alias)

    return change


def update(model, **values):
    def change(page):
        row = model._default_manager.order_by("pk").first()
        model._default_manager.filter(pk=row.pk).update(**values)

    return change


def withdraw_behind(page):
    other = Publication.objects.exclude(pk=page.pk).get()
    PublicationEvent.objects.create(
        publication=other, kind="withdrawn", at=other.published_at, by=make_editor(), reason="No."
    )


def move_to_another(name, make, *args):
    def change(page):
        Publication.objects.filter(pk=page.pk).update(**{name: make(*args)})

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (delete(PublicationEvent), "A row of education_publicationevent is gone"),
        (delete(Contribution), "A row of education_contribution is gone"),
        (delete(Review), "A row of education_review is gone"),
        (delete(MaskedPassage), "A row of education_maskedpassage is gone"),
        (update(PublicationEvent, reason="Because."), "education_publicationevent .*: reason"),
        (update(Contribution, inherited=True), "education_contribution .*: inherited"),
        (update(Review, content_hash="x"), "education_review .*: content_hash"),
        (update(PrintedCopy, copies=7), "education_printedcopy .*: copies"),
        (withdraw_behind, "education_publicationevent was put in behind the record"),
        (update(Publication, search_text="other"), "The published copy .* was altered"),
        (update(Publication, publisher_name="other"), "The published copy .* was altered"),
        (update(Publication, number=9), "The published copy .* was altered"),
        (update(Publication, reviewed_on="2020-01-01"), "The published copy .* was altered"),
        (update(Publication, goes_live_at="2020-01-01T00:00Z"), "The published copy .* was alt"),
        (move_to_another("topic", make_topic, "other"), "The published copy .* was altered"),
        (move_to_another("revision", make_revision), "The published copy .* was altered"),
    ],
)
def test_a_row_that_is_not_what_the_record_says_is_named(site, change, told):
    change(site)

    said = "\n".join(audit_problems())
    assert re.search(told, said), said


def test_both_commands_say_so_and_change_nothing(site, capsys):
    delete(PublicationEvent)(site)

    for command in ("verify_audit", "check_integrity"):
        with pytest.raises(CommandError):
            call_command(command)
        assert "education_publicationevent is gone" in capsys.readouterr().err
    assert not PublicationEvent.objects.exists()


def test_a_whole_site_is_sound_and_says_nothing(site):
    triggers.install(connection)

    assert list(audit_problems()) == []
