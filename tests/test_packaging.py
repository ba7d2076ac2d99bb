"""What ends up in the wheel, and that the wheel alone is enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = "sim/_bundled/"
TABLES = {"factions.parquet", "patrons.parquet", "regions.parquet", "events.parquet", "decisions.parquet"}

pytestmark = pytest.mark.slow


def call(words: list[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a stranger would: no trace of this checkout in its surroundings."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "COV_", "COVERAGE_", "NUMBA_", "BAYAH_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    result = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )
    assert result.returncode == 0, f"{words}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return result


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    call([sys.executable, "-m", "build", "--outdir", folder, ROOT], folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel and what it asks for, no more."""
    environment = tmp_path_factory.mktemp("installed") / "venv"
    call([sys.executable, "-m", "venv", environment], wheel.parent)
    commands = environment / ("Scripts" if sys.platform == "win32" else "bin")
    # Compiling every file of every dependency takes longer than the few imports that follow.
    call([commands / "python", "-m", "pip", "install", "--quiet", "--no-compile", wheel], wheel.parent)
    return commands


def test_the_wheel_holds_the_package_and_every_bundled_scenario_and_design(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = (path for path in (ROOT / "sim").rglob("*.*") if "__pycache__" not in path.parts)
    modules = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"sim/odd/document.py", "sim/odd/text/purpose.md.j2", "sim/odd/data/columns.yaml"} <= modules
    bundled = {
        path.relative_to(ROOT).as_posix()
        for folder in ("scenarios", "experiments")
        for path in (ROOT / folder).rglob("*.*")
    }
    assert modules <= names
    assert {"scenarios/baseline.yaml", "experiments/omar-by-successor.yaml"} <= bundled
    assert {name.removeprefix(BUNDLED) for name in names if name.startswith(BUNDLED)} == bundled
    assert all(name.startswith(("sim/", "bayah-")) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_archive_can_be_tested(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "CITATION.cff", "tests/test_packaging.py"} <= names
    assert {"scenarios/baseline.yaml", "experiments/omar-by-successor.yaml"} <= names
    assert {"notebooks/01-first-run.py", "notebooks/01-first-run.ipynb"} <= names


def test_the_wheel_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = call([installed / "python", "-c", "import sim; print(sim.__file__)"], tmp_path).stdout.strip()
    assert Path(where).is_relative_to(installed.parent)

    told = call([installed / "bayah", "list"], tmp_path).stdout
    assert "baseline" in told
    assert "omar-by-successor" in told
    checked = call([installed / "bayah", "check", "omar-by-successor"], tmp_path).stdout
    assert "10,400 runs" in checked

    cache = {"BAYAH_CACHE": str(tmp_path / "cache")}
    words: list[str | Path] = [installed / "bayah", "run", "baseline", "--no-figures", "--out", "first"]
    assert "Taliban" in call(words, tmp_path, **cache).stdout
    first = tmp_path / "first"
    assert {path.name for path in first.iterdir()} >= TABLES | {"manifest.json", "scenario.resolved.yaml"}
    assert json.loads((first / "manifest.json").read_text(encoding="utf-8"))

    # The scenario that a run wrote runs again by itself, to the same tables.
    again = [installed / "bayah", "run", first / "scenario.resolved.yaml", "--no-figures", "--out", "second"]
    call(again, tmp_path, **cache)
    compare = (
        "import pandas, sys; a, b = map(pandas.read_parquet, sys.argv[1:]); assert len(a); assert a.equals(b)"
    )
    for table in sorted(TABLES):
        call([installed / "python", "-c", compare, first / table, tmp_path / "second" / table], tmp_path)
