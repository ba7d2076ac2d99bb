# ruff: noqa: E501 - one case a line
"""Parts of a scenario that do not fit together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.errors import ScenarioError, UsageError
from sim.scenario.check import semantic_problems
from sim.scenario.dates import resolve_dates
from sim.scenario.load import Loaded, load, load_text, resolve_faction
from sim.scenario.quantities import month_index, month_text
from sim.scenario.references import REFERENCES
from sim.scenario.schema import Scenario
from sim.scenario.walk import event_models, type_at

pytestmark = pytest.mark.core

Changed = Callable[..., list[str]]

ONE_CHANGE = [
    ("    home: valley", "    home: vally", "56:11: factions.guests.home: unknown region 'vally' (did you mean 'valley'?)"),
    ("    theatre: plain", "    theatre: moon", "92:14: factions.old_guard.theatre: unknown region 'moon'"),
    ("    home: plain", "    parent: gests\n    home: plain", "91:13: factions.old_guard.parent: unknown faction 'gests' (did you mean 'guests'?)"),
    ("    home: plain", "    lineage: nobody\n    home: plain", "91:14: factions.old_guard.lineage: unknown faction 'nobody'"),
    ("    allegiance: ally(elders)", "    allegiance: ally(eldrs)", "58:17: factions.guests.allegiance: unknown patron 'eldrs' (did you mean 'elders'?)"),
    ("    embeddedness: {elders: {value: 0.3,", "    embeddedness: {taleban: {value: 0.3,", "65:20: factions.guests.embeddedness.taleban: unknown patron 'taleban'"),
    ("    rival_of: {elders:", "    rival_of: {bannr:", "70:16: factions.guests.rival_of.bannr: unknown patron 'bannr' (did you mean 'banner'?)"),
    ("    interest: {plain:", "    interest: {plains:", "30:16: patrons.elders.interest.plains: unknown region 'plains' (did you mean 'plain'?)"),
    ("      plain: {value: 0.7,", "      planes: {value: 0.7,", "28:7: patrons.elders.core_regions.planes: unknown region 'planes' (did you mean 'plain'?)"),
    ("    hostility:\n      elders:", "    hostility:\n      elder:", "50:7: patrons.banner.hostility.elder: unknown patron 'elder' (did you mean 'elders'?)"),
    ("    hostility:\n      elders:", "    hostility:\n      banner:", "50:7: patrons.banner.hostility.banner: a patron has none toward itself"),
    ("    neighbours: [hills]\n    state_capacity: {value: 0.6", "    neighbours: [hils]\n    state_capacity: {value: 0.6", None),
    ("    grid: [1, 0]", "    grid: [1, 0]\n    holder: elder", "111:13: regions.plain.holder: unknown holder 'elder' (did you mean 'elders'?)"),
    ("    held: {elders: {value: 0.6,", "    held: {sons: {value: 0.6,", "118:12: regions.plain.held.sons: unknown patron 'sons'"),
    ("{a: guests, b: sons,", "{a: guets, b: sons,", "150:9: ties.0.a: unknown faction 'guets' (did you mean 'guests'?)"),
    ("{a: guests, b: sons,", "{a: F01, b: sons,", "150:9: ties.0.a: unknown faction 'F01' (did you mean 'guests'?)"),
    ("{a: guests, b: sons,", "{a: sons, b: sons,", "150:5: ties.0: 'sons' is tied to itself"),
    ("{a: guests, b: sons,", "{a: old_guard, b: sons,", "151:5: ties.1: 'sons' and 'old_guard' are already tied in ties.0"),
    ("    kind: leader_dies\n    date: 2013-04\n    patron: elders", "    kind: leader_dies\n    date: 2013-04\n    patron: eldrs", None),
    ("    to: banner", "    to: baner", "190:9: events.plea.to: unknown patron 'baner' (did you mean 'banner'?)"),
    ("    region: hills", "    region: hill", "182:13: events.banner_founded.region: unknown region 'hill' (did you mean 'hills'?)"),
    ("    regions: [valley]", "    regions: [valley, peak]", "195:23: events.valley_operation.regions.1: unknown region 'peak'"),
    ("    destinations: {hills:", "    destinations: {hils:", "199:20: events.valley_operation.destinations.hils: unknown region 'hils' (did you mean 'hills'?)"),
    ("    requires: [banner_calls]", "    requires: [baner_calls]", "184:16: events.banner_founded.requires.0: unknown event 'baner_calls' (did you mean 'banner_calls'?)"),
    ("    requires: [banner_calls]", "    voids: [ghost]", "184:13: events.banner_founded.voids.0: unknown event 'ghost'"),
    ("    requires: [banner_calls]", "    requires: [banner_founded]", "184:15: events.banner_founded.requires: an event cannot require itself"),
    ("    requires: [banner_calls]", "    voids: [banner_founded]", "184:12: events.banner_founded.voids: an event cannot void itself"),
    ("    requires: [banner_calls]", "    voids: [plea]", "186:3: events.plea: cannot happen once 'banner_founded' (2015-01) has, which voids it; remove or move one"),
    ("    date: banner_founded + 5", "    date: baner_founded + 5", "188:11: events.plea.date: unknown event 'baner_founded' (did you mean 'banner_founded'?)"),
    ("    date: banner_founded + 5", "    date: plea + 1", "188:11: events.plea.date: dates that are relative to each other: plea -> plea"),
    ("    date: banner_founded + 5", "    date: banner_founded - 30", None),
    ("    date: banner_founded + 5", "    date: banner_founded - 1", "188:11: events.plea.date: 2014-12 is before 'banner' exists: 'banner_founded' is in 2015-01"),
    ("    date: 2013-04", "    date: 2012-04", "155:11: events.elder_dies.date: 2012-04 is before the period, which starts in 2013-01"),
    ("    date: 2015-07", "    date: 2017-01", "161:11: events.elder_revealed.date: 2017-01 is after the period, which ends in 2016-12"),
    ("    date: 2013-04", "    date: 2015-08", "155:11: events.elder_dies.date: 2015-08 is after events that require it: elder_revealed (2015-07) and, through them, elder_succeeded; move or remove them too"),
    ("    concealed: true", "    concealed: false", None),
    ("    patron: banner\n    region: hills", "    patron: elders\n    region: hills", None),
    ("  focus: banner", "  focus: baner", "209:10: report.focus: unknown patron 'baner' (did you mean 'banner'?)"),
    ("    home: valley", "    active_from: 2020-01\n    home: valley", "56:18: factions.guests.active_from: 2020-01 is after the period, which ends in 2016-12"),
    ("    neighbours: [plain, valley]", "    neighbours: [plain, valley, valley]", "126:33: regions.hills.neighbours.2: 'valley' is named twice"),
    ("    neighbours: [plain, valley]", "    neighbours: [plain, valley, hills]", "126:33: regions.hills.neighbours.2: a region is no neighbour of itself"),
    ("    neighbours: [plain, valley]", "    neighbours: [plain]", "141:18: regions.valley.neighbours.0: 'hills' does not name 'valley' as a neighbour in turn"),
    ("      plain: {value: 0.7,", "      plain: {value: 0.6,", "28:7: patrons.elders.core_regions: shares must add up to 1, they add up to 0.9"),
    ("    destinations: {hills: {value: 1,", "    destinations: {hills: {value: 0.5,", "199:19: events.valley_operation.destinations: shares must add up to 1, they add up to 0.5"),
    ("    core_regions:\n      plain: {value: 0.7, source: \"judgement: most men are there\"}\n      hills: {value: 0.3, source: \"judgement: the rest\"}\n", "", "26:28: patrons.elders.core_fighters: core_regions must say where these men are"),
    ("    code: F02", "    code: F01", "73:11: factions.sons.code: 'F01' already names faction 'guests'"),
    ("    aliases: [The Guests]", "    aliases: [Sons, SONS]", "55:14: factions.guests.aliases: 'SONS' already names faction 'sons'"),
    ("    name: Old Guard", "    name: Old Guard\n    parent: old_guard", "90:13: factions.old_guard.parent: a ring of parents: old_guard -> old_guard"),
    ("    allegiance: ally(elders)", "    allegiance: ally(elders)\n    oath: sworn", "59:11: factions.guests.oath: 'sworn' needs a patron as allegiance, not 'ally(elders)'"),
    ("    allegiance: ally(elders)", "    allegiance: ally(banner)", "58:17: factions.guests.allegiance: 'banner' does not exist before 2015-01"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line"), [case for case in ONE_CHANGE if case[2]])
def test_one_misfit(changed: Changed, old: str, new: str, line: str) -> None:
    assert f"bad.yaml:{line}" in changed((old, new))


def test_a_region_misspelt_among_neighbours(changed: Changed) -> None:
    pair = (
        "neighbours: [hills]\n    state_capacity: {value: 0.6",
        "neighbours: [hils]\n    state_capacity: {value: 0.6",
    )
    assert changed(pair) == [
        "bad.yaml:111:18: regions.plain.neighbours.0: unknown region 'hils' (did you mean 'hills'?)",
        "bad.yaml:126:18: regions.hills.neighbours.0: 'plain' does not name 'hills' as a neighbour in turn",
    ]  # fmt: skip


def test_a_patron_that_is_founded_twice(changed: Changed) -> None:
    again = "  plea:\n    kind: founded\n    region: hills"
    assert changed(("  plea:\n    kind: unity_plea", again), ("    patron: elders\n    to: banner", "    patron: banner")) == [
        "bad.yaml:186:3: events.plea: 'banner' is already founded by 'banner_founded'",
    ]  # fmt: skip


def test_a_revelation_without_a_death(changed: Changed) -> None:
    assert changed(("    requires: [elder_dies]\n", ""), ("    concealed: true", "    concealed: false")) == [
        "bad.yaml:161:11: events.elder_revealed.date: there is no concealed death of a leader of 'elders' to "
        "reveal by then"
    ]


def test_a_ring_of_relative_dates(changed: Changed) -> None:
    lines = changed(
        ("    date: 2014-06\n    patron: banner", "    date: plea - 6\n    patron: banner"),
        ("    date: 2015-01", "    date: banner_calls + 1"),
    )
    assert lines == [
        "bad.yaml:175:11: events.banner_calls.date: dates that are relative to each other: "
        "banner_calls -> plea -> banner_founded -> banner_calls"
    ]


def test_patrons_and_reserved_names(tiny_text: str) -> None:
    for name, message in [("exit", "'exit' has a meaning of its own; choose another id"),
                          ("sons", "'sons' is also the id of a faction")]:  # fmt: skip
        text = tiny_text.replace("  banner:\n", f"  {name}:\n").replace("patron: banner", f"patron: {name}")
        with pytest.raises(ScenarioError) as caught:
            load_text(text, name="t.yaml")
        assert f"t.yaml:31:3: patrons.{name}: {message}" in str(caught.value).splitlines()


def test_dates_are_resolved(tiny: Loaded) -> None:
    months = {event_id: month_text(month) for event_id, month in resolve_dates(tiny.scenario).items()}
    assert months == {
        "elder_dies": "2013-04",
        "elder_revealed": "2015-07",
        "elder_succeeded": "2015-07",
        "banner_calls": "2014-06",
        "banner_founded": "2015-01",
        "plea": "2015-06",
        "valley_operation": "2014-06",
    }


def test_a_relative_event_may_follow_out_of_the_period(tiny_text: str) -> None:
    loaded = load_text(tiny_text, ["events.plea.date=banner_founded + 100"])
    assert resolve_dates(loaded.scenario)["plea"] == month_index("2015-01") + 100


def test_a_changed_scenario_is_checked_without_a_file(tiny: Loaded) -> None:
    assert semantic_problems(tiny.scenario) == []
    events = dict(tiny.scenario.events)
    del events["elder_dies"]
    events["plea"] = events["plea"].model_copy(update={"date": "nobody + 1"})
    broken = tiny.scenario.model_copy(update={"events": events})
    assert [str(problem) for problem in semantic_problems(broken)] == [
        "events.plea.date: unknown event 'nobody'",
        "events.elder_revealed.requires.0: unknown event 'elder_dies'",
    ]
    with pytest.raises(ScenarioError, match="unknown event 'nobody'"):
        resolve_dates(broken)


def test_references_name_places_that_the_schema_has() -> None:
    """A field that is renamed in the schema does not fall out of the checks unseen."""
    for pattern, _ in REFERENCES:
        parts = ["x" if part == "*" else part for part in pattern.removesuffix(".{}").split(".")]
        kinds = [{"kind": kind} for kind in event_models()] if parts[0] == "events" else [{}]
        path = [
            0 if part == "x" and position and parts[0] in ("ties",) else part
            for position, part in enumerate(parts)
        ]
        if len(path) > 2 and path[-1] == "x":
            path = path[:-1]
        assert any(type_at(path, {parts[0]: {"x": data}}) is not None for data in kinds), pattern


def test_every_field_that_takes_an_id_is_a_reference() -> None:
    """A new kind of event cannot name a region, faction or patron unchecked."""
    known = {pattern.split(".")[2] for pattern, _ in REFERENCES if pattern.startswith("events.")}
    for kind, model in event_models().items():
        for name, info in model.model_fields.items():
            if "Identifier" in str(info) or "a-z0-9_" in str(info.annotation) + str(info.metadata):
                assert name in known, f"{kind}.{name}"


@pytest.mark.parametrize("text", ["guests", "F01", "f01", "Guests", "the guests", " GUESTS "])
def test_factions_are_found_under_all_their_names(tiny: Loaded, text: str) -> None:
    assert resolve_faction(tiny.scenario, text) == "guests"


def test_an_unknown_faction_names_the_nearest(tiny: Loaded) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_faction(tiny.scenario, "old-gard")
    assert str(caught.value) == "unknown faction 'old-gard' (did you mean 'old_guard'?)"


def test_the_baseline_holds() -> None:
    scenario = load("baseline").scenario
    assert isinstance(scenario, Scenario)
    assert semantic_problems(scenario) == []
