"""The site as it is for the first reader of each page: nothing is cached, so each is made anew."""

from typing import Any

from portal.wsgi import application


def _forget(_key: str, _page: Any) -> None:
    pass


application._keep = _forget  # type: ignore[method-assign]
application.shared = None
