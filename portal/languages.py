"""Which language a page speaks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from education.languages import current


def language_of_address(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware that speaks the language an address begins with, else English.

    Nothing else is looked at, no cookie and no ``Accept-Language``: a page is the same for
    everybody, so that stores on the way may keep it.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_path(request.path_info)
        with translation.override(language or settings.LANGUAGE_CODE):
            response = get_response(request)
            response.setdefault("Content-Language", current())
        return response

    return respond
