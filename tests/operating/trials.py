"""
A site of its own, served as in operation, with readers and an editor at work, to be broken.

``Site`` runs commands, starts, stops and kills; ``Traffic`` counts what people were answered and
what the editor was told is saved, so that afterwards ``Site.lost`` says what of it is missing.
"""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from benchmarks.nginx import free_port

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "t" * 32
PAGE, DESK = "/articles/page/", "/admin/education/revision/{}/change/"
PATIENCE = 180  # seconds; nothing is measured in them, they only end a trial that hangs

FILL = """
import django; django.setup()
from education.audit.operations import record_job_run
from education.management.scheduled_command import late_after
from tests.factories import (
    make_article, make_draft, make_editor, make_item, make_medical_reviewer, make_publication,
    make_revision, make_writer,
)
item, other = make_item("fallen2020"), make_item("other2020")
body = "## What was found\\n\\nOnly one study found a gain [@fallen2020].\\n"
draft = make_draft(other.key, item.key, body=body)
make_publication(article=make_article(slug="page"), draft=draft)
make_publication(article=make_article(slug="unread"))
make_editor(username="editor", email="editor@example.org")
make_editor(username="second", email="second@example.org")
make_medical_reviewer(username="reviewer")
make_revision(by=make_writer(username="writer"))
for name in late_after():
    record_job_run(name)
try:
    from education.people.mail_check import confirm_test_mail, send_test_mail
    from education.people.models import MailTest
except ImportError:  # an older release
    pass
else:
    send_test_mail("keeper@example.org")
    confirm_test_mail(MailTest.objects.get().code)
"""
# Prints a new sign-in of the writer and the text they work on.
SIGN_IN = """
import django; django.setup()
import time
from django.test import Client
from education.accounts.sessions import BEGAN, CONFIRMED, SEEN
from education.articles.models import Revision
from education.people.models import User
client = Client()
client.force_login(User.objects.get(username="writer"))
session = client.session
session.update(dict.fromkeys((BEGAN, SEEN, CONFIRMED), time.time()))
session.save()
print(client.cookies["sessionid"].value, Revision.objects.get(state="draft").pk)
"""
# As manage.py, with the clock of the site.
CLOCKED = """
import sys, tests.cache.clocked
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
TITLE = """
import django; django.setup()
from education.articles.models import Revision
print(Revision.objects.get(pk={}).title)
"""


class Site:
    """A site in a folder, by the code of a folder, on SQLite or the database of an address."""

    def __init__(self, folder: Path, *, code: Path = ROOT, database: str = "", **settings: str):
        self.data, self.code, self.port = folder, code, free_port()
        folder.mkdir(exist_ok=True)
        self.clock = folder.parent / f"{folder.name}-clock"
        self.ahead(0)
        self.file = folder / "db.sqlite3"
        self.env = {
            **{name: value for name, value in os.environ.items() if name != "TEST_DATABASE"},
            "DATA_DIR": str(folder), "DATABASE_URL": database or f"sqlite:///{self.file}",
            "SECRET_KEY": "only-for-tests-" * 5, "SECOND_FACTOR": "off", "DEBUG": "on",
            "DJANGO_SETTINGS_MODULE": "portal.settings", "CLOCK_AHEAD": str(self.clock),
            "PATIENCE": "5", "EMAIL_URL": "dummymail://", **settings,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def fill(self) -> None:
        """Make the tables and what the trials need."""
        assert self.manage("migrate", "--verbosity=0")[0] == 0
        self.python(FILL)

    def sign_in(self) -> None:
        """Sign the writer in."""
        session, revision = self.python(SIGN_IN).split()
        self.cookie, self.revision = f"sessionid={session}; csrftoken={TOKEN}", int(revision)

    def ahead(self, seconds: int) -> None:
        """Set the clock of the site and its commands."""
        self.clock.with_suffix(".new").write_text(str(seconds))
        self.clock.with_suffix(".new").replace(self.clock)

    def run(self, *words: str, **settings: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, *words], cwd=self.code, env=self.env | settings,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def python(self, words: str) -> str:
        code, said = self.run("-c", f"import tests.cache.clocked\n{words}")
        assert code == 0, said
        return said

    def step(self, words: str) -> None:
        """A step of the work (``tests.cache.steps``)."""
        self.python(f"import django; django.setup()\nfrom tests.cache.steps import *\n{words}")

    def manage(self, *words: str, **settings: str) -> tuple[int, str]:
        """A command of manage.py: exit code and words."""
        return self.run("-c", CLOCKED, *words, **settings)

    def serve(self) -> None:
        """Start the site and wait until it answers."""
        command = [
            sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{self.port}", "--workers=2",
            "--threads=4", "--no-control-socket", "--log-level=critical", "tests.cache.clocked",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=self.code, env=self.env, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.until(lambda: self.ask("/health/live")[0] == 200)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End every process of the site."""
        if self.process:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=PATIENCE)
            self.process = None

    def ask(self, path: str, form: dict[str, object] | None = None, **headers: str):
        """Status, headers and words; status 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        sent = {"Host": "localhost", "Accept-Encoding": "identity", **headers}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(
                "POST" if form else "GET", path, urlencode(form) if form else None, sent
            )
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode(errors="replace")
        except OSError:
            return 0, {}, ""
        except http.client.HTTPException:
            return 0, {}, ""
        finally:
            connection.close()

    def until(self, what) -> None:
        """Wait for something to become so."""
        end = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < end, "It never came to that."
            time.sleep(0.1)

    def is_ready(self) -> bool:
        return self.ask("/health/ready")[0] == 200

    def look(self) -> list[str]:
        """What ``manage.py status`` finds not well: one line each."""
        lines = self.manage("status")[1].splitlines()
        return [line for line in lines if re.match(r"(BROKEN|look) ", line)]

    def lost(self, traffic: "Traffic") -> str:
        """Which saves are missing that the editor was told of."""
        title = self.python(TITLE.format(self.revision)).strip()
        has = int(title.rpartition(" ")[2]) if title.startswith("Title ") else 0
        missing = [number for number in traffic.saved if number > has]
        return f"{len(missing)} saves" if missing else "nothing"

    def copy(self, folder: Path) -> "Site":
        """The same site in another folder."""
        shutil.copytree(self.data, folder, dirs_exist_ok=True)
        other = Site(folder, code=self.code)
        other.cookie, other.revision = self.cookie, self.revision
        return other


class Traffic:
    """Two readers and an editor who saves again and again, until the context ends."""

    def __init__(self, site: Site) -> None:
        self.site, self.done = site, threading.Event()
        self.readers: Counter[int] = Counter()
        self.editor: Counter[str] = Counter()
        self.saved: list[int] = []

    def __enter__(self) -> Self:
        self.threads = [threading.Thread(target=work) for work in (self.read, self.read, self.edit)]
        for thread in self.threads:
            thread.start()
        self.more()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    def more(self, saves: int = 3) -> None:
        """Wait until so many more saves were acknowledged."""
        wanted = len(self.saved) + saves
        self.site.until(lambda: len(self.saved) >= wanted)

    def read(self) -> None:
        while not self.done.wait(0.3):
            self.readers[self.site.ask(PAGE)[0]] += 1

    def edit(self) -> None:
        """Save, open the form anew, save; what comes back unsaved is sent again."""
        version = ""
        while not self.done.wait(0.05):
            version = version or self.open_form()
            if not version:
                continue
            number = len(self.saved) + 1
            form = {
                "title": f"Title {number}", "body": "What I wrote.",
                "expected_version": version, "key_messages-TOTAL_FORMS": 0,
                "key_messages-INITIAL_FORMS": 0, "csrfmiddlewaretoken": TOKEN,
            }  # fmt: skip
            status, headers, words = self.send(form)
            if status == 302 and "login" not in headers.get("Location", ""):
                self.saved.append(number)
                self.editor["saved"] += 1
                # Where no form comes, the fault came first: they write on in one they had open.
                version = self.open_form() or str(int(version) + 1)
            elif status == 302:
                self.editor["asked to sign in"] += 1
            elif status == 503 and f"Title {number}" in words:
                self.editor["503, words given back"] += 1
            elif status:
                self.editor[str(status)] += 1
                version = ""  # such as a save whose answer was lost
            else:
                self.editor["no answer"] += 1

    def open_form(self) -> str:
        """The version that the form would save over; empty where no form came."""
        status, headers, words = self.send()
        if status == 302 and "login" in headers.get("Location", ""):
            self.editor["asked to sign in"] += 1
        seen = re.search(r'name="expected_version" value="(\d+)"', words)
        return seen[1] if seen else ""

    def send(self, form: dict[str, object] | None = None) -> tuple[int, Mapping[str, str], str]:
        path = DESK.format(self.site.revision)
        return self.site.ask(path, form, Cookie=self.site.cookie)

    @property
    def readers_in_words(self) -> str:
        """How many of each answer readers got."""
        names = {0: "no answer"}
        parts = (f"{count} × {names.get(code, code)}" for code, count in self.readers.most_common())
        return ", ".join(parts)

    @property
    def editor_in_words(self) -> str:
        """What the editor was told, and how often."""
        return ", ".join(f"{count} × {name}" for name, count in self.editor.most_common())
