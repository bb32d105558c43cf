"""Lists and forms of the desk in plain words, and articles that begin with another's text."""

import datetime

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from education.admin.access import EditorialAdmin
from education.articles.models import Article
from education.articles.operations import draft_of
from education.people.models import Role
from education.publishing.operations import publish, withdraw
from education.review.rules import reasons_against_deciding
from tests.factories import (
    make_approved_revision,
    make_draft,
    make_editor,
    make_person,
    make_publication,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db

ADD = "admin:education_article_add"
TEXTS = "admin:education_revision_changelist"
COPIES = "admin:education_publication_changelist"


def test_no_list_asks_to_select_something_to_change(client):
    client.force_login(make_editor(is_superuser=True))
    ours = [
        model for model, page in admin.site._registry.items() if isinstance(page, EditorialAdmin)
    ]
    assert len(ours) > 10

    for model in ours:
        title = client.get(reverse(f"admin:education_{model._meta.model_name}_changelist"))
        assert not title.context["title"].startswith("Select"), model


def test_a_form_is_called_what_it_is_about(client):
    revision = make_revision()
    client.force_login(make_writer())

    form = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    begin = client.get(reverse(ADD))

    assert form.context["title"] == "Text of an article"
    assert begin.context["title"] == "Begin an article"


def test_lists_say_for_when_a_copy_is_scheduled(client):
    editor = make_editor()
    moment = timezone.now() + datetime.timedelta(days=3)
    copy = publish(revision=make_approved_revision(), by=editor, goes_live_at=moment)
    when = f"Scheduled for {date_format(timezone.localtime(copy.goes_live_at), 'j F Y, H:i')}"
    client.force_login(editor)
    article = reverse("admin:education_article_change", args=[copy.revision.article_id])

    assert when in client.get(reverse(TEXTS)).content.decode()
    assert when in client.get(reverse(COPIES)).content.decode()
    assert when.lower() in client.get(article).content.decode().lower()


def test_the_list_of_copies_says_what_readers_see(client):
    live, withdrawn, editor = make_publication(), make_publication(), make_editor()
    withdraw(publication=withdrawn, by=editor, reason="It is wrong.")
    client.force_login(editor)

    rows = client.get(reverse(COPIES)).context["cl"].result_list

    states = {row.pk: row.state_in_words for row in rows}
    assert states == {live.pk: "Live", withdrawn.pk: "Withdrawn"}


@pytest.fixture
def source():
    writer = make_writer()
    body = "Nobody has followed these families for longer than a year. Ask your team about it."
    return make_revision(by=writer, draft=make_draft(body=body))


def begin(client, source, **changed):
    details = {"title": "A second question?", "slug": "", "topic": source.article.topic_id}
    details |= {"kind": source.article.kind, "risk_class": "A", "review_every_months": 12}
    address = f"{reverse(ADD)}?begin_with={source.article_id}"
    return client.post(address, details | changed)


def test_an_article_begins_with_the_text_of_another_and_says_whom_that_bars(client, source):
    client.force_login(make_writer())
    shown = client.get(f"{reverse(ADD)}?begin_with={source.article_id}").content.decode()
    assert source.title in shown
    assert f"Words of {source.created_by} come with it" in shown

    begin(client, source)

    article = Article.objects.exclude(pk=source.article_id).get()
    draft, (revision,) = draft_of(source), article.revisions.all()
    assert article.slug == "a-second-question"
    assert draft_of(revision).body == draft.body
    assert draft_of(revision).title == "A second question?"
    source.refresh_from_db()
    assert source.title == draft.title


def test_who_wrote_the_other_text_can_not_review_the_new_one(client, source):
    writer = source.created_by
    writer.groups.add(*make_person(Role.PLAIN_LANGUAGE_REVIEWER).groups.all())
    client.force_login(make_writer())

    begin(client, source)

    revision = Article.objects.exclude(pk=source.article_id).get().revisions.get()
    assert writer in revision.contributors()
    assert reasons_against_deciding(writer, revision, "plain_language")


def test_a_text_of_another_kind_is_refused_and_nothing_is_made(client, source):
    client.force_login(make_writer())

    shown = begin(client, source, kind="glossary").content.decode()

    assert "The text that it begins with is of another kind: article." in shown
    assert Article.objects.count() == 1
