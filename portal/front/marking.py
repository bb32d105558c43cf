"""Which answers are the same for everybody."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What the store looks for; without the store before it, an answer is asked about again each time.
PUBLIC = "public, max-age=0, must-revalidate"
READERS = "education.public.views."


def public_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware that marks the pages of readers as public, unless their view says something else.

    They are the same for everybody: no page of readers looks at a cookie or a session.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if (
            match is not None
            and match.func.__module__.startswith(READERS)
            and request.method in {"GET", "HEAD"}
            and response.status_code == 200
            and not response.streaming
            and not response.cookies
        ):
            response.setdefault("Cache-Control", PUBLIC)
        return response

    return respond
