"""The site's settings, as tests need them: fast, and nothing from this machine's environment."""

import os
import tempfile

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="portal-tests-")
os.environ["SECRET_KEY"] = "only-for-tests-" * 5
for name in ("DEMO", "DEBUG", "ALLOWED_HOSTS", "HTTPS", "DEMO_PASSWORD", "EMAIL_URL"):
    os.environ.pop(name, None)

from portal.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
