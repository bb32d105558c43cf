"""Coming in and going out."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.shortcuts import redirect

from education.accounts.sessions import begin_sign_in, has_shown_enough
from education.clinics.forms import SignInForm
from education.handouts.rules import clinic_of
from education.people.models import User


class ClinicSignInView(LoginView):
    """Name and password of somebody who works at a clinic's desk."""

    template_name = "clinics/sign_in.html"
    authentication_form = SignInForm
    next_page = "clinic-desk"

    def form_valid(self, form: Any) -> HttpResponse:
        """List the sign-in when it is whole, and tell the person of one from a new browser."""
        response = super().form_valid(form)
        assert isinstance(self.request.user, User)
        if clinic_of(self.request.user) is None:  # their work is at the editors' desk
            response = redirect("admin:index")
        if has_shown_enough(self.request):
            begin_sign_in(self.request, self.request.user)
        return response


sign_in = ClinicSignInView.as_view()
sign_out = LogoutView.as_view(next_page="clinic-sign-in")
