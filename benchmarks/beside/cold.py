"""
The site as it is for the first reader after a change, with each request.

The store before Django asks whether anything changed, as it always does, and is told each time that
it did: so it makes every page anew, compresses it and keeps it in vain.
"""

from collections.abc import Callable
from itertools import count

from benchmarks.beside.counted import counted
from portal.front import generation

_counter = generation.counter


def _always_another() -> Callable[[], str]:
    ask, numbers = _counter(), count()

    def now() -> str:
        ask()
        return str(next(numbers))

    return now


generation.counter = _always_another

from portal.wsgi import application as _site  # noqa: E402 - it takes the counter as it is now

application = counted(_site, beside="last_seen_outside")  # which is that question, not content
