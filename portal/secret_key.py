"""The secret key of a site that was given none."""

import os
import secrets
from pathlib import Path


def stored_secret_key(data_dir: Path) -> str:
    """
    Return the key kept in ``data_dir/secret-key``, making it on the first run.

    Two processes that start together agree: the file is written aside and linked into place, so
    it is whole or not there, and whoever comes second reads the first one's.
    """
    path = data_dir / "secret-key"
    if not path.exists():
        mine = data_dir / f".secret-key-{os.getpid()}"
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text(encoding="ascii").strip()
