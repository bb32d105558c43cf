"""The desk beside what ships: pages known to be wrong, and both texts side by side."""

import pytest
from django.urls import reverse

from education.admin.dashboard import my_work
from education.articles.models import Article, Revision
from education.articles.operations import put_aside, render_revision
from education.evidence.importing import read, start_import
from education.people.models import Role
from education.publishing import corrected_statements as module
from education.publishing.corrected_statements import corrected_statements
from education.publishing.operations import withdraw
from education.text.tree import plain_text
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
    make_revision,
    make_writer,
)
from tests.shipped import load_shipped_texts

pytestmark = pytest.mark.django_db

SLUG = "is-stem-cell-therapy-feasible"
LIST = "admin:education_article_shipped_texts"
OLD = "No stem cell product is approved in the USA for any condition of the nervous system."


def rows(person, title: str) -> list:
    return next((pile.rows for pile in my_work(person) if pile.title == title), [])


def page_that_says(words: str, slug: str = SLUG):
    draft = make_draft(title="Is it feasible?", body=f"## What is known\n\n{words}\n")
    return make_publication(article=make_article(slug=slug), draft=draft)


def beside(article) -> str:
    return reverse("admin:education_article_shipped", args=[article.pk])


# Known to be wrong


def test_a_public_page_with_a_statement_known_to_be_wrong_is_listed_until_it_is_mended():
    page, editor = page_that_says(OLD.replace("any condition", "**any** condition")), make_editor()

    (row,) = rows(editor, "Known to be wrong")
    assert row.what == "Is it feasible?"
    assert row.risk == "C"
    assert "docs/audit-of-text.md: 1)" in row.why
    assert f"The first: “{OLD}” It is now: “We found no cells that are approved" in row.why
    assert row.url == beside(page.revision.article)

    make_next_publication(page, body="## What is known\n\nNothing is approved for this.\n")
    assert not rows(editor, "Known to be wrong")


def test_what_is_not_public_is_not_listed():
    editor = make_editor()
    draft = make_draft(body=f"## What is known\n\n{OLD}\n")
    make_revision(article=make_article(slug="before-you-pay"), draft=draft)
    withdraw(publication=page_that_says(OLD), by=editor, reason="It was wrong.")

    assert not rows(editor, "Known to be wrong")


def test_only_editors_in_chief_are_shown_what_is_wrong():
    page_that_says(OLD)

    for person in (make_writer(), make_medical_reviewer(), make_person(Role.AUDITOR)):
        assert not rows(person, "Known to be wrong")


def test_a_sentence_of_one_article_is_not_wrong_in_another():
    page_that_says(OLD, slug="another-page")

    assert not rows(make_editor(), "Known to be wrong")


@pytest.mark.slow
def test_no_shipped_text_says_what_is_known_to_be_wrong():
    load_shipped_texts()
    for slug, statements in corrected_statements().items():
        revision = Revision.objects.get(article__slug=slug)
        said = module._words(plain_text(render_revision(revision).tree))
        for one in statements:
            rest = said.replace(module._words(one.new) or "\n", "\n")
            assert module._words(one.old) not in rest, (slug, one.old)


# Both texts


@pytest.fixture
def changed(client):
    """An article whose text is not the shipped one, looked at by a writer."""
    client.force_login(make_writer())
    return page_that_says("Our own words.").revision.article


def test_the_list_leads_to_each_article_whose_text_is_another(client, changed):
    shown = client.get(reverse(LIST)).content.decode()

    assert f"Compare {SLUG}" in shown
    assert beside(changed) in shown
    assert "stored-cord-blood" in shown  # not brought in yet
    assert (
        reverse(LIST) in client.get(reverse("admin:education_article_changelist")).content.decode()
    )


def test_both_texts_stand_side_by_side_and_a_draft_begins_with_the_shipped_one(client, changed):
    shown = client.get(beside(changed)).content.decode()
    assert "Our own words." in shown
    assert "Start a draft from the new shipped text" in shown

    answer = client.post(beside(changed))

    begun = changed.revisions.first()
    assert answer.url == reverse("admin:education_revision_change", args=[begun.pk])
    assert (begun.number, begun.state) == (2, "draft")
    assert "We found no cells that are approved" in begun.body + begun.short_answer + "".join(
        message.text for message in begun.key_messages.all()
    )
    assert list(begun.contributors())
    assert begun.title in client.get(reverse(LIST)).content.decode()


def test_no_second_draft_begins_while_one_is_open(client, changed):
    client.post(beside(changed))

    shown = client.post(beside(changed), follow=True).content.decode()

    assert "is still open" in shown
    assert changed.revisions.count() == 2


def test_a_draft_that_was_put_aside_may_be_begun_again(client, changed):
    client.post(beside(changed))
    put_aside(revision=changed.revisions.first(), by=make_writer(), reason="Later.")

    assert f"Compare {SLUG}" in client.get(reverse(LIST)).content.decode()
    assert "Start a draft" in client.get(beside(changed)).content.decode()


def test_an_article_of_another_kind_takes_no_shipped_text(client, changed):
    Article.objects.filter(pk=changed.pk).update(kind=Article.Kind.POLICY)

    assert "is of another kind" in client.get(beside(changed)).content.decode()
    client.post(beside(changed))
    assert changed.revisions.count() == 1


def test_who_may_not_write_reads_and_begins_nothing(client, changed):
    client.force_login(make_person(Role.AUDITOR))

    assert "Start a draft" not in client.get(beside(changed)).content.decode()
    assert client.post(beside(changed)).status_code == 403
    assert changed.revisions.count() == 1


def test_an_article_that_does_not_ship_has_no_such_page(client, changed):
    assert client.get(beside(make_article(slug="ours-alone"))).status_code == 404


# What waits


@pytest.mark.slow
def test_drafts_that_a_release_brought_wait_for_editors_in_chief_until_somebody_takes_them():
    load_shipped_texts()
    editor = make_editor()

    (row,) = rows(editor, "Texts that ship")
    assert row.what.startswith("25 drafts")
    assert row.url == reverse(LIST)
    assert not rows(make_writer(), "Texts that ship")


def test_an_import_that_a_command_left_waits_for_those_who_may_confirm_it():
    batch = start_import(
        source="Corrections", records=read(b'[{"title": "A", "id": "a"}]'), by=None
    )
    start_import(source="mine", records=[], by=make_writer())

    for person in (make_editor(), make_writer()):
        (row,) = rows(person, "Evidence to look through")
        assert row.url == reverse("admin:education_evidenceimport_change", args=[batch.pk])
    assert not rows(make_person(Role.AUDITOR), "Evidence to look through")
