"""What a deployment must get right, as Django system checks."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, connections
from django.http.request import validate_host

from education import languages
from education.audit import triggers
from education.people.models import User
from education.people.rules import demonstration_accounts_of_before
from education.publisher import unset_statements
from education.publishing.models import Publication

MOUNTS = Path("/proc/mounts")
NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "afs", "ceph"})
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@register(Tags.security, deploy=True)
def demonstration_is_off(**_kwargs: Any) -> list[CheckMessage]:
    """A public site must not run with role accounts whose passwords were printed."""
    if settings.DEMO:
        return [
            checks.Error(
                "This is a demonstration site.",
                hint="Unset DEMO before real readers and editors use it.",
                id="education.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def demonstration_is_over(**_kwargs: Any) -> list[CheckMessage]:
    """A database that was filled as a demonstration never becomes a site for readers."""
    if settings.DEMO:
        return []
    try:
        marked = User.objects.filter(made_for_demonstration=True)
        pages = Publication.objects.current().filter(published_by__in=marked).count()
        names = list(demonstration_accounts_of_before().values_list("username", flat=True))
        rest = Publication.objects.current().filter(published_by__username__in=names).count()
        accounts = marked.count()
    except DatabaseError:  # not migrated yet, or away: other checks say so
        return []
    problems: list[CheckMessage] = []
    if accounts:
        problems.append(
            checks.Error(
                f"This database was filled as a demonstration: {accounts} accounts that can’t sign "
                f"in, and {pages} pages that say that nobody has reviewed them.",
                hint="Begin with a new database (DATABASE_URL or DATA_DIR) for real readers.",
                id="education.E007",
            )
        )
    if names:
        problems.append(
            checks.Warning(
                f"Accounts that look like those of a demonstration are on: {', '.join(names)}; "
                f"{rest} public pages were published by them.",
                hint="Switch them off under Users, and withdraw or review anew what rests on them.",
                id="education.W005",
            )
        )
    return problems


@register(Tags.security, deploy=True)
def second_step_is_asked(**_kwargs: Any) -> list[CheckMessage]:
    """A stolen password alone must not open the desk."""
    if settings.SECOND_FACTOR or settings.DEMO:
        return []
    return [
        checks.Error(
            "A password alone opens the desk.",
            hint="Unset SECOND_FACTOR.",
            id="education.E004",
        )
    ]


@register(Tags.translation)
def languages_are_approved(**_kwargs: Any) -> list[CheckMessage]:
    """Readers meet the site's own words only as a qualified reader approved them."""
    problems: list[CheckMessage] = []
    for code in settings.READER_LANGUAGES:
        if code == languages.TEST_LANGUAGE and (settings.DEMO or settings.DEBUG):
            continue
        if problem := languages.problem_with(code):
            hint = "Take it out of READER_LANGUAGES, or see docs/languages.md."
            problems.append(checks.Error(problem, hint=hint, id="education.E006"))
    return problems


@register(Tags.security, deploy=True)
def publisher_is_named(**_kwargs: Any) -> list[CheckMessage]:
    """Readers and printed copies must say who publishes."""
    if settings.PUBLISHER_NAME == "Demonstration publisher":
        return [
            checks.Warning(
                "The site does not say who publishes it.",
                hint="Set PUBLISHER_NAME, SITE_NAME, SITE_URL and CONTACT_EMAIL.",
                id="education.W001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def publisher_says_what_it_must(**_kwargs: Any) -> list[CheckMessage]:
    """Duties of a publisher: who is responsible, who pays, whom to call, where to complain."""
    return [
        checks.Warning(
            f"The pages for readers leave something out: {setting.asks}",
            hint=f"Set {setting.name}; /{setting.page}/ shows it.",
            id="education.W004",
        )
        for setting in unset_statements()
    ]


@register(Tags.security, deploy=True)
def mail_goes_out(**_kwargs: Any) -> list[CheckMessage]:
    """Reviews, retractions and recalls are announced by mail; a console reaches nobody."""
    if settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend":
        return [
            checks.Warning(
                "Mail is only printed: nobody is told of reviews, retractions or recalls.",
                hint="Set EMAIL_URL and DEFAULT_FROM_EMAIL.",
                id="education.W002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def printed_addresses_lead_here(**_kwargs: Any) -> list[CheckMessage]:
    """The codes on paper and the links in mails must lead to the public site, over HTTPS."""
    address = urlsplit(settings.SITE_URL)
    if address.scheme != "https" or address.hostname in {*LOCAL, None}:
        return [
            checks.Error(
                f"Codes on paper would lead to {settings.SITE_URL}.",
                hint="Set SITE_URL to the public address, with https.",
                id="education.E002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def hosts_are_named(**_kwargs: Any) -> list[CheckMessage]:
    """The site answers by its own name alone, and its printed addresses lead to that name."""
    problems: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(
            checks.Error(
                "ALLOWED_HOSTS is *: the site answers by any name that somebody points here.",
                hint="Name the site’s own: ALLOWED_HOSTS=portal.example.org.",
                id="education.E008",
            )
        )
    host = urlsplit(settings.SITE_URL).hostname or ""
    if host not in LOCAL and not validate_host(host, settings.ALLOWED_HOSTS):
        problems.append(
            checks.Error(
                f"ALLOWED_HOSTS does not name {host or 'a host'}, to which SITE_URL leads: links "
                "in mails and codes on paper would open an error.",
                hint="Put the host of SITE_URL into ALLOWED_HOSTS.",
                id="education.E009",
            )
        )
    return problems


@register(Tags.security, deploy=True)
def passwords_in_addresses_are_escaped(**_kwargs: Any) -> list[CheckMessage]:
    """An @ in a password ends it too early: the rest is taken for the name of the machine."""
    names = ("DATABASE_URL", "EMAIL_URL", "CACHE_URL", "PURGE_URL")
    return [
        checks.Error(
            f"{name} holds more than one @ before its host.",
            hint="In a password write %40 for @, %3A for : and %2F for /.",
            id="education.E010",
        )
        for name in names
        if os.environ.get(name, "").partition("?")[0].count("@") > 1
    ]


@register(Tags.security, deploy=True)
def services_have_addresses(**_kwargs: Any) -> list[CheckMessage]:
    """What asks another machine, or leads readers there, can do so."""
    names = (
        "CONTENT_LICENCE", "CROSSREF_API_URL", "NCBI_API_URL", "EUTILS_API_URL",
        "CLINICAL_TRIALS_API_URL", "PASSWORD_RANGE_URL", "PURGE_URL",
    )  # fmt: skip
    return [
        checks.Error(
            f"{name} is no address of the web.",
            hint="It begins with https:// and a host; unset, it has its default.",
            id="education.E011",
        )
        for name in names
        if (address := getattr(settings, name))
        and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address)
    ]


@register(Tags.database)
def database_is_on_a_local_disk(**_kwargs: Any) -> list[CheckMessage]:
    """SQLite's locks don't hold on a network disk: two processes could write at once."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return []
    kind = kind_of_disk(Path(database["NAME"]), MOUNTS)
    if kind in NETWORK_DISKS:
        return [
            checks.Error(
                f"The database file lies on a network disk ({kind}).",
                hint="Move DATA_DIR to a local disk, or use PostgreSQL (DATABASE_URL).",
                id="education.E003",
            )
        ]
    return []


@register(Tags.database)
def triggers_are_installed(
    *, databases: Iterable[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """What the database itself refuses; asked of the databases that a command names."""
    problems: list[CheckMessage] = []
    for alias in databases or ():
        expected = {trigger.name for trigger in triggers.installable(connections[alias])}
        if gone := sorted(expected & set(triggers.missing(connections[alias]))):
            problems.append(
                checks.Warning(
                    f"{len(gone)} of {len(expected)} triggers are missing from the database: "
                    f"{', '.join(gone)}.",
                    hint="Run manage.py migrate, then manage.py verify_audit.",
                    id="education.W003",
                )
            )
    return problems


def kind_of_disk(path: Path, mounts: Path) -> str:
    """The file system that a path lies on; empty where the list of mounts can't be read."""
    try:
        lines = mounts.read_text("utf-8").splitlines()
    except OSError:
        return ""
    kinds = {
        Path(part[1].encode().decode("unicode_escape")): part[2]
        for line in lines
        if len(part := line.split()) > 2
    }
    resolved = path.resolve()
    return next((kinds[place] for place in (resolved, *resolved.parents) if place in kinds), "")
