"""Proposals at the desk: changes that take effect when a second person agrees."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from education.admin.access import EditorialAdmin, person_of
from education.admin.sign_in import require_reauthentication
from education.errors import EditorialError
from education.people.models import User


class DecisionFilter(admin.BooleanFieldListFilter):
    """Proposals by what a second person said; Django would call those that wait "Unknown"."""

    NAMES: ClassVar[dict[str, str]] = {"Yes": "Agreed", "No": "Refused", "Unknown": "Waiting"}

    def choices(self, changelist: Any) -> Any:
        """The same choices, by their names here."""
        for choice in super().choices(changelist):
            name = str(choice["display"])
            yield choice | {"display": self.NAMES.get(name, name)}


class ProposalAdmin(EditorialAdmin):
    """Lists proposals, and has a step that accepts or refuses one (``decision``)."""

    accepting = "agree"  # the decision that accepts; anything else refuses
    accepted_message = "Agreed."
    asks_password = True

    def decide(self, *, proposal: Any, by: User, accepted: bool) -> Any:
        """Call the operation that decides; an ``EditorialError`` is shown as a message."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        """Add the step that decides."""
        decide = self.admin_site.admin_view(require_POST(self.decide_view))
        name = f"education_{self.opts.model_name}_decide"
        return [path("<int:pk>/decide/", decide, name=name), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Accept or refuse, and go back to the proposal."""
        proposal = get_object_or_404(self.model, pk=pk)
        if not self.has_view_permission(request, proposal):
            raise PermissionDenied
        if self.asks_password and (
            page := require_reauthentication(request, self.admin_site.each_context(request))
        ):
            return page
        accepted = request.POST.get("decision") == self.accepting
        try:
            self.decide(proposal=proposal, by=person_of(request), accepted=accepted)
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            outcome = self.accepted_message if accepted else "Refused."
            self.message_user(request, outcome, messages.SUCCESS)
        return redirect(f"admin:education_{self.opts.model_name}_change", pk)
