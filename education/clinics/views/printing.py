"""Printing for the clinic: a press of a button, a code of its own, and the paper."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from education.canonical import digest
from education.clinics.access import DeskRequest, at_desk
from education.clinics.forms import CopiesForm, PersonalForm
from education.errors import EditorialError
from education.handouts.copy_check import verdicts_of
from education.handouts.letters import read_otherwise
from education.handouts.models import Pack, PrintedCopy
from education.handouts.operations import new_idempotency_key, print_copy, print_pack
from education.handouts.packs import addresses_of, lines_of
from education.handouts.pdf import (
    ConfirmFirstError,
    ExtraNotices,
    copy_pdf,
    options_as_record,
    options_from_record,
)
from education.handouts.personal import PersonalDetails
from education.handouts.print_options import (
    SAVED_CHOICES,
    fields_of,
    in_words,
    options_of,
    own_in_words,
)
from education.handouts.rules import reasons_against_printing
from education.handouts.typesetting import PrintOptions
from education.publishing.models import Publication
from education.publishing.status import evidence_notices, shown_content
from education.safety.notes import notes_above

LANGUAGE = "en"


# What is typed for one family stands in no report of an error.
_nothing_of_a_family = sensitive_post_parameters("age", "gmfcs", "note")


@_nothing_of_a_family
@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def print_handout(request: DeskRequest, slug: str) -> HttpResponse:
    """Choose how, press once, and the PDF opens."""
    address = (slug, _language(request))
    publication = Publication.objects.current().filter(slug=slug, language=address[1]).first()
    if publication is None:
        raise Http404
    standing = evidence_notices(publication)
    comparison = shown_content(publication, standing)["comparison"]
    rows = comparison["rows"] if comparison else []
    options = _options(request, questions=[row["slug"] for row in rows])
    context = {
        "title": publication.title,
        "refused": " ".join(reasons_against_printing(standing)),
        "questions": [
            (row["slug"], row["question"], options.prints_question(row["slug"])) for row in rows
        ],
    }

    def print_now(**how: Any) -> PrintedCopy:
        return print_copy(
            clinic=request.clinic,
            by=request.user,
            slug=slug,
            language=address[1],
            options=options,
            beside=_beside([address]),
            **how,
        )

    return _print(request, options, context, print_now)


@_nothing_of_a_family
@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def print_whole_pack(request: DeskRequest, number: int) -> HttpResponse:
    """The same for a pack: one PDF, one code."""
    pack = get_object_or_404(Pack.objects.in_use(), pk=number, clinic=request.clinic)
    addresses = addresses_of(pack)
    lines = lines_of(addresses, pack)
    context = {
        "title": pack.name,
        "pack": pack,
        "lines": lines,
        "own": [
            (line.title, words)
            for line, item in zip(lines, pack.items.all(), strict=True)
            for own in [item.options]
            if (words := own_in_words(own, line.questions(own.get("questions", ()))))
        ],
        "refused": " ".join(f"{line.title}: {line.why_not}" for line in lines if line.why_not),
    }
    options = _options(request)

    def print_now(**how: Any) -> PrintedCopy:
        return print_pack(
            pack=pack, by=request.user, options=options, beside=_beside(addresses), **how
        )

    return _print(request, options, context, print_now)


@at_desk
@require_safe
def copy_detail(request: DeskRequest, code: str) -> HttpResponse:
    """One line of what was printed, and what became of it."""
    copy = _own(request, code)
    (verdict,) = verdicts_of([copy])
    context = {
        "clinic": request.clinic,
        "copy": copy,
        "verdict": verdict,
        "how": in_words(options_from_record(copy.options)),
    }
    return render(request, "clinics/copy.html", context)


@at_desk
@require_safe
def copy_file(request: DeskRequest, code: str) -> HttpResponse:
    """The PDF of what was printed, while it may be."""
    return _file(request, _own(request, code))


@sensitive_variables("personal")
def _file(
    request: DeskRequest, copy: PrintedCopy, personal: PersonalDetails | None = None
) -> HttpResponse:
    """The PDF of a copy; what is for one family is in this answer and nowhere else."""
    addresses = [
        (part.publication.slug, part.publication.language)
        for part in copy.parts.select_related("publication")
    ]
    try:
        pdf = copy_pdf(copy, beside=_beside(addresses), personal=personal)
    except EditorialError as refusal:
        context = {"clinic": request.clinic, "refusal": str(refusal), "copy": copy}
        return render(request, "clinics/not_printed.html", context, status=409)
    headers = {"Content-Disposition": f'inline; filename="{copy.code}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _print(
    request: DeskRequest,
    options: PrintOptions,
    context: dict[str, Any],
    print_now: Callable[..., PrintedCopy],
) -> HttpResponse:
    """Show the form, or print: a refusal is shown as it is and nothing typed is lost."""
    form = CopiesForm(request.POST or None, initial={"press": new_idempotency_key()})
    personal = PersonalForm(request.POST or None)
    must_confirm = False
    if request.method == "POST" and all([form.is_valid(), personal.is_valid()]):
        choices = form.cleaned_data
        # The same click with other options is another print.
        name = digest([choices["press"], options_as_record(options), choices["copies"]])[:36]
        try:
            copy = print_now(
                copies=choices["copies"], press=name, confirmed="confirm" in request.POST
            )
        except ConfirmFirstError as question:
            must_confirm = True
            form.add_error(None, str(question))
        except EditorialError as refusal:
            form.add_error(None, str(refusal))
        else:
            if personal.details:
                return _file(request, copy, personal.details)
            return redirect("clinic-copy-pdf", copy.code)
    shown = {
        "clinic": request.clinic,
        "form": form,
        "personal": personal,
        "fields": fields_of(options),
        "must_confirm": must_confirm,
        "read_otherwise": read_otherwise(f"{request.clinic} {personal['note'].value() or ''}"),
    }
    status = 400 if form.errors or personal.errors else 200
    return render(request, "clinics/print.html", {**context, **shown}, status=status)


def _asked(request: DeskRequest) -> Any:
    return request.POST if request.method == "POST" else request.GET


def _options(request: DeskRequest, questions: Collection[str] = ()) -> PrintOptions:
    """What is chosen, or what this clinic usually chooses."""
    usual = {name: getattr(request.clinic, name) for name in SAVED_CHOICES}
    return options_of(_asked(request), questions=questions, defaults=usual)


def _language(request: DeskRequest) -> str:
    return str(_asked(request).get("language", "")[:12] or LANGUAGE)


def _own(request: DeskRequest, code: str) -> PrintedCopy:
    """A copy of this clinic; another's is as if it were not there."""
    copies = PrintedCopy.objects.select_related("clinic", "pack")
    return get_object_or_404(copies, clinic=request.clinic, code=code.replace("-", "").upper())


def _beside(addresses: Iterable[tuple[str, str]]) -> ExtraNotices:
    """Emergency notes stand on paper as on the page."""
    return {address: [note.text for note in notes_above(*address)] for address in addresses}
