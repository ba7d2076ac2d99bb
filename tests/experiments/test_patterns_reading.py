# ruff: noqa: E501 - one case a line
"""Files of patterns: what holds is read, everything that does not is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pattern_records import HEAD, write_patterns

from sim.cli import main
from sim.errors import ExperimentError
from sim.experiments.patterns.reading import read_patterns
from sim.experiments.patterns.statistics import STATISTICS
from sim.experiments.patterns.targets import targets_of
from sim.scenario.load import load
from sim.scenario.quantities import month_index

pytestmark = pytest.mark.core
UNITS = "unit,cluster,first_oath,side_2015_12,embedded,bloc\na,,2015-03,focus,0,t\nb,,,incumbent,1,o\n"
CODED = HEAD.replace("}", ", units: units.csv}")
PARTS = "patterns.P.parts"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("units.csv").write_text(UNITS)


def problems(*parts: str, head: str = HEAD) -> list[str]:
    with pytest.raises(ExperimentError) as told:
        read_patterns(write_patterns(Path("p.yaml"), *parts, head=head).name)
    return [str(problem) for problem in told.value.problems]


def test_the_bundled_patterns_hold() -> None:
    patterns = read_patterns()
    assert patterns.until == "2018-12"
    assert {m.pattern for m in patterns.of_role("fit")} == {f"SF{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10)}
    assert len(patterns.of_role("fit")) + len(patterns.of_role("report")) == len(patterns.measures)
    by_pattern = {
        name: sum(m.weight for m in patterns.measures if m.pattern == name) for name in patterns.file.patterns
    }
    assert set(map(lambda weight: round(weight, 9), by_pattern.values())) == {1.0}
    aims = targets_of(patterns, patterns.measures, month_index(load("baseline").scenario.period.start))
    told = dict(zip(aims.names, aims.observed.tolist(), strict=True))
    assert told["SF1.early"] == pytest.approx(14 / 17)
    assert told["pledged_units.count"] == 17
    assert sum(told[f"SF4.{side}"] for side in ("incumbent", "focus", "rest")) == pytest.approx(1.0)
    # What the record has lies within the range that it is told with.
    outside = [
        name
        for name, value in told.items()
        if value == value and not aims.inside(aims.observed[None])[0, aims.columns([name])[0]]
    ]
    assert outside == []


def test_what_a_pattern_is_read_as() -> None:
    file = write_patterns(
        Path("mine.yaml"),
        "{statistic: ratio_at, with: {outcome: attacks, other: rival_deaths, month: 2015-08}, range: [1, 3], note: why}",
        "{statistic: third_pole, observed: 2, scale: 1}",
    )
    found = read_patterns(str(file))
    assert found.name == "mine"
    first, second = found.measures
    assert (first.name, first.weight, first.form.spread) == ("P.p0", 0.5, 1.0)
    assert (second.form.observed, second.form.range, second.form.spread) == (2, None, 1)
    assert found.monthly == ("attacks", "rival_deaths")
    assert found.of_role("report") == ()
    assert main(["check", "mine.yaml"]) == 0


CASES: dict[str, tuple[tuple[str, ...], str, list[str]]] = {
    "no such statistic": (
        ("{statistic: pledged_evr, observed: 1, scale: 1}", "{statistic: x, observed: 1, scale: 1}"),
        HEAD,
        [
            f"p.yaml:10:23: {PARTS}.p0.statistic: no statistic 'pledged_evr' (did you mean 'pledged_ever'?); one of your own is FILE.py:FUNCTION",
            f"p.yaml:11:23: {PARTS}.p1.statistic: no statistic 'x'; one of your own is FILE.py:FUNCTION",
        ],
    ),
    "arguments": (
        (
            "{statistic: value_at, with: {outcom: attacks, month: 2015-07}, observed: 1, scale: 1}",
            "{statistic: value_at, with: {outcome: atacks, month: 2015-13}, observed: 1, scale: 1}",
            "{statistic: value_at, with: {outcome: [attacks], month: 2017-01}, observed: 1, scale: 1}",
            "{statistic: sum_ratio, with: {outcome: attacks, over: [2015-08], under: [2015-06, 2015-01]}, observed: 1, scale: 1}",
            "{statistic: yearly_mean, with: {outcome: attacks, first: 2016, last: 2015}, observed: 1, scale: 1}",
            "{statistic: yearly_mean, with: {outcome: attacks, first: early, last: 2017}, observed: 1, scale: 1}",
            "{statistic: run_outcome, with: {outcome: split}, observed: 1, scale: 1}",
            "{statistic: front_life, with: {regions: [], inside: 1}, observed: 1, scale: 1}",
        ),
        HEAD,
        [
            f"p.yaml:10:11: {PARTS}.p0: 'value_at' also needs with: outcome",
            f"p.yaml:10:40: {PARTS}.p0.with.outcom: 'value_at' takes no 'outcom' (did you mean 'outcome'?)",
            f"p.yaml:11:49: {PARTS}.p1.with.outcome: no monthly outcome 'atacks' (did you mean 'attacks'?)",
            f"p.yaml:11:64: {PARTS}.p1.with.month: '2015-13' has month 13; months run from 01 to 12",
            f"p.yaml:12:49: {PARTS}.p2.with.outcome: must be text, not a list",
            f"p.yaml:12:67: {PARTS}.p2.with.month: 2017-01 is after the last month, meta.until 2016-12",
            f"p.yaml:13:65: {PARTS}.p3.with.over: must be two months, the first and the last",
            f"p.yaml:13:83: {PARTS}.p3.with.under: the first month comes before the last",
            f"p.yaml:14:68: {PARTS}.p4.with.first: the first year comes before the last",
            f"p.yaml:15:68: {PARTS}.p5.with.first: must be a whole number, 0 or more, not 'early'",
            f"p.yaml:15:81: {PARTS}.p5.with.last: must be a year, 2016 at the latest",
            f"p.yaml:16:52: {PARTS}.p6.with.outcome: no outcome of runs 'split' (did you mean 'splits'?)",
            f"p.yaml:17:51: {PARTS}.p7.with.regions: must be a list of names, not a list",
            f"p.yaml:17:63: {PARTS}.p7.with.inside: must be true or false, not the number 1",
        ],
    ),
    "coded without units": (
        (
            "{statistic: pledged_ever, observed: coded, scale: 1}",
            "{statistic: pledge_gap, with: {trait: embedded}, observed: 1, scale: 1}",
        ),
        HEAD,
        [
            f"p.yaml:10:47: {PARTS}.p0.observed: cannot be worked out from coded units: no units are named in meta",
            f"p.yaml:11:49: {PARTS}.p1.with.trait: 'pledge_gap' reads coded traits, and meta names no units",
        ],
    ),
    "coded": (
        (
            "{statistic: pledge_gap, with: {trait: embeded}, observed: coded, scale: 1}",
            "{statistic: pledge_gap, with: {trait: bloc}, observed: coded, scale: 1}",
            "{statistic: third_pole, with: {bloc: u}, observed: coded, scale: 1}",
            "{statistic: third_pole, with: {bloc: t}, observed: coded, scale: 1}",
            "{statistic: first_oath, with: {unit: c}, observed: coded, scale: 1}",
            "{statistic: share_on_side, with: {side: focused, month: 2015-12}, observed: coded, scale: 1}",
            "{statistic: share_on_side, with: {side: focus, month: 2015-11}, observed: coded, scale: 1}",
        ),
        CODED,
        [
            f"p.yaml:10:49: {PARTS}.p0.with.trait: no coded trait 'embeded' (did you mean 'embedded'?)",
            f"p.yaml:11:49: {PARTS}.p1.with.trait: trait 'bloc' is not coded as 0 and 1",
            f"p.yaml:12:48: {PARTS}.p2.with.bloc: no bloc 'u'",
            f"p.yaml:13:62: {PARTS}.p3.observed: cannot be worked out from coded units: 'third_pole' reads more than units",
            f"p.yaml:14:48: {PARTS}.p4.with.unit: no coded unit 'c'",
            f"p.yaml:15:51: {PARTS}.p5.with.side: no side 'focused' (did you mean 'focus'?)",
            f"p.yaml:16:85: {PARTS}.p6.observed: cannot be worked out from coded units: the coded units have no column side_2015_11",
        ],
    ),
    "units that are not there": (
        ("{statistic: pledge_gap, with: {trait: embedded}, observed: coded, scale: 1}",),
        HEAD.replace("}", ", units: unit.csv}").replace("2016-12", "2016-13"),
        [
            "p.yaml:1:44: meta.until: '2016-13' has month 13; months run from 01 to 12",
            "p.yaml:1:60: meta.units: unit.csv: no such file",
        ],
    ),
    "numbers": (
        (
            "{statistic: third_pole}",
            "{statistic: third_pole, range: [2, 1]}",
            "{statistic: third_pole, range: [0, 1], log: true}",
            "{statistic: third_pole, observed: 1}",
            "{statistic: third_pole, observed: 1, range: [1, 1]}",
            "{statistic: third_pole, observed: 1, scale: 0}",
            "{statistic: third_pole, observd: 1, scale: 1}",
        ),
        HEAD,
        [
            "give what was observed, a range, or both",
            "range: the lower end comes first",
            "a logarithm needs numbers above 0",
            "give a scale: there is no range to take it from",
            "give a scale: there is no range to take it from",
            "scale: should be greater than 0",
            "observd: unknown key (did you mean 'observed'?)",
        ],
    ),
}


@pytest.mark.parametrize("case", [case for case in CASES if case != "numbers"])
def test_everything_that_is_wrong_is_told_at_its_place(case: str) -> None:
    parts, head, expected = CASES[case]
    assert problems(*parts, head=head) == expected


def test_numbers_that_do_not_hold_are_told_at_their_part() -> None:
    parts, head, expected = CASES["numbers"]
    told = problems(*parts, head=head)
    for n, words in enumerate(expected):
        mine = [line for line in told if line.startswith(f"p.yaml:{10 + n}:")]
        assert any(words in line for line in mine), (n, words, told)


def test_a_number_without_end_is_none() -> None:
    told = problems("{statistic: third_pole, observed: .inf, scale: 1}")
    assert told == [f"p.yaml:10:45: {PARTS}.p0.observed: .inf is not a finite number"]


def test_keys_of_the_file() -> None:
    Path("p.yaml").write_text("meta: {titel: T, schema_version: 2, until: 2016}\npatterns: {}\nmore: 1\n")
    with pytest.raises(ExperimentError) as told:
        read_patterns("p.yaml")
    text = str(told.value)
    for words in (
        "meta.title: required",
        "did you mean 'title'?",
        "meta.schema_version",
        "meta.until",
        "p.yaml:2:",
        "more: unknown key",
    ):
        assert words in text


def test_statistics_of_ones_own_that_cannot_be_used() -> None:
    Path("own.py").write_text("NUMBER = 3\ndef mine(records, month):\n    return records.oath[:, 0]\n")
    Path("bad.py").write_text("import no_such_module_here\n")
    told = problems(
        "{statistic: 'own.py:min', observed: 1, scale: 1}",
        "{statistic: 'own.py:NUMBER', observed: 1, scale: 1}",
        "{statistic: 'bad.py:mine', observed: 1, scale: 1}",
        "{statistic: 'none.py:mine', observed: 1, scale: 1}",
        "{statistic: 'own.py:mine', with: {moth: 1}, observed: 1, scale: 1}",
        "{statistic: 'own.py:mine', with: {month: 1}, observed: coded, scale: 1}",
        head=CODED,
    )
    assert [line.partition(": patterns.P.parts.")[2] for line in told] == [
        "p0.statistic: 'own.py:min' cannot be used: NameError: it has no function 'min' (did you mean 'mine'?)",
        "p1.statistic: 'own.py:NUMBER' cannot be used: NameError: it has no function 'NUMBER'",
        "p2.statistic: 'bad.py:mine' cannot be used: ModuleNotFoundError: No module named 'no_such_module_here'",
        f"p3.statistic: 'none.py:mine' cannot be used: FileNotFoundError: [Errno 2] No such file or directory: '{Path('none.py').resolve()}'",
        "p4: 'mine' also needs with: month",
        "p4.with.moth: 'mine' takes no 'moth' (did you mean 'month'?)",
        "p5.observed: cannot be worked out from coded units: 'mine' reads more than units",
    ]


def test_files_that_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    for name, told in (("no.yaml", "no such file"), (".", "is a folder; name a patterns file")):
        with pytest.raises(ExperimentError, match=told):
            read_patterns(name)
    Path("x.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ExperimentError, match="is not UTF-8 text"):
        read_patterns("x.yaml")


def test_what_statistics_are_given_is_known_by_its_type() -> None:
    """Arguments are checked by their annotations, so that every one needs one that is known."""
    known = {"str", "int", "int | None", "str | None", "bool", "list[str]"}
    told = {str(p.annotation) for one in STATISTICS.values() for p in one.arguments.values()}
    assert told <= known
