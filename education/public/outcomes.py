"""
What was found about each outcome: the evidence map, and results that share a scale.

Only works that two people verified and that were not retracted; three queries, however many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.utils.safestring import SafeString

from education.evidence.models import Certainty, EvidenceItem, Finding
from education.evidence.rules import retracted_keys
from education.languages import translated_labels
from education.text.figures import icon_array
from education.text.findings import counted_sides, direction_label
from education.text.labels import CERTAINTIES, LABELS
from education.text.tree import findings_of, plain

# Scales on which more is better, and those on which less is.
MORE_IS_BETTER = {
    Finding.Measure.GMFM_66: True,
    Finding.Measure.GMFM_PERCENT: True,
    Finding.Measure.MOTOR_SMD: True,
    Finding.Measure.ASHWORTH: False,
    Finding.Measure.TORQUE: False,
}

# From the surest to the least sure; what nobody graded says nothing of how sure one may be.
GRADES = (Certainty.HIGH, Certainty.MODERATE, Certainty.LOW, Certainty.VERY_LOW)


@dataclass(frozen=True)
class Spot:
    """All that is known of one outcome with one option."""

    option: Finding.Option
    findings: list[Finding]

    @property
    def items(self) -> list[EvidenceItem]:
        """The works, each once, the newest first."""
        works = {finding.item.key: finding.item for finding in self.findings}
        return sorted(works.values(), key=lambda item: (-(item.issued_year or 0), item.key))

    @property
    def people(self) -> int:
        """The most people any one work analysed; works may share people, so they don't add up."""
        return max((finding.number_analysed or 0 for finding in self.findings), default=0)

    @property
    def people_in_words(self) -> str:
        """The number as readers write it: 1,474; empty where no work gives it."""
        return f"{self.people:,}" if self.people else ""

    @property
    def certainty(self) -> Certainty:
        """The lowest grade anybody gave: a spot looks no surer than what is in it."""
        given = {finding.certainty for finding in self.findings}
        return next((grade for grade in reversed(GRADES) if grade in given), Certainty.NOT_GRADED)


@dataclass(frozen=True)
class MapRow:
    """One outcome with what is known of it for each option, in the order of the columns."""

    outcome: Finding.Outcome
    spots: list[Spot]


@dataclass(frozen=True)
class OutcomeComparison:
    """
    Results that may stand on one axis: one outcome, scale, unit, kind of number and option.

    Raises ``ValueError`` for any others: points of two scales are never set side by side.
    """

    findings: list[Finding]

    def __post_init__(self) -> None:
        if len({axis_of(finding) for finding in self.findings}) != 1:
            raise ValueError("Results of different scales can't share an axis.")

    @property
    def measure(self) -> Finding.Measure:
        """The scale all of them are on."""
        return Finding.Measure(self.findings[0].measure)

    @property
    def option(self) -> Finding.Option:
        """What all of them are about."""
        return Finding.Option(self.findings[0].option)

    @property
    def unit(self) -> str:
        """What the numbers count."""
        return self.findings[0].unit

    @property
    def right_is_better(self) -> bool | None:
        """Whether more is better on this scale; None where that isn't known."""
        return MORE_IS_BETTER.get(self.measure)


def standing_findings() -> QuerySet[Finding]:
    """Findings of works that readers may rely on, option by option."""
    verified = EvidenceItem.objects.verified().filter(usable=True, pk=OuterRef("item"))
    findings = Finding.objects.filter(Exists(verified)).exclude(item__key__in=retracted_keys())
    places = [When(option=option, then=place) for place, option in enumerate(Finding.Option)]
    return findings.select_related("item").order_by(Case(*places), "item__key", "position")


def evidence_map(findings: Iterable[Finding]) -> tuple[list[Finding.Option], list[MapRow]]:
    """
    The options with anything found, and a row for each outcome with anything found.

    Treatments that are none of our options stand on the pages of their outcomes alone.
    """
    by_place: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_place.setdefault((finding.outcome, finding.option), []).append(finding)
    options: list[Finding.Option] = [
        one
        for one in Finding.Option
        if one != Finding.Option.OTHER and any(option == one for _, option in by_place)
    ]
    outcomes = [
        outcome
        for outcome in Finding.Outcome
        if any((outcome, option) in by_place for option in options)
    ]
    return options, [
        MapRow(outcome, [Spot(option, by_place.get((outcome, option), [])) for option in options])
        for outcome in outcomes
    ]


@dataclass(frozen=True)
class GlanceResult:
    """
    What the table of findings says of one option, in words: which way, and how surely.

    ``sides`` are people with and without it, where the row counts both: words, and the drawing;
    ``words`` are those of the row.
    """

    slug: str
    name: str
    direction: str
    certainty: str
    words: str
    sides: list[tuple[str, SafeString]]


@dataclass(frozen=True)
class GlanceOutcome:
    """One outcome of the table: what is known, the surest first, and the options without any."""

    slug: str
    name: str
    results: list[GlanceResult]
    unstudied: list[str]


def glance(tree: Mapping[str, Any]) -> list[GlanceOutcome]:
    """
    The whole table of findings in a few words a row, with the certainties of the table itself.

    ``tree`` is the public one, as it may be shown: a row that is masked says nothing.
    """
    labels = translated_labels(tree["language"], LABELS)
    names = {option["slug"]: option["name"] for option in tree["findings"]["options"]}
    outcomes = []
    for outcome in findings_of(tree):
        known = [row for row in outcome["rows"] if row["evidence"]]
        known.sort(key=lambda row: -CERTAINTIES[row["certainty"]])
        results = [
            GlanceResult(
                slug=row["slug"],
                name=": ".join(part for part in (names[row["option"]], row["about"]) if part),
                direction=direction_label(row, labels),
                certainty=row["certainty"],
                words=plain(row["c"], one_line=True),
                sides=[
                    (words, SafeString(icon_array(count, of, label=words)))
                    for words, count, of in counted_sides(row, labels)
                ],
            )
            for row in known
        ]
        studied = {row["option"] for row in known}
        unstudied = [name for slug, name in names.items() if slug not in studied]
        outcomes.append(GlanceOutcome(outcome["slug"], outcome["name"], results, unstudied))
    return outcomes


def axis_of(finding: Finding) -> tuple[str, ...]:
    """What two results must have in common to stand on one axis."""
    return finding.outcome, finding.option, finding.measure, finding.unit, finding.contrast


def comparisons(findings: Iterable[Finding]) -> list[OutcomeComparison]:
    """The differences between groups that share a scale, where two or more have an interval."""
    drawn = [
        finding
        for finding in findings
        if finding.low is not None and finding.contrast == Finding.Contrast.BETWEEN
    ]
    drawn.sort(key=axis_of)
    groups = [list(group) for _, group in groupby(drawn, key=axis_of)]
    return [OutcomeComparison(group) for group in groups if len(group) > 1]
