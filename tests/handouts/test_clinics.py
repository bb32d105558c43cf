"""Clinics, who works at their desks, their details and packs."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from education.audit.models import Event
from education.handouts.models import Clinic, ClinicStaff, Pack, PackItem, PrintedCopy
from education.handouts.operations import (
    LARGEST_PACK,
    BadPackError,
    BadProfileError,
    NotYourClinicError,
    add_to_clinic,
    open_clinic,
    put_pack_away,
    save_pack,
    save_profile,
)
from education.handouts.rules import clinic_of
from education.people.models import Role
from education.publishing.operations import withdraw
from tests.factories import make_editor, make_person, make_publication, make_revision, make_writer
from tests.handouts.clinics import make_clinic, make_clinic_person
from tests.handouts.paper import LOGO

pytestmark = pytest.mark.django_db


def pack_of(person, *publications, **how):
    values = {"name": "First visit", "note": "", "slugs": [each.slug for each in publications]}
    return save_pack(clinic=person.clinic_staff.clinic, by=person, **values | how)


# Who works where


def test_open_clinic_is_for_editors_in_chief_and_commands():
    with pytest.raises(NotYourClinicError, match="Editor-in-chief"):
        open_clinic(name="Hillside", by=make_writer())
    assert not Clinic.objects.exists()

    opened = open_clinic(name=" Hillside ", by=make_editor())
    assert opened.name == "Hillside"
    assert Event.objects.filter(action="clinic.opened", subject="Hillside").count() == 1


@pytest.mark.parametrize(("name", "said"), [("  ", "has a name"), ("Hillside", "of this name")])
def test_open_clinic_refuses_a_name_that_names_nobody(name, said):
    make_clinic("Hillside")

    with pytest.raises(BadProfileError, match=said):
        open_clinic(name=name, by=None)

    assert Clinic.objects.count() == 1


def test_a_clinic_without_a_name_is_refused_by_model_and_database():
    with pytest.raises(ValidationError):
        Clinic(name="").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Clinic.objects.create(name="")


def test_a_person_works_at_one_desk_and_moves_with_the_next():
    first, second = make_clinic(), make_clinic()
    person = make_clinic_person(first)

    add_to_clinic(person=person, clinic=second, by=make_editor())

    assert clinic_of(person) == second
    assert ClinicStaff.objects.count() == 1


def test_nobody_without_the_role_works_at_a_clinics_desk():
    writer = make_writer()
    with pytest.raises(NotYourClinicError, match="Clinic"):
        add_to_clinic(person=writer, clinic=make_clinic(), by=None)
    assert clinic_of(writer) is None


def test_who_loses_the_role_or_the_account_loses_the_desk():
    person = make_clinic_person()
    person.groups.clear()
    assert clinic_of(person) is None

    other = make_clinic_person()
    other.is_active = False
    assert clinic_of(other) is None


def test_the_role_alone_gives_no_desk():
    assert clinic_of(make_person(Role.CLINIC)) is None


# Details


def test_save_profile_keeps_what_families_read_and_a_checked_logo():
    person = make_clinic_person()

    saved = save_profile(
        clinic=person.clinic_staff.clinic,
        by=person,
        name="Hillside",
        telephone="01234 567 890",
        opening_hours="Monday to Friday",
        address="1 Hill Road",
        logo=LOGO,
    )

    saved.refresh_from_db()
    assert (saved.name, saved.telephone) == ("Hillside", "01234 567 890")
    assert saved.checked_logo().kind == "svg"
    assert Event.objects.filter(action="clinic.details_changed").count() == 1


def test_save_profile_leaves_the_logo_or_takes_it_off_as_asked():
    person = make_clinic_person()
    clinic = person.clinic_staff.clinic
    save_profile(clinic=clinic, by=person, name="Hillside", logo=LOGO)

    kept = save_profile(clinic=clinic, by=person, name="Hillside")
    assert kept.checked_logo() is not None

    without = save_profile(clinic=clinic, by=person, name="Hillside", without_logo=True)
    assert without.checked_logo() is None


@pytest.mark.parametrize(
    "logo",
    [
        b"",
        b"GIF89a",
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>',
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
)
def test_save_profile_refuses_a_logo_that_does_more_than_draw(logo):
    person = make_clinic_person()
    clinic = person.clinic_staff.clinic

    with pytest.raises(BadProfileError):
        save_profile(clinic=clinic, by=person, name="Another name", logo=logo)

    clinic.refresh_from_db()
    assert clinic.name != "Another name"
    assert clinic.checked_logo() is None


def test_save_profile_refuses_another_clinics_name():
    make_clinic("Hillside")
    person = make_clinic_person()

    with pytest.raises(BadProfileError, match="another clinic of this name"):
        save_profile(clinic=person.clinic_staff.clinic, by=person, name="Hillside")


def test_nobody_changes_the_details_of_another_clinic():
    theirs = make_clinic("Theirs")

    for by in (make_clinic_person(), make_editor(), make_person(Role.CLINIC)):
        with pytest.raises(NotYourClinicError):
            save_profile(clinic=theirs, by=by, name="Ours now")

    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


# Packs


def test_save_pack_keeps_handouts_in_order_and_each_once():
    person = make_clinic_person()
    first, second = make_publication(), make_publication()

    saved = pack_of(person, second, first, second, note="Welcome.\r\nRead slowly.\r\n")

    assert [item.slug for item in saved.items.all()] == [second.slug, first.slug]
    assert saved.note == "Welcome.\nRead slowly."


def test_save_pack_changes_one_that_is_there():
    person = make_clinic_person()
    first, second = make_publication(), make_publication()
    saved = pack_of(person, first)

    changed = pack_of(person, second, first, name="Second visit", pack=saved)

    assert changed.pk == saved.pk
    assert changed.name == "Second visit"
    assert [item.slug for item in changed.items.all()] == [second.slug, first.slug]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"name": " "}, "Give the pack a name"),
        ({"slugs": []}, "at least one handout"),
        ({"slugs": [f"article-{n}" for n in range(LARGEST_PACK + 1)]}, "20 handouts at most"),
        ({"slugs": ["no-such-page"]}, "no handout called no-such-page"),
        ({"note": "x" * 3_001}, "3,001 characters; 3,000 fit"),
    ],
)
def test_save_pack_refuses_what_can_not_be_printed_and_saves_nothing(how, said):
    person = make_clinic_person()
    with pytest.raises(BadPackError, match=said):
        pack_of(person, make_publication(), **how)
    assert not Pack.objects.exists()
    assert not PackItem.objects.exists()


def test_save_pack_refuses_a_draft():
    draft = make_revision()
    with pytest.raises(BadPackError, match="no handout called"):
        pack_of(make_clinic_person(), slugs=[draft.article.slug])


def test_save_pack_keeps_a_handout_that_was_withdrawn_since():
    person, publication = make_clinic_person(), make_publication()
    saved = pack_of(person, publication)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    changed = pack_of(person, publication, name="Renamed", pack=saved)

    assert [item.slug for item in changed.items.all()] == [publication.slug]


def test_two_packs_in_use_never_share_a_name_but_one_put_away_frees_it():
    person, publication = make_clinic_person(), make_publication()
    first = pack_of(person, publication)

    with pytest.raises(BadPackError, match="another pack of this name"):
        pack_of(person, publication)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pack.objects.create(clinic=first.clinic, name=first.name)

    put_pack_away(pack=first, by=person)
    put_pack_away(pack=first, by=person)
    again = pack_of(person, publication)
    assert list(Pack.objects.in_use()) == [again]
    assert Event.objects.filter(action="pack.put_away").count() == 1


def test_two_clinics_may_call_their_packs_the_same():
    publication = make_publication()
    assert pack_of(make_clinic_person(), publication).name == "First visit"
    assert pack_of(make_clinic_person(), publication).name == "First visit"


def test_nobody_touches_the_pack_of_another_clinic():
    owner, other = make_clinic_person(), make_clinic_person()
    publication = make_publication()
    theirs = pack_of(owner, publication)

    with pytest.raises(NotYourClinicError):
        pack_of(other, publication, name="Ours", pack=theirs)
    with pytest.raises(NotYourClinicError):
        save_pack(clinic=theirs.clinic, by=other, name="Ours", note="", slugs=[publication.slug])
    with pytest.raises(NotYourClinicError):
        put_pack_away(pack=theirs, by=other)

    theirs.refresh_from_db()
    assert (theirs.name, theirs.put_away_at) == ("First visit", None)
    assert Pack.objects.count() == 1
    assert not PrintedCopy.objects.exists()
