"""The clinic's people: who works at its desk, and what those who manage them do about it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from education.accounts.invitations import mail_link, why_by_hand
from education.clinics.access import DeskRequest, at_desk
from education.clinics.forms import ColleagueForm, EndAccessForm, InvitationForm
from education.errors import EditorialError
from education.handouts.colleagues import (
    end_access,
    invite_colleague,
    renew_link,
    set_manages_people,
    waits_for_password,
)
from education.handouts.rules import manages_people_of
from education.people.models import User


@at_desk
@sensitive_variables("link")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: DeskRequest) -> HttpResponse:
    """Everybody at this desk; whoever manages them invites another."""
    manages = manages_people_of(request.clinic, request.user)
    form = InvitationForm(request.POST or None)
    link = ""
    if request.method == "POST":
        if not manages:
            raise PermissionDenied
        if form.is_valid():
            try:
                person, link = invite_colleague(
                    clinic=request.clinic, by=request.user, **form.cleaned_data
                )
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                if not why_by_hand(person):
                    _mail(request, person, link)
                    return redirect("clinic-people")
                form = InvitationForm()
    staff = request.clinic.staff.select_related("person").order_by("person__username")
    context = {
        "clinic": request.clinic,
        "manages": manages,
        "form": form,
        "link": link,
        "staff": [(member, not member.person.has_usable_password()) for member in staff],
    }
    status = 400 if form.errors else 200
    return render(request, "clinics/people.html", context, status=status)


@at_desk
@sensitive_variables("link")
@require_http_methods(["GET", "HEAD", "POST"])
def colleague(request: DeskRequest, number: int) -> HttpResponse:
    """One colleague: whether they manage people, a new link, and the end of their access."""
    if not manages_people_of(request.clinic, request.user):
        raise PermissionDenied
    others = request.clinic.staff.select_related("person").exclude(person=request.user)
    staff = get_object_or_404(others, pk=number)
    person = staff.person
    step = request.POST.get("do", "")
    stored = {"manages_people": staff.manages_people}

    def typed(name: str) -> Any:
        return request.POST if request.method == "POST" and step == name else None

    form = ColleagueForm(typed("save"), initial=stored)
    manages = "manages people" if staff.manages_people else "does not manage people"
    ending = EndAccessForm(typed("end"), stands=[f"{person} {manages}."], prefix="end")
    link = ""
    try:
        if step == "save" and form.is_valid():
            set_manages_people(
                staff=staff, manages=form.cleaned_data["manages_people"], by=request.user
            )
            messages.success(request, f"Saved for {person}.")
            return redirect("clinic-people")
        if step == "end" and ending.is_valid():
            end_access(staff=staff, by=request.user)
            messages.success(request, f"{person} does not work at this desk any more.")
            return redirect("clinic-people")
        if step == "link":
            link = renew_link(staff=staff, by=request.user)
            if not why_by_hand(person):
                _mail(request, person, link)
                return redirect("clinic-people")
    except EditorialError as refusal:
        messages.error(request, str(refusal))
        return redirect("clinic-people")
    context = {
        "clinic": request.clinic,
        "person": person,
        "form": form,
        "ending": ending,
        "waits": waits_for_password(person),
        "link": link,
    }
    status = 400 if form.errors or ending.errors else 200
    return render(request, "clinics/colleague.html", context, status=status)


@sensitive_variables("link")
def _mail(request: DeskRequest, person: User, link: str) -> None:
    """Send the link, and say whether it went out."""
    failure = mail_link(
        person,
        link,
        opening=f"{request.user} lets you work at the desk of {request.clinic}. "
        f"Your user name there: {person.username}",
        closing="If you did not expect this, do nothing.",
    )
    if failure:
        messages.error(
            request, f"The mail to {person.email} did not go out. Send {person} a new link later."
        )
    else:
        messages.success(
            request,
            f"{person} has a link by mail, to choose a password. User name: {person.username}",
        )
