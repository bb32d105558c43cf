"""The editorial policy that ships says what the rules in the code say."""

import pytest
from django.core.management.base import CommandError

from education.articles.models import Article
from education.management.commands.write_policy import POLICY, written
from education.review.models import Review
from education.review.rules import REQUIRED, Requirement


def test_the_policy_says_what_the_rules_say():
    policy = POLICY.read_text(encoding="utf-8")

    assert written(policy) == policy


def test_a_rule_that_changes_changes_the_policy(monkeypatch):
    policy = POLICY.read_text(encoding="utf-8")
    monkeypatch.setitem(REQUIRED, Article.RiskClass.C, (Requirement(Review.As.MEDICAL, 3),))

    changed = written(policy)

    assert changed != policy
    assert "Three medical reviewers of different specialties" in changed


def test_a_policy_without_a_place_for_the_rules_is_refused():
    with pytest.raises(CommandError, match="Who reviews"):
        written("## Who reviews\n\nNobody.\n")
