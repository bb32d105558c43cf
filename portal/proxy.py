"""Who sends a request, where a proxy stands before the site."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse


def sender_behind_proxy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware: the sender is whom our own proxy names, last in ``X-Forwarded-For``.

    What stands before it in that header was written by the sender and proves nothing. Without
    ``BEHIND_PROXY`` the header is not read.
    """
    if not settings.BEHIND_PROXY:
        raise MiddlewareNotUsed

    def respond(request: HttpRequest) -> HttpResponse:
        named = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if named:
            request.META["REMOTE_ADDR"] = named
        return get_response(request)

    return respond
