"""
Who gets in where: every address of the site, asked by everybody, in every way.

``access.txt`` holds the answers, with ``!`` where the record of what was done grew. A new address,
or an answer that is not what stands there, fails.
To write the file anew, and then read what changed in it: ``WRITE_ACCESS=1 pytest`` on this file,
without ``-n``.
"""

import datetime
import os
from collections.abc import Iterable
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.utils import timezone

from education.audit.models import EventHead
from education.people.absences import plan_absence
from education.people.models import Role, User
from tests.factories import (
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_writer,
)
from tests.operating.world import World, addresses, make_world

FILE = Path(__file__).with_name("access.txt")
METHODS = ("GET", "POST", "PUT")

pytestmark = pytest.mark.django_db


def said(response) -> str:
    """What an answer means to who asked: its status, and where to for a sign-in."""
    where = response.headers.get("Location", "")
    return "sign-in" if "/login/" in where or "/sign-in/" in where else str(response.status_code)


def away(person, substitute=None):
    """The person, away from today; they keep their rights, and whoever stands in gets none."""
    today = timezone.localdate()
    days = {"first_day": today, "last_day": today + datetime.timedelta(days=9)}
    plan_absence(person=person, substitute=substitute, by=person, **days)
    return person


def standing_in(person):
    """The person, who stands in for an editor-in-chief."""
    away(make_editor(), substitute=person)
    return person


PEOPLE = {
    "anonymous": lambda world: None,
    "writer": lambda world: standing_in(make_writer()),
    "medical": lambda world: make_medical_reviewer(),
    "plain": lambda world: make_plain_language_reviewer(),
    "editor": lambda world: away(make_editor()),
    "auditor": lambda world: make_person(Role.AUDITOR),
    "clinic": lambda world: world.own,
    "other": lambda world: world.other,
    "superuser": lambda world: make_person(is_superuser=True),
}
answers_of: dict[str, dict[tuple[str, str], str]] = {}  # by who, of those asked in this process


def some_every_day() -> list:
    """Parameters of the test: two of the people for every run, others marked slow or thorough."""
    marks = {"anonymous": (), "writer": (), "editor": pytest.mark.slow, "clinic": pytest.mark.slow}
    return [pytest.param(who, marks=marks.get(who, pytest.mark.thorough)) for who in PEOPLE]


def answers_to(who: str) -> dict[tuple[str, str], str]:
    """What every address answers this person to every method."""
    world = make_world()
    return answers_at(addresses(), world, PEOPLE[who](world))


def answers_at(
    patterns: Iterable[str], world: World, person: User | None
) -> dict[tuple[str, str], str]:
    """What these addresses answer somebody to every method."""
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    cookies = client.cookies.output(header="")
    recorded = EventHead.objects.get().sequence
    answers = {}
    for pattern in patterns:
        address = world.address(pattern)
        for method in METHODS:
            with transaction.atomic():
                answer = said(client.generic(method, address))
                done = "!" if EventHead.objects.get().sequence != recorded else ""
                transaction.set_rollback(True)
            answers[f"/{pattern}", method] = answer + done
            client.cookies = SimpleCookie(cookies)
    return answers


def written() -> list[list[str]]:
    """The lines of the file; an answer that everybody gets stands there once."""
    lines = [line.split("  ") for line in FILE.read_text("utf-8").splitlines()]
    return [line if len(line) > 3 else [*line[:2], *line[2:] * len(PEOPLE)] for line in lines]


def write() -> None:
    """Write the file anew, when everybody was asked."""
    lines = ["  ".join(["who:", *PEOPLE])]
    for address, method in answers_of["anonymous"]:
        answers = [answers_of[who][address, method] for who in PEOPLE]
        same = answers[:1] if len(set(answers)) == 1 else answers
        lines.append("  ".join([address, method, *same]))
    FILE.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("who", some_every_day())
def test_who_gets_in_is_what_is_written_down(who):
    answers = answers_of[who] = answers_to(who)

    assert not [place for place, answer in answers.items() if answer.startswith("5")]
    if "WRITE_ACCESS" in os.environ and len(answers_of) == len(PEOPLE):
        write()
    elif "WRITE_ACCESS" not in os.environ:
        head, *lines = written()
        assert head[1:] == list(PEOPLE)
        column = 1 + head.index(who)
        assert answers == {(line[0], line[1]): line[column] for line in lines}


# What is about a clinic as a whole; each clinic has one of it, so it names no row of another.
OF_A_CLINIC = (
    "clinic/details/", "clinic/people/", "clinic/people/<int:number>/", "clinic/recalls/",
    "clinic/recalls/mailbox/", "clinic/recalls/receipts/", "clinic/recalls/webhook/",
)  # fmt: skip


def test_a_colleague_who_manages_nobody_gets_no_further_than_one_of_another_clinic():
    world = make_world()
    colleague = User.objects.exclude(pk=world.own.pk).get(
        clinic_staff__clinic=world.own.clinic_staff.clinic
    )
    assert set(OF_A_CLINIC) <= set(addresses())
    head, *lines = written()
    column = 1 + head.index("other")
    elsewhere = {(line[0], line[1]): line[column] for line in lines}

    answers = answers_at(OF_A_CLINIC, world, colleague)

    assert answers == {place: elsewhere[place] for place in answers}
    # Their own row: nobody lets others in, or makes themselves a manager.
    assert answers["/clinic/people/", "POST"] == "403"
    assert answers["/clinic/people/<int:number>/", "POST"] == "403"


# What the desk answers an account that has no role: about itself, and where to sign in and out.
OPEN_WITHOUT_A_ROLE = {
    "admin/", "admin/account/", "admin/education/user/declaration/",
    "admin/education/user/profile/",
    "admin/education/profileproposal/<path:object_id>/history/",  # of their own; else to the desk
    "admin/forgotten-password/", "admin/jsi18n/", "admin/login/",
    "admin/logout/", "admin/password_change/", "admin/password_change/done/",
    "admin/second-step/", "admin/second-step/set-up/",
}  # fmt: skip


def test_without_a_role_nothing_is_done_at_the_desk_and_nobody_is_named():
    world = make_world()
    client = Client(raise_request_exception=False)
    client.force_login(make_person(display_name="Nobody"))
    cookies = client.cookies.output(header="")
    recorded = EventHead.objects.get().sequence
    opened, named = set(), set()
    for pattern in dict.fromkeys(addresses()):
        # The last only lead to the page of the same row, which is asked too.
        if not pattern.startswith("admin/") or pattern.endswith("/<path:object_id>/"):
            continue
        for method in ("GET", "POST"):
            with transaction.atomic():
                answer = client.generic(method, world.address(pattern))
                told = [str(message) for message in get_messages(answer.wsgi_request)]
                assert EventHead.objects.get().sequence == recorded, pattern
                transaction.set_rollback(True)
            if said(answer) not in {"403", "404", "405", "sign-in"}:
                opened.add(pattern)
            if "Test person" in f"{told} {getattr(answer, 'content', b'').decode()}":
                named.add(f"{method} {pattern}")
            client.cookies = SimpleCookie(cookies)
    assert not named
    assert opened == OPEN_WITHOUT_A_ROLE


def test_each_address_stands_once_and_in_the_order_of_the_site():
    _, *lines = written()

    places = [(f"/{pattern}", method) for pattern in addresses() for method in METHODS]
    assert [(line[0], line[1]) for line in lines] == list(dict.fromkeys(places))
