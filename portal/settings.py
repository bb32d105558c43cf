"""
One settings file, read from the environment.

Everything works with nothing set: SQLite in ``var/``, localhost only, a secret key made on the
first run. ``docs/settings.md`` lists the variables.
"""

import logging
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from csp.constants import NONCE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from pythonjsonlogger.core import RESERVED_ATTRS

from portal.environment import NamedEnv, naming
from portal.secret_key import stored_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = NamedEnv()

# State that is not code: database, collected static files, secret key. Ignored by git.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
with naming("DATA_DIR", "a folder in which the site may write"):
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = env.str("SECRET_KEY", default="") or stored_secret_key(DATA_DIR)

DEBUG = env.bool("DEBUG", default=False)
# Keys of before: what was signed with one still holds, nothing new is (docs/operate.md).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# A demonstration site: role accounts, and a notice on every page and paper that no clinician has
# reviewed the text. On under start.py, off otherwise.
DEMO = env.bool("DEMO", default=False)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")

# Named on every page and handout.
SITE_NAME = env.str("SITE_NAME", default="Stem cells or rhizotomy?")
PUBLISHER_NAME = env.str("PUBLISHER_NAME", default="Demonstration publisher")
# Where printed codes and mails point to; needed where there is no request.
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{env.int('PORT', default=8000)}")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")

# Under which licence its texts may be used again. Those that ship are CC BY 4.0.
CONTENT_LICENCE = env.str("CONTENT_LICENCE", default="https://creativecommons.org/licenses/by/4.0/")

# What a publisher of health information says of itself; education.publisher says what each is for.
# A page leaves out what is not set, and ``check --deploy`` asks for it.
PUBLISHER_ADDRESS = env.str("PUBLISHER_ADDRESS", default="", multiline=True)
PUBLISHER_REGISTRATION = env.str("PUBLISHER_REGISTRATION", default="", multiline=True)
CONTACT_PHONE = env.str("CONTACT_PHONE", default="")
RESPONSIBLE_PERSON = env.str("RESPONSIBLE_PERSON", default="", multiline=True)
FUNDING_STATEMENT = env.str("FUNDING_STATEMENT", default="", multiline=True)
ADVERTISING_STATEMENT = env.str("ADVERTISING_STATEMENT", default="", multiline=True)
EMERGENCY_NUMBER = env.str("EMERGENCY_NUMBER", default="")
EMERGENCY_TEXT = env.str("EMERGENCY_TEXT", default="", multiline=True)
DISCLAIMER = env.str("DISCLAIMER", default="", multiline=True)
ACCESSIBILITY_STATEMENT = env.str("ACCESSIBILITY_STATEMENT", default="", multiline=True)
ACCESSIBILITY_COMPLAINTS = env.str("ACCESSIBILITY_COMPLAINTS", default="", multiline=True)
DATA_CONTROLLER = env.str("DATA_CONTROLLER", default="", multiline=True)
DATA_LEGAL_BASIS = env.str("DATA_LEGAL_BASIS", default="", multiline=True)
DATA_COMPLAINTS = env.str("DATA_COMPLAINTS", default="", multiline=True)

# Who is asked for the details of published works when an editor imports them, by check_evidence
# what became of them, and by watch_evidence what is new; and how long to wait. Https, or plain http
# on this machine for trials. Beside these, PASSWORD_RANGE_URL, the webhooks of clinics and what an
# operator names (mail, CACHE_URL, PURGE_URL), the site asks nobody.
CROSSREF_API_URL = env.str("CROSSREF_API_URL", default="https://api.crossref.org")
NCBI_API_URL = env.str("NCBI_API_URL", default="https://api.ncbi.nlm.nih.gov")
EUTILS_API_URL = env.str("EUTILS_API_URL", default="https://eutils.ncbi.nlm.nih.gov")
CLINICAL_TRIALS_API_URL = env.str("CLINICAL_TRIALS_API_URL", default="https://clinicaltrials.gov")
EVIDENCE_FETCH_SECONDS = env.float("EVIDENCE_FETCH_SECONDS", default=10.0)

INSTALLED_APPS = [
    "portal.admin_config.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "education",
    "portal.cache",
    "portal.operating",
]

MIDDLEWARE = [
    "portal.operating.logs.named_requests",
    "portal.proxy.sender_behind_proxy",
    "portal.headers.strict_headers",
    "portal.cache.middleware.mark_public",
    "portal.languages.language_of_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "portal.sessions.session_rules",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.operating.failing.remembers_what_was_done",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "education.public.context.site",
            ],
        },
    },
]

with naming("DATABASE_URL", "such as postgres://user:password@host/name or sqlite:////file"):
    DATABASES = {
        "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}"),
    }
    _engine = DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if _engine not in {"sqlite3", "postgresql"}:
        raise ValueError(_engine)
    # django-environ leaves some options of the URL as strings; Django wants these as numbers.
    _age = DATABASES["default"].pop("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_MAX_AGE"] = None if _age in (None, "None") else int(_age)
if _engine == "sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue instead of failing: with Django's defaults 159 of 240 concurrent writes
        # were lost in a trial, with these none.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what was done stays done when the power goes. With NORMAL the last steps, such as
        # a withdrawal, may be lost.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        ),
    }
    # Opening the file anew costs 3 ms, a quarter of what a page takes to make.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Those of libpq, which the URL may set otherwise. A server that is away is noticed soon:
    # readers wait for it before they get a cached page. A network that is gone ends a connection.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,  # seconds
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,  # milliseconds
        # Who waits for somebody else's lock is told after as long as with SQLite.
        "options": "-c lock_timeout=20s",
        **DATABASES["default"].get("OPTIONS", {}),
    }

# Where web processes give each other readers' pages (portal/cache/shared.py), if anywhere. Nothing
# else uses Django's cache: while it is away, nothing is missed.
CACHE_URL = env.str("CACHE_URL", default="")
if CACHE_URL:
    with naming("CACHE_URL", "a Redis server, such as redis://host:6379/0"):
        CACHES: dict[str, dict[str, Any]] = {"default": env.cache_url("CACHE_URL")}
        if not CACHES["default"]["BACKEND"].endswith("RedisCache"):
            raise ValueError(CACHE_URL)
    CACHES["default"].setdefault("OPTIONS", {}).update(
        serializer="django.core.signing.JSONSerializer",
        socket_timeout=0.1,
        socket_connect_timeout=0.1,
    )

# Who is told which pages changed, by POST (portal/cache/purge.py), and what we say who we are.
PURGE_URL = env.str("PURGE_URL", default="")
PURGE_TOKEN = env.str("PURGE_TOKEN", default="")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "education.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "education.accounts.passwords.NotAboutUsValidator"},
    {"NAME": "education.accounts.passwords.NotStolenValidator"},
]
# Who knows which passwords were stolen; it hears five digits of a hash. Empty: nobody is asked.
PASSWORD_RANGE_URL = env.str(
    "PASSWORD_RANGE_URL", default="" if DEMO else "https://api.pwnedpasswords.com/range"
)
LOGIN_URL = "admin:login"
# Where a sign-in leads that asked for no page.
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60  # seconds that a link to set one's password is good

# What one household may ask of search and of the check of codes, of each process.
REQUESTS_A_MINUTE = 120

# A code from a telephone after the password, for everybody at the desk.
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=not DEMO)
# The same for people at a clinic's desk. Off by itself: on many wards nobody may carry a telephone.
CLINIC_SECOND_FACTOR = env.bool("CLINIC_SECOND_FACTOR", default=False)
OTP_TOTP_ISSUER = SITE_NAME
OTP_TOTP_THROTTLE_FACTOR = 0  # failures of either step count together, in education.accounts

# The desk is in English. Readers may choose among English and these, such as "zh-hans": each needs
# every word of the site translated and approved by a qualified reader (docs/languages.md).
LANGUAGE_CODE = "en-gb"
READER_LANGUAGES = env.list("READER_LANGUAGES", default=[])
LANG_INFO.setdefault("en-xa", {"bidi": False, "code": "en-xa", "name_local": "Ţéšţ ļåñĝûåĝé"})
LANGUAGES = [
    (LANGUAGE_CODE, "English"),
    *((code, LANG_INFO.get(code, {}).get("name_local", code)) for code in READER_LANGUAGES),
]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE must name one, such as Europe/Berlin, not {TIME_ZONE}.")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "portal.static_files.ModuleStaticFilesStorage"
        ),
    },
}

with naming("EMAIL_URL", "such as smtp+tls://user:password@host:587"):
    EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")

# Headers. No inline style or script anywhere; the admin's own pages keep to it too.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12

# HTTPS: switched on together by a deployment, since none of them works on a laptop.
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked on the machine itself, before the proxy
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a browser takes these names from this host alone, over HTTPS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# A proxy of ours says by what scheme and from where a request came.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# One line for each message, as words or as JSON for a collector of logs. No address of a reader, no
# form and no header is ever part of it.
LOG_FORMAT = env.str("LOG_FORMAT", default="plain")
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING").upper()
if LOG_FORMAT not in {"plain", "json"}:
    raise ImproperlyConfigured("LOG_FORMAT must be plain or json.")
if LOG_LEVEL not in logging.getLevelNamesMapping():
    raise ImproperlyConfigured("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "portal.operating.logs.RequestName"}},
    "formatters": {
        "plain": {
            "()": "portal.operating.logs.PlainFormatter",
            "format": "{asctime} {levelname} {name} {request_id} {message}",
            "style": "{",
        },
        "json": {
            "()": "portal.operating.logs.JsonFormatter",
            "format": "{levelname}{name}{request_id}{message}",
            "style": "{",
            "timestamp": True,
            "reserved_attrs": [*RESERVED_ATTRS, "request"],  # it would tell what was searched for
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "plain",
            "filters": ["request"],
        }
    },
    # Who signed in is always told.
    "loggers": {"education.signin": {"level": "INFO"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

# Who may read /metrics says this; empty: nobody.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Reasons and questions of the editors' desk may be long; a hostile form is still refused.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
