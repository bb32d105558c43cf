"""What ships, as the commands load it: once for all tests of a process."""

import tempfile
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

from tests.made_once import made_once


@made_once
def load_shipped_evidence() -> None:
    """The works of the dossier, which nobody verified yet."""
    call_command("load_evidence", stdout=StringIO())


@made_once
def load_shipped_texts() -> None:
    """Those works and a draft of every article."""
    load_shipped_evidence()
    call_command("load_founding_content", stdout=StringIO())


@made_once
def load_demonstration() -> tuple[str, str]:
    """The demonstration; its list of accounts, and what the command said."""
    said = StringIO()
    with tempfile.TemporaryDirectory() as folder:
        with override_settings(DEMO=True, DATA_DIR=Path(folder), DEMO_PASSWORD="one for all"):
            call_command("load_demonstration", stdout=said)
        return (Path(folder) / "demonstration-accounts.txt").read_text(), said.getvalue()
