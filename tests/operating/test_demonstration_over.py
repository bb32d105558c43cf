"""A database that was filled as a demonstration never becomes a site for readers in silence."""

import pytest
from django.core import checks as system

from education.articles.operations import content_hash
from education.audit.operations import record
from education.evidence.models import EvidenceItem
from education.management.demonstration import make_accounts
from education.people.models import User
from education.publishing.status import evidence_notices
from education.review.rules import counting_approvals, missing_approvals
from tests.factories import (
    PASSWORD,
    make_approved_revision,
    make_draft,
    make_editor,
    make_item,
    make_person,
    make_publication,
)

pytestmark = pytest.mark.django_db


def sign_in(client, username):
    return client.post(
        "/admin/login/",
        {"username": username, "password": PASSWORD, "next": "/admin/"},
        follow=True,
    ).content.decode()


def mark(*people):
    User.objects.filter(pk__in=[person.pk for person in people]).update(made_for_demonstration=True)


def told():
    found = system.run_checks(include_deployment_checks=True)
    return {message.id for message in found if message.id in {"education.E007", "education.W005"}}


def test_its_accounts_can_not_sign_in_once_demo_is_off(client, settings):
    settings.DEMO = True
    make_accounts(PASSWORD)
    assert "My work" in sign_in(client, "demo-writer")

    settings.DEMO = False

    assert "My work" not in client.get("/admin/", follow=True).content.decode()
    assert "belongs to a demonstration" in sign_in(client, "demo-writer")


def test_its_approvals_and_verifications_do_not_count_and_its_pages_say_so(client, settings):
    item = make_item("shown2020")
    revision = make_approved_revision(draft=make_draft(item.key))
    editor = make_editor()
    page = make_publication(publisher=editor)
    mark(editor, *User.objects.filter(reviews__revision=revision))
    mark(*User.objects.filter(verifications__item=item))
    settings.DEMO = True
    assert missing_approvals(revision, content_hash(revision)) == []
    assert EvidenceItem.objects.verified().filter(key="shown2020").exists()

    settings.DEMO = False

    assert counting_approvals(revision, content_hash(revision)) == []
    assert not EvidenceItem.objects.verified().filter(key="shown2020").exists()
    shown = client.get(f"/articles/{page.slug}/").content.decode()
    assert "has not been reviewed by a clinician" in shown
    assert not evidence_notices(page).may_print
    assert told() == {"education.E007"}


def test_a_real_site_is_told_nothing_and_its_pages_say_nothing(client, settings):
    settings.DEMO = False
    page = make_publication()

    assert told() == set()
    assert "clinician. Do not use" not in client.get(f"/articles/{page.slug}/").content.decode()


def test_a_demonstration_of_before_is_listed_and_asked_for_a_new_password(client, settings):
    settings.DEMO = False
    old = make_editor(username="demo-editor-in-chief")
    make_publication(publisher=old)
    root = make_person(is_superuser=True)

    assert told() == {"education.W005"}
    assert "its password was printed" in sign_in(client, "demo-editor-in-chief")
    client.force_login(root)
    work = client.get("/admin/").content.decode()
    assert "Left from a demonstration" in work
    assert "published 1 of the pages" in work

    record("password.set", old, by=old)  # as the link does that an administrator gives
    client.logout()
    assert "My work" in sign_in(client, "demo-editor-in-chief")
