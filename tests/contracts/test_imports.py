"""The direction of the flow, as pyproject.toml writes it down."""

from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]


def test_packages_import_only_those_before_them(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)

    kept = lint_imports(config_filename="pyproject.toml", no_cache=True)

    assert kept == EXIT_STATUS_SUCCESS, capsys.readouterr().out
