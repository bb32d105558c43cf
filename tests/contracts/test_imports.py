"""The direction of the flow, as pyproject.toml writes it down."""

import ast
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]
# What is no package of the flow: words of the site itself in a language, hashes.
ALLOWED_IN_TEXT = ("education.text", "education.languages", "education.canonical")


def test_packages_import_only_those_before_them(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    # It would switch off every logger that is there, for all tests of this process.
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda verbose: None)

    kept = lint_imports(config_filename="pyproject.toml", no_cache=True)

    assert kept == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_document_engine_knows_no_models_and_no_database():
    """import-linter can't forbid a part of Django, so the imports are read here."""
    for path in sorted((ROOT / "education" / "text").glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            forbidden = [
                name
                for name in modules
                if name.startswith(("django.db", "django.contrib"))
                or (name.startswith("education") and not name.startswith(ALLOWED_IN_TEXT))
            ]
            assert not forbidden, f"{path.name} imports {forbidden}"
