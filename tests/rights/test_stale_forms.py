"""A form filled in from something older is refused, and nothing that lapsed comes back unseen."""

from collections import defaultdict

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from lxml import html

from education.articles.models import Revision
from education.articles.operations import put_aside, save_text, start_revision
from education.evidence.models import EvidenceItem, Verification
from education.evidence.operations import change_item, verify_item
from education.handouts.models import ClinicStaff
from education.handouts.operations import add_to_clinic, open_clinic, save_pack, save_profile
from education.people.models import ConflictOfInterest, Role, User
from education.people.operations import declare_interests
from education.review.models import Review
from education.safety.operations import lift_status, record_status
from education.search.models import SynonymGroup
from tests.factories import (
    make_approved_revision,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.handouts.clinics import make_clinic_person

pytestmark = pytest.mark.django_db


def form_of(response):
    """Everything a browser would send back from the largest form of a page, as it came."""
    forms = [form for form in html.fromstring(response.content).forms if form.method == "POST"]
    form = max(forms, key=lambda form: len(form.form_values()))
    texts = {field.name for field in form.iter("textarea")}
    sent = defaultdict(list)
    for name, value in form.form_values():
        # A browser drops the line break that opens a text.
        sent[name].append(value.removeprefix("\n") if name in texts else value)
    return dict(sent)


def test_an_item_saved_from_an_old_tab_takes_nothing_back(client):
    item = make_item("study1", finding="It helped.", limitations="It was small.")
    client.force_login(make_writer())
    page = reverse("admin:education_evidenceitem_change", args=[item.pk])
    old_tab = form_of(client.get(page))
    change_item(item=item, details={"finding": "It did not help."}, by=make_writer())

    answer = client.post(page, old_tab | {"limitations": "It was very small."})

    told = answer.content.decode()
    item.refresh_from_db()
    assert (item.finding, item.limitations) == ("It did not help.", "It was small.")
    assert "Somebody changed this while you had it open" in told
    assert "Stored now: It did not help." in told
    assert "It was very small." in told

    # What was typed is kept, and saving it once more is deliberate.
    again = form_of(answer)
    assert client.post(page, again).status_code == 302
    item.refresh_from_db()
    assert (item.finding, item.limitations) == ("It helped.", "It was very small.")


def test_findings_of_an_item_count_too(client):
    item = make_item("study1")
    client.force_login(make_writer())
    page = reverse("admin:education_evidenceitem_change", args=[item.pk])
    old_tab = form_of(client.get(page))
    finding = {"outcome": "movement", "option": "cells", "measure": "gmfm-66",
               "contrast": "between", "effect": "8.1", "as_reported": "8.1 points"}  # fmt: skip
    change_item(item=item, details={"findings": [finding]}, by=make_writer())
    told = client.post(page, old_tab | {"volume": "3"}).content.decode()
    assert "Somebody changed this" in told
    assert "8.1 points" in told
    assert EvidenceItem.objects.get().volume == ""


def test_an_account_saved_from_an_old_tab_takes_back_no_declaration(client):
    person, topic = make_medical_reviewer(), make_topic()
    client.force_login(make_person(is_superuser=True))
    page = reverse("admin:education_user_change", args=[person.pk])
    old_tab = form_of(client.get(page))
    declare_interests(by=person, interests="Shares in a clinic", conflicts=[topic])

    told = client.post(page, old_tab | {"display_name": "Another name"}).content.decode()

    person.refresh_from_db()
    assert person.interests == "Shares in a clinic"
    assert ConflictOfInterest.objects.filter(person=person).exists()
    assert person.display_name != "Another name"
    assert "Stored now: Shares in a clinic" in told
    assert f"Stored with it now: conflict of interest: {person}, {topic}" in told


def test_a_role_that_was_taken_away_does_not_return(client):
    person = make_medical_reviewer()
    client.force_login(make_person(is_superuser=True))
    page = reverse("admin:education_user_change", args=[person.pk])
    old_tab = form_of(client.get(page))
    person.groups.remove(Group.objects.get(name=Role.MEDICAL_REVIEWER.label))
    assert "Somebody changed this" in client.post(page, old_tab).content.decode()
    assert User.objects.get(pk=person.pk).roles == set()


@pytest.mark.parametrize("kind", ["topic", "synonymgroup", "declaration", "details", "pack"])
def test_every_other_form(client, kind):
    slug = make_publication().slug
    person = make_clinic_person() if kind in {"details", "pack"} else make_editor()
    client.force_login(person)
    clinic = person.clinic_staff.clinic if kind in {"details", "pack"} else None
    pack = kind == "pack" and save_pack(
        clinic=clinic, by=person, name="Pack", note="", slugs=[slug]
    )
    topic, group = make_topic(), SynonymGroup.objects.create(words="one, two")
    page, typed, read, change = {
        "topic": (
            reverse("admin:education_topic_change", args=[topic.pk]),
            {"summary": "Typed in the old tab."},
            lambda: type(topic).objects.get(pk=topic.pk).summary,
            lambda: type(topic).objects.filter(pk=topic.pk).update(summary="New."),
        ),
        "synonymgroup": (
            reverse("admin:education_synonymgroup_change", args=[group.pk]),
            {"words": "one, typed in the old tab."},
            lambda: SynonymGroup.objects.get(pk=group.pk).words,
            lambda: SynonymGroup.objects.filter(pk=group.pk).update(words="New."),
        ),
        "declaration": (
            reverse("admin:education_user_declaration"),
            {"interests": "Typed in the old tab."},
            lambda: User.objects.get(pk=person.pk).interests,
            lambda: declare_interests(by=person, interests="New."),
        ),
        "details": (
            reverse("clinic-details"),
            {"opening_hours": "Typed in the old tab."},
            lambda: type(clinic).objects.get(pk=clinic.pk).opening_hours,
            lambda: save_profile(
                clinic=clinic, by=person, name=clinic.name, telephone="", opening_hours="New.",
                address="",
            ),
        ),
        "pack": (
            pack and reverse("clinic-pack", args=[pack.pk]),
            {"note": "Typed in the old tab.", "handout": slug},
            lambda: type(pack).objects.get(pk=pack.pk).note,
            lambda: save_pack(
                clinic=clinic, by=person, name="Pack", note="New.", slugs=[slug], pack=pack
            ),
        ),
    }[kind]  # fmt: skip
    old_tab = form_of(client.get(page))
    change()

    told = client.post(page, old_tab | typed).content.decode()

    assert "Somebody changed this while you had it open" in told
    assert "Stored now:" in told
    assert "Typed in the old tab." in told or "typed in the old tab." in told
    assert read() == "New."


def test_details_changed_while_they_were_compared_are_not_verified(client):
    item = make_item("study1", verified=False)
    client.force_login(make_medical_reviewer())
    page = reverse("admin:education_evidenceitem_verify", args=[item.pk])
    old_tab = form_of(client.get(page)) | {"level": "abstract"}
    change_item(item=item, details={"finding": "Something else."}, by=make_writer())
    answer = client.post(page, old_tab | {"note": "Compared word for word."})
    assert "was changed while you were reading" in answer.content.decode()
    assert "Compared word for word." in answer.content.decode()
    assert not Verification.objects.exists()
    assert client.post(page, form_of(answer)).status_code == 302


def test_going_back_revives_no_verification(client):
    item = make_item("study1", finding="It helped.")
    assert item.is_verified()
    by = make_writer()
    change_item(item=item, details={"finding": "It harmed."}, by=by)
    change_item(item=item, details={"finding": "It helped."}, by=by)
    assert not item.is_verified()
    for verification in Verification.objects.filter(item=item):
        verify_item(item=item, by=verification.by, level="abstract")
    assert item.is_verified()


def test_an_item_changed_and_changed_back_by_its_form_is_verified_anew(client):
    item = make_item("study1", finding="It helped.")
    revision = make_approved_revision(draft=make_draft("study1"))
    client.force_login(make_writer())
    page = reverse("admin:education_evidenceitem_change", args=[item.pk])
    for finding in ("It harmed.", "It helped."):
        assert (
            client.post(page, form_of(client.get(page)) | {"finding": finding}).status_code == 302
        )
    item.refresh_from_db()
    assert item.finding == "It helped."
    assert not item.is_verified()
    client.force_login(make_editor())
    publish = reverse("admin:education_revision_publish", args=[revision.pk])
    assert "study1 is not verified by two people" in client.get(publish).content.decode()


def test_going_back_revives_no_approval():
    item = make_item("study1", finding="It helped.")
    revision = make_approved_revision(draft=make_draft("study1"))
    by = make_writer()
    change_item(item=item, details={"finding": "It harmed."}, by=by)
    change_item(item=item, details={"finding": "It helped."}, by=by)
    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    assert Review.objects.filter(revision=revision).count() == 1


def test_a_false_alarm_that_is_lifted_restores_what_it_suspended():
    item = make_item("study1")
    revision = make_approved_revision(draft=make_draft("study1"))
    event = record_status(
        item=item, status="retracted", occurred_on=revision.submitted_at.date(),
        reason="By mistake.", by=make_editor(),
    )  # fmt: skip
    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    lift_status(event=event, by=make_editor(), reason="A false alarm.")
    revision.refresh_from_db()
    assert revision.state == Revision.State.APPROVED
    assert item.is_verified()


def step(name, number):
    kind = "article" if name == "archive" else "revision"
    return reverse(f"admin:education_{kind}_{name}", args=[number])


@pytest.mark.parametrize("name", ["submit", "minor", "put_aside", "take_back", "send_back"])
def test_a_step_on_a_text_that_moved_on_meanwhile_is_refused(client, name):
    person = make_person(Role.WRITER, Role.EDITOR_IN_CHIEF)
    item = make_item("study1")
    text = make_draft(item.key)
    returns = name in {"take_back", "send_back"}
    revision = (make_revision_in_review if returns else make_revision)(by=person, draft=text)
    client.force_login(person)
    # The button of a minor change is not offered of a first version; the step itself is tried.
    typed = {"reason": "Typed in the old tab.", "change": "minor"}
    page = step(name, revision.pk)
    old_tab = form_of(client.get(page))
    if returns:
        make_decision(revision, make_medical_reviewer())
    else:
        other = make_draft(item.key, funding="Somebody else paid.")
        save_text(revision=revision, draft=other, by=make_writer(), expected_version=1)
    before = Revision.objects.values().get(pk=revision.pk)

    answer = client.post(page, old_tab | typed)

    told = answer.content.decode()
    assert "Somebody changed this while you had it open. Nothing was done." in told
    assert ("decisions of reviewers in this round: 1" if returns else "save 2 of its text") in told
    assert Revision.objects.values().get(pk=revision.pk) == before
    if name not in {"submit", "minor"}:
        assert "Typed in the old tab." in told

    assert client.post(page, form_of(answer) | typed).status_code == 302
    assert Revision.objects.values().get(pk=revision.pk) != before


def test_an_article_that_got_another_text_meanwhile_is_not_archived(client):
    revision, editor = make_revision(), make_editor()
    article, writer = revision.article, make_writer()
    put_aside(revision=revision, by=writer, reason="Not needed.")
    client.force_login(editor)
    page = step("archive", article.pk)
    old_tab = form_of(client.get(page)) | {"reason": "Typed in the old tab."}
    again = start_revision(article=article, draft=make_draft(), by=writer)
    put_aside(revision=again, by=writer, reason="Not needed either.")

    answer = client.post(page, old_tab)

    told = answer.content.decode()
    article.refresh_from_db()
    assert "Nothing was done" in told
    assert f"Now: {again}: put aside" in told
    assert "Typed in the old tab." in told
    assert article.archived_at is None
    assert client.post(page, form_of(answer)).status_code == 302
    article.refresh_from_db()
    assert article.archived_at


def test_who_moved_to_another_desk_meanwhile_is_not_moved_back_unseen(client):
    person, editor = make_clinic_person(), make_editor()
    here, there = person.clinic_staff.clinic, open_clinic(name="Another clinic", by=editor)
    client.force_login(editor)
    shown = reverse("admin:education_clinic_change", args=[here.pk])

    def form():
        return html.fromstring(client.get(shown).content).xpath(
            "string(//form[contains(@action, '/person/')]//input[@name='version_seen']/@value)"
        )

    page = reverse("admin:education_clinic_person", args=[here.pk])
    old_tab = {"person": person.username, "version_seen": form()}
    assert old_tab["version_seen"]
    add_to_clinic(person=person, clinic=there, by=editor)

    answer = client.post(page, old_tab, follow=True)

    told = answer.content.decode()
    assert "Nothing was done" in told
    assert f"{person} works at the desk of Another clinic." in told
    assert f'value="{person.username}"' in told
    assert ClinicStaff.objects.get(person=person).clinic == there
    client.post(page, old_tab | {"version_seen": form()})
    assert ClinicStaff.objects.get(person=person).clinic == here
