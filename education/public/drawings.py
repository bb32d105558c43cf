"""
Where everything stands in a drawing; templates print it as SVG, style sheets give it colours.

Drawings are 360 units wide, so that their words can be read on a narrow phone. Each stands beside
a table that says the same.
"""

import math
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext

from education.evidence.models import Finding, with_minus
from education.evidence.people_studied import short_name
from education.public.outcomes import MapRow, OutcomeComparison, Spot
from education.text.labels import CERTAINTIES

WIDTH = 360
MARGIN = 12

# The evidence map
HEAD = 44
MAP_ROW = 84
LARGEST, SMALLEST = 27.0, 4.5

# The forest plot
LINE = 44
FAMILY = 30
AXIS = 52
MOST_TICKS = 6


@dataclass(frozen=True)
class Dot:
    """One of the four dots of a certainty."""

    x: float
    on: bool


@dataclass(frozen=True)
class Bubble:
    """One spot of the map."""

    x: float
    y: float
    r: float
    kind: str
    number: str
    dots: list[Dot]
    below: float
    dots_at: float


@dataclass(frozen=True)
class Band:
    """One outcome of the map: a line of words over its bubbles."""

    label: str
    top: float
    words: float
    bubbles: list[Bubble]


@dataclass(frozen=True)
class Map:
    """The evidence map."""

    width: int
    height: int
    heads: list[tuple[float, list[str]]]
    bands: list[Band]


def draw_map(names: list[str], rows: list[MapRow]) -> Map:
    """Bubbles, outcome by option; their areas are to each other as the numbers of people."""
    step = WIDTH / max(1, len(names))
    most = max((spot.people for row in rows for spot in row.spots), default=0) or 1
    bands = []
    for place, row in enumerate(rows):
        top = HEAD + place * MAP_ROW
        bubbles = [
            _bubble(spot, step * (column + 0.5), top, most)
            for column, spot in enumerate(row.spots)
            if spot.findings
        ]
        bands.append(Band(str(row.outcome.label), top, top + 17, bubbles))
    heads = [(step * (column + 0.5), _two_lines(name)) for column, name in enumerate(names)]
    return Map(WIDTH, HEAD + len(rows) * MAP_ROW, heads, bands)


def _bubble(spot: Spot, x: float, top: float, most: int) -> Bubble:
    r = max(SMALLEST, LARGEST * math.sqrt(spot.people / most))
    # Words stand beside a bubble, not on it: they can be read on any tone.
    x -= 26
    y = top + 52
    beside = x + max(r, 12) + 6
    return Bubble(
        x=round(x, 1),
        y=y,
        r=round(r, 1),
        kind=spot.certainty.value.replace("_", "-"),
        number=spot.people_in_words or "?",
        dots=[
            Dot(round(beside + 4 + 9 * n, 1), on=n < CERTAINTIES[spot.certainty]) for n in range(4)
        ],
        below=round(beside, 1),
        dots_at=y + 9,
    )


def _two_lines(name: str) -> list[str]:
    words = name.partition(" (")[0].split()
    half = -(-len(words) // 2)
    return [" ".join(part) for part in (words[:half], words[half:]) if part]


@dataclass(frozen=True)
class EffectBar:
    """One result: words above, the interval as a line, the effect as a square or diamond."""

    finding: Finding
    name: str
    label: str
    amount: str
    words: float
    y: float
    low: float
    high: float
    effect: float
    size: float

    @property
    def diamond(self) -> str:
        """The points of a pooled result's diamond, as wide as its interval."""
        left, right = f"{self.low},{self.y}", f"{self.high},{self.y}"
        return f"{left} {self.effect},{self.y - 7} {right} {self.effect},{self.y + 7}"

    @property
    def left(self) -> float:
        """Where the square of a single study begins."""
        return round(self.effect - self.size / 2, 1)

    @property
    def top(self) -> float:
        """The upper side of that square."""
        return round(self.y - self.size / 2, 1)


@dataclass(frozen=True)
class Pooled:
    """The line of a review's own pooled result, beside the studies of the same treatment."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Tick:
    """A number of the axis."""

    x: float
    label: str


@dataclass(frozen=True)
class Forest:
    """A forest plot of results that share a scale."""

    comparison: OutcomeComparison
    width: int
    height: float
    axis: float
    zero: float
    ticks: list[Tick]
    families: list[tuple[float, str]]
    bars: list[EffectBar]
    pooled: list[Pooled]
    left: str
    right: str

    @property
    def numbers(self) -> float:
        """The line of the axis's numbers."""
        return self.axis + 18

    @property
    def sides(self) -> float:
        """The line that says which side is which."""
        return self.axis + 40


def draw_forest(comparison: OutcomeComparison) -> Forest:
    """
    The results as bars over one axis, by treatment and time.

    A pooled line is drawn only where a review gives it, and only beside results of the same
    treatment at the same time: one product's results say nothing about another.
    """
    scale = _Scale(comparison.findings)
    families: list[tuple[float, str]] = []
    bars: list[EffectBar] = []
    pooled: list[Pooled] = []
    y = 6.0
    ordered = sorted(comparison.findings, key=_order)
    for family, of_family in groupby(ordered, key=family_of):
        families.append((y + 18, family))
        y += FAMILY
        for _, of_time in groupby(of_family, key=lambda finding: finding.time_point):
            block = list(of_time)
            drawn = [_bar(finding, scale, y + LINE * n) for n, finding in enumerate(block)]
            y += LINE * len(block)
            bars += drawn
            pooled += _lines(drawn)
    better = comparison.right_is_better
    sides = ("", "") if better is None else (gettext("Better without"), gettext("Better with it"))
    left, right = sides if better is not False else (sides[1], sides[0])
    return Forest(
        comparison=comparison,
        width=WIDTH,
        height=y + AXIS,
        axis=y + 4,
        zero=scale.x(0),
        ticks=[Tick(scale.x(value), _tick(value)) for value in scale.ticks],
        families=families,
        bars=bars,
        pooled=pooled,
        left=left,
        right=right,
    )


def family_of(finding: Finding) -> str:
    """The treatment itself, without how it was given: what stands before the first comma."""
    return finding.given.partition(",")[0].strip()


def _order(finding: Finding) -> tuple[str, str, bool, str]:
    return family_of(finding), finding.time_point, finding.pooled, finding.item.key


def _lines(bars: list[EffectBar]) -> list[Pooled]:
    """The pooled lines of one treatment at one time: none without a study beside it."""
    if not any(not bar.finding.pooled for bar in bars):
        return []
    return [Pooled(bar.effect, bars[0].y - 12, bar.y) for bar in bars if bar.finding.pooled]


def _bar(finding: Finding, scale: "_Scale", top: float) -> EffectBar:
    effect, low, high = (float(part or 0) for part in (finding.effect, finding.low, finding.high))
    when = f", {finding.time_point}" if finding.time_point else ""
    people = finding.number_analysed or 0
    return EffectBar(
        finding=finding,
        name=short_name(finding.item),
        label=f"{short_name(finding.item)}{when}",
        amount=_short(finding),
        words=top + 14,
        y=top + 28,
        low=scale.x(low),
        high=scale.x(high),
        effect=scale.x(effect),
        size=round(min(12.0, 6 + math.sqrt(people) / 3), 1),
    )


def _short(finding: Finding) -> str:
    numbers = [finding.effect, finding.low, finding.high]
    effect, low, high = (with_minus(number) if number is not None else "" for number in numbers)
    return f"{effect} ({low} to {high})"


class _Scale:
    """From a result to a place in the drawing; holds every interval, and nothing."""

    def __init__(self, findings: list[Finding]) -> None:
        ends = [0.0]
        ends += [
            float(end)
            for finding in findings
            for end in (finding.low, finding.high)
            if end is not None
        ]
        least, most = min(ends), max(ends)
        self.step = _nice((most - least) / MOST_TICKS or 1)
        self.least = math.floor(least / self.step) * self.step
        self.most = math.ceil(most / self.step) * self.step

    def x(self, value: float) -> float:
        """The place of a value, in units of the drawing."""
        part = (value - self.least) / (self.most - self.least)
        return round(MARGIN + part * (WIDTH - 2 * MARGIN), 1)

    @property
    def ticks(self) -> list[float]:
        """The numbers to write at the axis."""
        count = round((self.most - self.least) / self.step)
        return [self.least + n * self.step for n in range(count + 1)]


def _nice(step: float) -> float:
    """The next of 1, 2, 5, 10 … times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((n * power for n in (1, 2, 5) if n * power >= step), 10 * power)


def _tick(value: float) -> str:
    """A number of an axis: 5, −2.5."""
    return f"{round(value, 6):g}".replace("-", "−")
