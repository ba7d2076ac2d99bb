"""Directions that what-ifs state: the table of the documents is what the command prints, and verdicts are what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.api.library import what_if_rows
from sim.cli import main
from sim.experiments.compare.directions import Direction, directions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "comparisons.md"
ASKED = (
    ("omar-hidden-until-2018", "later revelation"),
    ("no-khorasan-oath", "refusal of pledges"),
    ("no-waziristan-operation", "no operation in North Waziristan"),
    ("no-succession-dispute", "no dispute"),
    ("crackdown-doubled-indiscriminate", "harder crackdown"),
)


def direction(difference: float, half: float, expected: str, no_effect: float = 1.0) -> Direction:
    low, high = difference - half, difference + half
    return Direction("x", "A1", "pledged_units", "2015-12", expected, difference, low, high, no_effect, 100)


@pytest.mark.core
@pytest.mark.parametrize(
    ("difference", "half", "expected", "verdict"),
    [
        (-2.0, 0.5, "lower", "shown"),
        (-0.5, 0.1, "lower", "too small"),
        (-2.0, 2.5, "lower", "not shown"),
        (2.0, 0.5, "lower", "opposite"),
        (0.5, 0.1, "lower", "not shown"),
        (2.0, 0.5, "higher", "shown"),
        (-2.0, 0.5, "higher", "opposite"),
        (0.2, 0.5, "same", "shown"),
        (0.2, 0.9, "same", "not shown"),
        (3.0, 0.1, "same", "not shown"),
    ],
)
def test_verdicts(difference: float, half: float, expected: str, verdict: str) -> None:
    assert direction(difference, half, expected).verdict == verdict


@pytest.mark.core
def test_what_the_articles_state_is_asked() -> None:
    stated = {row["name"] for row in what_if_rows() if any("direction" in one for one in row["readouts"])}
    assert [topic for name, topic in ASKED if name not in stated] == []


@pytest.mark.slow
def test_the_table_of_the_documents_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = re.search(r"<!-- directions -->\n\n(.*?)\n\n<!-- end of directions -->", page, re.DOTALL)
    assert table is not None
    # 1: not all directions show, and the table says so.
    assert main(["directions", "--markdown", "--quiet"]) == 1
    assert capsys.readouterr().out.strip() == table[1]
    assert "not shown" in table[1]


def test_alternatives_that_state_nothing_have_no_row() -> None:
    import sim

    told = sim.compare(
        "baseline", ["no-prison-release", "no-khorasan-oath"], runs=2, until="2014-03", progress=False
    )
    assert {one.what_if for one in directions(told)} <= {"no-khorasan-oath"}
