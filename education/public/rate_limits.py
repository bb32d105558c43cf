"""No more of what costs us work than people ask for, from one connection; nothing is kept."""

import functools
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from education.pseudonyms import household

P = ParamSpec("P")
MINUTE = 60


class Minute:
    """How often each household asked in this minute, in this process; forgotten with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._asked: Counter[str] = Counter()

    def count(self, address: str) -> int:
        """Count one more; how many that is."""
        minute = int(time.time() / MINUTE)
        with self._lock:
            if minute != self._minute:
                self._minute, self._asked = minute, Counter()
            self._asked[household(address)] += 1
            return self._asked[household(address)]


def limited(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """
    Answer 429 to a household that asks more often than ``REQUESTS_A_MINUTE``, for that minute.

    The number is high enough for a whole clinic behind one address: it stops programs.
    """
    requests = Minute()

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if requests.count(str(request.META.get("REMOTE_ADDR", ""))) > settings.REQUESTS_A_MINUTE:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(MINUTE)
            add_never_cache_headers(response)
            return response
        return view(request, *args, **kwargs)

    return guarded
