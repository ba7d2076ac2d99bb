"""``bayah mechanisms`` and ``bayah centre``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.cli import main
from sim.mechanisms import ARTICLES, MECHANISMS
from sim.scenario.bundled import bundled_root

Capture = pytest.CaptureFixture[str]
CENTRES = bundled_root() / "parts" / "centres.yaml"


@pytest.fixture
def no_sanctuary(tmp_path: Path) -> str:
    """The baseline without the sanctuary that M32 is about."""
    file = tmp_path / "no-sanctuary.yaml"
    file.write_text("extends: baseline\nevents: {resistance_sanctuary: null}\n", encoding="utf-8")
    return str(file)


@pytest.mark.core
def test_mechanisms_are_listed_with_their_articles(capsys: Capture) -> None:
    assert main(["mechanisms"]) == 0
    text = capsys.readouterr().out
    assert re.findall(r"^(M\d\d)  ", text, re.M) == [entry.id for entry in MECHANISMS]
    for entry in MECHANISMS:
        assert f"     {entry.statement}\n     rule sim.{entry.rule}; switch {entry.switch}, " in text
    assert all(f"  {key}  {citation}\n" in text for key, citation in ARTICLES.items())
    assert text.count("contested:") == text.count("off by default") == 2


@pytest.mark.core
def test_mechanisms_by_id(capsys: Capture) -> None:
    assert main(["mechanisms", "m8", "M53", "M08"]) == 0
    text = capsys.readouterr().out
    assert re.findall(r"^(M\d\d)  ", text, re.M) == ["M08", "M53"]
    assert ARTICLES["A1"] in text
    assert ARTICLES["A2"] not in text


@pytest.mark.core
def test_unknown_statements_are_all_told(capsys: Capture) -> None:
    assert main(["mechanisms", "M08", "M81", "omar"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "there is no statement 'M81'; there are M01 to M80",
        "there is no statement 'omar'; there are M01 to M80",
    ]


@pytest.mark.core
def test_mechanisms_as_json(capsys: Capture) -> None:
    assert main(["mechanisms", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["articles"] == ARTICLES
    assert [entry["id"] for entry in told["mechanisms"]] == [entry.id for entry in MECHANISMS]
    assert all(set(entry) == set(told["mechanisms"][0]) for entry in told["mechanisms"])
    assert {entry["direction"] for entry in told["mechanisms"]} == {"up", "down"}
    assert told["mechanisms"][22]["setting"] == {"patrons.{focus}.effort": 0.9}


def test_check_shows_what_a_switch_does(capsys: Capture) -> None:
    assert main(["mechanisms", "M14", "M23", "--check", "--seeds", "16"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "M14", "M23", "2"]
    assert lines[1].endswith("100%  shown (-)")
    assert lines[2].endswith("shown (+)")
    assert "foreign_fighters" in lines[1]
    assert lines[3].startswith("2 of 2 shown")


def test_check_as_json(capsys: Capture) -> None:
    assert main(["mechanisms", "M14", "--check", "--seeds", "8", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (found,) = told["statements"]
    assert (told["scenario"], told["seeds"]) == ("baseline", 8)
    assert found["verdict"] == "shown"
    assert found["difference"] == pytest.approx(found["on"] - found["off"])
    assert found["difference"] < -2 * found["error"] < 0
    assert found["changed"] == 1


def test_check_fails_where_a_statement_is_inert(no_sanctuary: str, capsys: Capture) -> None:
    words = ["mechanisms", "M14", "M32", "--check", "--seeds", "4", "--scenario", no_sanctuary]
    assert main([*words, "--json"]) == 1
    verdicts = {entry["id"]: entry["verdict"] for entry in json.loads(capsys.readouterr().out)["statements"]}
    assert verdicts == {"M14": "shown", "M32": "inert"}


def test_check_refuses_one_run_and_an_unknown_scenario(capsys: Capture) -> None:
    assert main(["mechanisms", "--check", "--seeds", "1"]) == 2
    assert "--seeds" in capsys.readouterr().err
    assert main(["mechanisms", "--check", "--scenario", "basline"]) == 2
    assert "did you mean 'baseline'" in capsys.readouterr().err


def test_the_bundled_centres_are_current(capsys: Capture) -> None:
    """``bayah centre --out scenarios/parts/centres.yaml`` writes them anew."""
    assert main(["centre", "--check"]) == 0, capsys.readouterr().out
    assert "current" in capsys.readouterr().out


def test_centre_writes_what_is_bundled(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "centres.yaml"
    assert main(["centre", "baseline", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == CENTRES.read_text(encoding="utf-8")
    lines = capsys.readouterr().out.splitlines()
    assert "34 of 38 factions" in lines[0]
    assert [line.split()[0] for line in lines[2:6]] == ["embed", "ideology", "resource", "recruits"]
    assert main(["centre", "--check", "--out", str(out)]) == 0


def test_centre_as_json(capsys: Capture) -> None:
    assert main(["centre", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert f"# inputs {told['inputs']}\n" in CENTRES.read_text(encoding="utf-8")
    assert told["shift_sum"]["iskp"] == pytest.approx(sum(told["shift"]["iskp"].values()))


@pytest.mark.parametrize("old", ["embed: 0.", "# inputs "])
def test_a_stale_file_is_found(old: str, tmp_path: Path, capsys: Capture) -> None:
    stale = tmp_path / "centres.yaml"
    stale.write_text(CENTRES.read_text(encoding="utf-8").replace(old, f"{old}9", 1), encoding="utf-8")
    assert main(["centre", "--check", "--out", str(stale)]) == 1
    assert "stale; write it anew with `bayah centre baseline --out" in capsys.readouterr().out
    assert main(["centre", "--check", "--out", str(stale), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["current"] is False


def test_changed_attributes_make_the_centres_stale(tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("extends: baseline\nfactions: {imu: {youth: 0.9}}\n", encoding="utf-8")
    assert main(["centre", str(other), "--check"]) == 1
    assert "stale" in capsys.readouterr().out


def test_a_scenario_without_centres_has_nothing_to_check(tmp_path: Path, capsys: Capture) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text("extends: baseline\ndecision: {centres: null}\n", encoding="utf-8")
    assert main(["centre", str(bare), "--check"]) == 2
    assert "it has no centres" in capsys.readouterr().err
    assert main(["centre", str(bare), "--check", "--out", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: no such file" in capsys.readouterr().err
