"""
A draft as readers would meet it: by the public templates and styles, in a frame of the desk.

It stands here because it joins two doors: the desk, which may read drafts, and the readers' pages,
which never may.
"""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from education.articles.models import Revision
from education.languages import language_override
from education.people.models import User
from education.public.cards import card_of
from education.public.publications import PublicationView
from education.public.site_search import SearchResult, hits_of
from education.public.views.articles import article_context
from education.public.views.handouts import handout_context
from education.publishing.drafts import draft_copy, draft_copy_status
from education.publishing.models import Publication
from education.safety.notes import notes_above
from education.text.rendering import Rendered

PAGE, PAPER, RECORD, HIT, CARD = "page", "paper", "record", "hit", "card"
_TEMPLATES = {
    PAGE: "public/article_detail.html",
    PAPER: "public/handout_detail.html",
    RECORD: "connect/connect.html",
    HIT: "public/search.html",
}
SURFACES = frozenset({*_TEMPLATES, CARD})


class DraftView(PublicationView):
    """A draft as a copy, with every word of it: who judges a text reads what rests on any work."""

    @cached_property
    def content(self) -> dict[str, Any]:
        """The tree of blocks, nothing masked."""
        content: dict[str, Any] = self.publication.content
        return content


def draw_for_readers(
    request: HttpRequest, revision: Revision, rendered: Rendered, *, person: User, surface: str
) -> HttpResponse:
    """
    A text by the public templates, as a page, on paper, in a record system, as a search hit or as
    the card beside a link.

    ``person`` is named among the reviewers where they may review it. A card is a PNG.
    """
    copy = draft_copy(revision, rendered, person)
    with language_override(copy.language):
        if surface == CARD:
            return HttpResponse(card_of(copy), content_type="image/png")
        reading = DraftView(
            copy,
            draft_copy_status(copy),
            notes=tuple(notes_above(copy.slug, copy.language)),
        )
        context = _context(request, reading, surface)
        context["public_template"] = _TEMPLATES[surface]
        response = TemplateResponse(request, "admin/education/revision/reader_page.html", context)
        return response.render()


def _context(request: HttpRequest, reading: DraftView, surface: str) -> dict[str, Any]:
    copy: Publication = reading.publication
    if surface == PAPER:
        return handout_context(request, reading)
    if surface == RECORD:
        answer = {"publication": copy, "standing": reading.standing, "content": reading.content}
        return {"asked": [copy.topic.title], "answers": [answer], "trail": []}
    if surface == HIT:
        result = SearchResult(marks=(), hits=hits_of(copy, reading.content))
        return {"query": copy.title, "answer": result, "filters": []}
    return article_context(request, reading)
