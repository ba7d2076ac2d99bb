"""Who may import whom, and what an import costs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "matplotlib",
    "mesa",
    "networkx",
    "numba",
    "pandas",
    "pyarrow",
    "scipy",
    "solara",
    "yaml",
    "pydantic",
)

HEAVY_IN_HELP = ("matplotlib", "mesa", "networkx", "numba", "pandas", "pyarrow", "scipy", "solara")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("sim/rules/__init__.py", "import sim.engine", "The house has floors"),
        ("sim/errors.py", "def late():\n    import sim.cli", "The house has floors"),
        ("sim/scenario/quantities.py", "import sim.scenario.schema", "The schema knows nothing"),
        ("sim/rules/__init__.py", "import pandas", "The rules know nothing"),
        ("sim/engine/__init__.py", "import mesa", "Only the Mesa driver"),
    ],
)
def test_an_import_that_goes_up_is_found(
    copy_of_the_house: Path, module: str, line: str, contract: str
) -> None:
    with (copy_of_the_house / module).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{line}\n")
    result = lint_imports(copy_of_the_house)
    assert result.returncode == 1
    broken = [text for text in result.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(contract) for text in broken), result.stdout


def test_a_room_without_a_floor_is_found(copy_of_the_house: Path) -> None:
    (copy_of_the_house / "sim" / "attic.py").write_text("", encoding="utf-8")
    result = lint_imports(copy_of_the_house)
    assert result.returncode == 1
    assert "attic" in result.stdout


@pytest.mark.core
@pytest.mark.parametrize(
    "code",
    [
        "import sim",
        "import sim.cli",
        "from sim.cli import main; assert main(['--help']) == 0",
        "from sim.cli import main; assert main(['--version']) == 0",
        "from sim.cli import main; assert main(['no-such-command']) == 2",
    ],
)
def test_what_is_called_often_imports_nothing_heavy(code: str) -> None:
    script = f"import sys\n{code}\nprint('loaded', *(name for name in {HEAVY!r} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "loaded"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_nothing_heavy(name: str) -> None:
    script = (
        "import sys; from sim.cli import main\n"
        f"assert main([{name!r}, '--help']) == 0\n"
        f"print('loaded', *(name for name in {HEAVY_IN_HELP!r} if name in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "loaded"
