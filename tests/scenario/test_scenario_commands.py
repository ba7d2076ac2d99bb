"""``bayah check``, ``bayah schema`` and ``bayah evidence``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from sim.cli import cli
from sim.cli._shared import run_group
from sim.scenario.format import file_schema_text

pytestmark = pytest.mark.core

Captured = pytest.CaptureFixture[str]


def bayah(capsys: Captured, *words: str) -> tuple[int, str, str]:
    code = run_group(cli, words)
    out, err = capsys.readouterr()
    return code, out, err


def test_check_tells_that_a_file_holds(folder: Path, capsys: Captured) -> None:
    code, out, err = bayah(capsys, "check", "tiny.yaml")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "tiny.yaml: holds, 0 warnings"


def test_check_tells_all_problems_of_all_files(folder: Path, capsys: Captured) -> None:
    (folder / "a.yaml").write_text("extends: tiny.yaml\nweights: {b_embd: 1}\nperiod: {end: x}\n")
    code, out, err = bayah(capsys, "check", "a.yaml", "tiny.yaml", "something-quite-else.yaml")
    assert code == 2
    assert err.splitlines() == [
        "a.yaml:2:11: weights.b_embd: unknown key (did you mean 'b_embed'?)",
        "a.yaml:3:15: period.end: 'x' is not a month; write it as YYYY-MM, for example 2015-07",
        "something-quite-else.yaml: no such file",
    ]
    assert out.splitlines()[-1] == "tiny.yaml: holds, 0 warnings"


def test_strict_makes_warnings_count(folder: Path, capsys: Captured) -> None:
    (folder / "a.yaml").write_text("extends: tiny.yaml\nweights: {b_tie: 1}\n")
    code, out, _ = bayah(capsys, "check", "a.yaml")
    assert code == 0
    assert "a.yaml:2:18: warning: weights.b_tie: the number 1 has no source" in out.splitlines()
    assert bayah(capsys, "check", "a.yaml", "--strict")[0] == 1
    assert bayah(capsys, "check", "tiny.yaml", "--strict")[0] == 0


def test_check_as_json(folder: Path, capsys: Captured) -> None:
    code, out, err = bayah(capsys, "check", "tiny.yaml", "--set", "weights.b_embd=1", "--json")
    assert (code, err) == (2, "")
    (result,) = json.loads(out)["files"]
    assert result["holds"] is False
    assert result["errors"] == [
        {
            "file": "--set weights.b_embd=1",
            "line": 0,
            "column": 0,
            "path": "weights.b_embd",
            "message": "unknown path: weights has no 'b_embd' (did you mean 'b_embed'?)",
        }
    ]


def test_schema_is_printed_or_written(folder: Path, capsys: Captured) -> None:
    code, out, _ = bayah(capsys, "schema")
    assert (code, out) == (0, file_schema_text())
    assert bayah(capsys, "schema", "--out", "s.json") == (0, "", "")
    assert (folder / "s.json").read_text(encoding="utf-8") == file_schema_text()
    code, _, err = bayah(capsys, "schema", "--out", "none/s.json")
    assert (code, err) == (2, "none/s.json: no such file or directory\n")


def test_evidence_in_all_forms(folder: Path, capsys: Captured) -> None:
    code, out, _ = bayah(capsys, "evidence", "tiny.yaml", "--json")
    rows = json.loads(out)
    assert code == 0
    table = list(csv.DictReader(io.StringIO(bayah(capsys, "evidence", "tiny.yaml", "--csv")[1])))
    assert [row["path"] for row in table] == [row["path"] for row in rows]
    lines = bayah(capsys, "evidence", "tiny.yaml")[1].splitlines()
    assert len(lines) == len(rows) + 1
    assert lines[0].split() == ["path", "value", "unit", "prior", "class", "source"]
    summary = bayah(capsys, "evidence", "tiny.yaml", "--summary")[1].splitlines()
    counts = {line.split()[0]: line.split()[1:] for line in summary[1:]}
    judged = sum(row["class"] == "judgement" for row in rows)
    assert counts["all"] == [str(len(rows)), "100.0%"]
    assert counts["judgement"] == [str(judged), f"{judged / len(rows):.1%}"]


def test_evidence_of_what_does_not_hold(folder: Path, capsys: Captured) -> None:
    assert bayah(capsys, "evidence", "tny.yaml") == (
        2,
        "",
        "tny.yaml: no such file (did you mean 'tiny.yaml'?)\n",
    )


@pytest.mark.parametrize("command", ["check", "schema", "evidence"])
def test_help_has_an_example(command: str, capsys: Captured) -> None:
    code, out, _ = bayah(capsys, command, "--help")
    assert code == 0
    assert f"Example:\n    bayah {command}" in out
