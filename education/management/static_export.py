"""
The whole public site as files that a plain web server can serve, for clinics without a network and
for days when the database is down.

The site is read through its own front door, so a copy shows what readers see and nothing else.
Every page of the copy says when it was made; past its day it says so loudly.
"""

import datetime
import hashlib
import json
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from education.languages import plain_date
from education.publishing.models import Publication
from education.publishing.status import statuses_of

Say = Callable[[str], None]

MANIFEST = "manifest.json"
# A copy is good for so long at most; sooner when a review of a page is due.
GOOD_FOR = datetime.timedelta(days=30)
MOST_REDIRECTS = 5

# What needs the live site: forms, accounts, answers for machines.
_LIVE_ONLY = (
    "/admin/", "/clinic/", "/check/", "/connect/", "/api/", "/embed/", "/reports/", "/health",
    "/metrics",
)  # fmt: skip
# Old versions and what changed between them: reached from their article.
_NOT_FOR_SEARCH = re.compile(r"/(?:versions|changes)/|^/search/")
_ATTRIBUTE = re.compile(r'\b(href|src|action)="([^"]*)"')
_IN_STYLES = re.compile(r"url\([\"']?([^\"')]+)[\"']?\)")
_IN_SCRIPTS = re.compile(r"""\bfrom\s*["'](\.{1,2}/[^"']+|/[^"']+)["']""")


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

    def write(self, path: str, data: bytes) -> None:
        """Write a file below the folder; ``path`` is its address on the site."""
        name = unquote(path).lstrip("/")
        name = f"{name}index.html" if not name or name.endswith("/") else name
        file = self.folder / name
        if not file.resolve().is_relative_to(self.folder.resolve()):
            raise ExportError(f"{path} leads out of the copy.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.hashes[name] = hashlib.sha256(data).hexdigest()


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
            text, found = _page(copy, path, text)
            data = text.encode()
        else:
            found = list(_links(kind, path, text))
        copy.write(path, data)
        for address in found:
            if address not in known:
                known.add(address)
                from_where[address] = path
                waiting.append(address)
        if len(copy.hashes) % 25 == 0:
            copy.say(f"  {len(copy.hashes)} files, {len(waiting)} to go")


def _request(live: str, path: str) -> WSGIRequest:
    """A reader's request, as a web server would hand it to the site."""
    site = urlsplit(live)
    environ = {
        "HTTP_HOST": site.netloc,
        "PATH_INFO": unquote(path).encode().decode("latin-1"),  # as PEP 3333 asks
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


def _page(copy: Copy, path: str, html: str) -> tuple[str, list[str]]:
    """A page as it stands in the copy, and the addresses it needs."""
    found: list[str] = []

    def kept(match: re.Match[str]) -> str:
        name, address = match[1], match[2].replace("&amp;", "&")
        inside = _inside(copy.live, path, address)
        if inside is None or address.startswith("#"):
            return match[0]
        if inside.startswith(_LIVE_ONLY):
            return f'{name}="{copy.live}{inside}"'
        found.append(inside)
        part = urlsplit(address).fragment
        return f'{name}="{inside}{f"#{part}" if part else ""}"'

    # The canonical address and what machines are told stay those of the site itself.
    head, body = html.partition("</head>")[::2]
    absolute = re.compile(r'<(?:link rel="(?:canonical|alternate)"|meta)\b[^>]*>')
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
    body = _ATTRIBUTE.sub(kept, body).replace("<main ", f"{notice}<main ", 1)
    script = settings.STATIC_URL + "education/js/copy.js"
    found.append(script)
    body = body.replace("</body>", f'<script type="module" src="{script}"></script></body>')
    copy.words.append(_entry(path, html))
    return f"{head}</head>{body}", found


def _entry(path: str, html: str) -> dict[str, str]:
    """A page for the index: its title and its words, each once."""
    title = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    main = re.search(r"<main[^>]*>(.*)</main>", html, re.DOTALL)
    words = re.findall(r"[^\W\d_]{3,}", _plain(main[1] if main else "").lower())
    return {
        "path": path,
        "title": " ".join(_plain(title[1] if title else path).split()),
        "words": " ".join(sorted(set(words))),
    }


def _plain(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


def _links(kind: str, path: str, text: str) -> Iterator[str]:
    """The addresses that a file which is no page needs."""
    if kind == "text/css":
        found = _IN_STYLES.findall(text)
    elif kind in {"text/javascript", "application/javascript"}:
        found = _IN_SCRIPTS.findall(text)
    elif path == reverse("sitemap"):
        found = re.findall(r"<loc>([^<]+)</loc>", text)
    else:
        found = []
    for address in found:
        inside = _inside(str(settings.SITE_URL).rstrip("/"), path, address)
        if inside and not inside.startswith(_LIVE_ONLY):
            yield inside


def _inside(live: str, path: str, address: str) -> str | None:
    """The path on this site that an address leads to, without its question; else None."""
    full = urlsplit(urljoin(f"{live}{path}", address))
    if full.scheme not in {"http", "https"} or f"{full.scheme}://{full.netloc}" != live:
        return None
    return full.path


def _write_search(copy: Copy) -> None:
    """Search by a small index in the browser; without script, a list of every page."""
    pages = sorted(copy.words, key=lambda entry: entry["title"].casefold())
    pages = [entry for entry in pages if not _NOT_FOR_SEARCH.search(entry["path"])]
    copy.write("/search-index.json", json.dumps(pages, ensure_ascii=False).encode())
    page = render_to_string("public/copy_search.html", {"pages": pages}, _request(copy.live, "/"))
    html, found = _page(copy, reverse("search"), page)
    for address in found:
        if address.startswith(settings.STATIC_URL):
            copy.write(address, _read(copy.live, address)[2])
    copy.write(reverse("search"), html.encode())


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
