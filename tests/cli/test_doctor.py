"""``bayah doctor`` finds what is wrong with an installation, and says what to do."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sim.api.health import self_test
from sim.api.health.cache import clean, look_at
from sim.api.health.versions import dependency_checks, extra_checks
from sim.cli import cli

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "golden.json"
BROKEN_CACHE = """
import sys
from sim.jit import cache_folder, jit_apart
from sim.rules.common import clamp
from sim.cli._shared import errors_as_lines
if sys.argv[1] == "use":
    with errors_as_lines():
        clamp(2.0)
else:
    assert clamp(2.0) == 1.0
print(cache_folder())
"""


def doctor(*words: str, **variables: str) -> tuple[int, dict[str, Any], str]:
    result = subprocess.run(
        [sys.executable, "-m", "sim", "doctor", "--json", *words], capture_output=True, text=True, check=False,
        env={**os.environ, **variables}, timeout=600,
    )  # fmt: skip
    assert "Traceback" not in result.stderr
    return result.returncode, json.loads(result.stdout), result.stderr


def named(told: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [check for check in told["checks"] if check["name"] == name]
    return dict(found)


@pytest.mark.slow
def test_this_installation_is_in_order() -> None:
    code, told, _ = doctor()
    assert [check for check in told["checks"] if not check["good"]] == []
    assert code == 0
    assert told["healthy"]
    assert named(told, "mesa")["bound"] == ">=3.3.1,<4"
    run = named(told, "run")
    assert run["equal"]
    assert run["engine"] == run["expected"]


@pytest.mark.core
def test_the_self_test_expects_what_the_golden_runs_hold() -> None:
    """Where this fails the model was changed: `make golden` writes both anew."""
    expected = json.loads(self_test.EXPECTED.read_text(encoding="utf-8"))
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))[expected["scenario"]][str(expected["seed"])]
    assert expected["digest"] == golden["digest"]
    assert expected["summary"] == golden["summary"]


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    code, told, _ = doctor("--no-run", BAYAH_CACHE=str(tmp_path / "file" / "cache"))
    assert code == 1
    assert not told["healthy"]
    folder = named(told, "folder")
    assert not folder["writable"]
    assert "cannot be written" in folder["problem"]
    assert "BAYAH_CACHE" in folder["remedy"]
    assert "run" not in {check["name"] for check in told["checks"]}


def in_a_process(word: str, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BROKEN_CACHE, word], capture_output=True, text=True, check=False,
        env={**os.environ, "BAYAH_CACHE": str(cache)}, timeout=300,
    )  # fmt: skip


@pytest.mark.slow
def test_broken_files_of_the_cache_are_found_and_removed(tmp_path: Path) -> None:
    """As a power cut leaves them: real compiled code, cut off; a run says so in a line."""
    folder = Path(in_a_process("make", tmp_path).stdout.strip())
    (tmp_path / "compiled" / "of-another-version").mkdir()
    (broken,) = folder.rglob("common.clamp-*.nbi")
    for kept in (40, 0):
        broken.write_bytes(broken.read_bytes()[:kept])
        assert "compiled code in the cache is broken" in in_a_process("use", tmp_path).stderr

    code, told, _ = doctor("--no-run", BAYAH_CACHE=str(tmp_path))
    assert code == 1
    assert named(told, "broken")["files"] == [str(broken)]
    assert named(told, "broken")["remedy"] == "bayah doctor --clean"
    assert named(told, "stale")["entries"] == 1

    code, told, stderr = doctor("--no-run", "--clean", BAYAH_CACHE=str(tmp_path))
    assert code == 0
    assert "removed" in stderr
    assert named(told, "stale")["entries"] == 0
    assert [place for place in tmp_path.rglob("*") if place.is_file()] == []
    assert in_a_process("use", tmp_path).returncode == 0


class Burglar:
    """Unpickled, it would leave a trace."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("trace",))


def test_nothing_in_the_cache_is_loaded_to_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "compiled" / "this"
    folder.mkdir(parents=True)
    (folder / "a.py313.1.nbc").write_bytes(pickle.dumps(Burglar()))
    monkeypatch.setattr("sim.jit.cache_folder", lambda: folder)
    found = look_at()
    assert found.broken == ()
    assert found.size > 0
    assert not found.compiled
    assert clean(found) == found.size
    assert not folder.exists()
    assert not (tmp_path / "trace").exists()


METADATA = """\
Metadata-Version: 2.4
Name: {name}
Version: {version}
Requires-Python: >=3.11
"""


def install(folder: Path, name: str, version: str, *requirements: str) -> None:
    """Metadata as an installer leaves it."""
    place = folder / f"{name}-{version}.dist-info"
    place.mkdir()
    lines = [
        METADATA.format(name=name, version=version),
        *(f"Requires-Dist: {line}\n" for line in requirements),
    ]
    (place / "METADATA").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose installations hide those of this environment."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_dependencies_that_are_missing_too_old_or_broken_are_told(elsewhere: Path) -> None:
    (elsewhere / "brokenthing.py").write_text("raise RuntimeError('half of it is missing')\n")
    install(elsewhere, "brokenthing", "2.0")
    install(elsewhere, "numpy", "2.0.1")
    install(elsewhere, "bayah", "9.9", "numpy>=2.1", "nosuchthing<3,>=1", "brokenthing>=1", "click>=8.1")
    found = {check.name: check for check in dependency_checks()}
    assert found["click"].good
    assert found["numpy"].problem == "2.0.1 is not within >=2.1"
    assert found["numpy"].remedy == "pip install 'numpy>=2.1'"
    assert found["nosuchthing"].problem == "not installed"
    assert found["nosuchthing"].values["bound"] == ">=1,<3"
    assert "half of it is missing" in found["brokenthing"].problem
    assert "--force-reinstall" in found["brokenthing"].remedy


def test_an_extra_that_is_not_there_is_no_problem_but_one_that_is_unfit_is(elsewhere: Path) -> None:
    install(elsewhere, "somemesa", "3.4", "nosuchserver>=1; extra == 'viz'", "nosuchchart; extra == 'other'")
    install(elsewhere, "oldlearn", "1.0")
    install(
        elsewhere, "bayah", "9.9", "click", "somemesa[viz]>=3; extra == 'viz'", "oldlearn>=1.5; extra == 'analysis'",
        "click>=8; extra == 'docs'", "nosuchlinter; extra == 'dev'",
    )  # fmt: skip
    found = {check.name: check for check in extra_checks()}
    assert set(found) == {"analysis", "docs", "viz"}
    assert found["docs"].good
    assert found["docs"].values["present"]
    assert found["viz"].good
    assert found["viz"].values["missing"] == ["nosuchserver"]
    assert found["viz"].remedy == "pip install 'bayah[viz]'"
    assert found["analysis"].problem == "oldlearn 1.0 is not within >=1.5"


def test_without_its_dependencies_no_run_is_tried(elsewhere: Path) -> None:
    install(elsewhere, "bayah", "9.9", "numba>=999")
    result = CliRunner().invoke(cli, ["doctor"])
    assert result.exit_code == 1
    assert "!!  numba" in result.output
    assert "no run can be made before the dependencies are in order" in result.output
    assert "do: pip install 'numba>=999'" in result.output
    assert "Compiled code" not in result.output


def test_a_run_that_breaks_down_is_told(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "numba.py").write_text("raise SystemError('bad machine code')\n")
    monkeypatch.setenv("PYTHONPATH", str(elsewhere))
    check = self_test.self_test_check()
    assert check.problem == "SystemError: bad machine code"
    assert "--clean" in check.remedy


def test_records_are_judged_by_their_bits_then_by_their_numbers() -> None:
    expected = json.loads(self_test.EXPECTED.read_text(encoding="utf-8"))
    seconds = {"engine_seconds": 1.0, "mesa_seconds": 1.0}
    same = {
        "engine": expected["digest"],
        "mesa": expected["digest"],
        "summary": expected["summary"],
        **seconds,
    }
    assert "bit for bit" in self_test.judged(same).told

    near = {name: value * (1 + 1e-14) for name, value in expected["summary"].items()}
    check = self_test.judged({**same, "engine": "a", "mesa": "a", "summary": near})
    assert check.good
    assert "last bits" in check.told

    far = {**expected["summary"], "switches": expected["summary"]["switches"] + 1}
    check = self_test.judged({**same, "engine": "a", "mesa": "a", "summary": far})
    assert "not what this version of Bayah recorded" in check.problem

    check = self_test.judged({**same, "engine": "a"})
    assert "drivers" in check.problem
