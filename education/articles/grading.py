"""
The rules by which rows of a table of findings are graded, the same for every option.

They stand in ``content/grading.yaml``, with what a panel of clinicians must decide, and are shown
where rows are written and reviewed.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

GRADING = Path(__file__).resolve().parents[1] / "content" / "grading.yaml"

# The rules that say how a field of a row is filled in, by their numbers.
RULES_OF_FIELDS: dict[str, tuple[int, ...]] = {
    "people": (22,),
    "effect": (1, 8),
    "frame": (21,),
    "direction": (17, 16),
    "certainty": (2, 11, 13),
    "grading": (3, 4, 5, 6, 7, 9, 10, 12),
    "source_grade": (15,),
    "words": (18, 19, 20),
    "who": (14,),
}


@dataclass(frozen=True)
class GradingRule:
    """One rule, by the number that rows and editors refer to."""

    number: int
    title: str
    text: str

    def __str__(self) -> str:
        return f"Rule {self.number}, {self.title}: {self.text}"


@dataclass(frozen=True)
class Grading:
    """The rules in order, and the questions that a panel of clinicians must decide."""

    rules: tuple[GradingRule, ...]
    panel: tuple[str, ...]

    def of_field(self, name: str) -> list[GradingRule]:
        """The rules that say how a field of a row is filled in."""
        numbers = RULES_OF_FIELDS.get(name, ())
        return [rule for rule in self.rules if rule.number in numbers]


@cache
def grading() -> Grading:
    """The rules and questions that ship."""
    data = yaml.safe_load(GRADING.read_text(encoding="utf-8"))
    return Grading(
        rules=tuple(GradingRule(**rule) for rule in data["rules"]), panel=tuple(data["panel"])
    )
