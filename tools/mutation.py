"""
Mutation tests: change a rule or an operation in one place, and see whether a test fails.

cosmic-ray makes the changes. It writes each into the module itself, so it works on a copy of the
repository. The tests of the module's package try a change until one fails, beginning with a
database that was migrated once.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from start import BIN, PYTHON, ROOT, WORK, StartError, install
from tools.checks import Step, run_steps

MODULES = ("education/*/rules.py", "education/*/operations.py")
CONFIGURATION = """\
[cosmic-ray]
module-path = "{module}"
timeout = 900
excluded-modules = []
test-command = "{command}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = [
    # A comparison is changed once: "==" to "!=", "<" to "<=".
    "core/ReplaceComparisonOperator_(?!Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_Is|IsNot_Is$)",
    # "|" joins types, sets and Q objects here, and no numbers.
    "core/ReplaceBinaryOperator_BitOr_(?!BitAnd)",
]
"""
TESTS = "-m pytest -n 0 -x -q -p no:cacheprovider --reuse-db --hypothesis-profile=few"


def mutate(options: argparse.Namespace) -> int:
    """
    Print the changes of a module that no test misses; without a name, of all rules and operations.

    Folders or files of tests that are named as well are run instead of the package's own.

    Raises:
        StartError: what was named is no module of rules or operations.

    """
    known = sorted(
        path.relative_to(ROOT).as_posix() for glob in MODULES for path in ROOT.glob(glob)
    )
    modules = [name for name in options.rest if not name.startswith("tests/")]
    tests = [name for name in options.rest if name.startswith("tests/")]
    if unknown := set(modules) - set(known):
        names = "\n    ".join(["", *known])
        raise StartError(f"{min(unknown)} holds no rules or operations. These do:{names}")
    install(WORK)
    with tempfile.TemporaryDirectory(prefix="portal-mutants-") as temporary:
        folder = Path(temporary)
        migrated = folder / "migrated.sqlite3"
        os.chdir(_copy_of_repository(folder / "copy"))
        try:
            steps = [
                Step(
                    "migrate",
                    [str(PYTHON), "manage.py", "migrate", "--verbosity=0"],
                    {"DATABASE_URL": f"sqlite:///{migrated}", "DATA_DIR": temporary},
                )
            ]
            for module in modules or known:
                steps += _steps_for(module, tests or [_tests_of(module)], folder, migrated)
            return run_steps(steps)
        finally:
            os.chdir(ROOT)


def _tests_of(module: str) -> str:
    """The tests that have the name of a module's package."""
    return f"tests/{Path(module).parts[1]}"


def _copy_of_repository(copy: Path) -> Path:
    """Copy what git knows or would take, as it is now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


def _steps_for(module: str, tests: list[str], folder: Path, migrated: Path) -> list[Step]:
    """Try the unchanged module, then each change of it, and report those that survived."""
    name = module.removesuffix(".py").replace("/", ".")
    configuration, session = folder / f"{name}.toml", str(folder / f"{name}.sqlite")
    marks = "not journeys and not soak and not slow and not thorough"
    command = f"{PYTHON} {TESTS} -m '{marks}' {' '.join(tests)}"
    configuration.write_text(CONFIGURATION.format(module=module, command=command), "utf-8")
    tool, env = str(BIN / "cosmic-ray"), {"MIGRATED_SQLITE": str(migrated)}
    return [
        Step(f"{module}: the changes", [tool, "init", str(configuration), session]),
        Step(
            f"{module}: without those that say nothing",
            [str(BIN / "cr-filter-operators"), session, str(configuration)],
        ),
        Step(f"{module}: unchanged", [tool, "baseline", str(configuration)], env),
        Step(f"{module}: changed", [tool, "exec", str(configuration), session], env),
        Step(
            f"{module}: survivors",
            [str(BIN / "cr-report"), "--surviving-only", "--show-diff", session],
        ),
    ]
