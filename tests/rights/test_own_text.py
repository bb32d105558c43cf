"""Who wrote words that stand in a text neither reviews nor publishes it, however they came."""

from dataclasses import asdict, replace
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from education.articles.models import Article, Contribution, Revision, SavedText, WrittenSentence
from education.articles.operations import content_hash, draft_of, put_aside, start_revision
from education.review.models import Comment, Review
from education.review.operations import submit_for_review
from education.review.rules import counting_approvals
from tests.admin.word_files import paragraph, word_file
from tests.factories import (
    answered_checklist,
    edit,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_writer,
)
from tests.rights.test_stale_forms import form_of

pytestmark = pytest.mark.django_db
OWN = "The legs of most children were less stiff one year after the operation"


@pytest.fixture
def item(db):
    return make_item("study1")


def text(item, *sentences, **fields):
    said = " ".join(f"{sentence} [@study1]." for sentence in sentences)
    return make_draft("study1", body=f"## Found\n\n{said}\n", **fields)


def inherited(revision):
    return set(Contribution.objects.filter(revision=revision, inherited=True).values_list(
        "person", flat=True
    ))  # fmt: skip


def begin(client, article):
    """Start the next revision by the button of the article's page."""
    client.post(reverse("admin:education_article_start_revision", args=[article.pk]))
    return article.revisions.latest("pk")


def submit(client, revision):
    client.post(reverse("admin:education_revision_submit", args=[revision.pk]))
    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW


def approve(client, person, revision):
    """Decide by the form, whatever it offers; the page that comes back."""
    client.force_login(person)
    page = reverse("admin:education_revision_review", args=[revision.pk])
    return client.post(
        page,
        {
            "content_hash_seen": content_hash(revision),
            "reviewed_as": "medical",
            "decision": "approved",
            "interests_confirmed": "on",
            **answered_checklist(),
        },
    )


def test_a_text_put_aside_is_not_approved_by_who_wrote_it(client, item):
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=make_draft("study1"))
    put_aside(revision=first, by=reviewer, reason="Another begins anew.")
    client.force_login(writer)
    second = begin(client, first.article)
    submit(client, second)
    assert inherited(second) == {reviewer.pk}

    page = approve(client, reviewer, second).content.decode()

    assert not Review.objects.exists()
    assert f"Words that {reviewer} wrote stand in" in page
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            revision=second, round=1, reviewer=reviewer, reviewed_as="medical", specialty="X",
            decision="approved", content_hash="0" * 64, interests="None",
            decided_at=second.submitted_at,
        )  # fmt: skip


def refused(client, person, revision):
    """Whether somebody who presses the button to approve is told that their words stand there."""
    page = approve(client, person, revision).content.decode()
    assert not Review.objects.exists()
    return f"Words that {person} wrote stand in" in page


def test_words_of_another_article_typed_into_the_form_bar_who_wrote_them(client, item):
    reviewer, writer = make_medical_reviewer(), make_writer()
    make_revision(by=reviewer, draft=text(item, OWN))
    revision = make_revision(by=writer, draft=text(item, "Quite another thing stands in this one"))
    client.force_login(writer)
    page = reverse("admin:education_revision_change", args=[revision.pk])
    client.post(page, form_of(client.get(page)) | {"body": f"## Found\n\n{OWN} [@study1].\n"})
    submit(client, revision)
    assert refused(client, reviewer, revision)


def test_who_begins_an_article_with_the_text_of_another_is_told_and_its_writer_is_barred(
    client, item
):
    reviewer, writer = make_medical_reviewer(display_name="Somebody Else"), make_writer()
    source = make_revision(by=reviewer, draft=text(item, OWN)).article
    client.force_login(writer)
    page = f"{reverse('admin:education_article_add')}?begin_with={source.pk}"
    shown = client.get(page)
    assert "Somebody Else" in shown.content.decode()
    client.post(page, form_of(shown) | {"title": "Quite another page", "slug": "another"})
    revision = Revision.objects.exclude(article=source).get()
    Article.objects.filter(pk=revision.article_id).update(class_confirmed_by=make_editor())
    submit(client, revision)
    assert refused(client, reviewer, revision)


def test_a_text_begun_in_another_language_with_that_of_the_first_bars_who_wrote_it(
    client, item, settings
):
    settings.LANGUAGES = [("en", "English"), ("zh-hans", "Chinese")]
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=text(item, OWN))
    client.force_login(writer)
    start = reverse("admin:education_article_start_revision", args=[first.article_id])
    client.post(start, {"language": "zh-hans"})
    translated = Revision.objects.get(language="zh-hans")
    submit(client, translated)
    assert refused(client, reviewer, translated)


def test_the_page_names_all_whose_words_stand(item):
    first, second = make_writer(), make_writer()
    published = make_publication(by=first, draft=text(item, OWN))
    following = make_publication(
        article=published.revision.article,
        by=second,
        draft=replace(draft_of(published.revision), what_changed="Said more."),
    )
    assert {writer["name"] for writer in following.writers} == {str(first), str(second)}


@pytest.mark.parametrize(
    ("typed", "barred"),
    [
        (OWN, True),
        (f"“{OWN.upper()}” –", True),
        (OWN.replace("less stiff", "much less stiff"), True),
        (OWN.replace("most", "many"), True),
        ("One year later, surgeons saw softer muscles in nearly every child", False),
        ("Further research is very unlikely to change our confidence in the estimate of effect",
         False),
    ],
)  # fmt: skip
def test_words_copied_from_another_article(item, typed, barred):
    reviewer, writer = make_medical_reviewer(), make_writer()
    grade = "Further research is very unlikely to change our confidence in the estimate of effect"
    make_revision(by=reviewer, draft=text(item, OWN, grade))

    revision = make_revision(by=writer, draft=text(item, typed))

    assert inherited(revision) == ({reviewer.pk} if barred else set())


@pytest.mark.parametrize("part", ["key message", "cell", "claim", "said"])
def test_messages_cells_and_claims_count(item, part):
    reviewer = make_medical_reviewer()
    said = f"{OWN} [@study1]."
    claim = {"slug": "c", "said": "They say it", "verdict": "supported", "certainty": "low",
             "answer": "Yes [@study1].", "claim": ""}  # fmt: skip
    fields = {
        "key message": {"key_messages": [{"text": said, "certainty": "low"}]},
        "cell": {
            "kind": "comparison",
            "options": [{"slug": "o", "name": "Option"}],
            "rows": [{"slug": "r", "question": "Does it?", "cells": {
                "o": {"text": said, "certainty": "low", "unknown": False}}}],
        },
        "claim": {"kind": "claims", "claims": [claim | {"answer": said}]},
        "said": {"kind": "claims", "claims": [claim | {"said": OWN}]},
    }[part]  # fmt: skip
    make_revision(by=reviewer, draft=text(item, OWN))

    article = make_article(kind=fields.get("kind", "article"))
    revision = make_revision(article=article, draft=make_draft("study1", **fields))

    assert reviewer.pk in inherited(revision)


def test_the_line_about_funding_and_headings_are_nobodys(item):
    reviewer = make_medical_reviewer()
    line = "This text was paid for by the hospital of the city alone."
    make_revision(by=reviewer, draft=text(item, OWN, funding=line))
    body = f"## {OWN}\n\nQuite another thing is said in this text [@study1].\n"
    other = make_draft("study1", body=body, funding=line, short_answer="Perhaps [@study1].")
    assert inherited(make_revision(draft=other)) == set()


def test_words_in_another_language_of_the_article(client, item, settings):
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=text(item, OWN))
    translated = start_revision(
        article=first.article, draft=replace(draft_of(first), language="zh-hans"), by=writer
    )
    assert inherited(translated) == {reviewer.pk}


def test_who_corrects_spelling_wrote_nothing(item):
    writer, reviewer, third = make_writer(), make_medical_reviewer(), make_writer()
    first = make_revision(by=writer, draft=text(item, OWN.replace("operation", "opperation")))
    edit(first, reviewer, body=f"## Found\n\n{OWN} [@study1].\n")

    revision = make_revision(by=third, draft=text(item, OWN, short_answer="Perhaps [@study1]."))

    assert inherited(revision) == {writer.pk}


def test_who_has_no_words_left_may_review(client, item):
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=text(item, OWN))
    put_aside(revision=first, by=reviewer, reason="Another begins anew.")
    client.force_login(writer)
    second = begin(client, first.article)
    assert inherited(second) == {reviewer.pk}

    second = edit(
        second,
        writer,
        short_answer="Perhaps so [@study1].",
        key_messages=[{"text": "Perhaps [@study1].", "certainty": "low"}],
        body="## Found\n\nSomething else entirely is known of it [@study1].\n",
        unknowns="How long that stays.",
        questions="What do you know?",
    )

    assert inherited(second) == set()
    submit_for_review(revision=second, by=writer)
    assert approve(client, reviewer, second).status_code == 302
    assert Review.objects.get().reviewer == reviewer


def test_who_takes_part_later_counts_as_one_at_work(item):
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=text(item, OWN))
    put_aside(revision=first, by=reviewer, reason="Another begins anew.")
    second = start_revision(article=first.article, draft=draft_of(first), by=writer)
    edit(second, reviewer, unknowns="What nobody asked so far.")
    assert set(second.at_work()) == {writer, reviewer}


def test_shipped_words_are_nobodys(item):
    start_revision(article=make_article(), draft=text(item, OWN), by=None)
    assert inherited(make_revision(draft=text(item, OWN))) == set()


def before_the_rule():
    """As an upgrade finds it: nobody counts for words alone."""
    Contribution.objects.filter(inherited=True).delete()


@pytest.mark.parametrize(
    ("rule", "told"),
    [("of today", "can’t publish"), ("of before", "someone else must publish it")],
)
def test_an_editor_does_not_publish_own_words(client, item, rule, told):
    editor, writer = make_editor(), make_writer()
    first = make_revision(by=editor, draft=text(item, OWN))
    put_aside(revision=first, by=editor, reason="Another begins anew.")
    second = start_revision(article=first.article, draft=draft_of(first), by=writer)
    submit_for_review(revision=second, by=writer)
    make_decision(second, make_medical_reviewer())
    if rule == "of before":
        before_the_rule()
    client.force_login(editor)
    page = reverse("admin:education_revision_publish", args=[second.pk])
    assert told in client.post(page, {"goes_live_at": ""}).content.decode()
    second.refresh_from_db()
    assert second.state == Revision.State.APPROVED


def test_an_approval_of_before_counts_until_the_text_changes_and_is_listed(client, item):
    reviewer, second, writer = make_medical_reviewer(), make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=text(item, OWN))
    put_aside(revision=first, by=reviewer, reason="Another begins anew.")
    revision = start_revision(article=first.article, draft=draft_of(first), by=writer)
    submit_for_review(revision=revision, by=writer)
    barred = Contribution.objects.filter(revision=revision, inherited=True)
    assert barred.exists()
    before_the_rule()
    # Decided before the rule: past today's operation, as it was then.
    Revision.objects.filter(pk=revision.pk).update(state=Revision.State.IN_REVIEW)
    given = make_decision(revision, second)
    Review.objects.bulk_create([replace_review(given, reviewer)])
    revision.refresh_from_db()
    assert {each.reviewer for each in counting_approvals(revision)} == {second, reviewer}
    client.force_login(make_editor())
    listed = client.get(reverse("admin:education_revision_before")).content.decode()
    assert f"{reviewer}" in listed
    assert f"{second} approved" not in listed


def replace_review(given, reviewer):
    fields = {
        field.attname: getattr(given, field.attname)
        for field in Review._meta.concrete_fields
        if not field.primary_key
    }
    return Review(**fields | {"reviewer_id": reviewer.pk})


def test_nobody_decides_by_an_old_text_in_review_on_own_words(client, item):
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = make_revision(by=reviewer, draft=text(item, OWN))
    put_aside(revision=first, by=reviewer, reason="Another begins anew.")
    revision = start_revision(article=first.article, draft=draft_of(first), by=writer)
    submit_for_review(revision=revision, by=writer)
    before_the_rule()
    refusal = f"Words that {reviewer} wrote stand in {revision}; someone else reviews it."
    assert refusal in approve(client, reviewer, revision).content.decode()
    assert not Review.objects.exists()
    page = client.get(reverse("admin:education_revision_review", args=[revision.pk]))
    assert refusal in page.content.decode()  # said before anything is typed
    assert "data-decision" not in page.content.decode()


def test_saved_texts_of_before_are_read_by_the_upgrade(item):
    reviewer = make_medical_reviewer()
    revision = make_revision(by=reviewer, draft=text(item, OWN))
    WrittenSentence.objects.all().delete()
    SavedText.objects.update(draft=asdict(draft_of(revision)) | {"of_another_release": 1})
    upgrade = import_module("education.migrations.0030_sentences_of_saved_texts")
    upgrade.note_saved_texts(apps, None)
    assert inherited(make_revision(draft=text(item, OWN))) == {reviewer.pk}


def test_a_writer_is_shown_whom_words_bar_before_they_are_saved(client, item):
    reviewer = make_medical_reviewer(display_name="Somebody Else")
    make_revision(by=reviewer, draft=text(item, OWN))
    writer = make_writer()
    revision = make_revision(by=writer, draft=text(item, "Quite another thing stands in this one"))
    client.force_login(writer)
    page = reverse("admin:education_revision_preview", args=[revision.pk])
    typed = {
        "title": revision.title, "body": f"{OWN} [@study1].", "short_answer": "",
        "key_messages-TOTAL_FORMS": 0, "key_messages-INITIAL_FORMS": 0,
    }  # fmt: skip
    told = client.post(page, typed, headers={"accept": "application/json"}).json()["beside"]
    assert "Somebody Else" in told
    assert "neither review nor publish" in told
    assert inherited(revision) == set()


def test_who_can_still_review_a_page(client, item):
    author = make_medical_reviewer(display_name="Author of it")
    able = make_medical_reviewer(display_name="Able one")
    make_person(display_name="No reviewer")
    article = make_article(risk_class="A")
    first = make_revision(by=author, article=article, draft=text(item, OWN))
    client.force_login(make_writer())
    page = client.get(reverse("admin:education_revision_reviewers", args=[first.pk]))
    told = page.content.decode()
    assert "Able one" in told
    assert "needs a reviewer who did not write or submit it; Author of it did" in told
    assert "No reviewer" not in told
    assert "It needs 1 plain-language reviewer; 0 can still review it." in told
    assert able


def test_words_of_somebody_else_in_a_word_file_are_named_before_they_come_in(client, item):
    reviewer, writer = make_medical_reviewer(display_name="Somebody Else"), make_writer()
    make_revision(by=reviewer, draft=text(item, OWN))
    revision = make_revision(by=writer, draft=text(item, "Quite another thing stands in this one"))
    client.force_login(writer)
    address = reverse("admin:education_revision_word", args=[revision.pk])

    def send(**typed):
        file = SimpleUploadedFile("text.docx", word_file(paragraph(f"{OWN}.")))
        sent = {"file": file, "expected_version": revision.version, **typed}
        return client.post(address, sent, follow=True).content.decode()

    asked = send()
    assert "Sentences of Somebody Else stand in this file. Nothing was brought in yet" in asked
    assert 'value="Somebody Else"' in asked
    assert inherited(revision) == set()
    send(others="Somebody Else")
    assert inherited(revision) == {reviewer.pk}


def test_who_suggested_words_that_were_accepted_wrote_them_and_may_ask_that_they_go(client, item):
    reviewer, writer = make_medical_reviewer(), make_writer()
    first = "Quite another thing stands in this one"
    revision = make_revision(by=writer, draft=text(item, first))
    client.force_login(reviewer)
    comment = reverse("admin:education_revision_comment", args=[revision.pk])
    client.post(comment, {"text": "", "passage": first, "proposal": OWN})
    assert Comment.objects.get().proposal == OWN

    edit(revision, writer, body=text(item, OWN).body)
    client.force_login(writer)
    submit(client, revision)

    assert inherited(revision) == {reviewer.pk}
    refused = approve(client, reviewer, revision).content.decode()
    assert f"Words that {reviewer} wrote stand in" in refused
    client.post(comment, {"text": "Please take this out.", "passage": OWN})
    assert Comment.objects.filter(by=reviewer, passage=OWN).exists()
    page = client.get(reverse("admin:education_revision_reviewers", args=[revision.pk]))
    assert "they may ask an editor-in-chief for that" in page.content.decode()
