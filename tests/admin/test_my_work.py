"""My work: each person finds what waits for them, most risk first, and why."""

import datetime

import pytest
from django.utils import timezone

from education.admin.dashboard import my_work, when_empty
from education.articles.models import Article
from education.evidence.operations import change_item
from education.people.models import Message, Role
from education.review.assignments import assign_reviewer
from education.review.comments import add_comment, reply
from education.review.models import Review
from education.review.operations import submit_for_review
from education.safety.notes import approve_note, write_note
from tests.factories import (
    make_approved_revision,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
    make_writer,
)

pytestmark = pytest.mark.django_db

A, B, C = Article.RiskClass


def rows(person) -> dict[str, list]:
    return {pile.title: pile.rows for pile in my_work(person)}


def titled(title: str, risk_class: str = C, **kwargs):
    article = make_article(risk_class=risk_class)
    return make_revision_in_review(article=article, draft=make_draft(title=title), **kwargs)


def test_what_could_harm_most_comes_first_then_what_is_due_first():
    editor, reviewer = make_editor(), make_medical_reviewer()
    today = timezone.localdate()
    for title, risk_class, days in (("c", C, 1), ("b late", B, 9), ("b", B, 2), ("a", A, 30)):
        due_on = today + datetime.timedelta(days=days)
        revision = titled(title, risk_class)
        assign_reviewer(
            revision=revision, reviewer=reviewer, reviewed_as="medical", due_on=due_on, by=editor
        )

    assert [row.what for row in rows(reviewer)["To review"]] == ["a", "b", "b late", "c"]


def test_a_reviewer_whose_approval_is_not_missing_has_nothing_to_review():
    revision = titled("One", B)
    first = make_medical_reviewer()
    make_decision(revision, first)

    assert "To review" not in rows(first)
    assert "To review" not in rows(make_medical_reviewer("Neurosurgery"))
    assert [row.what for row in rows(make_plain_language_reviewer())["To review"]] == ["One"]


def test_the_second_approval_is_asked_of_another_specialty():
    revision = titled("Two", A)
    make_decision(revision, make_medical_reviewer("Neurosurgery"))

    assert "To review" not in rows(make_medical_reviewer("Neurosurgery"))
    assert "To review" in rows(make_medical_reviewer("Paediatric neurology"))


def test_an_approval_that_lapsed_comes_back_and_says_why():
    item = make_item()
    revision = make_revision_in_review(
        article=make_article(risk_class=B), draft=make_draft(item.key)
    )
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)
    assert "To review" not in rows(reviewer)

    change_item(item=item, details={"sample_size": 12}, by=make_writer())

    (row,) = rows(reviewer)["To review"]
    assert "The evidence is not what it was when you approved." in row.why


def test_who_was_asked_and_may_no_longer_decide_is_told_why():
    revision, reviewer = titled("Asked"), make_medical_reviewer()
    assign_reviewer(
        revision=revision,
        reviewer=reviewer,
        reviewed_as="medical",
        due_on=timezone.localdate(),
        by=make_editor(),
    )
    reviewer.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
    reviewer.save()

    work = rows(reviewer)

    assert "have expired" in work["To review"][0].why
    assert [row.what for row in work["About you"]] == ["Your credentials"]
    assert work["About you"][0].is_late


@pytest.mark.parametrize(
    ("days_ago", "says"),
    [(0, ""), (334, ""), (336, "It is good until"), (366, "It is out of date")],
)
def test_a_reviewer_is_told_before_the_declaration_lapses(days_ago, says):
    declared = timezone.localdate() - datetime.timedelta(days=days_ago)
    reviewer = make_plain_language_reviewer(interests_declared_on=declared)

    about = rows(reviewer).get("About you", [])

    assert [row.why.startswith(says) for row in about] == ([True] if says else [])


def test_an_emergency_note_waits_for_medical_reviewers_who_are_independent():
    publication = make_publication(draft=make_draft(title="The page"))
    reviewer = make_medical_reviewer()
    conflicted = make_medical_reviewer()
    conflicted.conflicts.create(topic=make_topic())
    note = write_note(slug=publication.slug, text="Recalled.", by=make_editor())

    (row,) = rows(reviewer)["Emergency notes to approve"]
    assert row.what == "The page"
    assert "Recalled." in row.why
    assert "Emergency notes to approve" not in rows(conflicted)

    approve_note(note=note, by=reviewer)
    assert "Emergency notes to approve" not in rows(make_medical_reviewer())


def test_a_thread_waits_for_whoever_did_not_speak_last():
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision_in_review(by=writer)
    comment = add_comment(revision=revision, by=reviewer, text="Is it so?", is_blocking=True)

    (row,) = rows(writer)["Comments to answer"]
    assert row.action == "Answer"
    assert "It stops publication." in row.why
    assert "Comments to answer" not in rows(reviewer)

    reply(comment=comment, by=writer, text="It is.")
    assert "Comments to answer" not in rows(writer)
    (row,) = rows(reviewer)["Comments to answer"]
    assert row.action == "Read the answer, and resolve it"
    assert row.url.endswith(f"#comment-{comment.pk}")


def test_a_text_that_nobody_was_asked_about_is_shown_to_its_writer_and_to_editors():
    writer = make_writer()
    revision = titled("Alone", by=writer)
    due_on = timezone.localdate()

    for person in (writer, make_editor()):
        (row,) = rows(person)["Reviewers to ask"]
        assert row.why.startswith("Nobody is asked.")
    assert "Reviewers to ask" not in rows(make_writer())

    reviewer = make_medical_reviewer()
    assign_reviewer(
        revision=revision, reviewer=reviewer, reviewed_as="medical", due_on=due_on, by=writer
    )
    assert "Reviewers to ask" not in rows(writer)

    revision.assignments.update(due_on=due_on - datetime.timedelta(days=1))
    (row,) = rows(writer)["Reviewers to ask"]
    assert row.why == f"{reviewer} did not decide by the day."
    assert row.is_late


def test_a_writer_finds_drafts_what_was_sent_back_and_what_is_with_others():
    writer = make_writer()
    make_revision(by=writer, draft=make_draft(title="Begun"))
    sent_back = titled("Sent back", by=writer)
    make_decision(sent_back, make_medical_reviewer(), Review.Decision.CHANGES_REQUESTED)
    again = titled("Again", by=writer)
    make_decision(again, make_medical_reviewer(), Review.Decision.CHANGES_REQUESTED)
    submit_for_review(revision=again, by=writer)
    make_approved_revision(by=writer, draft=make_draft(title="Approved"))

    work = rows(writer)

    assert [row.what for row in work["To write"]] == ["Begun"]
    assert [row.what for row in work["Changes requested"]] == ["Sent back"]
    assert "Please say it plainly." in work["Changes requested"][0].why
    assert {row.what for row in work["Waiting for others"]} == {"Again", "Approved"}


def test_only_an_editor_who_did_not_write_it_publishes():
    both = make_person(Role.WRITER, Role.EDITOR_IN_CHIEF)
    make_approved_revision(by=both)

    assert "To publish" not in rows(both)
    assert "To publish" in rows(make_editor())


@pytest.mark.parametrize("who", ["editor", "administrator"])
def test_mail_that_failed_is_shown_to_those_who_may_send_it_again(who):
    Message.objects.create(to=make_writer(), subject="Look", body="Text", error="refused")
    person = make_editor() if who == "editor" else make_person(is_superuser=True)

    assert len(rows(person)["Mail that was not sent"]) == 1
    assert "Mail that was not sent" not in rows(make_person(Role.AUDITOR))


@pytest.mark.parametrize(
    ("role", "superuser", "says"),
    [
        (Role.WRITER, False, "Nothing waits for you."),
        (Role.AUDITOR, False, "You read everything here and change nothing"),
        (None, True, "As administrator you look after accounts."),
        (None, False, "You have no role at this desk yet."),
    ],
)
def test_whoever_has_nothing_to_do_is_told_so_and_where_to_go(client, role, superuser, says):
    make_publication()
    person = make_person(*([role] if role else []), is_superuser=superuser)
    assert my_work(person) == []
    client.force_login(person)

    page = client.get("/admin/").content.decode()

    assert says in page
    for _, address in when_empty(person)[1]:
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
