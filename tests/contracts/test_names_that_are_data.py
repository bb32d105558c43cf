"""
Names that other people's data, programs and paper hold are never changed or taken away.

``names.txt`` lists them. A new name is added to it with

    python -m tests.contracts.test_names_that_are_data
"""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("names.txt")


def names() -> set[str]:
    """Every name that is data, each with what it names."""
    from django.core.management import get_commands

    from education.audit.triggers import TRIGGERS
    from education.connect.openapi import document

    settings = (ROOT / "portal" / "settings.py").read_text("utf-8")
    metrics = (ROOT / "portal" / "operating" / "metrics.py").read_text("utf-8")
    sources = [
        path.read_text("utf-8")
        for folder in ("education", "portal")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    found = {
        "trigger": [trigger.name for trigger in TRIGGERS],
        "event action": {action for source in sources for action in _actions(source)},
        "address": _addresses(),
        "JSON key": _json_keys(document()["components"]["schemas"]),
        "metric": re.findall(r'"(portal_[a-z_]+)"', metrics),
        "command": [
            name
            for name, app in get_commands().items()
            if app == "education" and name != "migrate"  # Django's
        ],
        "environment variable": re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', settings),
        "file in DATA_DIR": [
            name
            for source in sources
            for name in re.findall(r'(?:DATA_DIR|data_dir) / ["\']([^"\']+)', source)
        ],
        **_of_the_database(),
    }
    return {f"{kind}: {name}" for kind, listed in found.items() for name in listed}


def _of_the_database() -> dict[str, list[str]]:
    from django.apps import apps

    models = list(apps.get_app_config("education").get_models(include_auto_created=True))
    tables = [model._meta for model in models]
    return {
        "table": [meta.db_table for meta in tables],
        "column": [f"{m.db_table}.{field.column}" for m in tables for field in m.concrete_fields],
        "constraint": [f"{m.db_table}.{each.name}" for m in tables for each in m.constraints],
        "subject type": [m.model_name for m in tables if not m.auto_created],
    }


def _addresses() -> Iterator[str]:
    """The patterns of readers, clinics and machines; the desk's follow Django's admin."""
    from django.urls import URLPattern, get_resolver

    waiting: list[tuple[str, Any]] = [("/", get_resolver())]
    while waiting:
        before, resolver = waiting.pop()
        for entry in resolver.url_patterns:
            address = before + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield address
            elif not address.startswith("/admin/"):
                waiting.append((address, entry))


def _json_keys(schemas: dict[str, Any]) -> Iterator[str]:
    waiting = list(schemas.items())
    while waiting:
        name, schema = waiting.pop()
        for key, inner in schema.get("properties", {}).items():
            yield f"{name}.{key}"
            waiting.append((f"{name}.{key}", inner))
        inside = (schema.get(inner) for inner in ("items", "additionalProperties"))
        waiting += [(f"{name}[]", inner) for inner in inside if isinstance(inner, dict)]


def _actions(source: str) -> Iterator[str]:
    """The action of each event that a module records, and of the baseline in its migration."""
    if "record(" not in source and "'action':" not in source:
        return
    module = ast.parse(source)
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
            yield from _strings(node.args[0], assigned)
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if getattr(key, "value", "") == "action":
                    yield from _strings(value, assigned)


def _strings(node: ast.expr, assigned: dict[str, list[ast.expr]]) -> list[str]:
    """What an expression that makes a string may be, read from the names of its module."""
    from education.review.models import Review

    match node:
        case ast.Constant():
            return [str(node.value)]
        case ast.JoinedStr():
            alternatives = [_strings(part, assigned) for part in node.values]
            return ["".join(parts) for parts in product(*alternatives)]
        case ast.Name(id="decision"):
            return list(Review.Decision.values)
        case ast.Name():
            inside = assigned[node.id]
        case ast.IfExp():
            inside = [node.body, node.orelse]
        case ast.Dict():
            inside = node.values
        case ast.FormattedValue() | ast.Subscript():
            inside = [node.value]
        case _:
            raise AssertionError(f"An event's action can't be read from {ast.unparse(node)}.")
    return [name for part in inside for name in _strings(part, assigned)]


def test_no_name_that_is_data_was_changed_or_taken_away():
    listed, there = set(LIST.read_text("utf-8").splitlines()), names()

    assert sorted(listed - there) == []
    assert sorted(there - listed) == [], "New: add them as the head of this file says."


if __name__ == "__main__":
    import django

    django.setup()
    kept = set(LIST.read_text("utf-8").splitlines()) if LIST.exists() else set()
    LIST.write_text("\n".join(sorted(kept | names())) + "\n", "utf-8")
