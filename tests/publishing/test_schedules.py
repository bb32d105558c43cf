"""Which scheduled copies an operation rechecks: all that it can touch, and no more."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from education.articles.models import Article
from education.audit.operations import exclusive_transaction, record
from education.evidence.operations import change_item
from education.people.models import ConflictOfInterest, TopicProposal
from education.people.operations import declare_interests
from education.people.topic_changes import decide_topic
from education.publishing.models import Publication
from education.publishing.operations import MayNotPublishError, cancel_schedule, publish
from education.review.comments import add_comment
from education.review.readiness import readiness
from education.safety.operations import record_status
from tests.factories import (
    make_approved_revision,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.handouts.clinics import go_to

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = datetime.timedelta(days=1)


def make_schedule(days: int = 1, revision=None, **kwargs) -> Publication:
    """A copy that goes live in so many days."""
    return publish(
        revision=revision or make_approved_revision(**kwargs),
        by=make_editor(),
        goes_live_at=timezone.now() + days * DAY,
    )


def scheduled() -> set[Publication]:
    return set(Publication.objects.scheduled())


@pytest.fixture
def rechecked(monkeypatch):
    """The articles whose gates were asked again."""
    asked = []

    def ask(revision, *args):
        asked.append(revision.article.slug)
        return readiness(revision, *args)

    monkeypatch.setattr("education.publishing.operations.readiness", ask)
    return asked


# What is rechecked


def test_a_comment_rechecks_the_schedules_of_its_article_alone(rechecked):
    own, other = make_schedule(), make_schedule()
    following = make_revision_in_review(
        article=own.revision.article, draft=make_draft(what_changed="More.")
    )
    rechecked.clear()

    add_comment(revision=following, by=make_medical_reviewer(), text="Why?")

    assert rechecked == [own.slug]
    assert scheduled() == {own, other}


@pytest.mark.parametrize("status", ["retracted", "concern"])
def test_a_change_of_status_rechecks_what_cites_the_work(rechecked, status):
    item = make_item()
    citing, other = make_schedule(draft=make_draft(make_item().key, item.key)), make_schedule()
    rechecked.clear()

    record_status(
        item=item, status=status, occurred_on=timezone.localdate(), reason="Doubts.",
        by=make_medical_reviewer(),
    )  # fmt: skip

    assert other.slug not in rechecked
    assert scheduled() == {other}
    assert citing.events.count() == 1


def test_a_changed_item_rechecks_what_cites_it(rechecked):
    item = make_item()
    citing, other = make_schedule(draft=make_draft(item.key)), make_schedule()
    rechecked.clear()

    change_item(item=item, details={"sample_size": 4000}, by=make_writer())

    assert rechecked == [citing.slug]
    assert scheduled() == {other}


def test_a_new_declaration_rechecks_what_the_person_approved(rechecked):
    reviewer = make_medical_reviewer()
    revision = make_revision_in_review()
    make_decision(revision, reviewer)
    approved, other = make_schedule(revision=revision), make_schedule()
    rechecked.clear()

    declare_interests(by=reviewer, interests="Shares.", conflicts=[revision.article.topic])

    assert rechecked == [approved.slug]
    assert scheduled() == {other}


@pytest.mark.parametrize("where", ["changed", "given"])
def test_a_changed_account_rechecks_what_the_person_approved(rechecked, where):
    reviewer, administrator = make_medical_reviewer(), make_person(is_superuser=True)
    revision = make_revision_in_review()
    make_decision(revision, reviewer)
    approved, other = make_schedule(revision=revision), make_schedule()
    rechecked.clear()

    with exclusive_transaction():
        reviewer.groups.clear()
        if where == "changed":
            record("person.changed", reviewer, by=administrator)
        else:
            record("rights.given", make_topic("a-proposal"), by=administrator, person=reviewer.pk)

    assert rechecked == [approved.slug]
    assert scheduled() == {other}


def test_a_topics_new_parent_rechecks_what_is_below(client, rechecked):
    parent, child = make_topic("surgery"), make_topic("rhizotomy-of-adults")
    reviewer = make_medical_reviewer()
    ConflictOfInterest.objects.create(person=reviewer, topic=parent, description="Paid.")
    revision = make_revision_in_review(article=make_article(topic=child))
    make_decision(revision, reviewer)
    approved, other = make_schedule(revision=revision), make_schedule()
    rechecked.clear()

    client.force_login(make_editor(is_staff=True))
    form = {
        "title": child.title, "summary": child.summary, "parent": parent.pk, "position": 0,
        "codes-TOTAL_FORMS": 0, "codes-INITIAL_FORMS": 0,
    }  # fmt: skip
    response = client.post(f"/admin/education/topic/{child.pk}/change/", form)
    assert response.status_code == 302
    assert rechecked == []
    decide_topic(proposal=TopicProposal.objects.get(), by=make_editor(), accepted=True)

    assert rechecked == [approved.slug]
    assert scheduled() == {other}


def glossary_draft(definition: str, key: str = ""):
    term = {"slug": "spasticity", "term": "spasticity", "also": [], "definition": definition}
    fields = {"kind": Article.Kind.GLOSSARY, "terms": [term], "what_changed": "Said better."}
    return make_draft(*([key] if key else []), **fields)


def make_glossary(definition: str, key: str = "", article=None, **kwargs):
    return make_approved_revision(
        article=article or make_article(kind=Article.Kind.GLOSSARY),
        draft=glossary_draft(definition, key),
        **kwargs,
    )


def make_draft_with_the_word():
    key = make_item().key
    return make_draft(key, body=f"## What was found\n\nIt eases spasticity [@{key}].\n")


@pytest.mark.slow
def test_a_published_glossary_rechecks_every_schedule_and_so_does_one_that_is_cancelled():
    first = publish(revision=make_glossary("Stiff muscles."), by=make_editor())
    second = make_schedule(revision=make_glossary("Tight muscles.", article=first.revision.article))
    explaining, other = make_schedule(draft=make_draft_with_the_word()), make_schedule()
    assert "Stiff muscles." in str(explaining.content)

    cancel_schedule(publication=second, by=make_editor(), reason="Not yet.")
    assert scheduled() == {explaining, other}
    publish(revision=second.revision, by=make_editor())

    assert scheduled() == {other}


@pytest.mark.slow
def test_a_glossary_that_falls_with_its_evidence_takes_what_explains_its_words_along():
    item = make_item()
    definition = f"Stiff muscles [@{item.key}]."
    first = publish(revision=make_glossary(definition, item.key), by=make_editor())
    explaining = make_schedule(
        revision=make_glossary("Tight muscles.", item.key, article=first.revision.article)
    )
    text = make_schedule(article=make_article(slug="a-text"), draft=make_draft_with_the_word())
    other = make_schedule()

    change_item(item=item, details={"sample_size": 4000}, by=make_writer())

    assert explaining.events.count() == text.events.count() == 1
    assert scheduled() == {other}


def test_an_event_nobody_classified_rechecks_everything(rechecked):
    slugs = {make_schedule().slug, make_schedule().slug}
    rechecked.clear()

    with exclusive_transaction():
        record("drawing.replaced", make_topic(), by=None)

    assert set(rechecked) == slugs


def test_nothing_recorded_rechecks_everything(rechecked):
    slugs = {make_schedule().slug, make_schedule().slug}
    rechecked.clear()

    with exclusive_transaction():
        pass

    assert set(rechecked) == slugs


# What it costs


@pytest.mark.slow
def test_queries_of_a_comment_and_a_publish_do_not_grow_with_the_scheduled_pages():
    make_schedule()  # where nothing waits, one question less is asked
    few = _queries_of_a_comment_and_a_publish()
    for _ in range(10):
        make_schedule()

    assert _queries_of_a_comment_and_a_publish() == few


def _queries_of_a_comment_and_a_publish() -> dict[str, int]:
    commented, approved = make_revision_in_review(), make_approved_revision()
    reviewer, editor = make_medical_reviewer(), make_editor()
    with CaptureQueriesContext(connection) as comment:
        add_comment(revision=commented, by=reviewer, text="Why?")
    with CaptureQueriesContext(connection) as publication:
        publish(revision=approved, by=editor)
    return {"comment": len(comment), "publish": len(publication)}


# Days that pass


@pytest.mark.parametrize("detail", ["credentials_expire_on", "interests_declared_on"])
def test_what_lapses_before_the_copy_goes_live_is_refused_when_it_is_scheduled(detail):
    today = timezone.localdate()
    day = {"credentials_expire_on": today + 9 * DAY, "interests_declared_on": today - 356 * DAY}
    revision = make_revision_in_review()
    make_decision(revision, make_medical_reviewer(**{detail: day[detail]}))

    with pytest.raises(MayNotPublishError, match="Missing: 1 medical reviewer"):
        make_schedule(days=10, revision=revision)

    assert make_schedule(days=9, revision=revision) in scheduled()


@pytest.mark.parametrize("detail", ["credentials_expire_on", "interests_declared_on"])
def test_days_that_pass_break_no_schedule_and_it_goes_live_as_approved(monkeypatch, detail):
    today = timezone.localdate()
    day = {"credentials_expire_on": today + 10 * DAY, "interests_declared_on": today - 355 * DAY}
    revision = make_revision_in_review()
    make_decision(revision, make_medical_reviewer(**{detail: day[detail]}))
    go_to(monkeypatch, today)
    copy = make_schedule(days=10, revision=revision)

    go_to(monkeypatch, today + 9 * DAY)
    with exclusive_transaction():
        pass
    assert copy in scheduled()

    go_to(monkeypatch, today + 12 * DAY)
    with exclusive_transaction():
        pass
    assert Publication.objects.current(timezone.now()).get() == copy
