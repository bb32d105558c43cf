"""A harmful passage of a live page is gone everywhere at once, and two people answer for it."""

import datetime
import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Article
from education.handouts.copy_check import public_code
from education.management.commands import send_mail_queue
from education.people.models import Message, Role
from education.publishing.models import MaskedPassage
from education.publishing.operations import publish
from education.publishing.passages import mask_passage
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
    make_writer,
)
from tests.handouts.clinics import go_to, make_clinic_person, print_for

pytestmark = pytest.mark.django_db

HARM = "Give your child ten doses at once."
WHY = "It is dangerous."


@pytest.fixture
def author():
    return make_person(*Role, specialty="Orthopaedics")


@pytest.fixture
def page(author):
    key = make_item().key
    words = f"{HARM} Something was found [@{key}]."
    return make_publication(
        by=author,
        draft=make_draft(
            key,
            body=f"## What to do\n\n{words}\n",
            key_messages=[{"text": f"{HARM} [@{key}]", "certainty": "low"}],
        ),
    )


@pytest.fixture
def send(client):
    def send(by, name, *args, **fields):
        client.force_login(by)
        answer = client.post(reverse(f"admin:education_{name}", args=args), fields, follow=True)
        client.logout()
        return answer.content.decode()

    return send


def surfaces(page):
    """Everywhere the public can read the page."""
    slug = page.slug
    return [
        f"/articles/{slug}/",
        f"/articles/{slug}/versions/{page.number}/",
        f"/handouts/{slug}/",
        f"/embed/{slug}/",
        f"/api/v1/articles/{slug}/",
        "/search/?q=doses",
    ]


def said(client, page, words=HARM):
    """The addresses that say the words."""
    answers = {address: client.get(address) for address in surfaces(page)}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {
        address
        for address, answer in answers.items()
        if words in re.sub(r"<[^>]+>", "", answer.content.decode())
    }


def mask(send, page, by=None):
    send(by or make_editor(), "publication_mask", page.pk, words=HARM, reason=WHY)
    return MaskedPassage.objects.get()


def test_a_masked_passage_is_gone_from_every_answer_at_once_and_readers_are_told(
    client, send, page
):
    assert len(said(client, page)) >= 4

    mask(send, page)

    assert said(client, page) == set()
    shown = client.get(f"/articles/{page.slug}/").content.decode()
    assert WHY in shown
    assert "Something was found" in shown


def test_who_wrote_the_page_may_mask_it(client, send, page, author):
    mask(send, page, by=author)

    assert said(client, page) == set()


def test_only_an_editor_in_chief_masks_and_only_words_of_the_page(send, page):
    send(make_writer(), "publication_mask", page.pk, words=HARM, reason=WHY)
    send(make_editor(), "publication_mask", page.pk, words="Other words.", reason=WHY)
    told = send(make_editor(), "publication_mask", page.pk, words=page.title, reason=WHY)

    assert not MaskedPassage.objects.exists()
    assert reverse("admin:education_publication_withdraw", args=[page.pk]) in told


def test_the_next_version_does_not_bring_the_words_back(client, send, page):
    mask(send, page)
    following = make_next_publication(page)

    assert said(client, following) == set()


def test_a_scheduled_version_does_not_bring_them_back_either(client, send, page, monkeypatch):
    revision = make_approved_revision(
        article=page.revision.article,
        draft=make_draft(body=f"## What to do\n\n{HARM}\n", what_changed="More."),
    )
    later = timezone.now() + datetime.timedelta(days=2)
    waiting = publish(revision=revision, by=make_editor(), goes_live_at=later)
    mask(send, page)

    go_to(monkeypatch, timezone.localdate() + datetime.timedelta(days=4))

    assert f"/articles/{page.slug}/" not in said(client, waiting)


def test_a_definition_that_is_masked_explains_no_word_on_any_page(client, send):
    key = make_item().key
    term = {"slug": "tone", "term": "tone", "also": [], "definition": f"{HARM} [@{key}]"}
    glossary = make_publication(
        article=make_article(kind=Article.Kind.GLOSSARY),
        draft=make_draft(key, kind=Article.Kind.GLOSSARY, terms=[term]),
    )
    other = make_publication(draft=make_draft(unknowns="- Whether tone comes back."))
    assert HARM in client.get(f"/articles/{other.slug}/").content.decode()

    mask(send, glossary)

    assert HARM not in client.get(f"/articles/{other.slug}/").content.decode()
    assert "tone comes back" in client.get(f"/articles/{other.slug}/").content.decode()


def test_a_second_person_confirms_it(send, page):
    passage = mask(send, page)
    send(passage.by, "maskedpassage_confirm", passage.pk)
    assert MaskedPassage.objects.get().confirmed_at is None

    reviewer = make_medical_reviewer()
    send(reviewer, "maskedpassage_confirm", passage.pk)
    assert MaskedPassage.objects.get().confirmed_by == reviewer


def test_only_somebody_else_shows_it_again(client, send, page, author):
    passage = mask(send, page)
    for by in (passage.by, author, make_writer()):
        send(by, "maskedpassage_lift", passage.pk, reason="It is right.")
        assert said(client, page) == set()

    send(make_medical_reviewer(), "maskedpassage_lift", passage.pk, reason="It is right.")

    assert len(said(client, page)) >= 4


def test_it_is_asked_again_when_nobody_confirms_it_within_a_day(client, send, page, monkeypatch):
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    passage = mask(send, page)
    asked = Message.objects.filter(to=reviewer, about__startswith=f"masked-{passage.pk}-")
    assert asked.count() == 1
    client.force_login(reviewer)
    assert "Masked passages to confirm" in client.get(reverse("admin:index")).content.decode()

    go_to(monkeypatch, timezone.localdate() + datetime.timedelta(days=3))
    send_mail_queue.Command().handle()
    send_mail_queue.Command().handle()

    assert asked.count() == 2


def test_paper_from_before_is_called_back(client, send, page):
    person = make_clinic_person()
    copy = print_for(person, page)

    mask(send, page)

    for code in (copy.code, public_code(page)):
        answer = client.get(f"/check/{code}/", follow=True).content.decode()
        assert "Do not use this copy" in answer
        assert WHY in answer
    assert Message.objects.filter(to=person, about__startswith="recall:masked-").count() == 1


def test_paper_that_is_printed_later_says_it_no_more_and_may_be_used(
    client, send, page, monkeypatch
):
    mask(send, page)
    go_to(monkeypatch, timezone.localdate() + datetime.timedelta(days=2))

    copy = print_for(make_clinic_person(), page)

    answer = client.get(f"/check/{copy.code}/", follow=True).content.decode()
    assert "Do not use this copy" not in answer


def test_record_systems_do_not_get_it(client, send, page):
    mask(send, page)

    answers = client.get("/api/v1/articles/").json()

    assert HARM not in json.dumps(answers)


def test_pressed_twice_it_is_masked_once(page):
    editor = make_editor()

    first = mask_passage(publication=page, words=HARM, reason=WHY, by=editor)

    assert mask_passage(publication=page, words=HARM, reason=WHY, by=editor) == first


OPTION, QUESTION, CLAIM = "A miracle cure", "Does it heal for certain?", "It heals every child."


def saying(client, words, addresses):
    """Those of the addresses that say the words."""
    answers = {address: client.get(address, follow=True) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {
        address
        for address, answer in answers.items()
        if words in re.sub(r"<[^>]+>", "", answer.content.decode())
    }


def comparison_that_names_them():
    key = make_item().key
    cell = {"text": f"It may help [@{key}].", "certainty": "low"}
    return make_publication(
        article=make_article(kind=Article.Kind.COMPARISON),
        draft=make_draft(
            key,
            kind=Article.Kind.COMPARISON,
            options=[
                {"slug": "cure", "name": OPTION},
                {"slug": "no-change", "name": "No change in treatment"},
            ],
            rows=[
                {"slug": "sure", "question": QUESTION, "cells": {"cure": cell, "no-change": cell}}
            ],
        ),
    )


def test_names_of_options_and_questions_are_masked_everywhere(client, send):
    page = comparison_that_names_them()
    code = public_code(page)
    addresses = [
        f"/articles/{page.slug}/", f"/articles/{page.slug}/worksheet/", f"/handouts/{page.slug}/",
        f"/embed/{page.slug}/", f"/v/{code}/", f"/v/{code}/hand-over/", "/api/v1/comparison/",
        f"/api/v1/articles/{page.slug}/versions/1/", "/search/?q=miracle", "/search/?q=certain",
    ]  # fmt: skip

    assert len(saying(client, OPTION, addresses)) >= 6
    assert len(saying(client, QUESTION, addresses)) >= 8

    for words in (OPTION, QUESTION):
        send(make_editor(), "publication_mask", page.pk, words=words, reason=WHY)

    assert saying(client, OPTION, addresses) == set()
    assert saying(client, QUESTION, addresses) == set()
    assert saying(client, "[taken away]", addresses[:3]) == {*addresses[:3]}
    assert saying(client, "It may help", addresses[:1])
    shown = client.get(addresses[0]).content.decode()
    assert shown.count(WHY) == 1, "two passages of one day and reason are told once"
    client.force_login(make_clinic_person())
    desk = client.get(f"/clinic/print/{page.slug}/").content.decode()
    assert "[taken away]" in desk
    assert QUESTION not in desk


def test_a_claim_is_masked_as_it_is_said(client, send):
    key = make_item().key
    claim = {
        "slug": "heals",
        "said": CLAIM,
        "verdict": "overstated",
        "certainty": "low",
        "answer": f"It may help [@{key}].",
    }
    page = make_publication(
        article=make_article(kind=Article.Kind.CLAIMS),
        draft=make_draft(key, kind=Article.Kind.CLAIMS, claims=[claim]),
    )
    addresses = [
        "/claims/", "/claims/heals/", "/api/v1/claims/", "/api/v1/claims/heals/",
        f"/articles/{page.slug}/", "/search/?q=heals", "/search/suggest/?q=heals",
    ]  # fmt: skip

    assert saying(client, CLAIM, addresses) == {*addresses}

    send(make_editor(), "publication_mask", page.pk, words=CLAIM, reason=WHY)

    assert saying(client, CLAIM, addresses) == set()
    assert saying(client, "It may help", ["/claims/heals/"])
    # A verdict on words that nobody sees goes with them, and home shows no such claim.
    assert client.get("/api/v1/claims/heals/").json()["verdict"] == ""
    assert saying(client, "Overstated", ["/claims/heals/", "/"]) == set()
    assert "[taken away]" not in client.get("/").content.decode()
