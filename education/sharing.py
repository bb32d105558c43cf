"""What pages of other sites, or our own, may load from this one, by script or in a frame."""

import functools
from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]

# Seconds that a browser may remember what it was allowed (Fetch standard, CORS preflight).
_REMEMBERED = "86400"
_NO_DATA = ("text/html", "application/javascript")
_let_frame = csp_replace({"frame-ancestors": ["*"]})
_let_own_frame = csp_replace({"frame-ancestors": ["'self'"]})


def _given(response: HttpResponse, _request: HttpRequest) -> HttpResponse:
    return response


def open_to_others(
    *, fetch: str = "", asks: str = "", exposes: str = "", frame: str = ""
) -> Callable[[View], View]:
    """
    Let pages of any other site load what a view answers. It must not depend on a session.

    ``fetch``: the methods their scripts may use, such as ``GET, HEAD``, to read what is data (no
    page, no script); the OPTIONS that a browser sends first are answered here. ``asks`` and
    ``exposes``: the headers they may send and read beside the usual ones. ``frame``: the content
    type of answers that may stand in a frame of theirs.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def shared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if fetch and request.method == "OPTIONS":
                response = HttpResponse(status=204)
                del response["Content-Type"]
            else:
                response = view(request, *args, **kwargs)
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
            kind = response.get("Content-Type", "").partition(";")[0]
            if fetch and kind not in _NO_DATA:
                response["Access-Control-Allow-Origin"] = "*"
                response["Access-Control-Allow-Methods"] = f"{fetch}, OPTIONS"
                if asks:
                    response["Access-Control-Allow-Headers"] = asks
                if exposes:
                    response["Access-Control-Expose-Headers"] = exposes
                response["Access-Control-Max-Age"] = _REMEMBERED
            if frame and kind == frame:
                # What xframe_options_exempt sets, which knows a view only and not its answer.
                response.xframe_options_exempt = True
                _let_frame(functools.partial(_given, response))(request)
            return response

        return shared

    return decorate


def in_own_frame(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let pages of this site, and no other, show an answer in a frame."""
    response["X-Frame-Options"] = "SAMEORIGIN"
    _let_own_frame(functools.partial(_given, response))(request)
    return response
