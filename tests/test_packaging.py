"""What ends up in the wheel, and that the wheel alone is enough."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
import yaml
from licences import FILE as LICENCES
from licences import MEANT, copyleft, direct, licence_of, name_of

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = "sim/_bundled/"
TABLES = {"factions.parquet", "patrons.parquet", "regions.parquet", "events.parquet", "decisions.parquet"}

slow = pytest.mark.slow


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


@slow
def test_the_wheel_holds_the_package_and_every_bundled_scenario_and_design(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = (path for path in (ROOT / "sim").rglob("*.*") if "__pycache__" not in path.parts)
    modules = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"sim/odd/document.py", "sim/odd/text/purpose.md.j2", "sim/odd/data/columns.yaml"} <= modules
    assert {"sim/py.typed", "sim/report/page.html", "sim/api/health/expected.json"} <= modules
    bundled = {
        path.relative_to(ROOT).as_posix()
        for folder in ("scenarios", "experiments")
        for path in (ROOT / folder).rglob("*.*")
    }
    assert modules <= names
    assert {"scenarios/baseline.yaml", "experiments/omar-by-successor.yaml"} <= bundled
    assert "scenarios/posterior.parquet" in bundled
    assert {name.removeprefix(BUNDLED) for name in names if name.startswith(BUNDLED)} == bundled
    assert all(name.startswith(("sim/", "bayah-")) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


@slow
def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        told = message_from_string(archive.read(name).decode("utf-8"))
    assert told["Name"] == "bayah"
    assert told["License-Expression"] == "Apache-2.0"
    assert told["Requires-Python"] == ">=3.11"
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload().startswith("# Bayah")
    assert told.get_all("Project-URL") is None
    assert "Typing :: Typed" in told.get_all("Classifier", [])
    assert set(told.get_all("Provides-Extra", [])) >= {"analysis", "cluster", "inference", "notebooks", "viz"}
    lines = [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert set(map(name_of, lines)) == set(map(name_of, direct()[""]))


@slow
def test_the_source_archive_can_be_tested(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "CITATION.cff", "tests/test_packaging.py"} <= names
    assert {"scenarios/baseline.yaml", "experiments/omar-by-successor.yaml"} <= names
    assert {"notebooks/01-first-run.py", "notebooks/01-first-run.ipynb"} <= names


@slow
def test_the_wheel_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = call([installed / "python", "-c", "import sim; print(sim.__file__)"], tmp_path).stdout.strip()
    assert Path(where).is_relative_to(installed.parent)
    call([installed / "python", "-m", "pip", "check"], tmp_path)
    assert "Commands:" in call([installed / "bayah", "--help"], tmp_path).stdout
    assert call([installed / "bayah", "--version"], tmp_path).stdout == f"bayah {project()['version']}\n"

    found = json.loads(call([installed / "bayah", "doctor", "--no-run", "--json"], tmp_path).stdout)
    assert found["healthy"]
    extras = {check["name"]: check["present"] for check in found["checks"] if check["section"] == "extras"}
    assert not extras["viz"]
    assert not extras["inference"]

    told = call([installed / "bayah", "list"], tmp_path).stdout
    assert "baseline" in told
    assert "omar-by-successor" in told
    checked = call([installed / "bayah", "check", "omar-by-successor"], tmp_path).stdout
    assert "10,400 runs" in checked

    # Compiling, which every new place of the sources asks for, takes ten times as long as these two runs in plain Python.
    plain = {"NUMBA_DISABLE_JIT": "1"}
    words: list[str | Path] = [installed / "bayah", "run", "baseline", "--no-figures", "--out", "first"]
    assert "Taliban" in call(words, tmp_path, **plain).stdout
    first = tmp_path / "first"
    assert {path.name for path in first.iterdir()} >= TABLES | {"manifest.json", "scenario.resolved.yaml"}
    assert json.loads((first / "manifest.json").read_text(encoding="utf-8"))

    # The scenario that a run wrote runs again by itself, to the same tables.
    again = [installed / "bayah", "run", first / "scenario.resolved.yaml", "--no-figures", "--out", "second"]
    call(again, tmp_path, **plain)
    compare = (
        "import pandas, sys; a, b = map(pandas.read_parquet, sys.argv[1:]); assert len(a); assert a.equals(b)"
    )
    for table in sorted(TABLES):
        call([installed / "python", "-c", compare, first / table, tmp_path / "second" / table], tmp_path)


def project() -> dict[str, Any]:
    """What pyproject.toml says of the project."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["project"])


def test_every_file_names_the_same_version() -> None:
    version = project()["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == version
    released = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert released[0] == version


def test_the_citation_holds_what_programs_ask_for() -> None:
    """The fields that the Citation File Format 1.2.0 requires, and those used here, with the values it allows."""
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert told["cff-version"] == "1.2.0"
    assert told["type"] == "software"
    assert told["license"] == project()["license"]
    assert told["title"].startswith("Bayah")
    assert told["message"]
    assert told["authors"]
    assert all(set(author) <= {"name", "given-names", "family-names", "orcid"} for author in told["authors"])
    assert len(set(told["keywords"])) == len(told["keywords"]) > 0
    allowed = {
        "cff-version",
        "message",
        "type",
        "title",
        "abstract",
        "authors",
        "version",
        "date-released",
        "license",
    }
    assert set(told) <= allowed | {"keywords", "doi", "references"}


def test_the_licence_of_every_direct_dependency_is_told() -> None:
    """Where this fails: `python -m tests.licences`."""
    rows = dict(re.findall(r"^\| (\S+) \| (.+) \|$", LICENCES.read_text(encoding="utf-8"), re.MULTILINE))
    names = {name_of(line) for lines in direct().values() for line in lines}
    assert sorted(names - set(rows)) == []
    for name in map(name_of, direct()[""]):
        assert rows[name].startswith(licence_of(name)), name
    assert "not told" not in rows.values()
    marked = {name for name, licence in rows.items() if copyleft(licence)}
    assert marked == set(MEANT)
    assert all("**copyleft**" in rows[name] for name in marked)


@pytest.mark.parametrize(
    ("licence", "weak"),
    [
        ("GPL-3.0-or-later", True),
        ("GNU Lesser General Public License v3", True),
        ("LGPLv2+", True),
        ("AGPL-3.0", True),
        ("MPL-2.0 AND MIT", True),
        ("Mozilla Public License 2.0 (MPL 2.0)", True),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", False),
        ("Python Software Foundation License", False),
        ("MIT-CMU", False),
    ],
)
def test_copyleft_is_told_from_the_rest(licence: str, weak: bool) -> None:
    assert copyleft(licence) is weak
