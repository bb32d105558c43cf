"""How many copies were printed, by month and text. Never by patient: none is known."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from education.handouts.models import Clinic, PrintedCopy, PrintedPart, RecallAnswer
from education.handouts.recall_lists import DRILL_STATE, RecallCause, by_clinic, causes
from education.publishing.models import Publication
from education.publishing.operations import months_later

MONTHS = 12
# The drawing, in its own units.
WIDTH, HEIGHT, TOP, FOOT = 720, 240, 28, 32
BAR = 36


@dataclass(frozen=True)
class Month:
    """The copies of one month."""

    first: datetime.date
    copies: int


@dataclass(frozen=True)
class TextCount:
    """The copies of one text in one month, alone or in a pack; for one clinic where it is named."""

    month: datetime.date
    title: str
    language: str
    copies: int
    clinic: str = ""


@dataclass(frozen=True)
class MonthBar:
    """One month in the drawing."""

    month: Month
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        """Where the words of the bar are centred."""
        return self.x + BAR // 2

    @property
    def base(self) -> int:
        """The line the bars stand on."""
        return HEIGHT - FOOT

    @property
    def foot(self) -> int:
        """Where its month stands."""
        return HEIGHT - 8

    @property
    def above(self) -> int:
        """Where its number stands."""
        return self.y - 8


def by_month(copies: QuerySet[PrintedCopy], today: datetime.date) -> list[Month]:
    """The last twelve months, this one included; a pack counts once."""
    first = months_later(today.replace(day=1), 1 - MONTHS)
    rows = (
        copies.filter(printed_on__gte=first)
        .order_by()
        .annotate(month=TruncMonth("printed_on"))
        .values_list("month")
        .annotate(Sum("copies"))
    )
    counted: dict[datetime.date, int] = dict(rows)
    months = [months_later(first, number) for number in range(MONTHS)]
    return [Month(month, counted.get(month, 0)) for month in months]


def by_text(copies: QuerySet[PrintedCopy], *, with_clinics: bool = False) -> list[TextCount]:
    """Each text's copies in each month, the newest month first; a pack counts for each text."""
    clinic = ["copy__clinic__name"] if with_clinics else []
    fields = ["publication__slug", "publication__language"]
    parts = (
        PrintedPart.objects.filter(copy__in=copies)
        .order_by()
        .annotate(month=TruncMonth("copy__printed_on"))
        .values("month", *fields, *clinic)
        .annotate(copies=Sum("copy__copies"))
        .order_by("-month", "-copies", *fields, *clinic)
    )
    rows = list(parts)
    titles = _titles({row["publication__slug"] for row in rows})
    return [
        TextCount(
            month=row["month"],
            title=titles[row["publication__slug"], row["publication__language"]],
            language=row["publication__language"],
            copies=row["copies"],
            clinic=row.get("copy__clinic__name", ""),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class RecallCount:
    """
    What one clinic answered to one recall: prints called back, and paper by its answers since.

    ``open_prints`` are those still in use of which it said nothing.
    """

    recall: str
    began_on: datetime.date
    why: str
    clinic: str
    is_drill: bool
    prints: int
    copies: int
    answered_prints: int
    binned: int
    given_out: int
    open_prints: int


def recall_counts() -> list[RecallCount]:
    """
    Recalls of the last year by clinic, the newest first; those from before a clinic's
    ``recalls_from`` count as answered and are left out.
    """
    called_back = causes(with_past=True)
    answers: dict[int, list[RecallAnswer]] = {}
    pks = {copy.pk for cause in called_back for copy in cause.copies}
    for answer in RecallAnswer.objects.filter(copy__in=pks):
        answers.setdefault(answer.copy_id, []).append(answer)
    counts = [
        _recall_count(cause, clinic, copies, answers)
        for cause in called_back
        for clinic, copies in by_clinic(cause.copies).items()
        if cause.at >= clinic.recalls_from
    ]
    return sorted(counts, key=lambda count: (count.began_on, count.recall), reverse=True)


def _recall_count(
    cause: RecallCause,
    clinic: Clinic,
    copies: Sequence[PrintedCopy],
    answers: dict[int, list[RecallAnswer]],
) -> RecallCount:
    since = {
        copy.pk: [
            answer
            for answer in answers.get(copy.pk, ())
            if answer.answered_at >= cause.at and (answer.state == DRILL_STATE) == cause.is_drill
        ]
        for copy in copies
    }
    given = [answer for of_copy in since.values() for answer in of_copy]
    today = timezone.localdate()
    return RecallCount(
        recall=cause.name,
        began_on=timezone.localdate(cause.at),
        why=cause.why,
        clinic=clinic.name,
        is_drill=cause.is_drill,
        prints=len(copies),
        copies=sum(copy.copies for copy in copies),
        answered_prints=sum(bool(of_copy) for of_copy in since.values()),
        binned=sum(answer.binned for answer in given),
        given_out=sum(answer.given_out for answer in given),
        open_prints=sum(not since[copy.pk] and not copy.is_past(today) for copy in copies),
    )


def bars(months: Sequence[Month]) -> list[MonthBar]:
    """The months as bars, the highest as high as the drawing has room."""
    most = max((month.copies for month in months), default=0) or 1
    step = WIDTH // max(1, len(months))
    room = HEIGHT - TOP - FOOT
    drawn = []
    for place, month in enumerate(months):
        height = round(room * month.copies / most)
        x = place * step + (step - BAR) // 2
        drawn.append(MonthBar(month, x, HEIGHT - FOOT - height, height))
    return drawn


def _titles(slugs: set[str]) -> dict[tuple[str, str], str]:
    """The newest title of each text that was ever printed."""
    newest = Publication.objects.newest().filter(slug__in=slugs)
    return {
        (slug, language): title
        for slug, language, title in newest.values_list("slug", "language", "title")
    }
