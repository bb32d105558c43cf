"""When an address leads nowhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from education.public.publications import nearest


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say so, and offer what may have been meant."""
    last = request.path.rstrip("/").rpartition("/")[2]
    return render(request, "404.html", {"nearest": nearest(last)}, status=404)
