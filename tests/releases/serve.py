"""
Say all that a released database is answered with today, before and after works in it fell.

    python -m tests.releases.serve FILE

Expects an empty database in ``DATABASE_URL``; writes lines as golden files hold them. A process of
its own, since it makes the tables of another time, stops the clock and makes no PDF.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import django
import typst
from django.utils import timezone


class Clock:
    """The clock as Django and Python ask for it: it stands where it was set."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        timezone.now = lambda: self.now
        time.time = lambda: self.now.timestamp()  # noqa: PLW0108 - the one of then


class Compiler:
    """In the place of Typst's: what the template would have been given is the PDF."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def compile(self, *, sys_inputs: dict[str, str] | None = None, **_: Any) -> bytes:
        return (sys_inputs or {}).get("handout", "").encode()


class Fonts:
    """The same fonts on every machine."""

    def __init__(self, **_: Any) -> None:
        pass

    def families(self) -> list[str]:
        return ["Noto Sans CJK SC", "Noto Serif CJK SC"]


typst.Compiler, typst.Fonts = Compiler, Fonts
clock = Clock()
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.http import HttpResponse, JsonResponse, QueryDict  # noqa: E402
from django.test import Client  # noqa: E402

from education.accounts.sessions import BEGAN, CONFIRMED, SEEN  # noqa: E402
from education.evidence.models import EvidenceItem  # noqa: E402
from education.handouts.copy_check import public_code  # noqa: E402
from education.handouts.models import ClinicStaff  # noqa: E402
from education.handouts.pdf import make_pdf  # noqa: E402
from education.handouts.print_options import options_of  # noqa: E402
from education.people.models import Role, User  # noqa: E402
from education.publishing.models import Publication  # noqa: E402
from education.publishing.status import shown_content, statuses_of  # noqa: E402
from education.safety.models import EmergencyNote  # noqa: E402
from education.safety.notes import MayNotNoteError, approve_note  # noqa: E402
from education.safety.operations import record_status  # noqa: E402
from education.text.version_differences import changes_between_versions  # noqa: E402
from tests.releases import addresses  # noqa: E402
from tests.releases.golden import MARK  # noqa: E402
from tests.releases.lines import lines_of  # noqa: E402
from tests.releases.restore import Kept, load, make_tables_of, read  # noqa: E402

# Releases whose works and claims are those of a later one: some are enough.
MUCH_THE_SAME = {"0.1.0", "0.2.0"}
# What becomes of the works that most pages cite, the most cited first.
BECOMES = ("retracted", "retracted", "retracted", "corrected", "superseded", "concern")


def moment_after(release: Kept) -> datetime:
    """An hour after the last thing that happened on the released site."""
    events = release["education_event"]
    last = max(row[events["columns"].index("at")] for row in events["rows"])
    return datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(hours=1)


def let_works_fall() -> None:
    """Record what becomes of the most cited works, and approve the notes that wait."""
    current = Publication.objects.current().values("pk")
    cited = EvidenceItem.objects.filter(published_in__publication__in=current)
    most = cited.annotate(pages=Count("published_in")).order_by("-pages", "key")
    for item, status in zip(most, BECOMES, strict=False):
        record_status(
            item=item,
            status=status,
            occurred_on=timezone.localdate(),
            reason=f"It was said to be {status}.",
            by=people(Role.EDITOR_IN_CHIEF)[0],
        )
    for note in EmergencyNote.objects.filter(approved_at=None, ended_at=None):
        assert any(approved(note, by) for by in people(Role.MEDICAL_REVIEWER))


def approved(note: EmergencyNote, by: User) -> bool:
    """Whether this person could approve the note, and did."""
    try:
        approve_note(note=note, by=by)
    except MayNotNoteError:
        return False
    return True


def people(role: Role) -> list[User]:
    return list(User.objects.filter(groups__name=role.label).order_by("pk"))


def answers(state: str, *, one_in: int) -> Iterator[str]:
    """The lines of every answer to readers, machines and clinics."""
    yield from asked(visitor(), addresses.of_readers(one_in=one_in), state)
    codes = {"codes": "\n".join(addresses.codes())}
    yield from told("all codes on a shelf", visitor().post("/check/shelf/", codes), state)
    for one in ClinicStaff.objects.select_related("clinic", "person").order_by("pk"):
        here = f"{state}, by {one.person.username}"
        yield from asked(visitor(one.person), addresses.of_a_clinic(one.clinic), here)


def previews(state: str) -> Iterator[str]:
    """Every revision as the editors' desk shows it."""
    editor = people(Role.EDITOR_IN_CHIEF)[0]
    yield from asked(visitor(editor), addresses.of_editors(), f"{state}, by an editor")


def papers(state: str) -> Iterator[str]:
    """Every version on paper, though it may not be printed any more."""
    for text in Publication.objects.order_by("slug", "number"):
        for query in ("", addresses.SHORT):
            pdf = make_pdf(
                [statuses_of([text])[text.pk]],
                code=public_code(text),
                printed_on=timezone.localdate(),
                options=options_of(QueryDict(query.removeprefix("?"))),
            )
            paper = HttpResponse(pdf, content_type="application/pdf")
            yield from told(f"paper of {text.slug} {text.number}{query}", paper, state)


def changes(state: str) -> Iterator[str]:
    """What masking took from each text, in the words in which two versions are compared."""
    for text in Publication.objects.current().order_by("slug"):
        masked = shown_content(text)
        found = [asdict(one) for one in changes_between_versions(text.content, masked, text.number)]
        yield from told(f"changes of {text.slug}", JsonResponse({"changes": found}), state)


def visitor(person: User | None = None) -> Client:
    """A reader, or somebody who signed in this moment."""
    client = Client(headers={"Host": "localhost"})
    if person:
        client.force_login(person)
        session = client.session
        session.update(dict.fromkeys((BEGAN, SEEN, CONFIRMED), time.time()))
        session.save()
    return client


def asked(client: Client, found: Iterable[str], state: str) -> Iterator[str]:
    for address in dict.fromkeys(found):
        yield from told(address, client.get(address), state)


def told(address: str, response: Any, state: str) -> Iterator[str]:
    yield f"{MARK}{address} ({state})"
    yield from lines_of(response)


def main(file: Path) -> None:
    release = read(file)
    one_in = 4 if file.name.removesuffix(".json.xz") in MUCH_THE_SAME else 1
    clock.now = moment_after(release)
    make_tables_of(release)
    load(release)
    call_command("migrate", verbosity=0)
    call_command("rebuild_search", stdout=StringIO())
    write(answers("as it was", one_in=one_in), previews("as it was"))
    let_works_fall()
    clock.now += timedelta(minutes=5)  # changes are told when they have settled
    state = "after works fell"
    write(answers(state, one_in=one_in), papers(state), changes(state))


def write(*parts: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for part in parts for line in part)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
