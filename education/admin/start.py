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
from education.articles.shipped_texts import ShippedState, ShippedText, shipped_texts
from education.evidence.models import EvidenceItem
from education.evidence.shipped_changes import other_keys
from education.people.models import User
from education.publisher import PUBLISHER_SETTINGS, PublisherSetting
from education.review.pool import smallest_team

MOST_PEOPLE = 100
# Every site says these; education.publisher has what a publisher says of itself.
NAMES = (
    PublisherSetting("SITE_NAME", "The name of the site.", "home"),
    PublisherSetting("PUBLISHER_NAME", "Who publishes it.", "about"),
    PublisherSetting("SITE_URL", "The address that printed codes and mails lead to.", "home"),
)


class LoadForm(forms.Form):
    """Which of what ships is copied to this site."""

    evidence = forms.BooleanField(
        initial=True, label="The shipped evidence; the drafts cite it, and it comes along with them"
    )
    drafts = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Drafts"
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
    form = LoadForm(request.POST or None, texts=to_load)
    if request.method == "POST" and form.is_valid():
        _load(request, form.cleaned_data["drafts"])
        return redirect("admin:start")
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
            "people": [
                (person, [step for step in ready_steps(person) if not step.done])
                for person in people[:MOST_PEOPLE]
            ],
            "team": smallest_team(),
            "items": EvidenceItem.objects.count(),
            "here": len(texts) - len(to_load),
            "form": form,
            "to_load": to_load,
        },
    )


def _load(request: HttpRequest, drafts: list[str]) -> None:
    """Copy the shipped evidence, which every draft cites, and these drafts; all or nothing."""
    said = StringIO()
    try:
        call_command("load_evidence", stdout=said)
        if drafts:
            call_command("load_founding_content", only=drafts, stdout=said)
    except CommandError as error:
        messages.error(request, str(error))
        return
    messages.success(
        request,
        f"{EvidenceItem.objects.count()} evidence items and {len(drafts)} new drafts are here. "
        "Nothing is public: evidence waits to be verified, drafts to be reviewed.",
    )
