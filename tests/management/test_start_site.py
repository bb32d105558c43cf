"""A site of one's own begins in a new database, and its administrator sees what is missing."""

import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from education.accounts.invitations import CONSOLE
from education.admin.first_month import first_month
from education.articles.models import Article, Revision
from education.audit.models import Event
from education.audit.operations import record_job_run
from education.evidence.models import EvidenceItem
from education.people.models import RightsProposal, Role, User
from tests.factories import (
    make_article,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_publication,
    make_writer,
)

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "first-month.md"
NEW = "a quiet afternoon by the sea"
DRAFT = "stem-cells-or-fspr"


def start(*arguments: str) -> str:
    said = StringIO()
    call_command("start_site", "keeper", "keeper@portal.example", *arguments, stdout=said)
    return said.getvalue()


def test_a_new_site_has_an_administrator_who_chooses_their_own_password():
    assert "A link to choose a password went to keeper@portal.example." in start()

    keeper = User.objects.get()
    assert (keeper.is_superuser, keeper.has_usable_password()) == (True, False)
    (link,) = re.findall(r"http\S+(/admin/password/\S+/)", mail.outbox[0].body)
    browser = Client()
    form = browser.get(link).headers["Location"]
    browser.post(form, {"new_password1": NEW, "new_password2": NEW})
    typed = {"username": "keeper", "password": NEW, "next": reverse("admin:start")}
    page = browser.post(reverse("admin:login"), typed, follow=True)
    assert '<h2 id="team-title">The smallest team' in page.content.decode()
    assert Article.objects.count() == EvidenceItem.objects.count() == 0


def test_where_no_mail_is_sent_the_link_is_printed_and_recorded_nowhere(settings):
    settings.EMAIL_BACKEND = CONSOLE

    said = start()

    (link,) = re.findall(r"http\S+(/admin/password/\S+/)", said)
    assert Client().get(link).status_code == 302
    assert not any(link in str(event.data) for event in Event.objects.all())


@pytest.mark.parametrize("work", [make_person, make_article])
def test_a_database_that_holds_work_is_refused_and_stays_as_it_is(work):
    work()
    before = (User.objects.count(), Event.objects.count())

    with pytest.raises(CommandError, match="This database holds"):
        start()

    assert (User.objects.count(), Event.objects.count()) == before


def test_the_first_rights_need_nobody_and_the_next_need_a_second_person(client):
    start()
    keeper = User.objects.get()
    client.force_login(keeper)
    group = User.groups.field.related_model.objects.get(name=Role.EDITOR_IN_CHIEF.label)
    told = {
        "display_name": "Test editor", "email": "editor@portal.example", "groups": [group.pk],
        "conflicts-TOTAL_FORMS": 0, "conflicts-INITIAL_FORMS": 0,
    }  # fmt: skip
    for username in ("first", "second"):
        client.post(reverse("admin:education_user_add"), told | {"username": username})

    assert User.objects.get(username="first").has_role(Role.EDITOR_IN_CHIEF)
    assert not User.objects.get(username="second").has_role(Role.EDITOR_IN_CHIEF)
    assert RightsProposal.objects.get().person.username == "second"


@pytest.mark.slow
def test_the_administrator_copies_what_ships_by_ticks(client):
    start()
    client.force_login(User.objects.get())
    address = reverse("admin:start")
    assert f'value="{DRAFT}"' in client.get(address).content.decode()

    client.post(address, {"evidence": "on", "drafts": [DRAFT]})

    assert [revision.article.slug for revision in Revision.objects.all()] == [DRAFT]
    assert Revision.objects.get().state == Revision.State.DRAFT
    assert EvidenceItem.objects.exists()
    assert not EvidenceItem.objects.verified().exists()
    assert f'value="{DRAFT}"' not in client.get(address).content.decode()
    with pytest.raises(CommandError, match="no article of-nobody ships"):
        call_command("load_founding_content", only=["of-nobody"])


def test_the_page_says_which_settings_are_missing_and_who_is(client, settings):
    settings.PUBLISHER_ADDRESS, settings.FUNDING_STATEMENT = "1 Test Street", ""
    client.force_login(make_person(is_superuser=True))
    for reviewer in (make_medical_reviewer(), make_medical_reviewer("Paediatric neurology")):
        assert reviewer.is_staff
    make_writer()
    newcomer = make_plain_language_reviewer(interests_declared_on=None)

    page = client.get(reverse("admin:start"))
    shown = page.content.decode()

    assert "<q>1 Test Street</q>" in shown
    assert "Missing." in shown
    assert "all of one specialty" in shown
    enough = {part.name: part.is_enough for part in page.context["team"]}
    assert enough == {
        "writer": True,
        "medical reviewers of different specialties": False,
        "plain-language reviewer": False,
        "editor-in-chief who did not write": False,
    }
    missing = dict(page.context["people"])[newcomer]
    assert "Interests" in {step.name for step in missing}


def test_an_editor_in_chief_who_is_needed_as_reviewer_cannot_publish_the_first_page(client):
    client.force_login(make_person(is_superuser=True))
    editor = make_medical_reviewer()
    editor.groups.add(Group.objects.get(name=Role.EDITOR_IN_CHIEF.label))
    make_medical_reviewer("Neurosurgery")

    def editors():
        (part,) = [
            part for part in client.get(reverse("admin:start")).context["team"]
            if part.name.startswith("editor")
        ]  # fmt: skip
        return part

    assert not editors().is_enough
    assert "another editor-in-chief must publish" in editors().why_not
    make_medical_reviewer("Orthopaedics")
    assert editors().people == [editor]


def test_the_page_says_what_of_the_first_month_is_done(client):
    def done():
        weeks = client.get(reverse("admin:start")).context["weeks"]
        return {step.what for _, steps in weeks for step in steps if step.done}

    client.force_login(make_person(is_superuser=True))
    assert done() == set()
    record_job_run("backup", failure="No room.")
    assert done() == set()

    record_job_run("backup")
    make_publication()
    assert {step.partition(" ")[0] for step in done()} >= {"Look", "Copy", "Verify,", "Publish"}
    assert not any(what.startswith("Rehearse") for what in done())


def test_the_document_lists_the_steps_of_the_page():
    """``WRITE_FIRST_MONTH=1`` writes them anew."""
    lines = []
    for week, steps in first_month():
        lines += [f"## {week}", ""]
        for step in steps:
            command = f" `run {step.command}`" if step.command else ""
            lines.append(f"- **{step.who}**: {step.what}{command}")
        lines.append("")
    document = DOCUMENT.read_text("utf-8")
    before, _, rest = document.partition("## Week 1")
    written = before + "\n".join(lines) + "\n## Afterwards" + rest.partition("## Afterwards")[2]
    if "WRITE_FIRST_MONTH" in os.environ:
        DOCUMENT.write_text(written, "utf-8")

    assert DOCUMENT.read_text("utf-8") == written


def test_only_an_administrator_sees_the_page(client):
    client.force_login(make_editor())

    assert client.get(reverse("admin:start")).status_code == 403
