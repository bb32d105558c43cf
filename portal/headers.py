"""Headers that say what a page may never do, beside the Content-Security-Policy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What the pages use of a device: nothing. The clipboard is written to when somebody asks for it.
NEVER = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def strict_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware: no page uses the device, and other sites can't take our files into their pages.

    A view that makes something for other sites says ``Cross-Origin-Resource-Policy`` itself.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", NEVER)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return respond
