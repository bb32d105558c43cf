"""docs/deploy/install, run with stand-ins for Debian's programs; they remember what was done."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "deploy" / "install"
pytestmark = pytest.mark.skipif(
    not (shutil.which("git") and shutil.which("bash")), reason="releases come from git"
)

# $STATE holds a file for each thing that is so now; $LOG a line for whatever changes something.
STUBS = {
    "id": 'case "$1" in -u) echo 0;; -nG) cat "$STATE/groups" 2>/dev/null;; '
    '*) [ -e "$STATE/user" ];; esac',
    "dpkg-query": '[ -e "$STATE/packages" ] && printf installed',
    "apt-get": 'echo "apt-get $*" >> "$LOG"\n[ "$1" != install ] || touch "$STATE/packages"',
    "adduser": 'echo "adduser $*" >> "$LOG"\n'
    'case "$*" in *--system*) touch "$STATE/user";; *) echo portal > "$STATE/groups";; esac',
    # Without owners, whom only root may give away to.
    "install": 'echo "install $*" >> "$LOG"\nwords=()\nwhile [ $# -gt 0 ]; do case "$1" in '
    '-o|-g) shift;; *) words+=("$1");; esac; shift; done\nexec "$INSTALL" "${words[@]}"',
    # runuser -u postgres -- PROGRAM …
    "runuser": 'shift 3\ncase "$*" in\n'
    '*pg_roles*) [ ! -e "$STATE/role" ] || echo "role $(cat "$STATE/role")";;\n'
    '*pg_database*) [ ! -e "$STATE/database" ] || echo 1;;\n'
    '*) echo "postgres: $*" >> "$LOG"; case "$*" in createuser*) touch "$STATE/role";; '
    'createdb*) touch "$STATE/database";; *panic*) echo log_min_error_statement=panic >> '
    '"$STATE/role";; *terse*) echo log_error_verbosity=terse >> "$STATE/role";; esac;;\nesac',
    # Its options, then what it runs.
    "systemd-run": 'while [ "${1#/}" = "$1" ]; do shift; done\n"$@"',
    "systemctl": 'case "$1" in is-*) [ -e "$STATE/${!#}" ];; *) echo "systemctl $*" >> "$LOG"; '
    '[ "$1" != enable ] || touch "$STATE/${!#}";; esac',
    "nginx": '[ ! -e "$STATE/nginx-refuses" ]',
    "python3": 'if [ "$1" = -c ]; then echo "a\\"secret\\$"; exit; fi\n'
    'mkdir -p "$3/bin"\nfor name in python pip; do cp "$STUB" "$3/bin/$name"; done',
}
# python manage.py COMMAND …, and pip.
STUB = """#!/bin/bash
case "$*" in
*"manage.py shell"*) [ -e "$STATE/administrator" ]; exit;;
*"manage.py check"*) echo "W001: say who publishes"; exit;;
esac
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
*collectstatic*) mkdir -p "$PORTAL_ROOT/var/lib/portal/static"
    touch "$PORTAL_ROOT/var/lib/portal/static/staticfiles.json";;
*start_site*) [ -z "${START_FAILS:-}" ] || exit 1; touch "$STATE/administrator";;
esac
"""


def executable(path, text):
    path.write_text(text)
    path.chmod(0o755)


class Machine:
    """A bare machine below a folder, and a clone of the repository on it."""

    def __init__(self, folder):
        self.root, self.state, self.log = folder / "root", folder / "state", folder / "log"
        self.clone, self.stubs, self.stub = folder / "clone", folder / "stubs", folder / "stub"
        for made in (self.state, self.stubs, self.clone / "docs", self.root / "etc" / "nginx"):
            made.mkdir(parents=True)
        for made in ("etc/nginx/conf.d", "var/lib", "etc/systemd/system", "srv"):
            (self.root / made).mkdir(parents=True, exist_ok=True)
        self.log.touch()
        for name, body in STUBS.items():
            executable(self.stubs / name, f"#!/bin/bash\n{body}\n")
        executable(self.stub, STUB)
        shutil.copytree(SCRIPT.parent, self.clone / "docs" / "deploy")
        (self.clone / "requirements.txt").touch()
        named = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        for words in (["init", "--quiet"], ["add", "."], [*named, "commit", "-qm", "First"]):
            subprocess.run(["git", "-C", self.clone, *words], check=True, capture_output=True)

    def install(self, *options, **also):
        """What it said, and the lines of what it changed."""
        self.log.write_text("")
        env = {
            "PATH": f"{self.stubs}:{os.environ['PATH']}", "HOME": str(self.root),
            "LOG": str(self.log), "STATE": str(self.state), "STUB": str(self.stub),
            "INSTALL": shutil.which("install"), "PORTAL_ROOT": str(self.root),
        }  # fmt: skip
        command = ["bash", self.clone / "docs" / "deploy" / "install", *options]
        command += ["clinic.example.org", "keeper", "keeper@example.org"]
        done = subprocess.run(command, env=env | also, capture_output=True, text=True, check=False)
        return done, self.log.read_text().splitlines()

    def certify(self):
        """As certbot leaves it."""
        folder = self.root / "etc" / "letsencrypt" / "live" / "clinic.example.org"
        folder.mkdir(parents=True)
        (folder / "fullchain.pem").touch()

    def files(self):
        """Every file and link, with what it says and when it was written."""
        return {
            str(path.relative_to(self.root)): (
                str(path.readlink()) if path.is_symlink() else path.is_file() and path.read_bytes(),
                path.lstat().st_mtime_ns,
            )
            for path in self.root.rglob("*")
        }

    @property
    def settings(self):
        return self.root / "etc" / "portal.env"


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_dry_run_prints_every_step_and_does_none(machine):
    before = machine.files()
    done, changed = machine.install("--dry-run")

    assert done.returncode == 0, done.stderr
    assert (changed, machine.files()) == ([], before)
    for step in (
        "apt-get install", "adduser", "make_release", "write_settings", "createuser", "createdb",
        "collectstatic", "start_site keeper", "portal-backup.timer", "unavailable.html",
    ):  # fmt: skip
        assert step in done.stdout


def test_run_twice_it_changes_nothing_the_second_time(machine):
    machine.certify()
    done, changed = machine.install(EMAIL_URL="smtp+tls://user:p$ss@mail.example.org:587")

    assert done.returncode == 0, done.stderr
    assert "python manage.py start_site keeper keeper@example.org" in changed
    assert "python manage.py send_test_mail keeper@example.org" in changed
    assert (machine.root / "srv" / "portal" / ".ready").exists()
    site = (machine.root / "etc" / "nginx" / "conf.d" / "portal.conf").read_text()
    assert "server_name clinic.example.org;" in site
    assert "portal.example.org" not in site
    before = machine.files()

    again, changed = machine.install()

    assert again.returncode == 0, again.stderr
    assert (changed, machine.files()) == ([], before)
    assert not [line for line in again.stdout.splitlines() if line.startswith("+")]


def test_every_timer_is_switched_on_and_a_new_one_of_an_upgrade_too(machine):
    _, changed = machine.install()
    timers = {path.name for path in SCRIPT.parent.glob("*.timer")}
    enabled = {line.split()[-1] for line in changed if line.startswith("systemctl enable")}
    assert enabled == timers | {"portal.service"}
    # A backup does not start without its folder.
    folder = next(at for at, line in enumerate(changed) if line.endswith("backups/portal"))
    assert folder < next(at for at, line in enumerate(changed) if "portal-backup.timer" in line)

    (machine.root / "srv" / "portal" / "docs" / "deploy" / "portal-new.timer").write_text("[Timer]")
    _, changed = machine.install()
    assert [line for line in changed if line.startswith("systemctl")] == [
        "systemctl daemon-reload", "systemctl enable --now --quiet portal-new.timer",
    ]  # fmt: skip


def test_settings_are_for_root_alone_hold_a_secret_and_are_never_written_over(machine):
    machine.install(SITE_NAME='Ward "B"')

    assert stat.S_IMODE(machine.settings.stat().st_mode) == 0o600
    lines = machine.settings.read_text().splitlines()
    assert 'SECRET_KEY="a\\"secret\\$"' in lines
    assert 'SITE_NAME="Ward \\"B\\""' in lines
    assert "# EMAIL_URL=" in lines

    machine.settings.write_text("SECRET_KEY=mine\n")
    machine.install(SITE_NAME="Another")
    assert machine.settings.read_text() == "SECRET_KEY=mine\n"


def test_a_small_clinic_has_everything_in_one_file_and_it_stays_so(machine):
    _, changed = machine.install("--sqlite")
    assert "DATABASE_URL" not in machine.settings.read_text()
    assert not [line for line in changed if line.startswith("postgres:")]
    assert not [line for line in changed if "apt-get" in line and "postgresql" in line]

    _, changed = machine.install()
    assert changed == []


def test_without_a_certificate_nginx_is_left_alone_and_it_says_what_is_left(machine):
    done, _ = machine.install()

    assert not (machine.root / "etc" / "nginx" / "conf.d" / "portal.conf").exists()
    left = done.stdout.partition("What is left:")[2]
    for what in ("certbot certonly --nginx -d clinic.example.org", "EMAIL_URL", "W001"):
        assert what in left

    machine.certify()
    done, changed = machine.install()
    assert changed == ["systemctl restart nginx"]
    assert "certbot" not in done.stdout


def test_what_nginx_refuses_is_put_aside(machine):
    machine.certify()
    (machine.state / "nginx-refuses").touch()
    done, changed = machine.install()

    assert done.returncode
    assert "systemctl restart nginx" not in changed
    assert [path.name for path in (machine.root / "etc/nginx/conf.d").iterdir()] == [
        "portal.conf.refused"
    ]


def test_after_a_failure_it_goes_on_where_it_stopped(machine):
    done, changed = machine.install(START_FAILS="yes")
    assert done.returncode
    assert not [line for line in changed if line.startswith("systemctl enable")]

    done, changed = machine.install()
    assert done.returncode == 0, done.stderr
    assert changed[0].startswith("python manage.py start_site")


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("name", ["install", "upgrade", "timers"])
def test_the_scripts_please_shellcheck(name):
    subprocess.run(["shellcheck", SCRIPT.with_name(name)], check=True)
