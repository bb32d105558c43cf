"""
What readers send: a report about a part of a page, and whether the page was clear.

These pages are nobody's to keep, set no cookie, and ask for nothing about the reader.
"""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from education.feedback.models import Report
from education.feedback.operations import TooManyError, count_clarity, take_report
from education.feedback.rules import DAYS_OTHERWISE, LONGEST_WORDS
from education.handouts.codes import CodeError, format_code, parse_code
from education.public.form_protection import AGAIN, StampedForm, is_from_here, stamp
from education.public.parts import contents_of
from education.public.publications import PageLink, current, page_of, publication_view, spoken_in
from education.public.rate_limits import limited
from education.publishing.models import Publication
from education.widgets import Textarea

WHOLE = _("The whole page")
ELSEWHERE = format_lazy("{} {}", _("This did not come from a form on our pages."), AGAIN)


class ReportForm(StampedForm):
    """What is wrong with which part of a page."""

    section = forms.ChoiceField(label=_("Which part of the page?"), required=False)
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Report.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about.")},
    )
    words = forms.CharField(
        label=_("Tell us more"),
        max_length=LONGEST_WORDS,
        widget=Textarea(attrs={"rows": 6}),
        help_text=_(
            "What did you expect, and what did you find? Please leave out names, addresses and "
            "anything about a child’s health. We don’t know who you are and can’t write back."
        ),
        error_messages={"required": _("Say in a few words what you found.")},
    )

    def __init__(self, *args: Any, sections: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["section"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", WHOLE), *sections.items()]


@csrf_exempt  # readers get no cookie; see ``sending``
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a report about a page as it is now; the answer appears under the report's number."""
    reading = publication_view(slug)
    if reading is None:
        raise Http404
    publication = reading.publication
    # The parts of the page by their places on it, as its list of contents names them.
    sections = dict(contents_of(reading.content)) if reading.is_open else {}
    initial = {
        "section": request.GET.get("section", ""),
        "kind": request.GET.get("kind", ""),
        "stamp": stamp(publication.pk),
    }
    typed = request.POST if request.method == "POST" else None
    form = ReportForm(typed, initial=initial, sections=sections)
    if request.method == "POST" and form.is_valid():
        if not is_from_here(request):
            form.add_error(None, ELSEWHERE)
        else:
            answers = {name: form.cleaned_data[name] for name in ("kind", "words", "section")}
            try:
                taken = take_report(
                    publication=_as_stamped(form, publication),
                    section_title=sections.get(answers["section"], ""),
                    form=form.name,
                    sender=request.META.get("REMOTE_ADDR", ""),
                    **answers,
                )
            except TooManyError as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("report", format_code(taken.number))
    form.renew(publication.pk)
    context = {
        "publication": publication,
        "form": form,
        "days": DAYS_OTHERWISE,
        "spoken_in": spoken_in(slug),
        "trail": [page_of(publication)],
    }
    status = 400 if form.errors else 200
    return render(request, "public/report_form.html", context, status=status)


@csrf_exempt  # the same
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def clear(request: HttpRequest, slug: str) -> HttpResponse:
    """Count whether a reader found a page clear; without an answer, ask."""
    publication = _current(slug)
    answer = request.POST.get("clear", "")
    problem = ""
    if request.method == "POST":
        if not is_from_here(request):
            problem = gettext("Your answer did not come from our pages. Please give it here.")
        elif answer not in {"yes", "no"}:
            problem = gettext("Choose one of the two answers.")
        else:
            # Who answers twice is thanked twice and counted once.
            count_clarity(
                publication=publication,
                is_clear=answer == "yes",
                sender=request.META.get("REMOTE_ADDR", ""),
            )
            return redirect(f"{reverse('clear', args=[slug])}?thanks={answer}")
    context = {
        "publication": publication,
        "thanks": request.GET.get("thanks", ""),
        "problem": problem,
        "spoken_in": spoken_in(slug),
        "trail": [page_of(publication)],
    }
    return render(request, "public/clear.html", context, status=400 if problem else 200)


@never_cache
@require_safe
def find_report(request: HttpRequest) -> HttpResponse:
    """Ask for the number of a report; one that was typed leads to its answer."""
    typed = request.GET.get("number", "")
    if "number" not in request.GET:
        return _ask_for_number(request)
    try:
        return redirect("report", format_code(parse_code(typed)))
    except CodeError:
        return _ask_for_number(request, typed)


@never_cache
@require_safe
@limited
def show_report(request: HttpRequest, number: str) -> HttpResponse:
    """What became of a report, for whoever has its number."""
    try:
        report = Report.objects.with_pages().get(number=parse_code(number))
    except (CodeError, Report.DoesNotExist):
        return _ask_for_number(request, number, status=404)
    context = {
        "report": report,
        "number": format_code(report.number),
        "answers": report.answers.all(),
        "is_public": current().filter(slug=report.publication.slug).exists(),
        "trail": [PageLink(gettext("Reports"), reverse("find-report"))],
    }
    return render(request, "public/report.html", context)


def _ask_for_number(request: HttpRequest, typed: str = "", status: int = 200) -> HttpResponse:
    message = gettext("We have no report with the number “{}”.")
    problem = message.format(typed[:40]) if typed else ""
    context = {"typed": typed, "problem": problem, "trail": []}
    return render(request, "public/find_report.html", context, status=status)


def _current(slug: str) -> Publication:
    publication: Publication = get_object_or_404(current(), slug=slug)
    return publication


def _as_stamped(form: StampedForm, publication: Publication) -> Publication:
    """The version that the reader was shown, which may have been replaced meanwhile."""
    shown = Publication.objects.filter(pk=form.subject, slug=publication.slug).first()
    if shown is None:
        raise Http404
    return shown
