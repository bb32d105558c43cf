"""Long lists, a leaf at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.paginator import Paginator
from django.http import QueryDict

from education.publishing.models import Publication, PublicationQuerySet

T = TypeVar("T")
LEAF = 50


@dataclass(frozen=True)
class Leaf(Generic[T]):
    """A part of a list: which of how many, and the addresses of those beside it, or empty."""

    entries: list[T]
    page: int
    pages: int
    before: str
    after: str


def leaf(
    found: PublicationQuerySet | list[Publication],
    asked: QueryDict,
    shown: Callable[[list[Publication]], list[T]],
) -> Leaf[T]:
    """The leaf that ``?page=`` asks for, the nearest there is; ``shown`` is called for it alone."""
    paginator = Paginator(found, LEAF)
    number = asked.get("page", "")
    page = paginator.get_page(number if len(number) < 9 else 1)

    def address(number: int) -> str:
        query = asked.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return Leaf(
        entries=shown(list(page.object_list)),
        page=page.number,
        pages=paginator.num_pages,
        before=address(page.previous_page_number()) if page.has_previous() else "",
        after=address(page.next_page_number()) if page.has_next() else "",
    )
