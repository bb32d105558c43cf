"""
The whole public site as files that open from a disk, or that a plain web server serves from any
folder: for clinics without a network and for days when the database is down.

The site is read through its own front door, so a copy shows what readers see and nothing else.
Every page of the copy says when it was made; past its day it says so loudly. What only the site
itself can answer (forms, choices in an address, codes) leads there.

A browser that opens a file from a disk follows no address that begins with ``/``, runs no script
of the kind ``module`` and lets no script read another file. So addresses are relative and end in
``index.html``, scripts are classic ones, and the index of the search is a script itself.
"""

import datetime
import hashlib
import html
import json
import posixpath
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from education import languages
from education.languages import plain_date
from education.publishing.models import Publication
from education.publishing.status import statuses_of

Say = Callable[[str], None]

MANIFEST = "manifest.json"
# A copy is good for so long at most; sooner when a review of a page is due.
GOOD_FOR = datetime.timedelta(days=30)
MOST_REDIRECTS = 5

# What needs the live site: forms, accounts, codes, answers for machines.
_LIVE_ONLY = (
    "/admin/", "/clinic/", "/check/", "/v/", "/connect/", "/api/", "/embed/", "/reports/",
    "/health", "/metrics",
)  # fmt: skip
# Reached from their article, whose title and words they have: handouts, old versions, what changed.
_NOT_FOR_SEARCH = re.compile(r"/(?:versions|changes)/|/handouts/.|^/search/")
_ATTRIBUTE = re.compile(r'(?<=\s)(href|src|action)="([^"]*)"')
_FORM = re.compile(r'<form\b[^>]*\baction="([^"]*)".*?</form>', re.DOTALL)
_PLACE_OF_FORM = "<!-- form -->"
_SUGGESTIONS = re.compile(r'\sdata-suggest(?:-label)?="[^"]*"')
_MODULE = re.compile(r'<script type="module"')
_PRELOADED_FONT = re.compile(r'<link rel="preload"[^>]*>\s*')
# Pages of a long list are files of their own; any other question is the site's to answer.
_PAGE_OF_LIST = re.compile(r"page=([1-9]\d{0,5})")
_IN_STYLES = re.compile(r"url\([\"']?([^\"')]+)[\"']?\)")
_SCRIPTS = {"text/javascript", "application/javascript"}


class ExportError(Exception):
    """The copy can't be made or put there; the message says why. Nothing was replaced."""


@dataclass
class Copy:
    """A copy of the site in the making: files by path, and what is still to be read."""

    folder: Path
    made_on: datetime.date
    good_until: datetime.date
    say: Say
    hashes: dict[str, str] = field(default_factory=dict)
    words: list[dict[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def live(self) -> str:
        """Where the site itself is."""
        return str(settings.SITE_URL).rstrip("/")

    def write(self, address: str, data: bytes) -> None:
        """Write a file below the folder; ``address`` is where it is on the site."""
        name = file_name(address)
        file = self.folder / name
        if not file.resolve().is_relative_to(self.folder.resolve()):
            raise ExportError(f"{address} leads out of the copy.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.hashes[name] = hashlib.sha256(data).hexdigest()


def file_name(address: str) -> str:
    """Return the file of a copy that holds an address: ``evidence/page-2/index.html``."""
    parts = urlsplit(address)
    name = unquote(parts.path).lstrip("/")
    if page := _PAGE_OF_LIST.fullmatch(parts.query):
        name = f"{name}page-{page[1]}/"
    return f"{name}index.html" if not name or name.endswith("/") else name


def relative_address(page: str, address: str) -> str:
    """Return how a page of a copy names another address of the same copy."""
    return quote(posixpath.relpath(file_name(address), posixpath.dirname(file_name(page)) or "."))


def export_site(target: Path, say: Say) -> int:
    """
    Write a copy of the public site to a folder and return the number of files.

    A copy that is there already is replaced in one step, when the new one is whole. Raises
    ``ExportError`` when the folder holds something else, or a link of the site is broken.
    """
    if target.exists() and any(target.iterdir()) and not (target / MANIFEST).exists():
        raise ExportError(f"{target} holds something that is not a copy of this site.")
    target.parent.mkdir(parents=True, exist_ok=True)
    today = timezone.localdate()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as scratch:
        copy = Copy(Path(scratch) / "site", today, _good_until(today), say)
        copy.folder.mkdir()
        _read_everything(copy)
        if copy.broken:
            raise ExportError("These links lead nowhere:\n" + "\n".join(copy.broken))
        _write_search(copy)
        _write_manifest(copy)
        old = Path(scratch) / "old"
        if target.exists():
            target.rename(old)
        try:
            copy.folder.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    return len(copy.hashes)


def check_copy(folder: Path) -> list[str]:
    """What is wrong with a copy: files that are missing, altered, or not of it."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [f"{folder} has no readable {MANIFEST}."]
    there = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != MANIFEST
    }
    listed: dict[str, str] = manifest["files"]
    return [
        *(f"{name} is missing." for name in sorted(listed.keys() - there.keys())),
        *(f"{name} is not of this copy." for name in sorted(there.keys() - listed.keys())),
        *(
            f"{name} was altered."
            for name in sorted(listed.keys() & there.keys())
            if listed[name] != there[name]
        ),
    ]


def _good_until(today: datetime.date) -> datetime.date:
    """A copy can't learn that a review fell due, so it ends before one does."""
    texts = list(Publication.objects.current().defer("html", "search_text"))
    due = [standing.due_on for standing in statuses_of(texts).values() if standing.due_on > today]
    return min([today + GOOD_FOR, *due])


def _read_everything(copy: Copy) -> None:
    """Follow every link from the front door and from the list for search engines."""
    begin = [reverse("home"), reverse("sitemap"), reverse("robots")]
    waiting, known = deque(begin), set(begin)
    from_where = dict.fromkeys(begin, "the beginning")
    while waiting:
        path = waiting.popleft()
        status, kind, data = _read(copy.live, path)
        # A withdrawn page stays at its address and says why it is gone.
        if status not in (200, 410):
            copy.broken.append(f"{path} (from {from_where[path]}): {status}")
            continue
        text = data.decode() if kind.startswith("text/") or kind.endswith("xml") else ""
        if kind == "text/html":
            text, links = _page(copy, path, text)
            data = text.encode()
        else:
            links = list(_links(kind, path, text))
        if kind in _SCRIPTS:
            data = _classic(text).encode()
        copy.write(path, data)
        for address in links:
            if address not in known:
                known.add(address)
                from_where[address] = path
                waiting.append(address)
        if len(copy.hashes) % 25 == 0:
            copy.say(f"  {len(copy.hashes)} files, {len(waiting)} to go")


def _request(live: str, address: str) -> WSGIRequest:
    """A reader's request, as a web server would hand it to the site."""
    site, wanted = urlsplit(live), urlsplit(address)
    environ = {
        "HTTP_HOST": site.netloc,
        "PATH_INFO": unquote(wanted.path).encode().decode("latin-1"),  # as PEP 3333 asks
        "QUERY_STRING": wanted.query,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
    }
    setup_testing_defaults(environ)
    return WSGIRequest(environ)


def _read(live: str, path: str) -> tuple[int, str, bytes]:
    """Status, kind and body of what the site answers; where it sends a reader on, of that."""
    site = get_wsgi_application()
    for _ in range(MOST_REDIRECTS):
        response = site.get_response(_request(live, path))
        try:
            data = response.getvalue()
        finally:
            response.close()
        inside = _inside(live, path, response.headers.get("Location", ""))
        if response.status_code not in (301, 302, 303, 307, 308) or inside is None:
            break
        path = inside
    return response.status_code, response["Content-Type"].partition(";")[0], data


def _page(copy: Copy, path: str, text: str) -> tuple[str, list[str]]:
    """A page as it stands in the copy, and the addresses it needs."""
    needed: list[str] = []
    search = reverse("search")

    def kept(match: re.Match[str]) -> str:
        name, address = match[1], html.unescape(match[2])
        inside = _inside(copy.live, path, address)
        if inside is None or address.startswith("#"):
            return match[0]
        part = urlsplit(address).fragment
        part = f"#{part}" if part else ""
        if _without_language(inside) == search:  # one page searches, in every language
            inside = search
        if not _in_copy(inside):
            return f'{name}="{html.escape(copy.live + inside + part)}"'
        needed.append(inside)
        return f'{name}="{html.escape(relative_address(path, inside) + part)}"'

    def form(match: re.Match[str]) -> str:
        if _without_language(urlsplit(match[1]).path) == search:
            return match[0]
        return _PLACE_OF_FORM

    # The canonical address and what machines are told stay those of the site itself.
    head, body = text.partition("</head>")[::2]
    head = _PRELOADED_FONT.sub("", head)
    absolute = re.compile(r'<(?:link rel="(?:canonical|alternate)"|meta\b)[^>]*>')
    pieces = absolute.split(head)
    kept_whole = absolute.findall(head)
    head = "".join(
        _ATTRIBUTE.sub(kept, piece) + whole
        for piece, whole in zip(pieces, [*kept_whole, ""], strict=True)
    )
    notice = render_to_string(
        "includes/copy_notice.html",
        {"made_on": copy.made_on, "good_until": copy.good_until, "live": f"{copy.live}{path}"},
    )
    elsewhere = render_to_string("includes/copy_form.html", {"live": f"{copy.live}{path}"})
    script = settings.STATIC_URL + "education/js/copy.js"
    body = _SUGGESTIONS.sub("", _FORM.sub(form, body))
    body = body.replace("</body>", f'<script type="module" src="{script}"></script></body>')
    body = _MODULE.sub("<script defer", _ATTRIBUTE.sub(kept, body))
    body = body.replace("<main ", f"{notice}<main ", 1).replace(_PLACE_OF_FORM, elsewhere)
    copy.words.append(_entry(path, text))
    return f"{head}</head>{body}", needed


def _classic(script: str) -> str:
    """
    A script of the site for pages opened from a disk, where modules don't load.

    Its names stay its own and it may wait, as in a module.
    """
    return f'(async () => {{\n"use strict";\n{script}\n}})();\n'


def _entry(path: str, text: str) -> dict[str, str]:
    """A page for the index: its title and its words, each once."""
    title = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    main = re.search(r"<main[^>]*>(.*)</main>", text, re.DOTALL)
    words = re.findall(r"[^\W_]{2,}", _plain(main[1] if main else "").lower())
    return {
        "path": path,
        "title": " ".join(_plain(title[1] if title else path).split()),
        "words": " ".join(sorted(set(words))),
    }


def _plain(text: str) -> str:
    """The words of a piece of HTML, without its marks."""
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


def _links(kind: str, path: str, text: str) -> Iterator[str]:
    """The addresses that a file which is no page needs."""
    if kind == "text/css":
        addresses = _IN_STYLES.findall(text)
    elif path == reverse("sitemap"):
        addresses = re.findall(r"<loc>([^<]+)</loc>", text)
    else:
        addresses = []
    for address in addresses:
        inside = _inside(str(settings.SITE_URL).rstrip("/"), path, address)
        if inside and _in_copy(inside):
            yield inside


def _inside(live: str, path: str, address: str) -> str | None:
    """The path and question on this site that an address leads to; else None."""
    full = urlsplit(urljoin(f"{live}{path}", address))
    if full.scheme not in {"http", "https"} or f"{full.scheme}://{full.netloc}" != live:
        return None
    # The first page of a list is the list itself.
    return full.path if full.query in {"", "page=1"} else f"{full.path}?{full.query}"


def _in_copy(address: str) -> bool:
    """Whether a copy holds an address of the site, or leads to the site itself for it."""
    parts = urlsplit(address)
    if parts.query and not _PAGE_OF_LIST.fullmatch(parts.query):
        return False
    return not _without_language(parts.path).startswith(_LIVE_ONLY)


def _without_language(path: str) -> str:
    """A path without the language that pages in other languages begin with."""
    first, rest = path[1:].partition("/")[::2]
    return f"/{rest}" if first in languages.offered_languages() else path


def _write_search(copy: Copy) -> None:
    """Search by a small index in the browser; without script, a list of every page."""
    search = reverse("search")
    evidence = reverse("evidence-list")  # the works come after the texts that rest on them
    pages = sorted(
        copy.words, key=lambda page: (evidence in page["path"], page["title"].casefold())
    )
    pages = [entry for entry in pages if not _NOT_FOR_SEARCH.search(entry["path"])]
    page = render_to_string("public/copy_search.html", {"pages": pages}, _request(copy.live, "/"))
    text, needed = _page(copy, search, page)
    for address in needed:
        if address.startswith(settings.STATIC_URL):
            kind, data = _read(copy.live, address)[1:]
            copy.write(address, _classic(data.decode()).encode() if kind in _SCRIPTS else data)
    # In the order of the list on the page, which the script hides entries of.
    index = json.dumps(
        [f"{each['title'].lower()} {each['words']}" for each in pages], ensure_ascii=False
    )
    copy.write("/search/index.js", f"const PAGES_OF_COPY = {index};\n".encode())
    copy.write(search, text.encode())


def _write_manifest(copy: Copy) -> None:
    manifest = {
        "site": copy.live,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "good_until": copy.good_until.isoformat(),
        "files": dict(sorted(copy.hashes.items())),
    }
    written = json.dumps(manifest, indent=1, ensure_ascii=False)
    (copy.folder / MANIFEST).write_text(written + "\n", encoding="utf-8")
    copy.say(f"Good until {plain_date(copy.good_until)}.")
