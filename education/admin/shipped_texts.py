"""The desk beside what ships: articles whose text is not the shipped one, and both side by side."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from education.admin.access import person_of
from education.admin.revision_comparison import RevisionComparison
from education.admin.revision_pages import back_to
from education.articles.models import Article
from education.articles.operations import draft_of
from education.articles.rules import may_write
from education.articles.shipped_texts import (
    ShippedState,
    ShippedText,
    shipped_texts,
    start_shipped,
)
from education.errors import EditorialError
from education.evidence.shipped_changes import other_keys
from education.publishing.corrected_statements import pages_to_correct
from education.publishing.models import Publication
from education.text.draft_differences import changes_between_drafts
from education.text.rendering import cited_keys


class ShippedTextsMixin(admin.ModelAdmin):
    """The list of shipped texts and each beside the site's, among the pages of articles."""

    def shipped_urls(self) -> list[URLPattern]:
        """The address of both pages."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "shipped/",
                wrap(require_safe(self.shipped_texts_view)),
                name="education_article_shipped_texts",
            ),
            path(
                "<int:pk>/shipped/", wrap(self.shipped_text_view), name="education_article_shipped"
            ),
        ]

    def shipped_texts_view(self, request: HttpRequest) -> HttpResponse:
        """Every shipped text that is not simply what the site has."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        texts = shipped_texts(other_keys())
        return self._page(
            request,
            "shipped_texts",
            title="Texts that ship",
            beside=[
                text
                for text in texts
                if text.state in {ShippedState.OPEN, ShippedState.CHANGED}
                or (text.state == ShippedState.HERE and not (text.is_last or text.is_open))
            ],
            drafts=[text for text in texts if text.state == ShippedState.HERE and text.is_open],
            to_load=[text for text in texts if text.state in {ShippedState.NEW, ShippedState.OLD}],
        )

    def shipped_text_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The site's text beside the shipped one; a writer may begin a draft with the latter."""
        article = get_object_or_404(Article, pk=pk)
        if not self.has_view_permission(request, article):
            raise PermissionDenied
        texts = shipped_texts(other_keys(), slug=article.slug)
        if not texts:
            raise Http404("No text that ships has this address.")
        (shipped,) = texts
        if request.method == "POST":
            if not may_write(person_of(request)):
                raise PermissionDenied
            return self._start(request, shipped)
        wrong = [each for page, each in pages_to_correct() if page.slug == article.slug]
        return self._page(
            request,
            "shipped_text",
            title=f"{article.slug}: the text here and the shipped text",
            article=article,
            shipped=shipped,
            is_of_its_kind=shipped.draft.kind == article.kind,
            may_write=may_write(person_of(request)),
            comparison=_beside_shipped(shipped),
            wrong=wrong[0] if wrong else [],
        )

    def _start(self, request: HttpRequest, shipped: ShippedText) -> HttpResponse:
        assert shipped.article is not None
        try:
            if shipped.draft.kind != shipped.article.kind:
                raise EditorialError("The article here is of another kind than the shipped one.")
            revision = start_shipped(shipped, by=person_of(request))
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:education_article_shipped", shipped.article.pk)
        return redirect(back_to(revision))

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/education/article/{name}.html", context)


def shipped_address(publication: Publication) -> str:
    """Where the text of a public page stands beside the shipped one."""
    return reverse("admin:education_article_shipped", args=[publication.revision.article_id])


def _beside_shipped(shipped: ShippedText) -> RevisionComparison | None:
    """
    What the shipped text changes of the site's last text; None where there is no text.

    Where that is the shipped text already, of what readers see now.
    """
    was = shipped.last
    if shipped.is_last:
        public = Publication.objects.current().filter(
            revision__article=shipped.article, language=shipped.draft.language
        )
        page = public.select_related("revision__article").first()
        was = page.revision if page else was
    if was is None:
        return None
    text = draft_of(was)
    before, after = set(cited_keys(text)), set(cited_keys(shipped.draft))
    return RevisionComparison(
        f"From {was} to the shipped text",
        changes_between_drafts(text, shipped.draft),
        sorted(after - before),
        sorted(before - after),
        [],
    )
