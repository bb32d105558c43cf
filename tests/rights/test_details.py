"""A risk class is the judgement of two; what an article is can be corrected until it is public."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from education.articles.models import Article, Revision
from education.articles.operations import put_aside, save_text
from education.audit.models import Event
from education.publishing.models import Publication
from education.review.operations import submit_for_review
from education.review.returning import take_back
from tests.factories import (
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_plain_language_reviewer,
    make_publication,
    make_revision,
    make_topic,
    make_writer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client):
    person = make_writer()
    client.force_login(person)
    return person


def begin(client, **fields):
    """A new article by its form, and its empty draft."""
    details = {
        "title": "Do stem cells cure?",
        "topic": make_topic().pk,
        "kind": "article",
        "risk_class": "C",
        "review_every_months": 12,
    }
    client.post(reverse("admin:education_article_add"), details | fields)
    return Revision.objects.latest("pk")


def written(client, writer):
    """A text that could be submitted if its class were confirmed."""
    revision = begin(client)
    make_item("study1")
    draft = make_draft("study1", title=revision.title)
    return save_text(revision=revision, draft=draft, by=writer, expected_version=1)


def submitted(client, writer):
    """A text that was sent to review before its class was confirmed, as earlier releases let it."""
    revision = written(client, writer)
    article = Article.objects.filter(pk=revision.article_id)
    article.update(class_confirmed_by=make_editor())
    submit_for_review(revision=revision, by=writer)
    article.update(class_confirmed_by=None)
    return Revision.objects.get(pk=revision.pk)


def submit(client, writer, revision):
    client.force_login(writer)
    answer = client.post(reverse("admin:education_revision_submit", args=[revision.pk]))
    revision.refresh_from_db()
    return answer.content.decode()


def publish(client, editor, revision):
    client.force_login(editor)
    page = reverse("admin:education_revision_publish", args=[revision.pk])
    return client.post(page, {"goes_live_at": ""}).content.decode()


def confirm(client, person, article, seen="C"):
    client.force_login(person)
    page = reverse("admin:education_article_confirm_class", args=[article.pk])
    answer = client.post(page, {"risk_class_seen": seen}, follow=True).content.decode()
    article.refresh_from_db()
    return answer


def correct(client, article, reason="It was wrong.", **changed):
    details = {
        "slug": article.slug, "topic": article.topic_id, "kind": article.kind,
        "risk_class": article.risk_class, "review_every_months": article.review_every_months,
    }  # fmt: skip
    page = reverse("admin:education_article_details", args=[article.pk])
    # As the page sends it: with the version that it was shown with.
    form = getattr(client.get(page), "context", None) or {}
    seen = {"version_seen": form["form"]["version_seen"].value()} if "form" in form else {}
    answer = client.post(page, details | changed | seen | {"reason": reason}, follow=True)
    article.refresh_from_db()
    return answer.content.decode()


def test_a_class_that_one_person_chose_is_not_published(client, writer):
    revision, editor = submitted(client, writer), make_editor()
    make_decision(revision, make_medical_reviewer())

    page = publish(client, editor, revision)

    assert "Class C is the judgement of one person so far." in page
    assert "C: practical" in page
    assert not Publication.objects.exists()

    assert not confirm(client, writer, revision.article) or revision.article.class_waits
    confirm(client, editor, revision.article)
    assert not revision.article.class_waits
    publish(client, editor, revision)
    assert Publication.objects.get().revision == revision
    confirmed = Event.objects.get(action="article.class_confirmed")
    assert (confirmed.by, confirmed.data["risk_class"]) == (editor, "C")


def test_a_class_that_one_person_chose_is_not_sent_to_review(client, writer):
    revision, reviewer = written(client, writer), make_medical_reviewer()
    plain = make_plain_language_reviewer()

    page = submit(client, writer, revision)

    assert revision.state == "draft"
    able = page.split("It can be confirmed by ")[1].split(".")[0].split(", ")
    assert str(reviewer) in able
    assert {str(plain), str(writer)}.isdisjoint(able)
    assert "Missing before review:" in page
    assert "Submit for review</" not in page

    client.force_login(reviewer)
    work = client.get("/admin/").content.decode()
    assert "Risk classes to confirm" in work
    assert f"{writer} chose class C: practical" in work
    client.force_login(plain)
    assert "Risk classes to confirm" not in client.get("/admin/").content.decode()

    confirm(client, reviewer, revision.article)
    submit(client, writer, revision)
    assert revision.state == "in_review"
    client.force_login(reviewer)
    assert "Risk classes to confirm" not in client.get("/admin/").content.decode()


def test_a_class_corrected_after_the_review_was_left_waits_for_a_second_person_again(
    client, writer
):
    revision, editor = written(client, writer), make_editor()
    confirm(client, editor, revision.article)
    submit(client, writer, revision)
    take_back(revision=revision, by=writer, reason="It is of another class.")
    client.force_login(writer)
    correct(client, revision.article, risk_class="B")
    assert "Class B is the judgement of one person so far." in submit(client, writer, revision)
    assert revision.state == "changes_requested"
    confirm(client, editor, revision.article, seen="B")
    submit(client, writer, revision)
    assert revision.state == "in_review"


def test_where_one_reviews_the_class_is_shown_and_confirmed(client, writer):
    revision, reviewer = submitted(client, writer), make_medical_reviewer()
    client.force_login(reviewer)
    page = client.get(reverse("admin:education_revision_review", args=[revision.pk]))
    assert "It is class C" in page.content.decode()
    confirm(client, reviewer, revision.article)
    assert revision.article.class_confirmed_by == reviewer


def test_who_may_not_confirm(client, writer):
    article = submitted(client, writer).article
    other_writer = make_medical_reviewer()
    revision = article.revisions.get()
    Revision.objects.filter(pk=revision.pk).update(state="draft")
    draft = make_draft("study1", title=revision.title, questions="- What now?")
    revision.refresh_from_db()
    save_text(revision=revision, draft=draft, by=other_writer, expected_version=revision.version)
    for person in (writer, make_plain_language_reviewer(), other_writer):
        confirm(client, person, article)
        assert article.class_waits
    confirm(client, make_editor(), article, seen="A")  # an old page
    assert article.class_waits
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(class_confirmed_by=writer)


def test_details_are_corrected_with_a_record_and_a_new_class_waits_again(client, writer):
    article = begin(client).article
    confirm(client, make_editor(), article)
    assert not article.class_waits
    client.force_login(writer)
    topic = make_topic("cells")
    assert "Recorded." in correct(
        client, article, slug="do-stem-cells-cure-cp", topic=topic.pk, risk_class="A"
    )
    assert (article.slug, article.topic, article.risk_class) == (
        "do-stem-cells-cure-cp", topic, "A",
    )  # fmt: skip
    assert article.class_waits
    event = Event.objects.get(action="article.details_changed")
    assert event.data["moved"]["risk_class"] == ["C", "A"]
    assert event.data["reason"] == "It was wrong."


def test_who_chose_a_class_without_writing_does_not_confirm_it_either(client, writer):
    article, editor = begin(client).article, make_editor()
    client.force_login(editor)
    correct(client, article, risk_class="B")
    assert article.class_set_by == editor
    assert "a second person confirms it" in confirm(client, editor, article, seen="B")
    assert article.class_waits
    confirm(client, make_editor(), article, seen="B")
    assert not article.class_waits


def test_details_stay_while_approvals_rest_on_them_and_once_published(client, writer):
    article = submitted(client, writer).article
    assert "is in review or approved" in correct(client, article, risk_class="A")
    published = make_publication().revision.article
    slug = published.slug
    assert "was published; its details stay" in correct(client, published, slug="another")
    assert (article.risk_class, published.slug) == ("C", slug)


def test_a_published_article_gets_a_stricter_class_and_nothing_else(client, writer):
    publication = make_publication(article=make_article(risk_class="B"))
    article, editor = publication.revision.article, make_editor()
    client.force_login(editor)
    page = client.get(reverse("admin:education_article_details", args=[article.pk]))
    page = page.content.decode()
    assert 'value="A"' in page
    assert 'value="C"' not in page
    assert 'name="slug"' not in page
    correct(client, article, risk_class="C", slug="another")
    assert (article.risk_class, article.slug) == ("B", publication.slug)

    assert "Recorded." in correct(client, article, risk_class="A", slug="another")

    assert (article.risk_class, article.slug) == ("A", publication.slug)
    assert article.class_waits
    publication.refresh_from_db()
    assert publication.risk_class == "B"
    assert Event.objects.get(action="article.details_changed").by == editor


def test_an_article_that_ships_stricter_by_now_waits_for_editors_in_chief(client, writer):
    article = make_article(slug="before-you-pay", risk_class="C")
    make_article(slug="paying-and-travelling", risk_class="A")
    assert "Risk classes to make stricter" not in client.get("/admin/").content.decode()
    client.force_login(make_editor())
    page = client.get("/admin/").content.decode()
    assert "It ships as class A by now and is of class C here." in page
    assert reverse("admin:education_article_details", args=[article.pk]) in page
    assert page.count("It ships as class A") == 1

    correct(client, article, risk_class="A")

    assert "Risk classes to make stricter" not in client.get("/admin/").content.decode()


def test_an_article_is_archived_and_nothing_of_it_is_deleted(client, writer):
    revision = begin(client)
    article = revision.article
    page = reverse("admin:education_article_archive", args=[article.pk])
    why = {"reason": "Asked twice."}
    for person, said in ((writer, "Editor-in-chief"), (make_editor(), "is on its way")):
        client.force_login(person)
        assert said in client.post(page, why).content.decode()
    put_aside(revision=revision, by=writer, reason="Not needed.")
    client.post(page, why)
    article.refresh_from_db()
    assert article.archived_at
    assert Event.objects.get(action="article.archived").data["reason"] == "Asked twice."
    client.force_login(writer)
    client.post(reverse("admin:education_article_start_revision", args=[article.pk]))
    assert list(article.revisions.all()) == [revision]
    assert make_publication().revision.article.archived_at is None


def test_articles_of_before_need_no_confirming():
    article = make_article()
    assert make_revision(article=article).article.class_waits is False
