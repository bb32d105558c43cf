"""Import published works from a file, or from Crossref and PubMed."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.audit.operations import exclusive_transaction
from education.evidence.formats import PARSERS, READ_FORMATS
from education.evidence.formats.record import MAX_BYTES, Record, line_of_text, shortened
from education.evidence.import_preview import (
    FieldDifference,
    ImportPreview,
    Proposal,
    ProposalKind,
    fields_of,
    plan,
)
from education.evidence.importing import Outcome, confirm_import, fetched, read, start_import
from education.safety.operations import report_imported_news

WORDS = {
    ProposalKind.NEW: "new",
    ProposalKind.DIFFERENT: "differs",
    ProposalKind.SAME: "here",
    ProposalKind.REPEATED: "again",
    ProposalKind.REFUSED: "refused",
}


class Command(BaseCommand):
    """
    Say what an import would do, and do it when told to.

    Without ``--confirm`` nothing is written. Items that are here already change only in the fields
    that ``--take`` names; every other conflict has to be settled by ``--keep``.
    """

    help = (
        f"Import published works from a file ({READ_FORMATS}), from Crossref by DOI or from "
        "PubMed by id. Shows what it would do; --confirm does it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the works come from, and what to do about those that are here already."""
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--format", choices=sorted(PARSERS), default="", help="If not guessed.")
        parser.add_argument("--doi", action="append", default=[], help="May be given again.")
        parser.add_argument("--pmid", action="append", default=[], help="May be given again.")
        parser.add_argument("--confirm", action="store_true", help="Write; otherwise only show.")
        for choice, whose in (("--take", "the record's"), ("--keep", "our")):
            parser.add_argument(
                choice,
                action="append",
                default=[],
                metavar="FIELD",
                help=f"Where they differ, {whose} word stands: all, volume, sun2017.volume. "
                "The more exact one counts.",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Show what would become of each record; exit 1 when one was refused or is undecided."""
        choices = _Choices(options["take"], options["keep"])
        sources = [*options["doi"], *options["pmid"]]
        if options["file"]:
            sources.append(options["file"].name)
        if not sources:
            raise CommandError("Give a file, --doi or --pmid.")
        records = self.records(**options)
        preview = plan(records)
        choices.check(preview)
        for proposal in preview.proposals:
            self.show(proposal, choices)
        counts = Counter(proposal.kind for proposal in preview.proposals)
        self.stdout.write(", ".join(f"{counts[kind]} {word}" for kind, word in WORDS.items()) + ".")
        if not options["confirm"]:
            self.stdout.write("Nothing was written; --confirm writes it.")
            self.complain(counts[ProposalKind.REFUSED])
            return
        outcome = self.write(", ".join(sources), records, preview, choices)
        self.stdout.write(f"{len(outcome.entered)} entered, {len(outcome.changed)} changed.")
        undecided = sum(1 for one in preview.proposals if choices.undecided(one))
        self.complain(len(outcome.refused), undecided)

    def records(self, *, file: Path | None, format: str, **options: Any) -> list[Record]:  # noqa: A002 - the option's name
        """Everything that was asked for, the file first."""
        records: list[Record] = []
        if file:
            try:
                with file.open("rb") as opened:
                    records = read(opened.read(MAX_BYTES + 1), format)
            except OSError as error:
                raise CommandError(f"{file} can't be read: {error.strerror}.") from error
        pmids = [f"PMID: {pmid}" if pmid.strip().isdigit() else pmid for pmid in options["pmid"]]
        return records + fetched([*options["doi"], *pmids])

    def show(self, proposal: Proposal, choices: "_Choices") -> None:
        """One line for a record, and one for each field in which it differs."""
        if proposal.kind == ProposalKind.REFUSED:
            self.stderr.write(f"refused  {proposal.error}")
            return
        how = f" ({proposal.matched_by})" if proposal.matched_by else ""
        note = f" {proposal.note}" if proposal.note else ""
        self.stdout.write(f"{WORDS[proposal.kind]:8} {proposal.key}{how}  {proposal.name}{note}")
        for difference in proposal.differences:
            ours, theirs = (
                shortened(line_of_text(text), 100) for text in (difference.ours, difference.theirs)
            )
            says = f"here “{ours}”, there “{theirs}”" if ours else f"adds “{theirs}”"
            chosen = choices.of(proposal, difference)
            self.stdout.write(
                f"         {difference.field}: {says}{f' → {chosen}' if chosen else ''}"
            )

    def write(
        self, source: str, records: list[Record], preview: ImportPreview, choices: "_Choices"
    ) -> Outcome:
        """Enter and change what was shown, all of it or nothing."""
        take = {
            proposal.number: {
                difference.field
                for difference in proposal.differences
                if choices.of(proposal, difference) == "take"
            }
            for proposal in preview.of(ProposalKind.DIFFERENT)
        }
        with exclusive_transaction():
            batch = start_import(source=source, records=records, by=None)
            outcome = confirm_import(batch=batch, by=None, take=take)
        report_imported_news(outcome.news)
        shown = {proposal.error for proposal in preview.of(ProposalKind.REFUSED)}
        for refusal in outcome.refused:
            if refusal not in shown:
                self.stderr.write(f"refused  {refusal}")
        return outcome

    def complain(self, refused: int, undecided: int = 0) -> None:
        """Fail when something is left for a person to do."""
        parts = []
        if refused:
            parts.append(f"{refused} could not be imported.")
        if undecided:
            parts.append(f"{undecided} differ and were left as they are; use --take or --keep.")
        if parts:
            raise CommandError(" ".join(parts))


class _Choices:
    """Whose word stands in which field, as ``--take`` and ``--keep`` say it."""

    def __init__(self, take: Iterable[str], keep: Iterable[str]) -> None:
        self.chosen = dict.fromkeys(keep, "keep")
        for name in take:
            if name in self.chosen:
                raise CommandError(f"--take {name} and --keep {name} can't both be right.")
            self.chosen[name] = "take"

    def of(self, proposal: Proposal, difference: FieldDifference) -> str:
        """``take``, ``keep``, or nothing where nobody chose; the more exact choice counts."""
        for name in (f"{proposal.key}.{difference.field}", difference.field, "all"):
            if name in self.chosen:
                return self.chosen[name]
        return ""

    def undecided(self, proposal: Proposal) -> bool:
        """Whether a conflict is left that nobody chose about; additions may wait."""
        return any(
            difference.is_conflict and not self.of(proposal, difference)
            for difference in proposal.differences
        )

    def check(self, preview: ImportPreview) -> None:
        """Refuse a name that is no field in which anything differs: it is a slip."""
        known = {"all", *fields_of(preview)} | {
            f"{proposal.key}.{one.field}"
            for proposal in preview.proposals
            for one in proposal.differences
        }
        unknown = sorted(self.chosen.keys() - known)
        if unknown:
            fields = ", ".join(sorted(fields_of(preview))) or "none"
            raise CommandError(
                f"Nothing differs in {', '.join(unknown)}. Fields that differ: {fields}."
            )
