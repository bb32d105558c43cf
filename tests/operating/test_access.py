"""
Who gets in where: every address of the site, asked by everybody, in every way.

``access.txt`` holds the answers, with ``!`` where the record of what was done grew. A new address,
or an answer that is not what stands there, fails.
To write the file anew, and then read what changed in it: ``WRITE_ACCESS=1 pytest`` on this file.
"""

import os
import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from education.audit.models import EventHead
from education.people.models import Role
from tests.factories import (
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_writer,
)
from tests.operating.world import World, addresses

FILE = Path(__file__).with_name("access.txt")
METHODS = ("GET", "POST", "PUT")

pytestmark = pytest.mark.django_db


def said(response) -> str:
    """What an answer means to who asked: its status, and where to for a sign-in."""
    where = response.headers.get("Location", "")
    return "sign-in" if "/login/" in where or "/sign-in/" in where else str(response.status_code)


def test_who_gets_in_is_what_is_written_down():
    world = World()
    people = {
        "anonymous": None,
        "writer": make_writer(),
        "medical": make_medical_reviewer(),
        "plain": make_plain_language_reviewer(),
        "editor": make_editor(),
        "auditor": make_person(Role.AUDITOR),
        "clinic": world.own,
        "other": world.other,
        "superuser": make_person(is_superuser=True),
    }
    clients = {}
    for name, person in people.items():
        clients[name] = Client(raise_request_exception=False)
        if person:
            clients[name].force_login(person)
    cookies = {name: client.cookies.output(header="") for name, client in clients.items()}

    recorded = EventHead.objects.get().sequence
    lines = ["  ".join(["who:", *people])]
    for pattern in addresses():
        address = world.address(pattern)
        for method in METHODS:
            answers = []
            for name, client in clients.items():
                with transaction.atomic():
                    answer = said(client.generic(method, address))
                    done = "!" if EventHead.objects.get().sequence != recorded else ""
                    transaction.set_rollback(True)
                answers.append(answer + done)
                client.cookies = SimpleCookie(cookies[name])
            same = answers[:1] if len(set(answers)) == 1 else answers
            lines.append("  ".join([f"/{pattern}", method, *same]))

    assert not [line for line in lines[1:] if re.search(r"\b5\d\d\b", line)]
    if "WRITE_ACCESS" in os.environ:
        FILE.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == FILE.read_text("utf-8").splitlines()
