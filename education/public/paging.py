"""Long lists, a leaf at a time. Nothing is counted, so a leaf costs the same in any."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.http import QueryDict

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")
LEAF = 50


class Sliced(Protocol[R_co]):
    """What gives a part of itself, and asks for no more than that: a query, for example."""

    def __getitem__(self, part: slice, /) -> Iterable[R_co]:
        """The rows of a part."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list: which, and the addresses of those beside it, or empty."""

    entries: list[T]
    page: int
    before: str
    after: str


def leaf(
    found: Sliced[R],
    asked: QueryDict,
    shown: Callable[[list[R]], list[T]],
) -> Page[T]:
    """The leaf that ``?page=`` asks for, or else the first; ``shown`` is called for it alone."""
    number = asked.get("page", "")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    rows = list(found[LEAF * (page - 1) : LEAF * page + 1])
    if not rows and page > 1:
        page, rows = 1, list(found[: LEAF + 1])

    def address(number: int) -> str:
        query = asked.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return Page(
        entries=shown(rows[:LEAF]),
        page=page,
        before=address(page - 1) if page > 1 else "",
        after=address(page + 1) if len(rows) > LEAF else "",
    )
