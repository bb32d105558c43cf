"""
Who gets in where: every address of the site, asked by everybody, in every way.

``access.txt`` holds the answers, with ``!`` where the record of what was done grew. A new address,
or an answer that is not what stands there, fails.
To write the file anew, and then read what changed in it: ``WRITE_ACCESS=1 pytest`` on this file.
"""

import os
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from education.audit.models import EventHead
from education.evidence.importing import read, start_import
from education.handouts.checking import public_code
from education.handouts.models import Pack
from education.handouts.operations import print_copy, save_pack
from education.people.models import Message, Role
from education.safety.notes import write_note
from education.safety.operations import record_status
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_plain_language_reviewer,
    make_publication,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.handouts.clinics import make_clinic_person
from tests.public.reading import make_claims, make_comparison, make_glossary

FILE = Path(__file__).with_name("access.txt")
METHODS = ("GET", "POST", "PUT")
PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")

pytestmark = pytest.mark.django_db


class World:
    """A site with something of everything, and what its addresses need to name it."""

    def __init__(self) -> None:
        make_topic("rhizotomy")
        item, fallen = make_item("stands2020"), make_item("falls2020")
        first = make_publication(article=make_article(slug="page"), draft=make_draft(item.key))
        publication = make_next_publication(first)
        make_comparison(), make_claims(), make_glossary()
        resting = make_publication(
            article=make_article(slug="resting"), draft=make_draft(fallen.key, item.key)
        )
        revision = make_revision_in_review()
        event = record_status(
            item=fallen,
            status="concern",
            occurred_on=publication.reviewed_on,
            reason="Questions were asked.",
            by=make_editor(),
        )
        self.own, self.other = make_clinic_person(), make_clinic_person()
        clinic = self.own.clinic_staff.clinic
        pack = save_pack(
            clinic=clinic, by=self.own, pack=None, name="A pack", note="", slugs=["page"],
        )  # fmt: skip
        copy = print_copy(clinic=clinic, by=self.own, slug="page")
        note = write_note(slug="page", text="Read this first.", by=make_editor())
        message = Message.objects.create(to=self.own, subject="A mail", body="Words")
        batch = start_import(
            source="w.json", records=read(b'[{"title": "New", "id": "new2020"}]'), by=None
        )
        self.rows = {
            "article": publication.revision.article, "revision": revision, "clinic": clinic,
            "evidenceitem": item, "evidenceimport": batch, "emergencynote": note,
            "user": self.own, "message": message, "publication": publication,
            "statusevent": event, "task": resting.tasks.get(), "group": Group.objects.first(),
            "topic": publication.topic,
        }  # fmt: skip
        self.named = {
            "slug": "page", "number": 1, "old": 1, "new": 2, "key": item.key, "ending": "ris",
            "kind": "csv", "code": copy.code, "outcome": "movement", "item": item.pk,
            "revision": revision.pk, "app_label": "education", "content_type_id": 1, "url": "x",
        }  # fmt: skip
        self.special = {
            "topics/": {"slug": "rhizotomy"},
            "claims/": {"slug": "claim-1"},
            "clinic/packs/": {"number": pack.pk},
            "check/": {"code": public_code(publication)},
        }
        assert Pack.objects.count() == 1

    def address(self, pattern: str) -> str:
        """A pattern with its parameters filled in by things that are there."""
        model = re.match(r"admin/\w+/(\w+)/", pattern)
        special = next((values for place, values in self.special.items() if place in pattern), {})

        def fill(parameter: re.Match[str]) -> str:
            name = parameter["name"]
            if name in {"pk", "object_id", "id"} and model:
                row = self.rows.get(model[1])
                return str(row.pk if row else 1)
            return str(special.get(name, self.named.get(name, 1)))

        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern).replace(r"[\s\S]+", "nowhere")
        return "/" + PARAMETER.sub(fill, path.replace("^", "").replace("$", ""))


def patterns(found: list, before: str = "") -> Iterator[str]:
    for one in found:
        here = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, here)
        else:
            assert isinstance(one, URLPattern)
            yield here


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
    for pattern in patterns(get_resolver().url_patterns):
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
