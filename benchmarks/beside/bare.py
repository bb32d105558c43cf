"""Django with nothing but a view that gives bytes it holds: the files of the folder ``BODIES``."""

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

FOLDER = Path(os.environ["BODIES"])
HEADERS = json.loads((FOLDER / "headers.json").read_text("utf-8"))
BODIES = {name: (FOLDER / name).read_bytes() for name in HEADERS}


def page(request: HttpRequest, name: str) -> HttpResponse:
    """The bytes of that name."""
    return HttpResponse(BODIES[name], headers=HEADERS[name])


urlpatterns = [path("<name>", page)]
settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)
application = get_wsgi_application()
