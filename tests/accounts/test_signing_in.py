"""Signing in: a second step at the desk, waits after failures, an end, a list, a fresh proof."""

import datetime
import re
import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from education.accounts.models import FailedSignIn, RecoveryCode, SignIn
from education.accounts.operations import (
    MayNotEndError,
    confirm_device,
    device_to_set_up,
    end_for,
    note_failure,
    wait_for,
)
from education.accounts.rules import FREE_OF_NAME_AND_PLACE, FREE_OF_PLACE, wait_after
from education.accounts.sessions import BEGAN, CONFIRMED, SEEN
from education.audit.models import Event
from education.people.models import Role
from education.publishing.models import Publication
from tests.factories import (
    PASSWORD,
    make_approved_revision,
    make_editor,
    make_person,
    make_publication,
)
from tests.handouts.clinics import make_clinic_person
from tests.operating.world import addresses

pytestmark = pytest.mark.django_db

DESK, LOGIN, STEP = "/admin/", "/admin/login/", "/admin/second-step/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36"


@pytest.fixture
def second_step(settings):
    settings.SECOND_FACTOR = True


def password(client, person, typed=PASSWORD, address="192.0.2.1", **headers):
    told = {"username": person.username, "password": typed, "next": DESK}
    return client.post(LOGIN, told, REMOTE_ADDR=address, **headers)


def code_of(device):
    return f"{totp(bytes.fromhex(device.key)):06d}"


def with_telephone(person):
    """A person's telephone and recovery codes; the code of this moment is not spent."""
    codes = confirm_device(person=person, code=code_of(device_to_set_up(person)))
    device = TOTPDevice.objects.get(user=person)
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return device, codes


def age(client, **seconds):
    """Let so many seconds pass for what a session knows."""
    session = client.session
    for name, passed in seconds.items():
        session[name] = time.time() - passed
    session.save()


# The second step


def test_a_password_alone_opens_no_page_of_the_desk(client, second_step):
    person = make_editor()
    with_telephone(person)
    password(client, person)

    closed = {"admin/login/", "admin/logout/", "admin/jsi18n/", "admin/second-step/",
              "admin/second-step/set-up/", "admin/forgotten-password/",
              "admin/password/<str:uidb64>/<str:token>/"}  # fmt: skip
    for pattern in addresses():
        if not pattern.startswith("admin/") or pattern in closed:
            continue
        address = "/" + re.sub(r"<[^>]+>|\(\?P<[^)]*\)|\$|\^", "1", pattern)
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in {302, 404}, address
            assert "/admin/login/" in answer.headers.get("Location", "/admin/login/"), address
    assert not SignIn.objects.exists()


def test_the_code_of_the_telephone_opens_the_desk_where_one_wanted_to_go(client, second_step):
    person = make_editor()
    device, _ = with_telephone(person)
    wanted = reverse("admin:education_revision_changelist")
    asked = client.post(
        LOGIN, {"username": person.username, "password": PASSWORD, "next": wanted}, follow=True
    )
    assert "Six digits from your telephone" in asked.content.decode()
    before = client.session.session_key

    opened = client.post(STEP, {"code": code_of(device), "next": wanted}, follow=True)

    assert opened.request["PATH_INFO"] == wanted
    assert opened.status_code == 200
    assert client.session.session_key != before
    assert SignIn.objects.get().session_key == client.session.session_key


def test_a_code_opens_once(client, second_step):
    person = make_editor()
    device, _ = with_telephone(person)
    code = code_of(device)
    password(client, person)
    client.post(STEP, {"code": code})

    thief = Client()
    password(thief, person)
    refused = thief.post(STEP, {"code": code})
    assert "not right, or it was used already" in refused.content.decode()
    assert thief.get(DESK).status_code == 302


def test_who_has_no_telephone_yet_sets_it_up_first_and_gets_codes_once(client, second_step):
    person = make_editor()
    password(client, person)
    page = client.get(STEP, follow=True)
    assert "Scan this square" in page.content.decode()

    wrong = client.post(reverse("admin:set-up"), {"code": "000000"})
    assert "not the code that your telephone should show" in wrong.content.decode()
    assert client.get(DESK).status_code == 302

    device = TOTPDevice.objects.get(user=person)
    shown = client.post(reverse("admin:set-up"), {"code": code_of(device)})
    codes = re.findall(r"<code>([\w-]+)</code>", shown.content.decode())
    assert len(codes) == len(set(codes)) == 10
    assert all(re.fullmatch(r"(?:[2-9a-z]{5}-){4}[2-9a-z]{5}", code) for code in codes)
    assert client.get(DESK).status_code == 200
    assert not any(code in str(RecoveryCode.objects.values()) for code in codes)
    assert Event.objects.filter(action="second_step.set_up").exists()


def test_who_has_a_telephone_cannot_set_up_another_by_password_alone(client, second_step):
    person = make_editor()
    device, _ = with_telephone(person)
    password(client, person)

    for answer in (client.get(reverse("admin:set-up")), client.post(reverse("admin:set-up"))):
        assert answer.headers["Location"] == STEP
    assert TOTPDevice.objects.get(user=person) == device


def test_a_recovery_code_opens_once_and_the_person_is_told(
    client, second_step, django_capture_on_commit_callbacks
):
    person = make_editor(email="editor@portal.example")
    _, codes = with_telephone(person)
    password(client, person)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(STEP, {"code": codes[0].upper().replace("-", " ")})
    assert client.get(DESK).status_code == 200
    assert any("recovery code was used" in sent.subject for sent in mail.outbox)

    again = Client()
    password(again, person)
    again.post(STEP, {"code": codes[0]})
    assert again.get(DESK).status_code == 302


def test_a_new_secret_key_ends_nothing_while_the_old_one_still_holds(client, settings, second_step):
    person, old = make_editor(), settings.SECRET_KEY
    _, codes = with_telephone(person)
    password(client, person)
    client.post(STEP, {"code": codes[0]})
    assert client.get(DESK).status_code == 200

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key " * 6, [old]
    assert client.get(DESK).status_code == 200
    other = Client()
    password(other, person)
    other.post(STEP, {"code": codes[1]})
    assert other.get(DESK).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    late = Client()
    password(late, person)
    late.post(STEP, {"code": codes[2]})
    assert late.get(DESK).status_code == 302


def test_an_old_secret_key_that_is_taken_away_ends_sign_ins(client, settings):
    person = make_editor()
    password(client, person)
    assert client.get(DESK).status_code == 200

    settings.SECRET_KEY = "a new key " * 6
    assert client.get(DESK).status_code == 302


def test_a_clinics_desk_asks_for_a_code_where_that_is_switched_on(client, settings):
    settings.CLINIC_SECOND_FACTOR = True
    person = make_clinic_person()
    device, _ = with_telephone(person)
    pages = ("/clinic/", "/clinic/printed/", "/clinic/packs/")

    client.post("/clinic/sign-in/", {"username": person.username, "password": PASSWORD})
    for page in pages:
        assert client.get(page)["Location"] == f"{STEP}?next={page}"
    assert client.post("/clinic/details/")["Location"].startswith(STEP)
    assert not SignIn.objects.exists()

    opened = client.post(STEP, {"code": code_of(device), "next": "/clinic/"}, follow=True)
    assert opened.request["PATH_INFO"] == "/clinic/"
    assert opened.status_code == 200
    assert SignIn.objects.get().person == person
    assert client.get(DESK).status_code == 302  # the editors' desk stays closed


def test_who_prints_without_a_telephone_yet_sets_it_up_and_comes_in(client, settings):
    settings.CLINIC_SECOND_FACTOR = True
    person = make_clinic_person()
    told = {"username": person.username, "password": PASSWORD}
    client.post("/clinic/sign-in/", told)

    page = client.get("/clinic/", follow=True)
    assert "Scan this square" in page.content.decode()
    device = TOTPDevice.objects.get(user=person)
    address = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
    codes = client.post(address, {"code": code_of(device), "next": "/clinic/"})
    assert "not shown again" in codes.content.decode()
    assert client.get("/clinic/").status_code == 200


def test_a_clinics_password_alone_opens_its_desk_where_nothing_was_switched_on(client, second_step):
    person = make_clinic_person()
    client.post("/clinic/sign-in/", {"username": person.username, "password": PASSWORD})

    assert client.get("/clinic/").status_code == 200
    assert client.get(STEP)["Location"].startswith(LOGIN)


def test_a_code_of_somebody_else_opens_nothing(client, second_step):
    person, other = make_editor(), make_editor()
    with_telephone(person)
    device, codes = with_telephone(other)
    password(client, person)

    for code in (code_of(device), codes[0]):
        client.post(STEP, {"code": code})
        assert client.get(DESK).status_code == 302
    assert RecoveryCode.objects.filter(used_at=None).count() == 20


def test_guessing_codes_is_made_to_wait(client, second_step):
    person = make_editor()
    device, _ = with_telephone(person)
    password(client, person)
    for _ in range(FREE_OF_NAME_AND_PLACE):
        client.post(STEP, {"code": "000000"})

    refused = client.post(STEP, {"code": code_of(device)})
    assert "Too many tries" in refused.content.decode()
    assert client.get(DESK).status_code == 302


def test_reset_second_step_lets_the_person_set_it_up_again(
    client, second_step, django_capture_on_commit_callbacks
):
    person = make_editor(email="editor@portal.example")
    device, _ = with_telephone(person)
    password(client, person)
    client.post(STEP, {"code": code_of(device)})
    with django_capture_on_commit_callbacks(execute=True):
        call_command("reset_second_step", person.username)

    assert client.get(DESK).status_code == 302
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert Event.objects.filter(action="second_step.reset", by=None).exists()
    assert any("second step" in sent.subject for sent in mail.outbox)


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_the_second_step_leads_nowhere_else(client, second_step, there):
    person = make_editor()
    device, _ = with_telephone(person)
    password(client, person)

    response = client.post(STEP, {"code": code_of(device), "next": there})
    assert response.headers["Location"] == DESK


def test_keys_of_telephones_are_nobodys_to_see(client):
    client.force_login(make_person(is_superuser=True))
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


# Waits


def test_wait_after_doubles_up_to_its_limit():
    hour = datetime.timedelta(hours=1)
    waits = [wait_after(failures, 5, hour).total_seconds() / 60 for failures in range(4, 14)]
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize("known", [True, False])
def test_who_fails_too_often_waits_whether_or_not_there_is_such_a_name(client, known):
    person = make_editor()
    if not known:
        person.username = "nobody"
    for _ in range(FREE_OF_NAME_AND_PLACE):
        answer = password(client, person, "wrong").content.decode()
        assert "Too many" not in answer

    assert "Too many tries. Please wait 1 minute and" in password(client, person).content.decode()
    assert not SignIn.objects.exists()


def test_waiting_ends_and_an_elsewhere_is_not_concerned(client, monkeypatch):
    person = make_editor()
    for _ in range(FREE_OF_NAME_AND_PLACE):
        password(client, person, "wrong")

    assert password(Client(), person, address="198.51.100.7").status_code == 302
    moment = timezone.now() + datetime.timedelta(minutes=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    assert password(client, person).status_code == 302


def test_one_place_that_tries_many_names_waits():
    for number in range(FREE_OF_PLACE):
        note_failure(f"name {number}", "192.0.2.1")

    assert wait_for("another", "192.0.2.1") > datetime.timedelta(0)
    assert wait_for("another", "192.0.2.2") == datetime.timedelta(0)


def test_others_cannot_lock_a_person_out_for_long():
    for number in range(500):
        note_failure("editor", f"198.51.{number // 250}.{number % 250}")

    assert wait_for("editor", "192.0.2.1") <= datetime.timedelta(minutes=5)


def test_a_clinics_door_makes_wait_too(client):
    person = make_clinic_person()
    told = {"username": person.username, "password": "wrong"}
    for _ in range(FREE_OF_NAME_AND_PLACE):
        client.post("/clinic/sign-in/", told)
    answer = client.post("/clinic/sign-in/", {**told, "password": PASSWORD})
    assert "Too many tries" in answer.content.decode()


def test_no_address_is_kept_and_nothing_for_longer_than_a_day(client, monkeypatch):
    password(client, make_editor(), "wrong", address="198.51.100.77")
    password(client, make_editor(), address="198.51.100.77")
    kept = [*FailedSignIn.objects.values(), *SignIn.objects.values(), *Event.objects.values()]
    assert "198.51.100.77" not in str(kept)
    assert FailedSignIn.objects.exists()

    moment = timezone.now() + datetime.timedelta(hours=25)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    call_command("forget")
    assert not FailedSignIn.objects.exists()


# How long it lasts, and where


def test_a_sign_in_ends_after_disuse_and_after_half_a_day(client):
    for name, seconds in ((SEEN, 2 * 3600 + 60), (BEGAN, 12 * 3600 + 60)):
        client.force_login(make_editor())
        assert client.get(DESK).status_code == 200
        age(client, **{name: seconds})
        assert client.get(DESK).status_code == 302
        assert "_auth_user_id" not in client.session


def test_a_page_that_lies_open_is_no_use_of_it(client):
    revision = make_approved_revision()
    client.force_login(make_editor())
    age(client, **{SEEN: 3600})
    client.post(reverse("admin:education_revision_writing", args=[revision.pk]))
    assert time.time() - client.session[SEEN] > 3000

    client.get(DESK)
    assert time.time() - client.session[SEEN] < 60


def test_sign_ins_are_listed_and_ended_from_elsewhere(client):
    person, other = make_editor(), make_editor()
    here, there, theirs = Client(), Client(), Client()
    password(here, person, HTTP_USER_AGENT=FIREFOX)
    password(there, person, HTTP_USER_AGENT=CHROME)
    password(theirs, other)
    page = here.get(reverse("admin:account")).content.decode()
    assert "Firefox on Linux" in page
    assert "Chrome on Windows" in page

    here.post(reverse("admin:account"), {"step": str(SignIn.objects.get(person=other).pk)})
    assert theirs.get(DESK).status_code == 200
    here.post(reverse("admin:account"), {"step": "all"})
    assert there.get(DESK).status_code == 302
    assert here.get(DESK).status_code == 200
    assert theirs.get(DESK).status_code == 200


def test_a_new_password_ends_every_other_sign_in(client):
    person = make_editor()
    there = Client()
    password(client, person)
    password(there, person)
    new = "another-long-passphrase-7"
    told = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), told).status_code == 302

    assert there.get(DESK).status_code == 302
    assert client.get(DESK).status_code == 200
    listed = SignIn.objects.exclude(session_key=None).get()
    assert listed.session_key == client.session.session_key


def test_a_sign_in_from_a_new_kind_of_browser_is_told(client, django_capture_on_commit_callbacks):
    person = make_editor(email="editor@portal.example")
    for browser in (FIREFOX, FIREFOX, CHROME):
        with django_capture_on_commit_callbacks(execute=True):
            password(Client(), person, HTTP_USER_AGENT=browser)

    told = [sent.body for sent in mail.outbox]
    assert len(told) == 2
    assert "Firefox on Linux" in told[0]
    assert "Chrome on Windows" in told[1]


def test_signing_in_makes_a_new_session(client):
    client.get(DESK)
    session = client.session
    session["planted"] = "by somebody"
    session.save()
    before = client.session.session_key
    password(client, make_editor())
    assert client.session.session_key != before


# A fresh proof


def stale(client, person):
    client.force_login(person)
    age(client, **{CONFIRMED: 3600})


def test_publishing_long_after_signing_in_asks_who_it_is_and_loses_nothing(client):
    revision = make_approved_revision()
    stale(client, make_editor())
    address = reverse("admin:education_revision_publish", args=[revision.pk])
    moment = (timezone.now() + datetime.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")

    asked = client.post(address, {"goes_live_at": moment})
    assert "Is it still you?" in asked.content.decode()
    assert moment in asked.content.decode()
    wrong = client.post(address, {"goes_live_at": moment, "confirm_password": "wrong"})
    assert "This is not your password." in wrong.content.decode()
    assert moment in wrong.content.decode()
    assert not Publication.objects.exists()

    done = client.post(address, {"goes_live_at": moment, "confirm_password": PASSWORD})
    assert done.status_code == 302
    assert Publication.objects.get().goes_live_at > timezone.now()


def test_withdrawing_and_changing_people_ask_too(client):
    publication, person = make_publication(), make_person(Role.WRITER)
    stale(client, make_editor())
    withdraw = reverse("admin:education_publication_withdraw", args=[publication.pk])
    assert "Is it still you?" in client.post(withdraw, {"reason": "Wrong."}).content.decode()
    assert Publication.objects.current().exists()

    stale(client, make_person(is_superuser=True))
    for name in ("change", "invite", "end_sign_ins"):
        address = reverse(f"admin:education_user_{name}", args=[person.pk])
        answer = client.post(address, {"username": "taken-over", "reason": "None"})
        assert "Is it still you?" in answer.content.decode()
    person.refresh_from_db()
    assert person.username != "taken-over"
    assert person.has_usable_password()
    assert not Event.objects.filter(action__in=["person.invited", "sign_ins.ended"]).exists()


def test_who_has_a_telephone_shows_its_code_too(client, second_step):
    revision, person = make_approved_revision(), make_editor()
    device, _ = with_telephone(person)
    password(client, person)
    client.post(STEP, {"code": code_of(device)})
    age(client, **{CONFIRMED: 3600})
    TOTPDevice.objects.update(last_t=-1)
    address = reverse("admin:education_revision_publish", args=[revision.pk])

    client.post(address, {"confirm_password": PASSWORD, "confirm_code": "000000"})
    client.post(address, {"confirm_password": PASSWORD})
    assert not Publication.objects.exists()
    client.post(address, {"confirm_password": PASSWORD, "confirm_code": code_of(device)})
    assert Publication.objects.exists()


def test_ending_sign_ins_long_after_signing_in_asks_who_it_is(client):
    person, there = make_editor(), Client()
    password(client, person)
    password(there, person)
    age(client, **{CONFIRMED: 3600})
    asked = client.post(reverse("admin:account"), {"step": "all"})
    assert "Is it still you?" in asked.content.decode()
    assert there.get(DESK).status_code == 200

    client.post(reverse("admin:account"), {"step": "all", "confirm_password": PASSWORD})
    assert there.get(DESK).status_code == 302


# Somebody else's sign-ins


def end_all_of(client, person, reason="A laptop was lost."):
    address = reverse("admin:education_user_end_sign_ins", args=[person.pk])
    return client.post(address, {"reason": reason}, follow=True).content.decode()


def test_an_administrator_ends_every_sign_in_of_a_person_and_no_other(
    client, settings, django_capture_on_commit_callbacks
):
    administrator = make_person(is_superuser=True)
    person, other = make_editor(email="editor@portal.example"), make_editor()
    here, there, theirs = Client(), Client(), Client()
    password(client, administrator)
    password(here, person, HTTP_USER_AGENT=FIREFOX)
    password(there, person, HTTP_USER_AGENT=CHROME)
    password(theirs, other)
    address = reverse("admin:education_user_end_sign_ins", args=[person.pk])
    assert "Firefox on Linux" in client.get(address).content.decode()
    assert here.get(DESK).status_code == 200

    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert "2 sign-ins of" in end_all_of(client, person)

    assert [browser.get(DESK).status_code for browser in (here, there)] == [302, 302]
    assert [browser.get(DESK).status_code for browser in (client, theirs)] == [200, 200]
    event = Event.objects.get(action="sign_ins.ended")
    assert (event.by, event.subject_id) == (administrator, str(person.pk))
    assert event.data == {"reason": "A laptop was lost.", "ended": 2}
    assert "A laptop was lost." in mail.outbox[0].body
    assert password(Client(), person).status_code == 302  # the password stays good


def test_a_sign_in_that_waits_for_its_code_ends_too(client, second_step):
    administrator, person = make_person(is_superuser=True), make_editor()
    device, _ = with_telephone(person)
    half_way = Client()
    password(half_way, person)
    assert half_way.get(STEP).status_code == 200
    end_for(person=person, by=administrator, reason="To be sure.")

    half_way.post(STEP, {"code": code_of(device)})
    assert half_way.get(DESK).status_code == 302


def test_a_clinics_sign_in_ends_too(client):
    person = make_clinic_person()
    client.post("/clinic/sign-in/", {"username": person.username, "password": PASSWORD})
    assert client.get("/clinic/").status_code == 200
    end_for(person=person, by=make_person(is_superuser=True), reason="To be sure.")
    assert client.get("/clinic/").status_code == 302


def test_who_may_not_end_sign_ins_of_others(client):
    person, administrator = make_editor(), make_person(is_superuser=True)
    password(client, person)
    for by in (make_editor(), make_person(Role.AUDITOR), person):
        with pytest.raises(MayNotEndError):
            end_for(person=person, by=by, reason="None.")
    for reason in ("", "  "):
        with pytest.raises(MayNotEndError, match="reason"):
            end_for(person=person, by=administrator, reason=reason)
    with pytest.raises(MayNotEndError, match="own"):
        end_for(person=administrator, by=administrator, reason="None.")
    assert client.get(DESK).status_code == 200

    asks = Client()
    password(asks, administrator)
    assert "This field is required." in end_all_of(asks, person, reason=" ")
    assert client.get(DESK).status_code == 200
    assert not Event.objects.filter(action="sign_ins.ended").exists()


# What is around it


def test_signing_out_ends_the_session_and_clears_the_browser(client):
    password(client, make_editor())
    key = client.session.session_key
    response = client.post("/admin/logout/")

    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.cookies["sessionid"] = key
    assert client.get(DESK).status_code == 302


def test_an_account_that_is_switched_off_is_out_at_once(client):
    person = make_editor()
    password(client, person)
    person.is_active = False
    person.save()
    assert client.get(DESK).status_code == 302


def test_who_signs_in_and_who_fails_is_logged_without_what_was_typed(client, caplog):
    person = make_editor()
    password(client, person, "hunter2-hunter2")
    password(client, person)
    told = " ".join(record.getMessage() for record in caplog.records)
    assert f"{person.username} signed in with" in told
    assert "A sign-in failed" in told
    assert "hunter2" not in told
    assert "192.0.2.1" not in told


@pytest.mark.parametrize(
    "typed", ["rhizotomy-portal-2026", "StemCellEditor1", "Stem cells or rhizotomy?"]
)
def test_a_password_of_words_about_us_is_refused(typed):
    with pytest.raises(ValidationError) as refusal:
        validate_password(typed, make_editor())
    assert "about_us" in [error.code for error in refusal.value.error_list]


@pytest.mark.parametrize("typed", ["correct-horse-battery", "portal of a quiet afternoon"])
def test_a_password_may_hold_such_words_among_others(typed):
    validate_password(typed, make_editor())
