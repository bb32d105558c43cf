"""The first password and a forgotten one: a link by mail or by hand, and nobody else knows it."""

import datetime
import re

import pytest
from django.conf import settings as site
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client
from django.urls import reverse

from education.accounts.invitations import (
    CONSOLE,
    LinkEndedError,
    LinkTokens,
    MayNotInviteError,
    invite,
    set_own_password,
    tokens,
)
from education.audit.models import Event
from education.people.models import Message, Role, User
from tests.accounts.test_signing_in import DESK, STEP, code_of, password, with_telephone
from tests.factories import PASSWORD, make_editor, make_person
from tests.handouts.clinics import make_clinic_person

pytestmark = pytest.mark.django_db

NEW = "a quiet afternoon by the sea"
LINK = re.compile(r"http\S+/admin/password/\S+/")


@pytest.fixture
def administrator(client):
    person = make_person(is_superuser=True)
    client.force_login(person)
    return person


def press(client, person, **told):
    return client.post(
        reverse("admin:education_user_invite", args=[person.pk]), told, follow=True
    ).content.decode()


def path_of(text):
    (link,) = LINK.findall(text)
    assert link.startswith(site.SITE_URL)
    return link.removeprefix(site.SITE_URL)


def choose(path, first=NEW, second=None, browser=None):
    """What somebody who holds the link does with it."""
    browser = browser or Client()
    form = browser.get(path)
    if form.status_code != 302:
        return form
    told = {"new_password1": first, "new_password2": second or first}
    return browser.post(form.headers["Location"], told)


def test_a_new_account_has_no_password_until_its_person_sets_one(client, administrator):
    told = {
        "username": "newcomer", "display_name": "Newcomer", "email": "new@portal.example",
        "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true",
        "conflicts-TOTAL_FORMS": 0, "conflicts-INITIAL_FORMS": 0,
    }  # fmt: skip
    said = client.post(reverse("admin:education_user_add"), told, follow=True).content.decode()
    assert "No password opens the account yet" in said
    newcomer = User.objects.get(username="newcomer")
    assert not newcomer.has_usable_password()

    assert "new@portal.example with a link" in client.get(
        reverse("admin:education_user_invite", args=[newcomer.pk])
    ).content.decode().replace("\n", " ")
    assert mail.outbox == []
    assert "has got a link by mail" in press(client, newcomer)
    (sent,) = mail.outbox
    assert sent.to == ["new@portal.example"]

    done = choose(path_of(sent.body))
    assert done.headers["Location"] == reverse("admin:login")  # whatever the role will open
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)
    invited, chosen = Event.objects.filter(action__in=["person.invited", "password.set"])
    assert (invited.by, invited.data) == (administrator, {"by_hand": False})
    assert chosen.by == newcomer


def test_nobody_types_somebody_elses_password(client, administrator):
    person = make_person()
    before = person.password
    for address in (
        f"/admin/education/user/{person.pk}/password/",
        reverse("admin:education_user_change", args=[person.pk]),
    ):
        told = {
            "username": person.username, "password": "x", "password1": NEW, "password2": NEW,
            "is_active": "on", "conflicts-TOTAL_FORMS": 0, "conflicts-INITIAL_FORMS": 0,
        }  # fmt: skip
        client.post(address, told)
    person.refresh_from_db()
    assert person.password == before
    page = client.get(reverse("admin:education_user_change", args=[person.pk])).content.decode()
    assert 'type="password"' not in page
    assert before not in page


def test_the_link_opens_once(client, administrator):
    person = make_person(email="person@portal.example")
    press(client, person)
    path = path_of(mail.outbox[0].body)
    assert choose(path).status_code == 302

    again = choose(path, "another quiet afternoon")
    assert again.status_code == 404
    assert "does not open any more" in again.content.decode()
    assert User.objects.get(pk=person.pk).check_password(NEW)


def test_a_form_that_was_open_twice_is_taken_once(client, administrator):
    person = make_person(email="person@portal.example")
    press(client, person)
    path = path_of(mail.outbox[0].body)
    one, other = Client(), Client()
    form = one.get(path).headers["Location"]
    other.get(path)
    told = {"new_password1": NEW, "new_password2": NEW}
    assert one.post(form, told).status_code == 302

    late = other.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert "does not open any more" in late.content.decode()
    assert User.objects.get(pk=person.pk).check_password(NEW)


def test_two_at_the_same_moment_set_one_password():
    person, by = make_person(), make_person(is_superuser=True)
    token = invite(person=person, by=by).rstrip("/").rpartition("/")[2]
    stale = User.objects.get(pk=person.pk)
    set_own_password(person=stale, token=token, password=NEW)
    with pytest.raises(LinkEndedError):
        set_own_password(person=stale, token=token, password=PASSWORD)
    assert User.objects.get(pk=person.pk).check_password(NEW)


def test_another_invitation_a_new_password_or_a_new_address_ends_the_link(client, administrator):
    def invited():
        person = make_person(email="person@portal.example")
        press(client, person)
        return person, path_of(mail.outbox[-1].body)

    person, path = invited()
    press(client, person)
    assert choose(path).status_code == 404

    person, path = invited()
    person.refresh_from_db()
    person.set_password(PASSWORD)
    person.save()
    assert choose(path).status_code == 404

    person, path = invited()
    User.objects.filter(pk=person.pk).update(email="elsewhere@portal.example")
    assert choose(path).status_code == 404

    person, path = invited()
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert choose(path).status_code == 404


@pytest.mark.parametrize(("days", "opens"), [(2.9, True), (3.1, False), (-0.5, False)])
def test_the_link_is_good_for_three_days_and_not_before_it_was_made(monkeypatch, days, opens):
    person, by = make_person(), make_person(is_superuser=True)
    path = invite(person=person, by=by).removeprefix(site.SITE_URL)
    moment = tokens._now() + datetime.timedelta(days=days)
    monkeypatch.setattr(LinkTokens, "_now", lambda self: moment)
    assert (choose(path).status_code == 302) is opens


def test_links_that_are_no_links_tell_nothing_about_who_is_here(client):
    person, stranger = make_person(), "OTk5OTk5"
    name = invite(person=person, by=make_person(is_superuser=True)).split("/")[-3]
    foreign = default_token_generator.make_token(User.objects.get(pk=person.pk))
    pages = {
        re.sub(r"nonce-\S+|nonce=\S+", "", client.get(f"/admin/password/{who}/{token}/").text)
        for who in (name, stranger, "x", "%00")
        for token in ("set-password", "x", "1-x", foreign)
    }
    assert len(pages) == 1
    assert person.username not in pages.pop()


def test_the_page_with_the_form_holds_no_token_and_is_kept_nowhere(client, administrator):
    person = make_person(email="person@portal.example")
    press(client, person)
    path, browser = path_of(mail.outbox[0].body), Client(enforce_csrf_checks=True)
    token = path.rstrip("/").rpartition("/")[2]

    first = browser.get(path)
    form = browser.get(first.headers["Location"])
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert form.headers["Referrer-Policy"] == "same-origin"
    for answer in (first, form):
        assert "no-store" in answer.headers["Cache-Control"]
    assert token not in first.headers["Location"] + form.content.decode()
    told = {"new_password1": NEW, "new_password2": NEW}
    assert browser.post(first.headers["Location"], told).status_code == 403
    kept = [*Message.objects.values(), *Event.objects.values()]
    assert token not in str(kept)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (NEW, NEW + "!", "The two password fields didn’t match."),
        ("short-one", None, "too short"),
        ("password1234", None, "too common"),
        ("rhizotomy-portal", None, "words about this site"),
        ("", None, "This field is required."),
    ],
)
def test_a_password_that_is_refused_says_why_and_the_link_stays(first, second, said):
    person, by = make_person(), make_person(is_superuser=True)
    path, browser = invite(person=person, by=by).removeprefix(site.SITE_URL), Client()
    refused = choose(path, first, second, browser)
    assert said in refused.content.decode()
    assert "at least 12 characters" in refused.content.decode()  # what is asked for, beside it

    assert choose(path, browser=browser).status_code == 302


def test_an_invitation_ends_the_password_and_every_sign_in_and_leaves_the_telephone(
    client, administrator, settings
):
    person = make_editor(email="editor@portal.example")
    device, _ = with_telephone(person)
    inside = Client()
    inside.force_login(person)
    assert inside.get(DESK).status_code == 200
    press(client, person)

    assert inside.get(DESK).status_code == 302
    assert password(Client(), person).status_code == 200  # the old password is refused
    assert client.get(DESK).status_code == 200

    settings.SECOND_FACTOR = True
    browser = Client()
    done = choose(path_of(mail.outbox[0].body), browser=browser)
    assert done.headers["Location"] == reverse("admin:login")
    assert browser.get(DESK).status_code == 302  # nobody is signed in by it
    password(browser, person, NEW)
    assert browser.get(DESK).status_code == 302
    browser.post(STEP, {"code": code_of(device)})
    assert browser.get(DESK).status_code == 200


def test_who_set_a_password_is_told(client, django_capture_on_commit_callbacks):
    person, by = make_person(email="p@portal.example"), make_person(is_superuser=True)
    path = invite(person=person, by=by).removeprefix(site.SITE_URL)
    with django_capture_on_commit_callbacks(execute=True):
        choose(path)
    assert [sent.subject for sent in mail.outbox] == ["Your password was set"]


def test_where_mail_carries_nothing_the_link_is_shown_once(client, administrator, settings):
    without = make_person(email="")
    shown = press(client, without)
    assert "has no mail address" in shown
    assert "Hand this link over in person" in shown

    settings.EMAIL_BACKEND = CONSOLE
    person = make_clinic_person(email="person@portal.example")
    address = reverse("admin:education_user_invite", args=[person.pk])
    assert "Mail is not set up on this site." in client.get(address).content.decode()
    answer = client.post(address)
    assert "no-store" in answer.headers["Cache-Control"]
    path = path_of(answer.content.decode().replace("</code>", " "))
    assert not LINK.search(client.get(address).content.decode())
    assert [event.data["by_hand"] for event in Event.objects.filter(action="person.invited")] == [
        True,
        True,
    ]
    assert choose(path).headers["Location"] == reverse("clinic-sign-in")


def test_a_mail_that_does_not_go_out_is_told_and_shows_no_link(client, administrator, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.nowhere.EmailBackend"
    person = make_person(email="person@portal.example")
    said = press(client, person)
    assert "did not go out" in said
    assert not LINK.search(said)


def test_who_may_not_invite(client, administrator):
    person, off = make_person(), make_person(is_active=False)
    for by in (make_editor(), make_person(Role.AUDITOR), person):
        with pytest.raises(MayNotInviteError):
            invite(person=person, by=by)
    assert "is switched off" in press(client, off)
    assert "Change your own password" in press(client, administrator)
    assert not Event.objects.filter(action="person.invited").exists()
    assert User.objects.get(pk=person.pk).has_usable_password()
    assert client.get(DESK).status_code == 200
