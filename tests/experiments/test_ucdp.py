"""``bayah data ucdp``: invented files in the columns of the UCDP become patterns, or one says what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ucdp_rows import BATTLE, EVENTS, NONSTATE, battle, event, nonstate, write

import sim
from sim.cli import main
from sim.errors import BayahError, ExperimentError
from sim.experiments.patterns.reading import Patterns, read_patterns
from sim.experiments.patterns.targets import targets_of
from sim.experiments.patterns.ucdp.dyads import Actors
from sim.experiments.patterns.ucdp.writing import Ucdp, read_ucdp, write_patterns
from sim.scenario.quantities import month_index

Capture = pytest.CaptureFixture[str]
COUNCIL = "High Council of Afghanistan Islamic Emirate"
RIVAL = [
    nonstate("IS", "Taleban", 2015, 100, 80, 130),
    nonstate("IS", "Taleban", 2016, 60, 60, 60),
    nonstate("IS", "Taleban", 2017, 140, 100, 170),
]
SPLINTER = [nonstate("Taleban", COUNCIL, 2015, 40, 30, 60), nonstate("Taleban", COUNCIL, 2017, 60, 50, 70)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def numbers(found: Ucdp, path: str = "out.yaml") -> dict[str, tuple[float, float, float, float]]:
    """Observed, low, high and scale of every number, as the reader of patterns has them."""
    patterns = read_back(found, path)
    aims = targets_of(patterns, patterns.measures, month_index("2013-01"))
    rows = zip(aims.observed, aims.low, aims.high, aims.scale, strict=True)
    return {name: tuple(map(float, row)) for name, row in zip(aims.names, rows, strict=True)}  # type: ignore[misc]


def read_back(found: Ucdp, path: str = "out.yaml") -> Patterns:
    write_patterns(found, path, force=True)
    return read_patterns(path)


def problems(*files: str, actors: Actors | None = None) -> list[str]:
    with pytest.raises(ExperimentError) as told:
        read_ucdp(files, actors)
    return [str(problem) for problem in told.value.problems]


@pytest.mark.core
def test_deaths_between_militants_become_means_and_a_share() -> None:
    file = write(Path("ns.csv"), NONSTATE, [*RIVAL, *SPLINTER])
    found = read_ucdp([file])
    told = numbers(found)
    # 2016 of the splinter is not listed: 12 deaths, 0 to 24.
    assert told["ucdp_fratricide.rival"] == pytest.approx((100, 80, 120, 0.25))
    assert told["ucdp_fratricide.splinter"] == pytest.approx(
        (112 / 3, 80 / 3, 154 / 3, math.log(154 / 80) / 2), rel=1e-5
    )
    assert told["ucdp_fratricide.share"] == pytest.approx(
        (300 / 412, 240 / 394, 360 / 440, (360 / 440 - 240 / 394) / 2), rel=1e-5
    )
    patterns = read_back(found)
    assert patterns.until == "2018-12"
    assert patterns.monthly == ("rival_deaths", "splinter_deaths")
    (pattern,) = patterns.file.patterns.values()
    assert (pattern.role, pattern.score, pattern.confidence) == ("report", "share", "medium")
    assert "version 99.1" in pattern.source
    assert "CC BY 4.0" in pattern.source
    assert "100 (80 to 130) in 2015" in pattern.source


@pytest.mark.core
def test_the_order_of_sides_does_not_matter() -> None:
    turned = [
        {**row, "side_a_name": "Taleban", "side_a_id": "303", "side_b_name": "IS", "side_b_id": "234"}
        for row in RIVAL
    ]
    one, other = (
        read_ucdp([write(Path(name), NONSTATE, rows)]) for name, rows in (("a.csv", RIVAL), ("b.csv", turned))
    )
    assert one.rows == other.rows
    assert one.patterns == other.patterns


def test_one_pair_alone_is_told_without_a_share() -> None:
    found = read_ucdp([write(Path("ns.csv"), NONSTATE, SPLINTER)])
    assert list(numbers(found)) == ["ucdp_fratricide.splinter"]
    assert found.remarks == ("no rival deaths in the files, and so no share of them",)


@pytest.mark.core
def test_battle_deaths_are_context_and_never_fitted() -> None:
    deaths = {2015: 200, 2016: 300, 2017: 600}
    rows = [
        battle("Government of Afghanistan", "IS", year, best, best - 10, best + 50)
        for year, best in deaths.items()
    ]
    rows.append(battle("Government of Pakistan", "IS", 2016, 999, 999, 999))
    found = read_ucdp([write(Path("brd.csv"), BATTLE, rows)], role="fit")
    assert numbers(found)["ucdp_battle_growth.growth"][:3] == pytest.approx((3.0, 590 / 250, 650 / 190))
    (pattern,) = read_back(found).file.patterns.values()
    assert pattern.role == "report"
    assert "the model tells attacks and not deaths in battle" in (pattern.note or "")
    assert {row["best"] for row in found.rows} == {200, 300, 600}


def events(counts: dict[str, int], countries: tuple[str, ...] = ("Afghanistan", "Pakistan")) -> list[Any]:
    """So many events in each month, in turn in each of some countries."""
    dates = [f"{month}-{day + 1:02d}" for month, count in counts.items() for day in range(count)]
    return [
        event(n, "IS", "Civilians", date, countries[n % len(countries)]) for n, date in enumerate(dates, 1)
    ]


def test_events_become_a_course_and_no_number() -> None:
    counts = {"2015-03": 4, "2015-09": 8, "2016-01": 4, "2017-05": 24, "2018-02": 10, "2021-02": 5}
    rows = [*events(counts), event(900, "Blue Front", "Civilians", "2017-01-01", "Afghanistan")]
    rows.append(event(901, "IS", "Civilians", "2017-01-01", "Iraq"))
    # Of this one no more than the year is known.
    rows.append(event(902, "Taleban", "IS", "2015-04-01", "Pakistan", date_prec="5"))
    found = read_ucdp([write(Path("GEDEvent_v99_3.csv"), EVENTS, rows)], role="fit")
    told = numbers(found)
    apart = math.exp(1.96 * math.sqrt(1 / 24 + 1 / 13))
    assert told["ucdp_events.growth"][:3] == pytest.approx((24 / 13, 24 / 13 / apart, 24 / 13 * apart), 1e-5)
    assert told["ucdp_events.burst"][0] == pytest.approx(3.0)
    assert told["ucdp_events.rising"][:3] == (0, 0, 0)
    assert told["ucdp_events.peak"][:3] == (2017, 2017, 2017)
    (pattern,) = read_back(found).file.patterns.values()
    assert (pattern.role, pattern.confidence) == ("fit", "low")
    assert "version 99.3" in pattern.source
    assert "Events are not attacks" in (pattern.note or "")
    assert [(row["year"], row["events"], row["serves"]) for row in found.rows] == [
        (2015, 13, True), (2016, 4, True), (2017, 24, True), (2018, 10, True), (2021, 5, False),
    ]  # fmt: skip
    assert any("IS in 2021 left out" in remark for remark in found.remarks)


def test_events_of_a_part_of_the_theatre_are_not_fitted() -> None:
    rows = events({"2015-03": 10, "2017-05": 30}, ("Pakistan",))
    found = read_ucdp([write(Path("ged.csv"), EVENTS, rows)], role="fit")
    (pattern,) = read_back(found).file.patterns.values()
    assert pattern.role == "report"
    assert "version not told by its file" in pattern.source
    assert found.remarks == ("events of IS are of Pakistan only: told beside runs, not fitted",)


def test_a_fall_within_chance_is_no_pattern() -> None:
    found = read_ucdp([write(Path("ged.csv"), EVENTS, events({"2015-03": 20, "2016-03": 18, "2017-03": 30}))])
    assert "ucdp_events.rising" not in numbers(found)
    rising = read_ucdp([write(Path("b.csv"), EVENTS, events({"2015-03": 10, "2016-03": 18, "2017-03": 30}))])
    assert numbers(rising)["ucdp_events.rising"][0] == 1


def test_few_events_are_no_pattern(capsys: Capture) -> None:
    file = write(Path("ged.csv"), EVENTS, events({"2015-03": 3, "2017-05": 4}))
    assert main(["data", "ucdp", file]) == 2
    told = "ged.csv: gave no pattern: 7 events of IS in Afghanistan and Pakistan are too few"
    assert told in capsys.readouterr().err
    assert not Path("ucdp-patterns.yaml").exists()


@pytest.mark.core
def test_later_years_are_named_and_left_out() -> None:
    later = [nonstate("IS", "Taleban", year, 500, 400, 600) for year in (2019, 2020, 2022)]
    with_later = read_ucdp([write(Path("a.csv"), NONSTATE, [*RIVAL, *later])])
    without = read_ucdp([write(Path("b.csv"), NONSTATE, RIVAL)])
    assert with_later.patterns == without.patterns
    assert with_later.remarks[0] == (
        "UCDP Non-State Conflict Dataset: IS - Taleban in 2019 to 2020, 2022 left out; 2013 to 2018 serve as patterns"
    )
    assert [row["year"] for row in with_later.rows if not row["serves"]] == [2019, 2020, 2022]
    assert problems(write(Path("c.csv"), NONSTATE, later)) == [
        "c.csv: has these actors in 2019 to 2020, 2022 only; 2013 to 2018 serve as patterns"
    ]


def test_a_coalition_is_of_neither_pair() -> None:
    both = nonstate(f"{COUNCIL}, IS", "Taleban", 2015, 90, 80, 99, side_a_components="6252, 234")
    found = read_ucdp([write(Path("ns.csv"), NONSTATE, [*RIVAL, *SPLINTER, both])])
    assert found.patterns == read_ucdp([write(Path("b.csv"), NONSTATE, [*RIVAL, *SPLINTER])]).patterns
    assert found.remarks == (
        f"{COUNCIL}, IS - Taleban in 2015 (90, 80 to 99 deaths) left out: a coalition, of neither dyad",
    )


def test_other_actors_by_name_or_id() -> None:
    file = write(Path("ns.csv"), NONSTATE, [nonstate("Blue Front", "Red Front", 2016, 30, 25, 40), *RIVAL])
    for actors in (Actors(focus="blue front", incumbent="Red Front"), Actors(focus="7001", incumbent="7002")):
        found = read_ucdp([file], actors)
        assert [(row["sides"], row["year"]) for row in found.rows] == [("Blue Front - Red Front", 2016)]
    told = problems(file, actors=Actors(focus="Blue Frnt"))
    assert "--focus: no actor 'Blue Frnt' in these files (did you mean 'Blue Front'?)" in told


@pytest.mark.core
def test_everything_that_is_wrong_is_told_at_its_line() -> None:
    rows = [
        nonstate("IS", "Taleban", 2015, "many", 80, 130),
        nonstate("IS", "Taleban", 2016, 60, -999, 60),
        nonstate("IS", "Taleban", "in 2017", 60, 60, 60),
        nonstate("IS", "Taleban", 2016, 61, 60, 60),
        nonstate("IS", "Taleban", 1066, 60, 60, 60, version="98.1"),
        nonstate("Blue Front", "Red Front", 2014, 60, 60, "", version="new"),
    ]
    rows[0]["side_a_name_fulltext"] = "a name\nover two lines"
    name = write(Path("ns.csv"), NONSTATE, rows)
    Path(name).write_text(Path(name).read_text() + "a,short,row\n")
    empty = write(Path("empty.csv"), NONSTATE, [])
    Path("nothing.csv").touch()
    assert problems(name, empty, "nothing.csv", "missing.csv", "ns.csv", ".") == [
        ".: is a folder; name a CSV file",
        "empty.csv:1:1: has a header and no rows",
        "missing.csv: no such file",
        "nothing.csv: is empty",
        "ns.csv: is the same file as ns.csv",
        "ns.csv:2:1: best_fatality_estimate: 'many' is no number of deaths, 0 or more",
        "ns.csv:4:1: low_fatality_estimate: '-999' is no number of deaths, 0 or more",
        "ns.csv:5:1: year: 'in 2017' is no year",
        "ns.csv:6:1: the same dyad-year as line 4",
        "ns.csv:7:1: version: version 98.1 in a file that begins with 99.1",
        "ns.csv:7:1: year: '1066' is no year of the record",
        "ns.csv:8:1: high_fatality_estimate: '' is no number of deaths, 0 or more",
        "ns.csv:8:1: version: 'new' is no version of a dataset, as 24.1",
        "ns.csv:9:1: has 3 fields where the header has 32",
    ]


def test_estimates_out_of_order_and_dates_that_are_none() -> None:
    rows = [*RIVAL, nonstate("IS", "Taleban", 2018, 60, 70, 65)]
    assert problems(write(Path("ns.csv"), NONSTATE, rows)) == [
        "ns.csv:5:1: best_fatality_estimate: low 70, best 60, high 65: they are in no order"
    ]
    dated = [event(n, "IS", "Civilians", date, "Pakistan") for n, date in enumerate(("2015-13-01", "2015"))]
    assert problems(write(Path("ged.csv"), EVENTS, dated)) == [
        "ged.csv:2:1: date_start: '2015-13-01' is no date; it is written 2015-08-31",
        "ged.csv:3:1: date_start: '2015' is no date; it is written 2015-08-31",
    ]


HEADS: dict[str, tuple[list[str], list[str]]] = {
    "missing and misspelt": (
        [{"bd_best": "bd_bset"}.get(name, name) for name in BATTLE if name != "version"],
        [
            "UCDP Battle-Related Deaths Dataset: no column 'bd_best' (did you mean 'bd_bset'?)",
            "UCDP Battle-Related Deaths Dataset: no column 'version'",
        ],
    ),
    "twice": ([*NONSTATE, "year"], ["column 'year' stands twice"]),
    "by conflict": (
        [
            name
            for name in BATTLE
            if name not in ("dyad_id", "side_a", "side_a_id", "side_b", "side_b_id", "dyad_id")
        ],
        [
            *(
                f"UCDP Battle-Related Deaths Dataset: no column '{name}'"
                for name in ("dyad_id", "side_a", "side_a_id", "side_b", "side_b_id")
            ),
            "of the battle-related deaths the dyadic form is read, not the one by conflict",
        ],
    ),
    "semicolons": ([";".join(NONSTATE)], ["one column only; save it with commas between the columns"]),
    "another file": (
        ["ActorId", "NameData"],
        [
            "is none of the files that are read (UCDP Battle-Related Deaths Dataset, UCDP Non-State Conflict Dataset, "
            "UCDP Georeferenced Event Dataset); it has ActorId, NameData"
        ],
    ),
}


@pytest.mark.parametrize("case", HEADS)
def test_wrong_columns(case: str) -> None:
    columns, expected = HEADS[case]
    Path("x.csv").write_text(",".join(columns) + "\n")
    told = [line.removeprefix("x.csv:1:1: ") for line in problems("x.csv")]
    assert [line.partition(" (did")[0] for line in sorted(told)] == [
        line.partition(" (did")[0] for line in sorted(expected)
    ]
    assert all(line in told for line in expected if "did you mean" in line)


BYTES: dict[str, tuple[bytes, str]] = {
    "binary": (b"\x7fELF\0\0\0", "x.csv: is a binary file, not CSV"),
    "workbook": (b"PK\x03\x04 and more", "x.csv: is a ZIP archive or a workbook; unpack it, or save the sheet as CSV"),
    "not UTF-8": (
        ",".join(NONSTATE).encode() + b"\n\xff\xfe\n",
        "x.csv:2:1: is not UTF-8 text (byte 0xff); save the file as UTF-8",
    ),
    "a quote left open": (
        ",".join(NONSTATE).encode() + b'\n1,"2\n3,4\n',
        "x.csv:2:1: is not CSV from here on: unexpected end of data",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BYTES)
def test_files_that_are_no_text(case: str) -> None:
    data, expected = BYTES[case]
    Path("x.csv").write_bytes(data)
    assert problems("x.csv") == [expected]


def test_versions_are_not_mixed_and_files_do_not_overlap() -> None:
    one = write(Path("a.csv"), NONSTATE, RIVAL)
    other = write(Path("b.csv"), NONSTATE, [{**row, "version": "98.1"} for row in SPLINTER])
    told = "b.csv: version 98.1 of what a.csv has as 99.1; give one version of a dataset"
    assert problems(one, other) == [told]
    again = write(Path("c.csv"), NONSTATE, [SPLINTER[0], RIVAL[1]])
    assert problems(one, again) == ["c.csv:3:1: the same dyad-year as a.csv:3"]


def test_a_dataset_in_two_files_is_as_in_one() -> None:
    halves = [
        write(Path(name), NONSTATE, rows) for name, rows in (("a.csv", RIVAL[:1]), ("b.csv", RIVAL[1:]))
    ]
    whole = write(Path("c.csv"), NONSTATE, RIVAL)
    assert read_ucdp(halves).patterns == read_ucdp([whole]).patterns


@pytest.mark.core
def test_nobody_of_these_in_a_file() -> None:
    rows = [nonstate("Blue Front", "Red Front", 2016, 30, 25, 40)]
    assert problems(write(Path("ns.csv"), NONSTATE, rows)) == [
        "ns.csv: no rows of the focus (id 234) against the incumbent (id 303), nor of the incumbent (id 303) against "
        "the splinter (id 6252); it tells most of Blue Front, Red Front"
    ]
    rows = events({"2015-03": 30}, ("Iraq",))
    (told,) = problems(write(Path("ged.csv"), EVENTS, rows))
    assert told.startswith("ged.csv: no rows of IS (id 234) in Afghanistan or Pakistan; it tells most of ")


@pytest.mark.core
def test_the_command_tells_what_it_found_and_where_it_wrote(capsys: Capture) -> None:
    file = write(
        Path("ns.csv"), NONSTATE, [*RIVAL, *SPLINTER, nonstate("IS", "Taleban", 2019, 1500, 400, 2600)]
    )
    assert main(["data", "ucdp", file, "--out", "mine.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "IS - Taleban (UCDP Non-State Conflict Dataset, version 99.1)",
        "  year    best     low    high",
        "  2015     100      80     130",
        "  2016      60      60      60",
        "  2017     140     100     170",
        "  2019   1,500     400   2,600  left out",
        f"Taleban - {COUNCIL} (UCDP Non-State Conflict Dataset, version 99.1)",
        "  year    best     low    high",
        "  2015      40      30      60",
        "  2017      60      50      70",
        "note: UCDP Non-State Conflict Dataset: IS - Taleban in 2019 left out; 2013 to 2018 serve as patterns",
        "1 pattern of 3 numbers written to mine.yaml",
    ]
    written = Path("mine.yaml").read_bytes()
    assert main(["data", "ucdp", file, "--out", "mine.yaml"]) == 2
    assert "mine.yaml: is there already; --force replaces it" in capsys.readouterr().err
    assert main(["data", "ucdp", file, "--out", "mine.yaml", "--role", "fit", "--force", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["written"] == "mine.yaml"
    assert answer["patterns"]["ucdp_fratricide"]["role"] == "fit"
    assert len(answer["rows"]) == 6
    assert Path("mine.yaml").read_bytes() == written.replace(b"role: report", b"role: fit")
    assert main(["check", "mine.yaml"]) == 0


@pytest.mark.parametrize(
    ("out", "told"),
    [("folder", "folder: is a folder; name a file"), ("no/such/x.yaml", "its folder is not there")],
)
def test_where_nothing_can_be_written(out: str, told: str, capsys: Capture) -> None:
    Path("folder").mkdir()
    file = write(Path("ns.csv"), NONSTATE, RIVAL)
    assert main(["data", "ucdp", file, "--out", out]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.core
def test_in_a_notebook_it_is_a_table() -> None:
    frame = sim.read_ucdp(write(Path("ns.csv"), NONSTATE, RIVAL))
    assert frame["best"].tolist() == [100, 60, 140]
    assert frame["serves"].all()


SOUND: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "ns": lambda: [*RIVAL, *SPLINTER],
    "brd": lambda: [battle("Government of Afghanistan", "IS", y, 200, 150, 300) for y in (2015, 2017)],
    "ged": lambda: events({"2015-03": 12, "2017-05": 12}),
}


@settings(max_examples=60)
@given(
    kind=st.sampled_from(sorted(SOUND)),
    at=st.integers(0, 10_000),
    data=st.binary(max_size=4)
    | st.sampled_from([b'"', b"\n", b",", b"\r", b"\xef\xbb\xbf", b"9" * 12, b"-"]),
    cut=st.integers(0, 3),
)
def test_a_damaged_file_is_read_or_told_of_and_never_fails(kind: str, at: int, data: bytes, cut: int) -> None:
    columns = {"ns": NONSTATE, "brd": BATTLE, "ged": EVENTS}[kind]
    path = Path("damaged.csv")
    whole = Path(write(path, columns, SOUND[kind]())).read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + data + whole[at + cut :])
    try:
        found = read_ucdp([path])
    except BayahError as error:
        told = [str(problem) for problem in error.problems]
        found = None
    assert told if found is None else not found.patterns or read_back(found).measures


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=6)
)
def test_what_was_observed_is_within_its_range(years: list[tuple[int, int, int]]) -> None:
    rows = [
        nonstate(one, other, 2013 + n, low + 25 + up, low + 25, low + 25 + up + more)
        for n, (low, up, more) in enumerate(years)
        for one, other in (("IS", "Taleban"), ("Taleban", COUNCIL))
    ]
    for observed, low, high, scale in numbers(read_ucdp([write(Path("ns.csv"), NONSTATE, rows)])).values():
        assert low <= observed <= high
        assert scale > 0
