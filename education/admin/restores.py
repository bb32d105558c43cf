"""What a restored backup brought back and is held: an editor-in-chief settles it."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from education.accounts.invitations import mail_link, why_by_hand
from education.admin.access import EditorialAdmin, number_of, person_of, roles_of, text_sent
from education.admin.sign_in import require_reauthentication
from education.errors import EditorialError
from education.people.models import Role
from education.publishing.models import RestoreHold
from education.safety.restores import settle

Outcome = RestoreHold.Outcome
MOST_SETTLED = 50


@admin.register(RestoreHold)
class RestoreHoldAdmin(EditorialAdmin):
    """One page: what is held, each with why, and what became of the rest."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """A restore alone holds."""
        return False

    def get_urls(self) -> list[Any]:
        """The list alone."""
        name = "education_restorehold_changelist"
        return [address for address in super().get_urls() if address.name == name]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List what is held; an editor-in-chief brings it back or keeps it off."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_settle = Role.EDITOR_IN_CHIEF in roles_of(request)
        holds = RestoreHold.objects.select_related(
            "publication", "person", "settled_by", "restored"
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Held after a restore",
            "holds": holds.waiting(),
            "settled": holds.exclude(settled_at=None).order_by("-settled_at", "-pk")[:MOST_SETTLED],
            "may_settle": may_settle,
            "chosen": request.POST.getlist("hold"),
            "reason": text_sent(request, "reason"),
        }
        if request.method == "POST":
            if not may_settle:
                raise PermissionDenied
            if page := require_reauthentication(request, context):
                return page
            if self._settle(request):
                return redirect("admin:education_restorehold_changelist")
        return TemplateResponse(request, "admin/education/restorehold/holds.html", context)

    def _settle(self, request: HttpRequest) -> bool:
        """Settle what was chosen; whether all of it could be."""
        numbers = [number for hold in request.POST.getlist("hold") if (number := number_of(hold))]
        outcome = Outcome.KEPT_OFF if request.POST.get("step") == "keep" else Outcome.BROUGHT_BACK
        if not numbers:
            messages.error(request, "Choose at least one page or account.")
            return False
        for hold in RestoreHold.objects.waiting().filter(pk__in=numbers):
            try:
                path = settle(
                    hold=hold,
                    by=person_of(request),
                    outcome=outcome,
                    reason=text_sent(request, "reason"),
                )
            except EditorialError as refusal:
                messages.error(request, f"{hold}: {refusal}")
                return False
            messages.success(request, f"{hold}: {outcome.label.lower()}.")
            if path:
                self._send_link(request, hold, f"{settings.SITE_URL}{path}")
        return True

    def _send_link(self, request: HttpRequest, hold: RestoreHold, link: str) -> None:
        """Mail the link to choose a password; who settles a hold never sees it."""
        assert hold.person is not None
        if problem := why_by_hand(hold.person) or mail_link(hold.person, link):
            message = f"{problem} An administrator invites {hold.person} under Users."
            messages.warning(request, message)
