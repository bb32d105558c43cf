"""Who comes in: people who work at a clinic's desk, each at their own."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from education.accounts.sessions import has_shown_enough
from education.handouts.models import Clinic
from education.handouts.pdf import left_out_of_print
from education.handouts.rules import clinic_of
from education.people.models import User

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request by somebody who works at a clinic's desk."""

    user: User
    clinic: Clinic
    left_out_of_print: str


def at_desk(
    view: Callable[Concatenate[DeskRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Open a page to people of a clinic, with the clinic at hand; its answers are never kept."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("clinic-sign-in"))
        if not has_shown_enough(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:second-step"))
        clinic = clinic_of(request.user)
        if clinic is None:
            return render(request, "clinics/no_desk.html", status=403)
        request.clinic = clinic  # type: ignore[attr-defined]
        request.left_out_of_print = left_out_of_print(clinic)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    kept: Callable[Concatenate[HttpRequest, P], HttpResponse] = never_cache(guarded)  # type: ignore[assignment]
    return kept
