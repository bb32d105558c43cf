"""The text of a Word file beside that of a draft: what differs is taken from it by a click each."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from education.admin.access import person_of
from education.admin.importing import MOST_WORKS
from education.admin.revision_pages import RevisionPages, back_to
from education.articles.inheritance import others_words
from education.articles.models import Revision
from education.articles.operations import draft_of, save_text
from education.errors import EditorialError, StaleError
from education.evidence.formats import word_fields
from education.evidence.importing import start_import
from education.people.models import User
from education.review.rules import barred_by_contributing
from education.text.changed_passages import (
    PassagePair,
    paired_passages,
    paired_titles,
    with_passages_taken,
)
from education.text.rendering import Draft
from education.text.word_import import LARGEST_FILE, ImportedText, WordError, read_word

COMPARE, BELOW = "compare", "below"
_SALT = "education.admin.word_files"
_STALE = "Somebody saved the text meanwhile."
# A citation as the words of a file, whose brackets say that they are words.
_TYPED_CITATION = re.compile(r"\\\[(@[^\[\]]{1,200})\\\]")
_KEYS = re.compile(r"@([A-Za-z0-9][\w-]*)", re.ASCII)
# What JSON makes lists of.
_LISTS = ("left_behind", "citations")
# Of a passage that was not taken, so much is named after saving.
_MOST_NAMED, _LONGEST_NAMED = 20, 120


class _OthersWordsError(EditorialError):
    """What is to be saved holds sentences of these people, and that was not confirmed."""


class _WordStepForm(forms.Form):
    """What both steps share: the version that was seen, and who is barred by it."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    send_again = ""

    def __init__(self, *args: Any, barred_from: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if barred_from:
            self.fields["contributing"] = forms.BooleanField(
                label="I become one of its writers, and can never "
                f"{' or '.join(barred_from)} this text."
            )

    def ask_first(self, names: str) -> None:
        """Refuse sentences of others until that is confirmed."""
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
            f"below and {self.send_again}, or take those sentences out of it.",
        )

    def expect_version(self, version: int) -> None:
        """Carry the version that is stored now."""
        self.data = dict(self.data.items()) | {"expected_version": str(version)}


class WordForm(_WordStepForm):
    """A Word file whose text is to become part of a draft."""

    send_again = "choose the file again"

    file = forms.FileField(
        label="Word file",
        help_text=f"A .docx of at most {LARGEST_FILE // 1_000_000} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
    )
    how = forms.ChoiceField(
        label="What to do with its text",
        choices=[
            (COMPARE, "Compare it with the draft, and take from it passage by passage"),
            (BELOW, "Add all of it below what is there"),
        ],
        widget=forms.RadioSelect,
        required=False,
        help_text="Nothing of the draft is replaced unless you tick the passage.",
    )
    field_order = ("file", "how")

    def __init__(self, *args: Any, has_words: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["how"] = COMPARE
        if not has_words:  # there is nothing to compare it with
            del self.fields["how"]


class PassagesForm(_WordStepForm):
    """The passages of a Word file that a person ticked; the file's text is carried along."""

    send_again = "save again"

    brought = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_brought(self) -> ImportedText:
        """The text as it was read from the file."""
        try:
            read = signing.loads(self.cleaned_data["brought"], salt=_SALT)
        except signing.BadSignature as error:
            raise forms.ValidationError("Please choose the file again.") from error
        return ImportedText(**{**read, **{name: tuple(read[name]) for name in _LISTS}})


class WordFilesMixin(RevisionPages):
    """The page on which the text of a Word file comes into a draft."""

    def word_urls(self) -> list[URLPattern]:
        """The address of the page."""
        view = self.admin_site.admin_view(self.word_view)
        return [path("<int:pk>/word/", view, name="education_revision_word")]

    def word_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read a Word file, add its text or show it beside the draft, and tell what is left out."""
        revision = self.revision_of(request, pk)
        if "brought" in request.POST:
            return self._take_passages(request, revision)
        draft = draft_of(revision)
        form = WordForm(
            request.POST or None,
            request.FILES or None,
            initial={"expected_version": revision.version},
            barred_from=barred_by_contributing(person_of(request), revision),
            has_words=bool(draft.body.strip()),
        )
        if request.method == "POST" and form.is_valid():
            name = form.cleaned_data["file"].name
            try:
                brought = read_word(form.cleaned_data["file"])
                if form.cleaned_data.get("how") == COMPARE:
                    return self._compare(request, revision, brought, name)
                body = "\n\n".join(part for part in (draft.body.strip(), brought.body) if part)
                title = draft.title if draft.title.strip() else brought.title or draft.title
                _save(request, revision, form, replace(draft, body=f"{body}\n", title=title))
            except _OthersWordsError as words:
                form.ask_first(str(words))
            except StaleError:
                form.add_error(None, f"{_STALE} Please send it again.")
                form.expect_version(revision.version)
            except (WordError, EditorialError) as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, brought.summary, messages.SUCCESS)
                left = []
                if brought.title and title != brought.title:
                    left = [f"The title of the file was not used: “{brought.title}”."]
                return self._done(request, revision, brought, name, left)
        return self.page(request, "word", revision, title="Bring in a Word file", form=form)

    def _compare(
        self, request: HttpRequest, revision: Revision, brought: ImportedText, name: str
    ) -> HttpResponse:
        """The file's passages beside the draft's, none of them ticked."""
        draft = draft_of(revision)
        brought = replace(brought, body=_with_citations(brought.body, draft.body))
        if not any(pair.differs for pair in _pairs(draft, brought)):
            self.message_user(
                request, "The file says what the draft says: nothing was changed.", messages.SUCCESS
            )
            return self._done(request, revision, brought, name, [])
        form = PassagesForm(
            initial={
                "expected_version": revision.version,
                "brought": signing.dumps(asdict(brought), salt=_SALT, compress=True),
                "name": name,
                "contributing": "contributing" in request.POST,
            },
            barred_from=barred_by_contributing(person_of(request), revision),
        )
        return self._passages_page(request, revision, form, brought, frozenset())

    def _take_passages(self, request: HttpRequest, revision: Revision) -> HttpResponse:
        """Save the draft with the passages that were ticked."""
        form = PassagesForm(
            request.POST,
            barred_from=barred_by_contributing(person_of(request), revision),
        )
        taken = frozenset(request.POST.getlist("take"))
        if not form.is_valid():
            brought = form.cleaned_data.get("brought")
            if brought is None:
                messages.error(request, "Nothing was saved: please choose the file again.")
                return redirect(reverse("admin:education_revision_word", args=[revision.pk]))
            return self._passages_page(request, revision, form, brought, taken)
        brought, draft = form.cleaned_data["brought"], draft_of(revision)
        pairs = _pairs(draft, brought)
        chosen = [pair for pair in pairs if pair.differs and pair.key in taken]
        title, *body = pairs
        changed = replace(
            draft,
            title=with_passages_taken([title], taken),
            body=f"{with_passages_taken(body, taken)}\n",
        )
        try:
            if not chosen:
                raise EditorialError("Nothing was ticked, so nothing was saved.")
            _save(request, revision, form, changed)
        except _OthersWordsError as words:
            form.ask_first(str(words))
        except StaleError:
            form.add_error(
                None,
                f"{_STALE} Nothing of yours was saved: here is the file beside the text as it is "
                "now. Passages that are as they were are still ticked.",
            )
            form.expect_version(revision.version)
        except EditorialError as refusal:
            form.add_error(None, str(refusal))
        else:
            count = len(chosen)
            message = f"{count} passage{'' if count == 1 else 's'} came from the file."
            self.message_user(request, message, messages.SUCCESS)
            left = [pair for pair in pairs if pair.differs and pair not in chosen]
            return self._done(
                request, revision, brought, form.cleaned_data["name"], _not_taken(left)
            )
        return self._passages_page(request, revision, form, brought, taken)

    def _passages_page(
        self,
        request: HttpRequest,
        revision: Revision,
        form: PassagesForm,
        brought: ImportedText,
        taken: frozenset[str],
    ) -> HttpResponse:
        return self.page(
            request,
            "word_passages",
            revision,
            title="What to take from the Word file",
            form=form,
            brought=brought,
            passages=_listed(_pairs(draft_of(revision), brought)),
            taken=taken,
        )

    def _done(
        self,
        request: HttpRequest,
        revision: Revision,
        brought: ImportedText,
        name: str,
        not_taken: Sequence[str],
    ) -> HttpResponse:
        """Tell what did not come along, offer the works that the file cites, and lead back."""
        for left in (*brought.left_behind, *not_taken):
            self.message_user(request, left, messages.WARNING)
        self._offer_works(request, name, brought.citations)
        return redirect(back_to(revision))

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


def _save(request: HttpRequest, revision: Revision, form: _WordStepForm, changed: Draft) -> None:
    """
    Save a draft with what came from a file.

    Raises ``_OthersWordsError`` when it then holds sentences of others who are not named in the
    tick that was sent, and whatever ``save_text`` refuses with.
    """
    by: User = person_of(request)
    there = others_words(draft_of(revision), revision.article, by)
    barred = others_words(changed, revision.article, by).keys() - there.keys()
    names = ", ".join(sorted(map(str, barred)))
    if names and names != request.POST.get("others", ""):
        raise _OthersWordsError(names)
    save_text(
        revision=revision,
        draft=changed,
        by=by,
        expected_version=form.cleaned_data["expected_version"],
    )


def _with_citations(body: str, draft: str) -> str:
    """The text of a file in which "[@key]" is a citation, where the draft cites that work too."""
    cited = set(_KEYS.findall(draft))

    def citation(match: re.Match[str]) -> str:
        words = match[1].replace("\\", "")
        return f"[{words}]" if cited.issuperset(_KEYS.findall(words)) else match[0]

    return _TYPED_CITATION.sub(citation, body)


def _pairs(draft: Draft, brought: ImportedText) -> list[PassagePair]:
    """The title, then the passages of the text; a file without a title leaves the draft's."""
    title = paired_titles(draft.title, brought.title or draft.title)
    return [title, *paired_passages(draft.body, brought.body)]


def _listed(pairs: Sequence[PassagePair]) -> list[tuple[str, PassagePair]]:
    """The pairs that differ, each with its place: the heading that it stands under."""
    listed, place = list[tuple[str, PassagePair]](), "Title"
    for pair in pairs:
        if pair.differs:
            listed.append((place, pair))
        if pair is pairs[0]:
            place = "Beginning of the text"
        heading = pair.mine or pair.theirs
        if heading.startswith("#"):
            place = f"Under “{heading.splitlines()[0].lstrip('# ')}”"
    return listed


def _not_taken(left: Sequence[PassagePair]) -> list[str]:
    """The passages of the file that a person did not take, as a list in one message."""
    passages = [" ".join(pair.theirs.split()) for pair in left if pair.theirs]
    if not passages:
        return []
    named = [
        f"“{words[:_LONGEST_NAMED]}{'…' if len(words) > _LONGEST_NAMED else ''}”"
        for words in passages[:_MOST_NAMED]
    ]
    if (more := len(passages) - _MOST_NAMED) > 0:
        named.append(f"and {more} more")
    items = format_html_join("", "<li>{}</li>", ([words] for words in named))
    return [format_html("Not taken from the file: <ul>{}</ul>", items)]
