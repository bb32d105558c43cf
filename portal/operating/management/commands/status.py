"""How the site is, in words, with an exit code for whoever watches it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.operating.health import run_health_checks


class Command(BaseCommand):
    """What "How the site is" shows at the desk: each thing, and what to do beside it."""

    help = "Say how the site is: exit 0 well, 1 something needs a look, 2 something is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line each, the worst first."""
        checks = sorted(run_health_checks(), key=lambda check: (check.ok, not check.must))
        for check in checks:
            state = "well" if check.ok else "BROKEN" if check.must else "look"
            self.stdout.write(f"{state:7} {check.name}: {check.reason}")
            if not check.ok and check.advice:
                self.stdout.write(f"        {check.advice}")
        failed = [check for check in checks if not check.ok]
        if failed:
            sys.exit(2 if any(check.must for check in failed) else 1)
