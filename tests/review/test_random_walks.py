"""
Random people take random steps in random order; what must always hold, holds after each.
"""

import datetime
from collections import Counter
from dataclasses import replace

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from education.articles.details import confirm_class, correct_details
from education.articles.models import Article, Contribution, Revision
from education.articles.operations import content_hash, put_aside, save_text, start_revision
from education.articles.operations import draft_of as text_of
from education.articles.states import STEPS, State
from education.audit.models import Event
from education.audit.operations import broken_links, exclusive_transaction, record
from education.errors import EditorialError
from education.evidence.models import StatusEvent
from education.evidence.operations import change_item, verify_item
from education.people.models import Role, User
from education.people.operations import declare_interests
from education.people.rules import conflicts_on
from education.publishing.models import Publication
from education.publishing.operations import cancel_schedule, frozen_hash, publish, withdraw
from education.review.comments import add_comment, resolve_comment
from education.review.models import Comment, Review
from education.review.operations import submit_for_review
from education.review.returning import send_back, take_back
from education.review.rules import REQUIRED
from education.safety.operations import lift_status, record_status
from education.text.rendering import Draft
from tests.factories import (
    edit,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_revision,
    make_topic,
    make_writer,
)
from tests.review.state_machines import run_briefly, run_for_long

PEOPLE = st.integers(min_value=0, max_value=6)
AUTHORS = st.sampled_from([0, 0, 1, 5])  # who writes may do little else, so most don't
# Of each two, the second is nearly the first; what both hold tells whose words stand.
MEANING = {
    "The legs of most children were less stiff one year after the operation": "stiff one year",
    "The legs of many children were less stiff one year after the operation": "stiff one year",
    "Nobody has compared both treatments in one large trial of children so far": "large trial",
    "No one has compared both treatments in one large trial of children so far": "large trial",
}
SENTENCES = list(MEANING)
TOMORROW = datetime.timedelta(days=1)


def scheduled() -> set[int]:
    """The numbers of the copies that wait for their moment."""
    return set(Publication.objects.scheduled().values_list("pk", flat=True))


def left_by_a_full_recheck() -> set[int]:
    """Those that would be left if the gates of every one of them were asked again."""
    with transaction.atomic():
        with exclusive_transaction():
            pass  # an operation that recorded nothing may have touched everything
        left = scheduled()
        transaction.set_rollback(True)
    return left


class Desk(RuleBasedStateMachine):
    """
    One article of risk class A and seven people, who also write another, from which they copy.

    ``first`` is who wrote each sentence, or one that is nearly the same, first; ``tabs`` are pages
    that somebody left open.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @initialize(steps=st.integers(min_value=0, max_value=3))
    def begin(self, steps) -> None:
        self.item = make_item()
        self.people = [
            make_writer(),
            make_medical_reviewer("Neurology"),
            make_medical_reviewer("Neurosurgery"),
            make_plain_language_reviewer(),
            make_editor(),
            make_person(*Role, specialty="Rehabilitation"),
            make_person(is_superuser=True),
        ]
        article = make_article(risk_class=Article.RiskClass.A)
        make_revision(article=article, by=self.people[0], draft=make_draft(self.item.key))
        self.article = article
        self.other = make_revision(by=self.people[0], draft=make_draft(self.item.key))
        self.events = Event.objects.count()
        self.seen: dict[int, str] = {}
        self.decided: set[int] = set()
        self.first: dict[str, int] = {}
        self.tabs: list[tuple[Revision, int, str]] = []
        self.usual_steps(steps)

    @property
    def revision(self) -> Revision:
        return self.article.revisions.order_by("-number")[0]

    def attempt(self, step, *args, **kwargs) -> None:
        """A step may be refused; then nothing may have changed."""
        before = (Event.objects.count(), self.revision.state, Publication.objects.count())
        try:
            with transaction.atomic():
                step(*args, **kwargs)
        except EditorialError:
            now = (Event.objects.count(), self.revision.state, Publication.objects.count())
            assert now == before

    @rule(who=AUTHORS, words=st.sampled_from(["- A.", "- B.", "- C."]))
    def save(self, who, words):
        self.attempt(edit, self.revision, self.people[who], unknowns=words)

    @rule(who=PEOPLE, sentence=st.sampled_from(SENTENCES), elsewhere=st.booleans())
    def save_a_sentence(self, who, sentence, elsewhere):
        """Typed, or copied from wherever somebody wrote it before."""
        who = who if elsewhere or who in (1, 5) else 0
        revision = Revision.objects.get(pk=self.other.pk) if elsewhere else self.revision
        body = f"## What was found\n\n{sentence} [@{self.item.key}].\n"
        version = revision.version
        self.attempt(edit, revision, self.people[who], body=body)
        if Revision.objects.get(pk=revision.pk).version > version:
            self.first.setdefault(MEANING[sentence], self.people[who].pk)

    @rule()
    def open_tab(self):
        self.tabs.append((self.revision, self.revision.version, content_hash(self.revision)))

    @rule(who=AUTHORS, decides=st.booleans())
    def act_from_old_tab(self, who, decides):
        """A text is saved, or decided on, as it was when the page was opened."""
        if not self.tabs:
            return
        old, version, seen = self.tabs.pop(0)
        now = Revision.objects.get(pk=old.pk)
        before = (text_of(now), now.reviews.count())
        stale = content_hash(now) != seen if decides else now.version != version
        if decides:
            self.attempt(make_decision, now, self.people[2], content_hash_seen=seen)
        else:
            draft = replace(text_of(old), unknowns="- What an old page said.")
            step = {"revision": now, "draft": draft, "expected_version": version}
            self.attempt(save_text, by=self.people[who], **step)
        now.refresh_from_db()
        assert not stale or before == (text_of(now), now.reviews.count())

    @rule(who=PEOPLE, risk_class=st.sampled_from(Article.RiskClass))
    def choose_class(self, who, risk_class):
        step = {"details": {"risk_class": risk_class}, "by": self.people[who], "reason": "So."}
        self.attempt(correct_details, article=self.article, **step)
        self.article.refresh_from_db()

    @rule(who=PEOPLE, seen=st.sampled_from(Article.RiskClass))
    def confirm_class(self, who, seen):
        person = self.people[who]
        wrote = Contribution.objects.filter(revision__article=self.article, inherited=False)
        barred = wrote.filter(person=person).exists() or conflicts_on(person, self.article.topic)
        waited = self.article.class_waits
        self.attempt(confirm_class, article=self.article, by=person, risk_class_seen=seen)
        self.article.refresh_from_db()
        if waited and not self.article.class_waits:
            assert not barred
            assert (self.article.class_confirmed_by, self.article.risk_class) == (person, seen)

    @rule(who=st.sampled_from([2, 5]))
    def declare_a_conflict(self, who):
        step = {"by": self.people[who], "interests": "Shares.", "conflicts": [self.article.topic]}
        self.attempt(declare_interests, **step)

    @rule(who=PEOPLE)
    def submit(self, who):
        self.attempt(submit_for_review, revision=self.revision, by=self.people[who])

    @rule(
        who=PEOPLE,
        decision=st.sampled_from([*Review.Decision, Review.Decision.APPROVED]),
        part=st.sampled_from(Review.As),
    )
    def decide(self, who, decision, part):
        self.attempt(make_decision, self.revision, self.people[who], decision, part)

    @rule(steps=st.integers(min_value=1, max_value=3))
    def usual_steps(self, steps) -> None:
        """A short way to the later states."""
        for _ in range(steps):
            revision = self.revision
            if revision.is_editable:
                self.attempt(submit_for_review, revision=revision, by=self.people[0])
            elif revision.state == State.APPROVED:
                self.attempt(publish, revision=revision, by=self.people[4])
            else:
                for who, part in ((1, "medical"), (2, "medical"), (3, "plain_language")):
                    self.attempt(make_decision, self.revision, self.people[who], reviewed_as=part)

    @rule(who=PEOPLE)
    def publish(self, who):
        self.attempt(publish, revision=self.revision, by=self.people[who])

    @rule(who=PEOPLE)
    def schedule(self, who):
        moment = timezone.now() + TOMORROW
        step = {"revision": self.revision, "by": self.people[who], "goes_live_at": moment}
        self.attempt(publish, **step)

    @rule(who=PEOPLE)
    def withdraw(self, who):
        current = Publication.objects.current().first()
        if current:
            self.attempt(withdraw, publication=current, by=self.people[who], reason="Wrong.")

    @rule(who=PEOPLE)
    def put_aside(self, who):
        self.attempt(put_aside, revision=self.revision, by=self.people[who], reason="No.")

    @rule(who=PEOPLE, step=st.sampled_from([take_back, send_back]))
    def give_back(self, who, step):
        self.attempt(step, revision=self.revision, by=self.people[who], reason="A number is wrong.")

    @rule(who=PEOPLE)
    def begin_the_next(self, who):
        draft = text_of(self.revision)
        changed = type(draft)(**{**draft.__dict__, "what_changed": "Something."})
        self.attempt(start_revision, article=self.article, draft=changed, by=self.people[who])

    @rule(size=st.integers(min_value=1, max_value=3))
    def evidence_changes(self, size):
        self.attempt(change_item, item=self.item, details={"sample_size": size}, by=self.people[0])

    @invariant()
    def what_is_public_was_approved_by_enough_independent_people(self):
        for copy in Publication.objects.exclude(pk__in=self.seen):
            approvals = Review.objects.filter(
                revision=copy.revision,
                content_hash=copy.content_hash,
                decision=Review.Decision.APPROVED,
            )
            contributors = set(
                Contribution.objects.filter(revision=copy.revision).values_list("person", flat=True)
            )
            assert not contributors & set(approvals.values_list("reviewer", flat=True))
            assert copy.published_by_id not in contributors
            given = Counter(approvals.values_list("reviewed_as", flat=True))
            for requirement in REQUIRED[copy.risk_class]:
                assert given[requirement.reviewed_as] >= requirement.count
            medical = approvals.filter(reviewed_as=Review.As.MEDICAL)
            needed = REQUIRED[copy.risk_class][0].count
            assert len(set(medical.values_list("specialty", flat=True))) >= needed
            assert copy.risk_class == self.article.risk_class
            assert not self.article.class_waits
            assert self.article.class_set_by_id != self.article.class_confirmed_by_id or (
                self.article.class_set_by_id is None
            )
            assert copy.published_by_id not in self.whose_words(copy.revision)
            assert not conflicts_on(copy.published_by, copy.topic)
            assert content_hash(copy.revision) == copy.content_hash
            self.seen[copy.pk] = copy.frozen_hash

    def whose_words(self, revision: Revision) -> set[int]:
        """Who wrote first what stands in a text, counted apart from the code."""
        return {by for words, by in self.first.items() if words in revision.body}

    @invariant()
    def nobody_approved_what_still_stood_of_theirs(self):
        approvals = Review.objects.filter(decision=Review.Decision.APPROVED)
        for review in approvals.exclude(pk__in=self.decided).select_related("revision__article"):
            assert review.reviewer_id not in self.whose_words(review.revision)
            assert not conflicts_on(review.reviewer, review.revision.article.topic)
            self.decided.add(review.pk)

    @invariant()
    def scheduled_copies_are_those_a_full_recheck_leaves(self):
        assert scheduled() == left_by_a_full_recheck()

    @invariant()
    def published_copies_stay_as_they_were(self):
        for copy in Publication.objects.all():
            assert frozen_hash(copy) == copy.frozen_hash == self.seen.get(copy.pk, copy.frozen_hash)

    @invariant()
    def no_event_is_lost(self):
        count = Event.objects.count()
        assert count >= self.events
        self.events = count
        assert not list(broken_links())

    @invariant()
    def no_state_is_stuck(self):
        state = self.revision.state
        ends = {State.PUBLISHED, State.DISCARDED}
        assert state in ends or any(step.before == state for step in STEPS)


class Schedules(RuleBasedStateMachine):
    """
    Texts that wait for their moment, and all that can stop them: what they cite, who approved
    them, the words they explain from the glossary, their topic, what is said of them.
    """

    TEXTS = st.integers(min_value=0, max_value=2)
    ITEMS = st.integers(min_value=0, max_value=1)
    REVIEWERS = st.integers(min_value=0, max_value=1)

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.items = [make_item(), make_item()]
        self.writer, self.editors = make_writer(), [make_editor(), make_editor()]
        self.reviewers = [make_medical_reviewer("Neurology"), make_medical_reviewer("Neurosurgery")]
        self.verifiers = [make_medical_reviewer(), make_medical_reviewer()]
        self.parent, topic = make_topic("surgery"), make_topic("rhizotomy")
        declare_interests(by=self.reviewers[1], interests="Paid.", conflicts=[self.parent])
        keys = [item.key for item in self.items]
        word = f"## What was found\n\nIt eases spasticity [@{keys[1]}].\n"
        texts = [make_draft(keys[0]), make_draft(keys[1], body=word)]
        self.articles = [make_article(topic=topic) for _ in texts]
        glossary = make_article(kind=Article.Kind.GLOSSARY, topic=make_topic("words"))
        self.articles.append(glossary)
        self.write(2, self.words(keys[0], 1), 0)
        publish(revision=self.last(2), by=self.editors[0])
        for text, draft in enumerate(texts):
            self.write(text, draft, text)
        self.schedule(0)
        self.schedule(1)
        assert len(scheduled()) == 2

    def write(self, text: int, draft: Draft, who: int) -> None:
        article = self.articles[text]
        self.approve(make_revision(article=article, by=self.writer, draft=draft), who)

    def words(self, key: str, size: int) -> Draft:
        term = {
            "slug": "spasticity", "term": "spasticity", "also": [],
            "definition": f"Stiff muscles, said in {size} ways.",
        }  # fmt: skip
        fields = {"kind": Article.Kind.GLOSSARY, "terms": [term], "what_changed": "Better."}
        return make_draft(key, **fields)

    def last(self, text: int) -> Revision:
        return self.articles[text].revisions.order_by("-number")[0]

    def attempt(self, step, *args, **kwargs) -> None:
        try:
            with transaction.atomic():
                step(*args, **kwargs)
        except EditorialError:
            pass

    def approve(self, revision: Revision, who: int) -> None:
        self.attempt(submit_for_review, revision=revision, by=self.writer)
        self.attempt(make_decision, revision, self.reviewers[who])

    @rule(text=TEXTS)
    def schedule(self, text):
        self.attempt(
            publish,
            revision=self.last(text),
            by=self.editors[0],
            goes_live_at=timezone.now() + TOMORROW,
        )

    @rule(text=TEXTS)
    def publish(self, text):
        self.attempt(publish, revision=self.last(text), by=self.editors[0])

    @rule(text=TEXTS, who=REVIEWERS)
    def approve_again(self, text, who):
        self.approve(self.last(text), who)

    @rule(text=TEXTS, size=st.integers(min_value=2, max_value=4))
    def begin_the_next(self, text, size):
        key = self.items[size % 2].key
        draft = text_of(self.last(text))
        draft = self.words(key, size) if text == 2 else replace(draft, what_changed="Something.")
        self.attempt(start_revision, article=self.articles[text], draft=draft, by=self.writer)

    @rule(text=TEXTS)
    def cancel(self, text):
        waiting = Publication.objects.scheduled().filter(slug=self.articles[text].slug).first()
        if waiting:
            self.attempt(
                cancel_schedule, publication=waiting, by=self.editors[1], reason="Not yet."
            )

    @rule(item=ITEMS, size=st.integers(min_value=1, max_value=3))
    def evidence_changes(self, item, size):
        details = {"sample_size": size}
        self.attempt(change_item, item=self.items[item], details=details, by=self.writer)

    @rule(item=ITEMS)
    def evidence_is_verified(self, item):
        for by in self.verifiers:
            self.attempt(verify_item, item=self.items[item], by=by, level="abstract")

    @rule(item=ITEMS, status=st.sampled_from(["corrected", "concern", "retracted", "current"]))
    def status_is_recorded(self, item, status):
        self.attempt(
            record_status,
            item=self.items[item],
            status=status,
            occurred_on=timezone.localdate(),
            reason="It was said.",
            by=self.editors[1],
        )

    @rule(item=ITEMS)
    def status_is_lifted(self, item):
        event = StatusEvent.objects.standing().filter(item=self.items[item]).last()
        if event:
            self.attempt(lift_status, event=event, by=self.editors[0], reason="A false alarm.")

    @rule(text=TEXTS, blocks=st.booleans())
    def comment(self, text, blocks):
        step = {"revision": self.last(text), "by": self.verifiers[0], "text": "Why?"}
        self.attempt(add_comment, **step, is_blocking=blocks)

    @rule()
    def comments_are_resolved(self):
        for comment in Comment.objects.filter(resolved_at=None, parent=None):
            self.attempt(resolve_comment, comment=comment, by=self.verifiers[0])

    @rule(who=REVIEWERS, change=st.sampled_from(["role", "account", "credentials", "nothing"]))
    def account_is_changed(self, who, change):
        """As the form of an account does it: what is not broken by this change is mended."""
        person = User.objects.get(pk=self.reviewers[who].pk)
        with exclusive_transaction():
            person.is_active = change != "account"
            lasts = 0 if change == "credentials" else 100
            person.credentials_expire_on = timezone.localdate() + datetime.timedelta(days=lasts)
            person.save()
            groups = Group.objects.filter(name=Role.MEDICAL_REVIEWER.label)
            person.groups.set([] if change == "role" else groups)
            record("person.changed", person, by=self.editors[0])

    @rule(who=REVIEWERS, text=TEXTS)
    def conflict_is_declared(self, who, text):
        conflicts = [self.articles[text].topic]
        self.attempt(
            declare_interests, by=self.reviewers[who], interests="Shares.", conflicts=conflicts
        )

    @rule(text=TEXTS, below=st.booleans())
    def topic_moves(self, text, below):
        """As the form of a topic does it."""
        topic = self.articles[text].topic
        with exclusive_transaction():
            topic.parent = self.parent if below else None
            topic.save()
            record("topic.changed", topic, by=self.editors[0])

    @invariant()
    def scheduled_copies_are_those_a_full_recheck_leaves(self):
        assert scheduled() == left_by_a_full_recheck()


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Desk, Schedules])
def test_whatever_people_do_the_rules_hold(machine):
    run_briefly(machine, walks=8)


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Desk, Schedules])
def test_whatever_people_do_for_long_the_rules_hold(machine):
    run_for_long(machine)
