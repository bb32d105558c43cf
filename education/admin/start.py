"""The administrator's page about the whole site: what its settings say, its people, what ships."""

from io import StringIO
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from education.accounts.invitations import CONSOLE
from education.accounts.ready import ready_steps
from education.admin.access import person_of
from education.admin.first_month import first_month
from education.articles.shipped_texts import ShippedState, ShippedText, shipped_texts
from education.errors import EditorialError
from education.evidence.models import EvidenceItem
from education.evidence.shipped_changes import other_keys
from education.people.mail_check import confirm_test_mail, send_test_mail, state_of_mail
from education.people.models import MailTest, User
from education.publisher import PUBLISHER_SETTINGS, PublisherSetting
from education.publishing.team import smallest_team

MOST_PEOPLE = 100
# Every site says these; education.publisher has what a publisher says of itself.
NAMES = (
    PublisherSetting("SITE_NAME", "The name of the site.", "home"),
    PublisherSetting("PUBLISHER_NAME", "Who publishes it.", "about"),
    PublisherSetting("SITE_URL", "The address that printed codes and mails lead to.", "home"),
)


class TestMailForm(forms.Form):
    """Where a test mail goes."""

    address = forms.EmailField(
        label="Send a test mail to",
        help_text="One that you can read now, best outside this site’s own mail.",
    )


class ArrivedForm(forms.Form):
    """The code that arrived."""

    code = forms.CharField(
        label="Code in the test mail",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Shows that mail of this site arrives.",
    )


class LoadForm(forms.Form):
    """Which of what ships is copied to this site."""

    evidence = forms.BooleanField(
        initial=True, label="The shipped evidence; the drafts cite it, and it comes along with them"
    )
    drafts = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Drafts",
        help_text="Each comes as a draft that your own people check, review and publish.",
    )

    def __init__(self, *args: Any, texts: list[ShippedText], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["drafts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (
                text.file.fields["slug"],
                f"{text.draft.title} (class {text.file.fields['risk_class']})",
            )
            for text in texts
        ]


def start_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show an administrator what the site still lacks, and copy what ships where they choose it."""
    if not request.user.is_superuser:
        raise PermissionDenied
    texts = shipped_texts(other_keys())
    to_load = [text for text in texts if text.state == ShippedState.NEW]
    step = request.POST.get("step", "load") if request.method == "POST" else ""
    form = LoadForm(request.POST if step == "load" else None, texts=to_load)
    mail_form = TestMailForm(
        request.POST if step == "send" else None,
        initial={"address": person_of(request).email},
        prefix="mail",
    )
    arrived_form = ArrivedForm(request.POST if step == "arrived" else None, prefix="arrived")
    if (
        (step == "load" and form.is_valid() and _load(request, form))
        or (step == "send" and mail_form.is_valid() and _send(request, mail_form))
        or (step == "arrived" and arrived_form.is_valid() and _arrived(request, arrived_form))
    ):
        return redirect("admin:start")
    mail_arrives, about_mail = state_of_mail()
    people = User.objects.prefetch_related("groups").order_by("display_name", "username")
    return TemplateResponse(
        request,
        "admin/education/start.html",
        {
            **site.each_context(request),
            "title": "Start the site",
            "settings": [*NAMES, *PUBLISHER_SETTINGS],
            "is_named": settings.PUBLISHER_NAME != "Demonstration publisher",
            "sends_mail": settings.EMAIL_BACKEND != CONSOLE,
            "mail_arrives": mail_arrives,
            "about_mail": about_mail,
            "mail_test": MailTest.objects.first(),
            "mail_form": mail_form,
            "arrived_form": arrived_form,
            "people": [
                (person, [step for step in ready_steps(person) if not step.done])
                for person in people[:MOST_PEOPLE]
            ],
            "team": smallest_team(),
            "weeks": first_month(),
            "items": EvidenceItem.objects.count(),
            "here": len(texts) - len(to_load),
            "form": form,
            "to_load": to_load,
        },
    )


def _load(request: HttpRequest, form: LoadForm) -> bool:
    """Copy the shipped evidence, which every draft cites, and drafts, all or nothing; say which."""
    drafts = form.cleaned_data["drafts"]
    output = StringIO()
    try:
        call_command("load_evidence", stdout=output)
        if drafts:
            call_command("load_founding_content", only=drafts, stdout=output)
    except CommandError as error:
        messages.error(request, str(error))
        return True
    messages.success(
        request,
        f"{EvidenceItem.objects.count()} evidence items and {len(drafts)} new drafts are here. "
        "Nothing is public: evidence waits to be verified, drafts to be reviewed.",
    )
    return True


def _send(request: HttpRequest, form: TestMailForm) -> bool:
    """Send a test mail; whether a server took it."""
    test = send_test_mail(form.cleaned_data["address"])
    if test.error:
        form.add_error("address", f"The mail was not sent. {test.error}")
        return False
    messages.success(request, f"A mail went to {test.address}. Type its code when it arrives.")
    return True


def _arrived(request: HttpRequest, form: ArrivedForm) -> bool:
    """Take the code of a test mail; whether it was the right one."""
    try:
        test = confirm_test_mail(form.cleaned_data["code"])
    except EditorialError as refusal:
        form.add_error("code", str(refusal))
        return False
    messages.success(request, f"Mail to {test.address} arrives.")
    return True
