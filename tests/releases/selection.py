"""Which releases' databases are tried when."""

from pathlib import Path

import pytest


def older_marked_thorough(releases: list) -> list:
    """Parameters of a test: the newest release, and those before it marked thorough."""
    ordered = sorted(releases, key=_version)
    older = [pytest.param(release, marks=pytest.mark.thorough) for release in ordered[:-1]]
    return [*older, *ordered[-1:]]


def _version(release: str | Path) -> list[int]:
    name = Path(release).name.removesuffix(".json.xz")
    return [int(number) for number in name.split(".")]
