"""
Signing in at the desk: the second step, one's own account, and showing again who one is.

``DeskSite`` gives these pages their addresses. All but ``account`` are open to somebody who has
given a password and nothing more.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
    redirect_to_login,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as remember_second_step
from django_otp.plugins.otp_totp.models import TOTPDevice

from education.accounts.forms import (
    CodeForm,
    ForgottenPasswordForm,
    GuardedMixin,
    ReauthenticationForm,
)
from education.accounts.invitations import (
    CONSOLE,
    LinkEndedError,
    send_forgotten_link,
    set_own_password,
    tokens,
)
from education.accounts.operations import (
    SecondStepError,
    active,
    confirm_device,
    device_to_set_up,
    end,
    rekey_session,
    renew_codes,
)
from education.accounts.rules import device_of, needs_second_step
from education.accounts.sessions import begin_sign_in, confirm, is_fresh, is_verified
from education.admin.access import person_of
from education.admin.mail_choices import MailForm
from education.admin.own_data import own_data
from education.handouts.rules import clinic_of
from education.people.models import User
from education.people.rules import desk_path

# Keys of telephones are nobody's to see.
admin.site.unregister(TOTPDevice)


NO_DESK = (
    "This account has no desk yet. A role opens one, once an administrator has given it and a "
    "second person has agreed; you get a mail then."
)


class DeskSignInForm(GuardedMixin, AdminAuthenticationForm):
    """Name and password of somebody who works at the desk, or who came to the wrong door."""

    def confirm_login_allowed(self, user: Any) -> None:
        """Take whoever has a desk, here or at a clinic; they are led to it."""
        if user.is_active and (user.is_staff or clinic_of(user)):
            return
        raise ValidationError(NO_DESK, "no_desk")


class NewDeviceForm(forms.Form):
    """The first code of a telephone."""

    code = forms.CharField(
        label="The code that the telephone shows now",
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text="Six digits; it changes every half minute.",
    )


def require_reauthentication(request: HttpRequest, context: dict[str, Any]) -> HttpResponse | None:
    """
    The page that asks who one is, before a step that can't be undone; None when that is fresh.

    What was typed goes with it and is sent on once the password is right.
    """
    if request.method != "POST" or is_fresh(request):
        return None
    person = person_of(request)
    is_sent = "confirm_password" in request.POST
    form = ReauthenticationForm(request.POST if is_sent else None, request=request, person=person)
    if is_sent and form.is_valid():
        confirm(request)
        return None
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", *ReauthenticationForm.base_fields}
        for value in values
    ]
    page = {**context, "title": "Is it still you?", "form": form, "typed": typed}
    return TemplateResponse(request, "admin/education/account/confirm.html", page)


class OwnPasswordPage(PasswordResetConfirmView):
    """
    Where somebody who was invited sets their own password; nobody is signed in by it.

    The link itself shows nothing: it moves its token into the session and goes on to an address
    without it. Whether a link is wrong, used or of nobody, the answer is the same.
    """

    site: admin.AdminSite | None = None
    token_generator = tokens
    template_name = "admin/education/account/set_password.html"
    title = "Choose your password"

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let nobody whom the page leads to know its address."""
        response = super().dispatch(*args, **kwargs)
        # Not less on the page with the form: browsers would no longer say who sends it.
        held = kwargs["token"] != self.reset_url_token
        response["Referrer-Policy"] = "no-referrer" if held else "same-origin"
        return response

    def get_user(self, uidb64: str) -> User | None:
        """Whom the link is for, unless the account is off."""
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password, once, and go to the door of the account."""
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, "")
        try:
            set_own_password(
                person=form.user, token=token, password=form.cleaned_data["new_password1"]
            )
        except LinkEndedError:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        at_clinic = desk_path(form.user) == reverse("clinic-desk")
        if form.user.is_staff or at_clinic:
            messages.success(self.request, "Your password is set. Sign in with it.")
        else:
            messages.success(self.request, f"Your password is set. {NO_DESK}")
        return redirect("clinic-sign-in" if at_clinic else "admin:login")

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The form, or that there is nothing at this address."""
        return super().render_to_response(context, **kwargs, status=200 if self.validlink else 404)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What every page of the desk shows to somebody not signed in."""
        assert self.site is not None
        context = {**self.site.each_context(self.request), **super().get_context_data(**kwargs)}
        if not self.validlink:
            context["title"] = "This link does not open any more"
        return context


class SigningPages:
    """The pages of an admin site about signing in."""

    def __init__(self, site: admin.AdminSite) -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        """Their addresses."""
        half_way: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("second-step/", "second-step", self.second_step),
            ("second-step/set-up/", "set-up", self.set_up),
        ]
        return [
            *(path(way, self._half_way(view), name=name) for way, name, view in half_way),
            path("forgotten-password/", never_cache(self.forgotten), name="forgotten-password"),
            path("account/", self.site.admin_view(self.account), name="account"),
            path(
                "password/<str:uidb64>/<str:token>/",
                OwnPasswordPage.as_view(site=self.site),
                name="set-password",
            ),
        ]

    def forgotten(self, request: HttpRequest) -> HttpResponse:
        """Mail a link to somebody who forgot their password; everybody gets the same answer."""
        form = ForgottenPasswordForm(request.POST or None, request=request)
        by_mail = settings.EMAIL_BACKEND != CONSOLE
        sent = request.method == "POST" and by_mail and form.is_valid()
        if sent:
            send_forgotten_link(form.cleaned_data["name"])
        title = "Forgotten password"
        return self._page(request, "forgotten", title=title, form=form, sent=sent, by_mail=by_mail)

    def second_step(self, request: HttpRequest) -> HttpResponse:
        """Take the code after the password."""
        person = person_of(request)
        goes_to = self._next(request)
        if is_verified(request):
            return redirect(goes_to)
        device = device_of(person)
        if device is None:
            query = urlencode({REDIRECT_FIELD_NAME: goes_to})
            return redirect(f"{reverse('admin:set-up')}?{query}")
        form = CodeForm(request.POST or None, request=request, person=person)
        if request.method == "POST" and form.is_valid():
            self._come_in(request, device)
            return redirect(goes_to)
        return self._page(request, "second_step", title="Your code", form=form, next=goes_to)

    def set_up(self, request: HttpRequest) -> HttpResponse:
        """Take a telephone into use: the first one, or another in its place."""
        person = person_of(request)
        if not needs_second_step(person):
            return redirect("admin:account")
        had = device_of(person)
        if had is not None and not is_verified(request):
            return redirect("admin:second-step")
        if had is not None and (
            page := require_reauthentication(request, self.site.each_context(request))
        ):
            return page
        form = NewDeviceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                codes = confirm_device(person=person, **form.cleaned_data)
            except SecondStepError as refusal:
                form.add_error("code", str(refusal))
            else:
                device = device_of(person)
                assert device is not None
                self._come_in(request, device)
                return self._codes(request, codes, self._next(request))
        device = device_to_set_up(person)
        drawing = segno.make(device.config_url, error="m").svg_inline(
            scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
        )
        secret = device.config_url.partition("secret=")[2].partition("&")[0]
        return self._page(
            request,
            "set_up",
            title="Set up the second step",
            form=form,
            drawing=drawing,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            next=self._next(request),
        )

    def account(self, request: HttpRequest) -> HttpResponse:
        """One's own sign-ins, mail, second step and recovery codes."""
        person = person_of(request)
        sign_ins = active(person)
        here = request.session.session_key
        if page := require_reauthentication(request, self.site.each_context(request)):
            return page
        step = request.POST.get("step", "")
        mail_form = MailForm(request.POST if step == "mail" else None, person=person)
        if step == "mail":
            if mail_form.is_valid():
                mail_form.save()
                messages.success(request, "Your mail comes as you chose from now on.")
                return redirect("admin:account")
        elif request.method == "POST":
            if step == "codes":
                if device_of(person) is None:
                    raise PermissionDenied
                return self._codes(request, renew_codes(person=person), reverse("admin:account"))
            if step == "data":
                return JsonResponse(
                    own_data(person),
                    json_dumps_params={"indent": 1, "ensure_ascii": False},
                    headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
                )
            elsewhere = [sign_in for sign_in in sign_ins if sign_in.session_key != here]
            if step != "all":
                elsewhere = [sign_in for sign_in in elsewhere if str(sign_in.pk) == step]
            ended = end(elsewhere)
            message = f"{ended} sign-in{'' if ended == 1 else 's'} ended."
            messages.success(request, message)
            return redirect("admin:account")
        return self._page(
            request,
            "account",
            title="Your account",
            sign_ins=sign_ins,
            here=here,
            mail_form=mail_form,
            device=device_of(person),
            codes_left=person.recovery_codes.filter(used_at=None).count(),
        )

    def _come_in(self, request: HttpRequest, device: TOTPDevice) -> None:
        """The second step is taken: a new session key, and the sign-in is listed."""
        was = request.session.session_key
        remember_second_step(request, device)
        request.session.cycle_key()
        if not rekey_session(was, request.session.session_key):
            begin_sign_in(request, person_of(request))

    def _codes(self, request: HttpRequest, codes: list[str], goes_to: str) -> HttpResponse:
        return self._page(request, "codes", title="Your recovery codes", codes=codes, next=goes_to)

    def _next(self, request: HttpRequest) -> str:
        """Where to go afterwards: a page of this site, else the desk."""
        target = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
        if url_has_allowed_host_and_scheme(
            target, {request.get_host()}, require_https=request.is_secure()
        ):
            return target
        return reverse("admin:index" if person_of(request).is_staff else "clinic-desk")

    def _half_way(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """For whoever has given their password and must or may take a second step."""

        def guarded(request: HttpRequest) -> HttpResponse:
            person = person_of(request)
            if not (person.is_active and (person.is_staff or needs_second_step(person))):
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            return view(request)

        protected = login_required(guarded, login_url="admin:login")
        return never_cache(sensitive_post_parameters()(protected))

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/education/account/{name}.html",
            {**self.site.each_context(request), **context},
        )
