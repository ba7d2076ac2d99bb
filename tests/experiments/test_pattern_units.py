# ruff: noqa: E501 - one case a line
"""Coded units: read, told of where they do not hold, turned into a record of one run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import ExperimentError
from sim.experiments.patterns.records import SIDES
from sim.experiments.patterns.statistics import STATISTICS
from sim.experiments.patterns.units import Units, read_units
from sim.scenario.bundled import bundled_folder
from sim.scenario.load import load
from sim.scenario.quantities import month_index

pytestmark = pytest.mark.core
START = month_index("2015-01")
TEXT = """unit,cluster,first_support,first_oath,side_2015_12,embedded,salafi,bloc
red,one,2015-02,2015-04,focus,0,1,x
blue,one,,,incumbent,1,0,x
green,,2014-09,,alone,0,0,y
grey,two,,2017-03,incumbent,1,0,y
"""


@pytest.fixture
def units(tmp_path: Path) -> Units:
    return read(tmp_path, TEXT)


def read(folder: Path, text: str | bytes) -> Units:
    path = folder / "units.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_units(path, "units.csv")


def test_what_is_coded(units: Units) -> None:
    assert units.names == ("red", "blue", "green", "grey")
    assert units.clusters == ("one", "one", "green", "two")
    assert units.oath == (month_index("2015-04"), None, None, month_index("2017-03"))
    assert units.support[2] == month_index("2014-09")
    assert units.pledged.tolist() == [True, False, False, True]
    assert units.sides == {month_index("2015-12"): ("focus", "incumbent", "alone", "incumbent")}
    assert dict(units.traits) == {"embedded": (0, 1, 0, 1), "salafi": (1, 0, 0, 0), "bloc": tuple("xxyy")}


def test_the_record_is_one_run(units: Units) -> None:
    of = units.records(START, 24)
    assert (of.runs, of.months, of.units) == (1, 24, units.names)
    # What was before the first month or after the last one is no date of the run.
    assert of.oath.tolist() == [[3, -1, -1, -1]]
    assert units.records(START, 27).oath.tolist() == [[3, -1, -1, 26]]
    assert of.support[0].tolist()[0] == 1
    assert [SIDES[side] for side in of.side(11)[0]] == ["focus", "incumbent", "alone", "incumbent"]
    assert of.trait("embedded").tolist() == [0, 1, 0, 1]
    ask = {name: one.function for name, one in STATISTICS.items()}
    assert ask["pledged_ever"](of).tolist() == [1]
    assert ask["share_on_side"](of, side="incumbent", month="2015-12").tolist() == [0.5]
    assert ask["pledge_gap"](of, trait="embedded").tolist() == [0.5]


def test_support_before_the_first_month_counts_from_it(units: Units) -> None:
    """A unit that stood there before the runs begin is there in their first month, as a run would have it."""
    assert units.records(START, 24).support[0, 2] == 0


def test_some_of_the_units_in_their_own_order(units: Units) -> None:
    of = units.records(START, 24, ["grey", "red"])
    assert of.units == ("grey", "red")
    assert of.oath.tolist() == [[-1, 3]]
    assert of.trait("bloc").tolist() == ["y", "x"]
    assert units.order(["green", "red"]) == [2, 0]
    with pytest.raises(ValueError, match="not in"):
        units.order(["pink"])


def test_an_outcome_turned_round_is_all_that_changes(units: Units) -> None:
    for name in units.names:
        turned = units.flipped(name)
        changed = [n for n in range(4) if turned.pledged[n] != units.pledged[n]]
        assert changed == [units.names.index(name)]
        assert turned.traits == units.traits
        sides, before = turned.sides[month_index("2015-12")], units.sides[month_index("2015-12")]
        row = units.names.index(name)
        assert sides[row] == ("incumbent" if units.pledged[row] else "focus")
        assert np.delete(np.array(sides), row).tolist() == np.delete(np.array(before), row).tolist()
        assert turned.flipped(name).pledged.tolist() == units.pledged.tolist()


def test_a_trait_coded_otherwise(units: Units) -> None:
    other = units.recoded("embedded", {"blue": 0})
    assert other.traits["embedded"] == (0, 0, 0, 1)
    assert units.traits["embedded"] == (0, 1, 0, 1)
    assert (other.oath, other.traits["salafi"]) == (units.oath, units.traits["salafi"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unit,embedded\nred,1\n", ["units.csv:1:1: coded units need the columns unit, cluster, first_oath; missing: cluster, first_oath"]),
        ("", ["units.csv:1:1: coded units need the columns unit, cluster, first_oath; missing: unit, cluster, first_oath"]),
        (TEXT.splitlines()[0], ["units.csv:1:1: has a header and no units"]),
        ("unit,cluster,first_oath,unit\na,,,b\n", ["units.csv:1:1: columns stand twice: unit"]),
        (
            "unit,cluster,first_oath,side_2015_12\nred,a,2015-13,fokus\nred,a,soon,focus\n,a,,alone\nblue\n",
            [
                "units.csv:2:1: first_oath: '2015-13' has month 13; months run from 01 to 12",
                "units.csv:2:1: side_2015_12: 'fokus' is no side (did you mean 'focus'?)",
                "units.csv:3:1: first_oath: 'soon' is not a month; write it as YYYY-MM, for example 2015-07",
                "units.csv:3:1: unit: unit 'red' stands twice",
                "units.csv:4:1: unit: a unit needs a name",
                "units.csv:5:1: side_2015_12: '' is no side",
            ],
        ),
        ("unit,cluster,first_oath,side_201512\nred,a,,focus\n", ["units.csv:1:1: side_201512: '201512' is not a month; write it as YYYY-MM, for example 2015-07"]),
        (b"unit,cluster\xff", ["units.csv: cannot be read: 'utf-8' codec can't decode byte 0xff in position 12: invalid start byte"]),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_is_told(text: str | bytes, expected: list[str], tmp_path: Path) -> None:
    with pytest.raises(ExperimentError) as told:
        read(tmp_path, text)
    assert sorted(str(problem) for problem in told.value.problems) == expected


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="no such file"):
        read_units(tmp_path / "units.csv")


def test_the_bundled_units_are_the_factions_of_the_baseline() -> None:
    units = read_units(bundled_folder("experiments") / "record" / "units.csv")
    factions = load("baseline").scenario.factions
    assert set(units.names) == set(factions)
    assert [factions[name].code for name in units.names] == list(units.traits["code"])
    # Nothing is told of what came after the years of the fit.
    dates = [month for month in (*units.oath, *units.support) if month is not None]
    assert max(dates) <= month_index("2018-12")
    assert all(month <= month_index("2018-12") for month in units.sides)
    stood = [month is not None and month <= month_index("2015-12") for month in units.support]
    with_it = [side == "focus" for side in units.sides[month_index("2015-12")]]
    assert sum(with_it) > 5
    assert all(known for known, side in zip(stood, with_it, strict=True) if side)
