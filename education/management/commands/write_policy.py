"""Write into the editorial policy what the code's own rules say."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.articles.models import Article
from education.publishing.operations import LONGEST_EXTENSION
from education.publishing.status import CONSEQUENCES, Due
from education.review.models import Review
from education.review.rules import REQUIRED
from education.safety.operations import DAYS_FOR_A_RETRACTION

POLICY = Path(__file__).resolve().parents[2] / "content" / "articles" / "how-we-review.md"

_ABOUT = {
    Article.RiskClass.A: "The effects of treatments, and comparisons",
    Article.RiskClass.B: "What to expect from one treatment",
    Article.RiskClass.C: "Practical matters",
}
_NUMBERS = {2: "Two", 3: "Three"}
_HOLDS = {
    Due.OVERDUE: "From that day on, the page says that the check is late.",
    Due.ASK_BEFORE_PRINTING: "After {days} days, it is printed only with that notice.",
    Due.NO_NEW_PRINTS: "After {days} days, it is no longer printed.",
    Due.NOTICE_ONLY: "After {days} days, only a notice is left in its place.",
}


def written(policy: str) -> str:
    """The policy with each passage that the rules decide written anew; the rest is untouched."""
    for heading, passage in _passages().items():
        there = re.compile(rf"(## {re.escape(heading)}\n(?:(?!## ).*\n)*?)((?:[|-] .*\n)+)")
        match = there.search(policy)
        if not match:
            raise CommandError(f"“{heading}” holds no list or table to write into.")
        policy = policy[: match.start(2)] + passage + policy[match.end(2) :]
    return policy


def _passages() -> dict[str, str]:
    """Under each heading, the list or table that follows from the rules."""
    approvals = [
        f"| {_ABOUT[Article.RiskClass(risk)]} | {_approvals(risk)} |" for risk in sorted(REQUIRED)
    ]
    consequences = [f"- {_HOLDS[due].format(days=days)}" for days, due in sorted(CONSEQUENCES)]
    limits = [
        f"- Editors have {DAYS_FOR_A_RETRACTION} days to put the page right.",
        "- If it was a false alarm, a second person lifts it, and the page is as it was.",
    ]
    extension = (
        f"- The date can be moved once, by {LONGEST_EXTENSION.days} days at most, with a reason "
        "that you can read."
    )
    return {
        "Who reviews": _lines(
            "| What a page is about | Who approves it |", "| --- | --- |", *approvals
        ),
        "When a study falls": _lines(*limits),
        "When a page grows old": _lines(*consequences, extension),
    }


def _approvals(risk: str) -> str:
    counts = {requirement.reviewed_as: requirement.count for requirement in REQUIRED[risk]}
    medical = counts[Review.As.MEDICAL]
    sentence = (
        "One medical reviewer"
        if medical == 1
        else f"{_NUMBERS[medical]} medical reviewers of different specialties"
    )
    return (
        f"{sentence}, and one for plain language"
        if Review.As.PLAIN_LANGUAGE in counts
        else sentence
    )


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    """Write the passages of the editorial policy that follow from the rules in the code."""

    help = "Write the rules in the code into the editorial policy that ships."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file; nothing changes where it was true."""
        POLICY.write_text(written(POLICY.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"{POLICY.name} says what the rules say.")
