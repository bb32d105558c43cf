"""What helps while a text is written: evidence to cite, who else writes, a Word file to bring."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from education.admin.access import WRITERS, person_of, roles_of
from education.admin.importing import MOST_WORKS
from education.articles.active_editors import others_writing, seen_writing
from education.articles.inheritance import others_words
from education.articles.models import Revision
from education.articles.operations import draft_of, save_text
from education.errors import EditorialError, StaleError
from education.evidence.formats import word_fields
from education.evidence.importing import start_import
from education.evidence.models import EvidenceItem
from education.evidence.people_studied import short_name
from education.review.rules import barred_by_contributing
from education.text.word_import import LARGEST_FILE, WordError, read_word

# As many as fit under the field without scrolling far.
MOST_FOUND = 12
_MOST_KEYS = 200
_MOST_WORDS = 8


class _OthersWordsError(EditorialError):
    """A file holds sentences of these people, and that was not confirmed."""


class WordForm(forms.Form):
    """A Word file whose text is to become part of a draft."""

    file = forms.FileField(
        label="Word file",
        help_text=f"A .docx of at most {LARGEST_FILE // 1_000_000} MB. Its text is added below "
        "what is there; nothing is replaced.",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, barred_from: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if barred_from:
            self.fields["contributing"] = forms.BooleanField(
                label="I become one of its writers, and can never "
                f"{' or '.join(barred_from)} this text."
            )

    def ask_first(self, names: str) -> None:
        """Refuse a file that holds sentences of others until that is confirmed."""
        # Without a tick that was about other people.
        self.data = {name: sent for name, sent in self.data.items() if name != "others"}
        self.fields["others"] = forms.BooleanField(
            label=f"Bring them in: {names} may then neither review nor publish this text.",
            required=False,
            widget=forms.CheckboxInput(attrs={"value": names}),
        )
        self.add_error(
            None,
            f"Sentences of {names} stand in this file. Nothing was brought in yet: tick the box "
            "below and choose the file again, or take those sentences out of it.",
        )


class WritingToolsMixin(admin.ModelAdmin):
    """The pages and answers that the form of a revision calls on."""

    def tool_urls(self) -> list[URLPattern]:
        """The address of every tool."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "find-evidence/",
                wrap(require_safe(self.find_evidence_view)),
                name="education_revision_find_evidence",
            ),
            path(
                "<int:pk>/writing/",
                wrap(require_POST(self.writing_view)),
                name="education_revision_writing",
            ),
            path("<int:pk>/word/", wrap(self.word_view), name="education_revision_word"),
        ]

    def find_evidence_view(self, request: HttpRequest) -> HttpResponse:
        """
        Evidence by any words of its key, title, authors, journal, identifiers or findings (``q``),
        the best fit first; or the works of these keys (``key``, once for each).
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        keys = request.GET.getlist("key")[:_MOST_KEYS]
        if keys:
            items = list(EvidenceItem.objects.filter(key__in=keys))
            return JsonResponse({"results": _works(items), "total": len(items)})
        words = re.findall(r"[^\s,;]+", request.GET.get("q", "").replace("\x00", ""))[:_MOST_WORDS]
        matching = EvidenceItem.objects.alias(names=Cast("authors", TextField()))
        matching = matching.order_by("-usable", "-issued_year", "key")
        for word in words:
            fits = Q(pmid=word) | Q(pmcid__iexact=word)
            for name in ("key", "title", "container_title", "names", "doi", "finding"):
                fits |= Q(**{f"{name}__icontains": word})
            if re.fullmatch(r"\d{4}", word, re.ASCII):
                fits |= Q(issued_year=int(word))
            matching = matching.filter(fits)
        # The sort is stable: works that fit alike stay in the order of the query.
        items = sorted(matching, key=lambda item: sum(_distance(word, item) for word in words))
        return JsonResponse({"results": _works(items[:MOST_FOUND]), "total": len(items)})

    def writing_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that a person has the text open, and say who else has."""
        revision = self.revision_of(request, pk)  # type: ignore[attr-defined]  # StepsMixin
        return JsonResponse({"others": [str(person) for person in self.seen(request, revision)]})

    def seen(self, request: HttpRequest, revision: Revision) -> list[Any]:
        """Who else has the text open; the person counts as writing where they may."""
        person = person_of(request)
        if revision.is_editable and roles_of(request) & WRITERS:
            seen_writing(revision, person)
        return others_writing(revision, person)

    def word_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add the text of a Word file to a draft, and tell what did not come along."""
        revision: Revision = self.revision_of(request, pk)  # type: ignore[attr-defined]
        form = WordForm(
            request.POST or None,
            request.FILES or None,
            initial={"expected_version": revision.version},
            barred_from=barred_by_contributing(person_of(request), revision),
        )
        if request.method == "POST" and form.is_valid():
            try:
                brought = read_word(form.cleaned_data["file"])
                draft = draft_of(revision)
                body = "\n\n".join(part for part in (draft.body.strip(), brought.body) if part)
                title = draft.title if draft.title.strip() else brought.title or draft.title
                longer = replace(draft, body=f"{body}\n", title=title)
                by = person_of(request)
                there = others_words(draft, revision.article, by)
                barred = others_words(longer, revision.article, by).keys() - there.keys()
                names = ", ".join(sorted(map(str, barred)))
                if names and names != request.POST.get("others", ""):
                    raise _OthersWordsError(names)
                save_text(
                    revision=revision,
                    draft=longer,
                    by=by,
                    expected_version=form.cleaned_data["expected_version"],
                )
            except _OthersWordsError as words:
                form.ask_first(str(words))
            except StaleError:
                form.add_error(None, "Somebody saved the text meanwhile. Please send it again.")
                again = request.POST.copy()
                again["expected_version"] = str(revision.version)
                form.data = again
            except (WordError, EditorialError) as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, brought.summary, messages.SUCCESS)
                left_behind = list(brought.left_behind)
                if brought.title and title != brought.title:
                    left_behind.append(f"The title of the file was not used: “{brought.title}”.")
                for left in left_behind:
                    self.message_user(request, left, messages.WARNING)
                self._offer_works(request, form.cleaned_data["file"].name, brought.citations)
                return redirect(reverse("admin:education_revision_change", args=[revision.pk]))
        page: HttpResponse = self.page(  # type: ignore[attr-defined]
            request, "word", revision, title="Bring in a Word file", form=form
        )
        return page

    def _offer_works(self, request: HttpRequest, name: str, codes: Sequence[str]) -> None:
        """Let the works that a Word file cites wait as an import, and lead there."""
        records = word_fields.parse(codes)
        if not records:
            return
        if len(records) > MOST_WORKS:
            self.message_user(
                request,
                f"The file cites {len(records):,} works; the first {MOST_WORKS} are offered.",
                messages.WARNING,
            )
            records = records[:MOST_WORKS]
        batch = start_import(source=name, records=records, by=person_of(request))
        message = format_html(
            "The file cites {} work{} by a reference manager. Nothing is entered yet: "
            '<a href="{}">look through them</a>, then cite them by the keys shown there.',
            len(records),
            "" if len(records) == 1 else "s",
            reverse("admin:education_evidenceimport_change", args=[batch.pk]),
        )
        self.message_user(request, message, messages.WARNING)


def _distance(word: str, item: EvidenceItem) -> int:
    """How far a word is from naming a work: its first author, key or identifier come first."""
    word = _folded(word)
    families = [
        _folded(str(author.get("family") or author.get("literal") or ""))
        for author in item.authors or [{}]
    ]
    title = [_folded(part) for part in item.title.split()]
    names = {_folded(name) for name in (item.key, item.doi, item.pmid, item.pmcid)}
    fits = (
        word in names,
        word in {str(item.issued_year), families[0]},
        families[0].startswith(word),
        word in families,
        any(name.startswith(word) for name in (*families, *names)),
        word in title,
        any(part.startswith(word) for part in title),
    )
    return next((distance for distance, fit in enumerate(fits) if fit), len(fits))


def _folded(text: str) -> str:
    """Without capitals and accents, as people type names."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum()
    )


def _works(items: list[EvidenceItem]) -> list[dict[str, Any]]:
    """What the form shows of works that are or may be cited."""
    verified = set(
        EvidenceItem.objects.verified()
        .filter(pk__in=[item.pk for item in items])
        .values_list("pk", flat=True)
    )
    return [
        {
            "key": item.key,
            "name": short_name(item),
            "title": item.title,
            "about": ", ".join(_facts(item, item.pk in verified)),
            "finding": item.shown_finding,
            "limitations": item.limitations,
            "status": item.status,
            "is_verified": item.pk in verified,
            "may_be_cited": item.usable and item.status != "retracted",
        }
        for item in items
    ]


def _facts(item: EvidenceItem, is_verified: bool) -> list[str]:
    author = ""
    if item.authors:
        first = item.authors[0]
        author = str(first.get("family") or first.get("literal") or "")
    facts = [author, str(item.issued_year or ""), item.get_design_display()]
    if item.sample_size:
        facts.append(f"{item.sample_size:,} people")
    if item.status != "current":
        facts.append(item.status)
    if not item.usable:
        facts.append("may not be cited")
    elif not is_verified:
        facts.append("not verified yet")
    return [fact for fact in facts if fact]
