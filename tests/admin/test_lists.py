"""Lists and forms of the desk in a large site: nothing is counted or offered to its end."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from education.admin.access import FirstThousand
from education.people.models import Role
from education.topics.models import Topic
from tests.factories import make_item, make_person, make_publication
from tests.handouts.clinics import make_clinic, make_clinic_person

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

# What never grows with the work; anything else may have a hundred thousand rows one day.
FEW = (Topic, Group)
DESK = [one for one in admin.site._registry.values() if one.model._meta.app_label == "education"]


def names(desk):
    return desk.model._meta.model_name


@pytest.fixture
def person():
    return make_person(*Role, is_superuser=True)


@pytest.mark.parametrize("desk", DESK, ids=names)
def test_a_list_is_never_counted_to_its_end(client, person, desk):
    client.force_login(person)
    for asked in ("", "?q=word" if desk.search_fields else ""):
        with CaptureQueriesContext(connection) as questions:
            address = reverse(f"admin:education_{names(desk)}_changelist")
            assert client.get(f"{address}{asked}").status_code == 200
        table = desk.model._meta.db_table
        for question in questions.captured_queries:
            sql = question["sql"]
            assert not re.match(rf'SELECT COUNT\(\*\) AS "__count" FROM "{table}"', sql), sql
            assert asked or not re.match(rf'SELECT DISTINCT .* FROM "{table}"', sql), sql


@pytest.mark.parametrize("desk", DESK, ids=names)
def test_no_filter_offers_what_grows(desk):
    for wanted in desk.list_filter:
        if not isinstance(wanted, str):
            continue
        field = get_fields_from_path(desk.model, wanted)[-1]
        offers_few = field.choices or field.get_internal_type() in {
            "BooleanField", "DateField", "DateTimeField",
        }  # fmt: skip
        assert field.related_model in FEW or offers_few, wanted
    assert desk.date_hierarchy is None  # it looks for the first and last of all rows


@pytest.mark.slow
def test_no_form_offers_what_grows(client, person):
    client.force_login(person)
    make_publication()
    clinic = make_clinic()
    forms = {f"education_{names(desk)}_add" for desk in DESK}
    # Whoever must warn readers at once chooses the page by its title, and who is away chooses a
    # colleague of the desk by name.
    forms -= {"education_emergencynote_add", "education_absence_add"}
    forms &= {address.name for desk in DESK for address in desk.get_urls()}
    addresses = [reverse(f"admin:{name}") for name in sorted(forms)]
    addresses += [
        reverse("admin:education_user_change", args=[person.pk]),
        reverse("admin:education_clinic_change", args=[clinic.pk]),
    ]

    def offered():
        return {
            address: client.get(address).content.decode().count("<option") for address in addresses
        }

    few = offered()
    make_publication()
    make_clinic_person(clinic)
    assert offered() == few


def test_a_list_says_how_many_rows_it_shows_at_most(client, person, monkeypatch):
    monkeypatch.setattr(FirstThousand, "MOST", 3)
    for number in range(5):
        make_item(f"made-{number}", verified=False)
    client.force_login(person)

    page = client.get(reverse("admin:education_evidenceitem_changelist")).content.decode()

    shown = [number for number in range(5) if f"made-{number}" in page]
    assert shown == [0, 1, 2, 3, 4]  # one leaf is whole
    assert "3 evidence items" in page


@pytest.mark.parametrize("desk", DESK, ids=names)
def test_a_list_answers_whatever_its_address_asks(client, person, desk):
    client.force_login(person)
    fields = [name for name in desk.list_filter if isinstance(name, str)]
    moments = [
        field.name
        for field in desk.model._meta.concrete_fields
        if field.get_internal_type() in {"DateField", "DateTimeField"}
    ]
    asked = [f"{name}__year={year}" for name in moments for year in ("0", "99999", "x")]
    asked += [f"{name}={value}" for name in fields for value in ("9" * 20, "x", "%F0%9F")]
    asked += [f"{name}__in={'9' * 20}" for name in fields]

    for query in [*asked, f"p={'9' * 20}", "p=-1", "o=99", "q=%F0", f"q={'x' * 3000}"]:
        address = reverse(f"admin:education_{names(desk)}_changelist")
        response = client.get(f"{address}?{query}", follow=True)
        assert response.status_code in {200, 400}, query


def test_the_page_of_a_number_that_nothing_can_have_leads_back_to_the_list(client, person):
    client.force_login(person)
    for desk in DESK:
        address = reverse(f"admin:education_{names(desk)}_changelist") + f"{'9' * 20}/change/"
        assert client.get(address).status_code in {302, 404}, address
