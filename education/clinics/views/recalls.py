"""Paper that is called back: answering a recall, and the clinic's feed of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from education.accounts.invitations import CONSOLE
from education.clinics.access import DeskRequest, at_desk
from education.clinics.forms import (
    LinkedAnswerForm,
    MailboxForm,
    RecallAnswerForm,
    WebhookForm,
)
from education.errors import EditorialError
from education.handouts.bounces import bounces
from education.handouts.codes import format_code
from education.handouts.copy_check import verdicts_of
from education.handouts.models import Clinic, PrintedCopy, RecallAnswer, RecallWebhook
from education.handouts.operations import (
    LinkedRecall,
    NothingToAnswerError,
    Receipt,
    agree_to_mailbox,
    answer_recall,
    answer_recall_by_link,
    ask_mailbox,
    clinic_of_link,
    end_receipt_key,
    new_idempotency_key,
    recall_of_link,
    renew_recall_key,
    renew_receipt_key,
)
from education.handouts.recall_lists import (
    Recall,
    RecallCause,
    drill_of,
    drills,
    recall_of,
    recalls_of,
)
from education.handouts.webhooks import end_webhook, set_webhook

LAST_DELIVERIES = 10


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: DeskRequest, code: str) -> HttpResponse:
    """Say what became of one print that is for the bin."""
    copies = PrintedCopy.objects.select_related("clinic")
    copy = get_object_or_404(copies, clinic=request.clinic, code=code.replace("-", "").upper())
    recall = recall_of(copy)
    drill = None if recall else drill_of(copy)
    if recall is None and drill is None:
        messages.success(request, "This paper may be used.")
        return redirect("clinic-copy", copy.code)
    form = RecallAnswerForm(request.POST or None, initial={"press": new_idempotency_key()})
    if request.method == "POST" and form.is_valid():
        try:
            saved = answer_recall(copy=copy, by=request.user, **form.cleaned_data)
        except EditorialError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Answered: {saved.in_words}.")
            # Where families have it, what to tell them stands on this page.
            return (
                redirect("clinic-bin-answer", copy.code)
                if saved.given_out and recall
                else redirect("clinic-bin")
            )
    context = {
        "clinic": request.clinic,
        "recall": recall or Recall(verdicts_of([copy])[0], copy),
        "drill": drill,
        "form": form,
        "given": _address(reverse("given-text", args=[format_code(copy.code)])),
    }
    status = 400 if form.errors else 200
    return render(request, "clinics/bin_answer.html", context, status=status)


# More prints than these are answered for at the desk, which has a page for each.
MOST_PRINTS_OF_A_LINK = 40


@dataclass
class LinkedPrint:
    """One print that the link in a mail answers for; ``form`` is None once it was answered."""

    copy: PrintedCopy
    answers: Sequence[RecallAnswer]
    form: LinkedAnswerForm | None

    @property
    def code(self) -> str:
        """Its code as it is printed."""
        return format_code(self.copy.code)

    @property
    def given(self) -> str:
        """Where families who have it read what became of it; empty if nobody has it."""
        if not any(answer.given_out for answer in self.answers):
            return ""
        return _address(reverse("given-text", args=[self.code]))


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """
    The page that the link in a mail about a recall opens: what became of its prints.

    Whoever has the link needs no account. Only the button writes: programs that look through mail
    open every link.
    """
    try:
        linked = recall_of_link(token)
    except EditorialError as refusal:
        refused = {"refusal": str(refusal)}
        return render(request, "clinics/answer_by_link.html", refused, status=404)
    prints = _linked_prints(linked, request.POST or None)
    problem = ""
    if request.method == "POST":
        forms = {row.copy.code: row.form for row in prints if row.form}
        are_valid = [form.is_valid() for form in forms.values()]  # of each, so that all errors show
        if all(are_valid):
            receipts = {
                code: Receipt(**form.cleaned_data)
                for code, form in forms.items()
                if form.says_something
            }
            try:
                if not receipts:
                    raise NothingToAnswerError(_nothing_said(prints, request.POST))
                answer_recall_by_link(token=token, receipts=receipts)
            except EditorialError as refusal:
                problem = str(refusal)
                prints = _linked_prints(linked, request.POST)
            else:
                return redirect("clinic-recall-link", token)
    context = {
        "of": linked.clinic,
        "cause": linked.cause,
        "prints": prints,
        "open": [row for row in prints if row.form],
        "more": max(0, len(linked.copies) - MOST_PRINTS_OF_A_LINK),
        "problem": problem,
    }
    has_problem = problem or any(row.form and row.form.errors for row in prints)
    status = 400 if has_problem else 200
    return render(request, "clinics/answer_by_link.html", context, status=status)


def _linked_prints(linked: LinkedRecall, posted: QueryDict | None) -> list[LinkedPrint]:
    """The prints of a link with a form for each that nobody answered for yet."""
    recalls = {recall.copy.pk: recall for recall in recalls_of(linked.clinic)}
    prints = []
    for copy in linked.copies[:MOST_PRINTS_OF_A_LINK]:
        recall = recalls.get(copy.pk)
        if recall:
            answers, is_answered = recall.answers, recall.is_answered
        else:
            answers = tuple(copy.recall_answers.filter(cause=linked.cause.name))
            is_answered = bool(answers)
        form = None if is_answered else LinkedAnswerForm(posted, prefix=copy.code)
        prints.append(LinkedPrint(copy, answers, form))
    return prints


def _nothing_said(prints: Sequence[LinkedPrint], posted: QueryDict) -> str:
    """Why an answer holds nothing to record: it was empty, or somebody else was quicker."""
    overtaken = [row.code for row in prints if not row.form and f"{row.copy.code}-binned" in posted]
    if overtaken:
        return f"Somebody answered for {', '.join(overtaken)} meanwhile. Nothing was recorded now."
    return "Say of one print at least what became of it."


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def feed_settings(request: DeskRequest) -> HttpResponse:
    """Where the clinic's feed of recalls is, and a new address for it."""
    if request.method == "POST":
        had_one = bool(request.clinic.recall_key)
        renew_recall_key(clinic=request.clinic, by=request.user)
        replaced = "The feed has a new address. The old one doesn’t answer any more."
        messages.success(
            request, replaced if had_one else "Your clinic has a feed now. Its address is below."
        )
        return redirect("clinic-recalls")
    return _settings(request)


@at_desk
@require_POST
def mailbox(request: DeskRequest) -> HttpResponse:
    """Give a shared address to which recalls are mailed, or end that."""
    form = MailboxForm(request.POST)
    if not form.is_valid():
        return _settings(request, mailbox=form)
    address = form.cleaned_data["mailbox"]
    try:
        clinic = ask_mailbox(clinic=request.clinic, by=request.user, address=address)
    except EditorialError as refusal:
        form.add_error("mailbox", str(refusal))
        return _settings(request, mailbox=form)
    if clinic.mailbox_asked and settings.EMAIL_BACKEND == CONSOLE:
        message = "Mail is not set up on this site, so no link can reach this mailbox yet."
    elif clinic.mailbox_asked:
        message = f"A link is on its way to {clinic.mailbox_asked}. Somebody there must agree."
    elif clinic.mailbox:
        message = f"Recalls are mailed to {clinic.mailbox}."
    else:
        message = "No mailbox is told of recalls. The people at this desk still are."
    messages.success(request, message)
    return redirect("clinic-recalls")


@at_desk
@require_POST
def webhook(request: DeskRequest) -> HttpResponse:
    """
    Say where the clinic's own system is told of recalls, or end that.

    The answer to this POST shows the new secret; no other page ever does.
    """
    if "end" in request.POST:
        end_webhook(clinic=request.clinic, by=request.user)
        messages.success(request, "Your system is told of nothing any more.")
        return redirect("clinic-recalls")
    form = WebhookForm(request.POST)
    if form.is_valid():
        address = form.cleaned_data["webhook"]
        try:
            _, secret = set_webhook(clinic=request.clinic, by=request.user, address=address)
        except EditorialError as refusal:
            form.add_error("webhook", str(refusal))
        else:
            return _settings(request, secret=secret)
    return _settings(request, webhook=form)


@at_desk
@require_POST
def receipt_key(request: DeskRequest) -> HttpResponse:
    """
    Make an address at which the clinic's own system answers recalls, or end it.

    The answer to this POST shows the address; no other page ever does.
    """
    if "end" in request.POST:
        end_receipt_key(clinic=request.clinic, by=request.user)
        messages.success(request, "No system can answer recalls for your clinic any more.")
        return redirect("clinic-recalls")
    key = renew_receipt_key(clinic=request.clinic, by=request.user)
    request.clinic.refresh_from_db()
    return _settings(request, key=key)


@sensitive_variables("secret", "key")
def _settings(
    request: DeskRequest,
    *,
    mailbox: MailboxForm | None = None,
    webhook: WebhookForm | None = None,
    secret: str = "",
    key: str = "",
) -> HttpResponse:
    clinic = request.clinic
    hook = RecallWebhook.objects.filter(clinic=clinic).first()
    forms = (
        mailbox or MailboxForm(initial={"mailbox": clinic.mailbox}),
        webhook or WebhookForm(initial={"webhook": hook.address if hook else ""}),
    )
    feed_key = clinic.recall_key
    receipts = _address(reverse("clinic-receipt", args=[key, "CODE"])) if key else ""
    context = {
        "clinic": clinic,
        "address": _address(reverse("clinic-recall-feed", args=[feed_key])) if feed_key else "",
        "receipts": receipts,
        "form": forms[0],
        "webhook_form": forms[1],
        "webhook": hook,
        "deliveries": hook.deliveries.order_by("-pk")[:LAST_DELIVERIES] if hook else (),
        "secret": secret,
        "bounced": bounces([clinic.mailbox, clinic.mailbox_asked, request.user.email]),
        "sends_mail": settings.EMAIL_BACKEND != CONSOLE,
    }
    status = 400 if any(form.errors for form in forms) else 200
    return render(request, "clinics/recalls.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """
    The page a link in a mailbox opens: whoever reads it agrees to mail, by a button.

    Only the button does it: programs that look through mail open every link.
    """
    try:
        clinic = clinic_of_link(token)
        if request.method == "POST":
            agree_to_mailbox(token=token)
    except EditorialError as refusal:
        return render(request, "clinics/mailbox.html", {"refusal": str(refusal)}, status=404)
    context = {"of": clinic, "agreed": request.method == "POST" or not clinic.mailbox_asked}
    return render(request, "clinics/mailbox.html", context)


@never_cache
@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """A clinic's recalls as Atom, for whoever has its address."""
    clinic = Clinic.objects.exclude(recall_key="").filter(recall_key=key).first()
    if clinic is None:
        raise Http404
    address = _address(reverse("clinic-recall-feed", args=[key]))
    made = Atom1Feed(
        title=f"{clinic.name}: paper that is called back",
        link=_address(reverse("clinic-bin")),
        description="",
        feed_url=address,
        feed_guid=address,
        author_name=settings.PUBLISHER_NAME,
        language="en",
    )
    for drill in drills(clinic):
        made.add_item(**_drill_entry(drill))
    for recall in recalls_of(clinic):
        made.add_item(**_entry(recall))
    response = HttpResponse(
        made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def _drill_entry(drill: RecallCause) -> dict[str, Any]:
    """A drill, said to be one in the title and the text."""
    (copy,) = drill.copies
    code = format_code(copy.code)
    return {
        "title": f"DRILL: {copy.title} ({code})",
        "link": _address(reverse("clinic-bin-answer", args=[copy.code])),
        "description": f"{drill.why} Printed on {copy.printed_on}, {copy.copies} copies.",
        "unique_id": f"tag:{urlsplit(settings.SITE_URL).hostname},2026:recall:{drill.name}",
        "pubdate": drill.at,
        "updateddate": drill.at,
    }


def _entry(recall: Recall) -> dict[str, Any]:
    """One recall: what, why, how many, what to print instead, and whether it was answered."""
    copy, verdict = recall.copy, recall.verdict
    days = [checked.since for checked in verdict.checked_texts if checked.since]
    since = max(days) if days else copy.printed_on
    instead = next((each.instead for each in verdict.checked_texts if each.instead_prints), None)
    lines = [
        verdict.why,
        f"Printed on {copy.printed_on}, {copy.copies} copies.",
        f"Print instead: {_address(reverse('handout-detail', args=[instead.slug]))}"
        if instead
        else "",
        "Answered." if recall.is_answered else "Not answered yet.",
    ]
    host = urlsplit(settings.SITE_URL).hostname
    at = timezone.make_aware(datetime.combine(since, time()))
    answered = [answer.answered_at for answer in recall.answers]
    return {
        "title": f"{verdict.label}: {copy.title} ({verdict.shown_code})",
        "link": _address(reverse("check-copy", args=[verdict.shown_code])),
        "description": " ".join(line for line in lines if line),
        "unique_id": f"tag:{host},2026:recall:{copy.code}:{recall.cause}",
        "pubdate": at,
        "updateddate": max([at, *answered]),
    }


def _address(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"
