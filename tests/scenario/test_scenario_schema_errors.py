# ruff: noqa: E501 - one case a line
"""Values that the schema refuses, told at their place with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.core

Changed = Callable[..., list[str]]
Refusals = Callable[..., list[str]]

ONE_CHANGE = [
    (
        "    autonomy: {value: 0.6,",
        "    autonmy: {value: 0.6,",
        [
            "bad.yaml:52:3: factions.guests.autonomy: required, but missing",
            "bad.yaml:69:5: factions.guests.autonmy: unknown key (did you mean 'autonomy'?)",
        ],
    ),
    ("    foreign: true", "    foreign: no", ["bad.yaml:59:14: factions.guests.foreign: should be true or false, not 'no'"]),
    ("    foreign: true", "    foreign: 1", ["bad.yaml:59:14: factions.guests.foreign: should be true or false, not the number 1"]),
    ("    leader: A Guest", "    leader: 12", ["bad.yaml:60:13: factions.guests.leader: should be text, not the number 12"]),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters: many",
        ["bad.yaml:61:15: factions.guests.fighters: a number is wanted here, not the text 'many'"],
    ),
    *(
        (
            "    fighters: {value: 600, source: \"R1\"}",
            f"    fighters: {written}",
            [f"bad.yaml:61:15: factions.guests.fighters: a number is wanted here, not the text '{text}' ({hint})"],
        )
        for written, text, hint in (
            ("600 men", "600 men", "without its unit: 600"),
            ("60%", "60%", "a share is written as a number from 0 to 1, without %"),
            ("0,5", "0,5", "with a point, not a comma"),
            ("1,600", "1,600", "without commas"),
            ("'600'", "600", "without quotes: 600"),
        )
    ),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters: true",
        ["bad.yaml:61:15: factions.guests.fighters: a number is wanted here, not true or false"],
    ),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters: {value: '600'}",
        ["bad.yaml:61:23: factions.guests.fighters.value: should be a number, not '600'"],
    ),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters: [600]",
        ["bad.yaml:61:15: factions.guests.fighters: should be a mapping, not a list"],
    ),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters: {value: -600}",
        ["bad.yaml:61:23: factions.guests.fighters: -600 is outside 0 to 1e+07 (persons)"],
    ),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters: {value: 600, unit: men}",
        ["bad.yaml:61:23: factions.guests.fighters: unit 'men' should be 'persons'"],
    ),
    (
        "    youth: {value: 0.7, source: \"C case coding\"}",
        "    youth: 1.5",
        ["bad.yaml:86:12: factions.sons.youth: 1.5 is outside 0 to 1 (share)"],
    ),
    (
        "    franchise_slots: {value: 2, source: \"A1 M15\"}",
        "    franchise_slots: 2.5",
        ["bad.yaml:43:22: patrons.banner.franchise_slots: 2.5 must be a whole number (count)"],
    ),
    (
        "    date: 2013-04",
        "    date: 2013-13",
        ["bad.yaml:155:11: events.elder_dies.date: '2013-13' has month 13; months run from 01 to 12"],
    ),
    (
        "    date: 2013-04",
        "    date: 2013-02-30",
        [
            "bad.yaml:155:11: events.elder_dies.date: '2013-02-30' is not a day of the calendar: "
            "DAY"
        ],
    ),
    (
        "    date: 2013-04",
        "    date: April 2013",
        ["bad.yaml:155:11: events.elder_dies.date: 'April 2013' is not a month; write it as YYYY-MM, for example 2015-07"],
    ),
    (
        "  start: 2013-01",
        "  start: 2013",
        ["bad.yaml:6:10: period.start: the number 2013 is not a month; write it as YYYY-MM, for example 2015-07"],
    ),
    ("  end: 2016-12", "  end: 2012-12", ["bad.yaml:6:3: period: end (2012-12) is before start (2013-01)"]),
    (
        "    kind: operation",
        "    kind: operaton",
        ["bad.yaml:193:11: events.valley_operation.kind: 'operaton' is none of KINDS (did you mean 'operation'?)"],
    ),
    ("    kind: operation\n", "", ["bad.yaml:192:3: events.valley_operation.kind: required, but missing"]),
    (
        "    displaces: {value: 0.8,",
        "    displacs: {value: 0.8,",
        ["bad.yaml:198:5: events.valley_operation.displacs: unknown key (did you mean 'displaces'?)"],
    ),
    (
        "    prior: {dist: normal, mean: 6, sd: 1.5, source: \"P2\"}",
        "    prior: {dist: normal, mean: 6}",
        ["bad.yaml:204:12: weights.b_embed.prior: a normal prior also needs sd"],
    ),
    (
        "    prior: {dist: normal, mean: 6, sd: 1.5, source: \"P2\"}",
        "    prior: {dist: gauss, mean: 6, sd: 1.5}",
        ["bad.yaml:204:19: weights.b_embed.prior.dist: 'gauss' is none of uniform, normal, lognormal, beta"],
    ),
    (
        "kind: hosting,",
        "kind: hostng,",
        [
            "bad.yaml:150:45: ties.0.kind: 'hostng' is none of command, kin, hosting, alliance, training, "
            "rivalry_in_unit (did you mean 'hosting'?)"
        ],
    ),
    ("weight: 0.6, ", "", ["bad.yaml:150:5: ties.0.weight: required, but missing"]),
    ("  schema_version: 1", "  schema_version: 2", ["bad.yaml:4:19: meta.schema_version: the number 2 is none of 1"]),
    ("    code: F01", "    code: Q1", ["bad.yaml:54:11: factions.guests.code: 'Q1' is not a code such as F30"]),
    (
        "    allegiance: ally(elders)",
        "    allegiance: ally elders",
        ["bad.yaml:58:17: factions.guests.allegiance: 'ally elders' is not a patron's id, ally(patron) or independent"],
    ),
    (
        "    grid: [1, 0]",
        "    grid: [1, x]",
        ["bad.yaml:110:15: regions.plain.grid.1: should be a whole number, not 'x'"],
    ),
    ("  title: A tiny field", "  title: ''", ["bad.yaml:2:10: meta.title: text is empty"]),
    ("  title: A tiny field", f"  title: {'x' * 201}", ["bad.yaml:2:10: meta.title: text is too long; at most 200 characters"]),
    ("  title: A tiny field", "  title: A\n  extends: x", ["bad.yaml:3:3: meta.extends: extends stands only at the top of a file"]),
    (
        "    ethnic_mix: {uzbek: {value: 1,",
        "    ethnic_mix: {uzbek: {value: 0.9,",
        ["bad.yaml:67:17: factions.guests.ethnic_mix: shares must add up to 1, they add up to 0.9"],
    ),
    ("report:\n", "mechanisms: {M7: true}\nreport:\n", ["bad.yaml:207:14: mechanisms.M7: 'M7' is not a statement from M01 to M80"]),
    (
        "report:\n",
        "mechanisms: {M07: 0}\nreport:\n",
        ["bad.yaml:207:19: mechanisms.M07: should be true or false, not the number 0"],
    ),
    ("report:\n", "strukture: {}\nreport:\n", ["bad.yaml:207:1: strukture: unknown key (did you mean 'structure'?)"]),
    (
        "    fighters: {value: 600, source: \"R1\"}",
        "    fighters {value: 600}",
        [
            "bad.yaml:52:3: factions.guests.fighters: required, but missing",
            "bad.yaml:61:5: factions.guests.fighters {value: unknown key (is a colon missing after 'fighters'?)",
        ],
    ),
    (
        "  valley_operation:\n    kind: operation",
        "  valley_operatio: {date: 2014-06}\n  valley_operation:\n    kind: operation",
        [
            "bad.yaml:192:3: events.valley_operatio.kind: required, but missing "
            "(or, for 'valley_operatio', did you mean 'valley_operation'?)"
        ],
    ),
    (
        "  guests:\n    name: Guests",
        "  The Guests:\n    name: Guests",
        [
            "bad.yaml:52:3: factions.The Guests: 'The Guests' is not an id: lower-case letters, digits and _, "
            "a letter first, at most 64",
            "bad.yaml:150:9: ties.0.a: unknown faction 'guests' (did you mean 'The Guests'?)",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "lines"), ONE_CHANGE)
def test_one_bad_value(changed: Changed, old: str, new: str, lines: list[str]) -> None:
    from sim.scenario.events import EVENT_KINDS

    found = changed((old, new))
    if "DAY" in lines[0]:
        # The reason is Python's, whose wording differs between versions.
        assert len(found) == 1
        assert found[0].startswith(lines[0].removesuffix("DAY"))
    else:
        assert found == [line.replace("KINDS", ", ".join(EVENT_KINDS)) for line in lines]


def test_everything_wrong_is_told_at_once(changed: Changed) -> None:
    assert changed(
        ("  end: 2016-12", "  end: 2016-00"),
        ("    home: valley", "    home: vally"),
        ("    youth: {value: 0.7, source: \"C case coding\"}", "    yuoth: 0.7"),
        ("weight: 0.3, kind: kin,", "weight: 3, kind: kin,"),
        ("    displaces: {value: 0.8, source: \"P10\"}", "    displaces: much"),
    ) == [
        "bad.yaml:7:8: period.end: '2016-00' has month 00; months run from 01 to 12",
        "bad.yaml:56:11: factions.guests.home: unknown region 'vally' (did you mean 'valley'?)",
        "bad.yaml:71:3: factions.sons.youth: required, but missing",
        "bad.yaml:86:5: factions.sons.yuoth: unknown key (did you mean 'youth'?)",
        "bad.yaml:151:37: ties.1.weight: 3 is outside 0 to 1 (share)",
        "bad.yaml:198:16: events.valley_operation.displaces: a number is wanted here, not the text 'much'",
    ]  # fmt: skip


def test_an_empty_scenario_lacks_everything_required(refusals: Refusals) -> None:
    assert refusals("ties: []\n") == [
        f"bad.yaml: {name}: required, but missing"
        for name in ("areas", "factions", "groups", "meta", "patrons", "period", "regions")
    ]


def test_nothing_is_written(folder: Path, changed: Changed) -> None:
    changed(("  end: 2016-12", "  end: never"))
    assert sorted(path.name for path in folder.iterdir()) == ["bad.yaml", "tiny.yaml"]
