"""
Random people take random steps in random order; what must always hold, holds after each.
"""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from education.articles.models import Article, Contribution, Revision
from education.articles.operations import content_hash, put_aside, start_revision
from education.articles.operations import draft_of as text_of
from education.articles.states import STEPS, State
from education.audit.models import Event
from education.audit.operations import broken_links
from education.errors import EditorialError
from education.evidence.operations import change_item
from education.people.models import Role
from education.publishing.models import Publication
from education.publishing.operations import frozen_hash, publish, withdraw
from education.review.models import Review
from education.review.operations import submit_for_review
from education.review.rules import REQUIRED
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
    make_writer,
)

PEOPLE = st.integers(min_value=0, max_value=6)


class Desk(RuleBasedStateMachine):
    """One article of risk class A and seven people."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
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
        self.events = Event.objects.count()
        self.seen: dict[int, str] = {}

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

    @rule(who=PEOPLE, words=st.sampled_from(["- A.", "- B.", "- C."]))
    def save(self, who, words):
        self.attempt(edit, self.revision, self.people[who], unknowns=words)

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

    @rule()
    def everyone_approves(self):
        """A short way to the later states."""
        for who, part in ((1, "medical"), (2, "medical"), (3, "plain_language")):
            self.attempt(make_decision, self.revision, self.people[who], reviewed_as=part)

    @rule(who=PEOPLE)
    def publish(self, who):
        self.attempt(publish, revision=self.revision, by=self.people[who])

    @rule(who=PEOPLE)
    def withdraw(self, who):
        current = Publication.objects.current().first()
        if current:
            self.attempt(withdraw, publication=current, by=self.people[who], reason="Wrong.")

    @rule(who=PEOPLE)
    def put_aside(self, who):
        self.attempt(put_aside, revision=self.revision, by=self.people[who], reason="No.")

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
            assert len(set(medical.values_list("specialty", flat=True))) >= 2
            assert content_hash(copy.revision) == copy.content_hash
            self.seen[copy.pk] = copy.frozen_hash

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


@pytest.mark.django_db
def test_whatever_people_do_the_rules_hold():
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            phases=[Phase.generate],  # a walk is slow; finding the shortest one is work by hand
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.soak
@pytest.mark.django_db
def test_whatever_people_do_for_long_the_rules_hold():
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=300,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
