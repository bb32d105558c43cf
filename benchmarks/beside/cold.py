"""
The site as it is for the first reader of each page: nothing is kept in the process.

The store before Django asks whether anything changed, as it always does, makes the page, compresses
it, and forgets it. With ``ALONE`` there is no other process that left it either.
"""

import os
from typing import Any

from benchmarks.beside.counted import counted
from portal.wsgi import application as _site


def _forget(_key: str, _kept: Any) -> None:
    pass


_site._keep = _forget  # type: ignore[method-assign]
if os.environ.get("ALONE"):
    _site._shared = None

application = counted(_site, beside="last_seen_outside")  # which asks for changes, not content
