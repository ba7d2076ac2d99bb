"""``bayah results``: what it says, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from tests.experiments.stores import store_of_kind


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of_kind(tmp_path_factory.mktemp("whole") / "store", "failing")


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    shutil.copytree(whole, folder)
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[int, str, str]:
    code = main(["results", *map(str, words)])
    out, errors = capsys.readouterr()
    return code, out, errors


def told_json(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[int, Any]:
    code, out, _ = told(capsys, *words, "--json")
    return code, json.loads(out)


def test_status_of_a_whole_sweep(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    code, out, errors = told(capsys, "status", store)
    assert (code, errors) == (0, "")
    for line in (
        "A small sweep",
        "  runs        60 of 60 (3 points, 20 at each)",
        "  chunks      9 of 9 done, 7 runs each",
        "  failed      20",
        "    20 x no row left for a splinter",
        "  varied      weights.split_hazard",
        "  allegiances counted",
        f"  complete; look at it: bayah plot {store}",
    ):
        assert line in out.splitlines()
    code, about = told_json(capsys, "status", store)
    assert (code, about["kept"], about["failed"], about["missing"]) == (0, 60, 20, [])
    assert about["reasons"] == {"no row left for a splinter": 20}
    assert about["complete"]
    assert about["keep"]["trajectories"] == "all"


def test_status_of_a_sweep_that_is_not(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    for chunk in (1, 2, 3, 7):
        (store / f"summary/part-{chunk:05d}.parquet").unlink()
    (store / "trajectories/part-00005.parquet").write_bytes(b"PAR1")
    code, out, _ = told(capsys, "status", store)
    assert code == 0
    assert "  chunks      4 of 9 done, 7 runs each" in out
    assert "  damaged     1 files" in out
    assert f"  to go on: bayah sweep small --out {store}" in out
    code, about = told_json(capsys, "status", store)
    assert about["missing"] == ["1-3", "5", "7"]
    assert about["damaged"] == [str(store / "trajectories/part-00005.parquet")]
    assert not about["complete"]


def test_verify_says_by_its_exit_code(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    code, out, errors = told(capsys, "verify", store)
    assert (code, errors) == (0, "")
    assert "sound and complete: 60 runs, 20 failed" in out
    (store / "summary/part-00002.parquet").unlink()
    code, out, _ = told(capsys, "verify", store)
    assert code == 3
    assert "missing: 1 of 9 chunks (2)" in out
    assert "to make what is missing: bayah sweep small" in out
    part = store / "trajectories/part-00004.parquet"
    part.write_bytes(b"")
    code, out, _ = told(capsys, "verify", store, "--dry-run")
    assert code == 1
    assert f"{part}: is empty" in out
    assert "nothing was put aside\n" in out
    assert part.exists()
    code, about = told_json(capsys, "verify", store)
    assert (code, about["sound"], about["missing"]) == (1, False, ["2"])
    assert about["findings"][0]["what"] == "is empty"
    assert not part.exists()
    assert Path(about["findings"][0]["aside"]).exists()
    code, about = told_json(capsys, "verify", store)
    assert (code, about["sound"], about["missing"]) == (3, True, ["2", "4"])


def test_compact_and_then_everything_else(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    code, out, errors = told(capsys, "compact", store)
    assert (code, errors) == (0, "")
    assert "are now 4 (" in out
    code, out, _ = told(capsys, "compact", store)
    assert (code, out[:16]) == (0, "nothing to merge")
    assert told(capsys, "verify", store)[0] == 0
    assert told_json(capsys, "status", store)[1]["kept"] == 60
    (store / "summary").rename(store / ".summary")
    code, _, errors = told(capsys, "compact", store)
    assert code == 3
    assert "9 of 9 chunks are missing; go on with the same bayah sweep, then compact" in errors


def test_export(capsys: pytest.CaptureFixture[str], store: Path, tmp_path: Path) -> None:
    to = tmp_path / "some.csv"
    words = ("export", store, "--table", "trajectories", "--outcomes", "attacks", "--points", "0", "--to", to)
    code, out, errors = told(capsys, *words)
    assert (code, errors) == (0, "")
    assert out.startswith(f"480 rows of trajectories written to {to}; units and meanings in {tmp_path}")
    assert list(pd.read_csv(to).columns) == ["run", "point", "month", "attacks"]
    code, _, errors = told(capsys, *words)
    assert (code, errors) == (2, f"{to}: is there already; --force replaces it\n")
    (store / "summary/part-00000.parquet").unlink()
    assert main(["results", *map(str, words), "--force", "--json"]) == 0
    out, errors = capsys.readouterr()
    assert errors == "the sweep is not complete: 53 of 60 runs are kept\n"
    assert json.loads(out)["rows"] == 480


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("status", "nowhere"), "nowhere: there is no such folder"),
        (("verify", "nowhere"), "nowhere: there is no such folder"),
        (("compact", "."), ".: is not the folder of a sweep: it has no manifest.json"),
        (("export", "nowhere", "--to", "a.csv"), "nowhere: there is no such folder"),
        (
            ("export", "STORE", "--to", "a.csv", "--points", "x"),
            "write whole numbers with commas between them",
        ),
        (("export", "STORE", "--to", "a.csv", "--points", "99"), "there is no point 99; points are 0 to 2"),
        (("veriffy", "x"), "there is no command 'veriffy' (did you mean 'verify'?)"),
    ],
)
def test_errors_are_lines(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    whole: Path,
    words: tuple[str, ...],
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, errors = told(capsys, *(str(whole) if word == "STORE" else word for word in words))
    assert (code, out) == (2, "")
    assert line in errors
    assert "Traceback" not in errors


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("status",), ("verify",), ("compact",), ("export",)):
        code, out, _ = told(capsys, *words, "--help")
        assert code == 0
        assert f"bayah results {' '.join(words)}" in out.split("Examples:")[1]


def test_a_bar_on_a_terminal_only(store: Path) -> None:
    words = [sys.executable, "-m", "sim", "results", "verify", str(store)]
    piped = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (piped.returncode, piped.stderr) == (0, "")
    mine, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
    os.close(theirs)
    seen = os.read(mine, 100_000).decode()
    os.close(mine)
    assert done.returncode == 0
    assert "100%" in seen
