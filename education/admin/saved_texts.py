"""Every save of a text: who made it and when, two of them compared, words taken back."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from education.admin.access import WRITERS, number_of, person_of, roles_of
from education.admin.revision_pages import RevisionPages
from education.articles.models import Revision, SavedText
from education.articles.operations import draft_of, save_text, saved_draft
from education.errors import EditorialError
from education.review.rules import barred_by_contributing
from education.text.changed_passages import (
    ChangedPassage,
    changed_passages,
    with_passage_taken_back,
)
from education.text.draft_differences import FIELDS, changes_between_drafts
from education.text.rendering import Draft
from education.text.word_differences import Difference

# As many of the newest are listed; a save is compared by its number, however old.
MOST_LISTED = 200

# What is taken back at once where a part is no field of words: its name on the page, and what it is
# of a draft. Rows name options, and findings name outcomes, so they go together.
STRUCTURED_PARTS = {
    "key_messages": ("Key messages", ("key_messages",)),
    "rows": ("Options and rows", ("options", "rows")),
    "claims": ("Claims", ("claims",)),
    "terms": ("Terms", ("terms",)),
    "findings": ("Outcomes and findings", ("outcomes", "findings")),
}


@dataclass(frozen=True)
class ChangedPart:
    """One part of a text that two saves have differently: a field by passages, or its entries."""

    name: str
    label: str
    passages: list[ChangedPassage]
    entries: list[Difference]


def changed_parts(old: Draft, new: Draft) -> list[ChangedPart]:
    """Every part that is not what it was, in the order of the page."""
    fields = [
        ChangedPart(name, label, changed_passages(getattr(old, name), getattr(new, name)), [])
        for name, label in FIELDS
        if getattr(old, name) != getattr(new, name)
    ]
    structured = []
    for name, (label, parts) in STRUCTURED_PARTS.items():
        newer = replace(old, **{part: getattr(new, part) for part in parts})
        if entries := changes_between_drafts(old, newer):
            structured.append(ChangedPart(name, label, [], entries))
    return [*fields, *structured]


def taken_back(old: Draft, now: Draft, what: str) -> Draft:
    """
    A text with something as it was: ``"all"``, the name of a part, or a passage ("body:2").

    What is no such thing changes nothing.
    """
    name, _, number = what.partition(":")
    if what == "all":
        return replace(old, kind=now.kind, language=now.language)
    if name in dict(FIELDS):
        back: Any = getattr(old, name)
        if number:
            back = with_passage_taken_back(back, getattr(now, name), number_of(number))
        return replace(now, **{name: back})
    _, parts = STRUCTURED_PARTS.get(name, ("", ()))
    return replace(now, **{part: getattr(old, part) for part in parts})


class SavedTextsMixin(RevisionPages):
    """The page of a revision's saves."""

    def saved_text_urls(self) -> list[URLPattern]:
        """The address of the page."""
        view = self.admin_site.admin_view(self.saves_view)
        return [path("<int:pk>/saves/", view, name="education_revision_saves")]

    def saves_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the saves and compare two; a writer takes back what changed since one of them."""
        revision = self.revision_of(request, pk)
        saves = revision.saved_texts.select_related("by")
        new = _chosen(saves, request.GET.get("to", "")) or saves.last()
        before = saves.filter(version__lt=new.version).last() if new else None
        old = _chosen(saves, request.GET.get("from", "")) or before or new
        if request.method == "POST" and old:
            self._take_back(request, revision, old)
            return redirect(reverse("admin:education_revision_saves", args=[pk]))
        may_write = revision.is_editable and bool(roles_of(request) & WRITERS)
        is_current = new is not None and new.version == revision.version
        return self.page(
            request,
            "saves",
            revision,
            title=f"History of “{revision.title}”",
            saves=saves.order_by("-pk")[:MOST_LISTED],
            most=MOST_LISTED,
            old=old,
            new=new,
            parts=changed_parts(saved_draft(old), saved_draft(new)) if old and new else [],
            may_take_back=may_write and is_current and old != new,
            is_current=is_current,
            may_write=may_write,
            barred_from=barred_by_contributing(person_of(request), revision),
        )

    def _take_back(self, request: HttpRequest, revision: Revision, old: SavedText) -> None:
        person = person_of(request)
        if barred_by_contributing(person, revision) and "contributing" not in request.POST:
            messages.error(request, "Nothing was saved: say first that you become a writer.")
            return
        now = draft_of(revision)
        draft = taken_back(saved_draft(old), now, request.POST.get("take_back", ""))
        if draft.text() == now.text():
            messages.warning(request, "The text is so already: nothing was saved.")
            return
        seen = number_of(request.POST.get("expected_version", ""))
        try:
            save_text(revision=revision, draft=draft, by=person, expected_version=seen)
        except EditorialError as refusal:
            messages.error(request, str(refusal))
            return
        messages.success(
            request, f"Taken back to save {old.version}. What stood there until now is kept below."
        )


def _chosen(saves: Any, version: str) -> SavedText | None:
    chosen: SavedText | None = saves.filter(version=number_of(version)).first() if version else None
    return chosen
