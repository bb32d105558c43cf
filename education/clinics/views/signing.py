"""Coming in and going out."""

from django.contrib.auth.views import LoginView, LogoutView

from education.clinics.forms import SignInForm

sign_in = LoginView.as_view(
    template_name="education/clinic_sign_in.html",
    authentication_form=SignInForm,
    next_page="clinic-desk",
)
sign_out = LogoutView.as_view(next_page="clinic-sign-in")
