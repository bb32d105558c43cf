"""
A name for what readers see now, that a web server before the portal can read with each request.

``DATA_DIR/shown`` is a link to a file whose name is new after every change. nginx puts what the
link leads to into the key of its store (``docs/deploy/nginx.conf``): when the name changes, it has
no page of the old name, and what it stores late lies under the old name, where nobody looks.
"""

import contextlib
import logging
import secrets
import time
from pathlib import Path

from django.conf import settings

# Seconds that an old name stays, for whoever is just following the link.
_STAYS = 60

logger = logging.getLogger(__name__)


def see(generation: str) -> None:
    """Turn the link, unless it says already that this generation is shown."""
    with contextlib.suppress(OSError):
        if _link().readlink().name.startswith(f"shown.{generation}."):
            return
    name_anew(generation)


def name_anew(generation: str = "") -> None:
    """Turn the link to a name that never was, if the disk can be written."""
    link = _link()
    name = f"shown.{generation}.{secrets.token_hex(8)}"
    try:
        link.with_name(name).touch()
        new = link.with_name(f"{name}.link")
        new.symlink_to(name)
        new.replace(link)
    except OSError as error:
        logger.info("Stores may show a page for a minute more: %s", error.strerror)
        return
    for old in link.parent.glob("shown.*"):
        with contextlib.suppress(OSError):  # another process was faster
            if old.name != name and time.time() - old.lstat().st_mtime > _STAYS:
                old.unlink()


def _link() -> Path:
    return Path(settings.DATA_DIR / "shown")
