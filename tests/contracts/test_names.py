"""Names that the project gave up stay given up, and a class name means one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Old name: the name now. Tables, columns, triggers, event actions, addresses and JSON keys are data
# and keep theirs (``names.txt``), which is why migrations are left out.
MODULES = {
    "standing": "status", "marks": "pseudonyms", "presence": "active_editors",
    "extents": "citation_scope", "plans": "import_preview", "asked": "infobutton_request",
    "keeping": "backup", "front": "cache", "sending": "form_protection", "upkeep": "dashboard",
    "texts": "dashboard_texts", "signin": "accounts",
}  # fmt: skip
CLASSES_AND_FUNCTIONS = {
    "Standing": "PublicationStatus", "Fallen": "EvidenceStatus", "turn": "exclusive_transaction",
    "checks_at_the_end": "post_operation_hooks", "Gathered": "statuses_of",
    "RightNow": "timezone.now", "Leaf": "Page", "Pile": "WorkQueue", "press": "idempotency_key",
    "Beside": "ExtraNotices",
}  # fmt: skip
# Classes that Django or a base class looks for by this very name, once in each owner.
CALLED_SO_BY_FRAMEWORKS = {"Command", "Meta", "Migration", "Media", "Config", "Params"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("education", "portal", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def parsed() -> list[tuple[Path, ast.Module]]:
    return list(modules())


def test_no_module_or_template_has_an_old_name(parsed):
    files = [path for path, _ in parsed]
    files += [path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*.html")]
    old = {
        str(path): MODULES[part]
        for path in files
        for part in (*path.parent.parts, path.stem)
        if part in MODULES
    }
    assert old == {}


def test_no_class_or_function_has_an_old_name(parsed):
    old = [
        f"{path}:{node.lineno} {node.name}, now {CLASSES_AND_FUNCTIONS[node.name]}"
        for path, tree in parsed
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in CLASSES_AND_FUNCTIONS
    ]
    assert old == []


def test_a_class_name_means_one_thing(parsed):
    places = defaultdict(list)
    for path, tree in parsed:
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name not in CALLED_SO_BY_FRAMEWORKS:
                places[node.name].append(str(path))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert twice == {}
