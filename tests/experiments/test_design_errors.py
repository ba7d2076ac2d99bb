# ruff: noqa: E501 - one case a line
"""Designs that do not hold: every problem at its place, with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.api.sweeping import plan_sweep
from sim.cli import main
from sim.errors import ExperimentError
from sim.scenario.load import load

pytestmark = pytest.mark.core

LOADED = {name: load(name) for name in ("baseline", "no-waziristan-operation")}
HEAD = "meta: {title: T, question: Q, schema_version: 1}\n"
ONE = HEAD + "scenario: baseline\n"

CASES = {
    "unknown keys at each level": (
        "meta: {titel: T, question: Q, schema_version: 1}\nscenario: baseline\nreplicats: 3\n"
        "levers: [{gird: {decision.theta: [1]}}, {grid: {decision.theta: {low: 1, high: 2, cuont: 3}}}]\n"
        "trajectories: {kep: all}\n",
        [
            "bad.yaml:1:1: meta.title: required, but missing",
            "bad.yaml:1:8: meta.titel: unknown key (did you mean 'title'?)",
            "bad.yaml:3:1: replicats: unknown key (did you mean 'replicates'?)",
            "bad.yaml:4:11: levers.0.gird: unknown key (did you mean 'grid'?)",
            "bad.yaml:4:83: levers.1.grid.decision.theta.cuont: unknown key (did you mean 'count'?)",
            "bad.yaml:5:16: trajectories.kep: unknown key (did you mean 'keep'?)",
        ],
    ),
    "wrong types": (
        ONE + "replicates: many\nseed: -1\nuncertainties: 4\nset: [1]\ntrajectories: 5\ndraws: comon\nallegiances: 1\nimpossible: no\nchunk: 0\nuntil: 2013\n",
        [
            "bad.yaml:3:13: replicates: should be a whole number, not 'many'",
            "bad.yaml:4:7: seed: should be greater than or equal to 0",
            "bad.yaml:5:16: uncertainties: should be a list, not the number 4",
            "bad.yaml:6:6: set: should be a mapping, not a list",
            "bad.yaml:7:15: trajectories: should be a mapping, not the number 5",
            "bad.yaml:8:8: draws: 'comon' is none of common, own (did you mean 'common'?)",
            "bad.yaml:9:14: allegiances: should be true or false, not the number 1",
            "bad.yaml:10:13: impossible: 'no' is none of refuse, skip",
            "bad.yaml:11:8: chunk: should be greater than or equal to 1",
            "bad.yaml:12:8: until: the number 2013 is not a month; write it as YYYY-MM, for example 2015-07",
        ],
    ),
    "blocks that are none": (
        ONE + "levers: [3, {}, {grid: {}}, {list: [{}]}, {grid: {decision.theta: []}}, {sample: sobool, points: 8, over: {decision.theta: prior}}, {table: {}}, {grid: {decision.theta: [1]}, zip: {decision.theta: [2]}}, {sample: random, points: 3}]\n",
        [
            "bad.yaml:3:10: levers.0: should be a mapping, not the number 3",
            "bad.yaml:3:13: levers.1: a block has one of grid, list, zip, table, sample; here is nothing",
            "bad.yaml:3:17: levers.2: a block is empty",
            "bad.yaml:3:29: levers.3: a point of the list sets nothing",
            "bad.yaml:3:67: levers.4.grid.decision.theta: is empty",
            "bad.yaml:3:82: levers.5.sample: 'sobool' is none of random, latin_hypercube, sobol (did you mean 'sobol'?)",
            "bad.yaml:3:134: levers.6.table.file: required, but missing",
            "bad.yaml:3:146: levers.7: a block has one of grid, list, zip, table, sample; here is grid and zip",
            "bad.yaml:3:205: levers.8: a sample also needs over",
        ],
    ),
    "problems of form do not hide the others": (
        HEAD + "scenario: baseline\nreplicats: 3\nset: {weights.b_embd: 3}\noutcomes: [splitz]\nlevers:\n  - {gird: 3}\n  - grid: {weights.b_tye: [1], decision.theta: 5}\n",
        [
            "bad.yaml:3:1: replicats: unknown key (did you mean 'replicates'?)",
            "bad.yaml:4:23: set.weights.b_embd: unknown path: weights has no 'b_embd' (did you mean 'b_embed'?)",
            "bad.yaml:5:12: outcomes.0: unknown outcome 'splitz' (did you mean 'splits'?)",
            "bad.yaml:7:6: levers.0.gird: unknown key (did you mean 'grid'?)",
            "bad.yaml:8:12: levers.1.grid.weights.b_tye: unknown path: weights has no 'b_tye' (did you mean 'b_tie'?)",
            "bad.yaml:8:48: levers.1.grid.decision.theta: should be a list of values, a range {low, high, ...} or, in a sample, the word prior",
        ],
    ),
    "paths and aliases": (
        ONE + "levers: [{grid: {factions.imuu.fighters: [3], factions.F30.youth: [0.1], nodot: [1], factions.imu: [1], factions.imu.fighters.source: [x], meta.title: [a], factions.imu.leader: [x], ties.999.weight: [1]}}]\n",
        [
            "bad.yaml:3:18: levers.0.grid.factions.imuu.fighters: unknown path: factions has no 'imuu' (did you mean 'imu'?)",
            "bad.yaml:3:74: levers.0.grid.nodot: 'nodot' is not a dotted path such as weights.b_embed",
            "bad.yaml:3:86: levers.0.grid.factions.imu: is not a single number, date, switch or choice; name one inside it",
            "bad.yaml:3:105: levers.0.grid.factions.imu.fighters.source: is read by no rule; name a number, date, switch or choice",
            "bad.yaml:3:140: levers.0.grid.meta.title: is read by no rule; name a number, date, switch or choice",
            "bad.yaml:3:157: levers.0.grid.factions.imu.leader: is a text that no rule reads; name a number, date, switch or choice",
            "bad.yaml:3:183: levers.0.grid.ties.999.weight: ties is a list of 77; name a position from 0",
        ],
    ),
    "values out of range": (
        ONE + "levers:\n  - grid:\n      factions.imu.youth: [0.1, 2, x, true]\n      patrons.iskp.franchise_slots: [1, 2.5]\n      events.omar_dies.date: [2013-13, 2013, x + 3, 2013-05]\n      events.omar_dies.concealed: [1]\n      decision.rule: [logti]\n      factions.imu.home: [kabul, nangarha]\n      factions.imu.allegiance: [ally(taliban), nobody]\n",
        [
            "bad.yaml:5:33: levers.0.grid.factions.imu.youth.1: 2 is outside 0 to 1 (share)",
            "bad.yaml:5:36: levers.0.grid.factions.imu.youth.2: should be a number, not 'x'",
            "bad.yaml:5:39: levers.0.grid.factions.imu.youth.3: should be a number, not true",
            "bad.yaml:6:41: levers.0.grid.patrons.iskp.franchise_slots.1: 2.5 must be a whole number (count)",
            "bad.yaml:7:31: levers.0.grid.events.omar_dies.date.0: '2013-13' has month 13; months run from 01 to 12",
            "bad.yaml:7:40: levers.0.grid.events.omar_dies.date.1: should be a month (YYYY-MM), not the number 2013",
            "bad.yaml:7:46: levers.0.grid.events.omar_dies.date.2: unknown event 'x'",
            "bad.yaml:8:36: levers.0.grid.events.omar_dies.concealed.0: should be true or false, not the number 1",
            "bad.yaml:9:23: levers.0.grid.decision.rule.0: 'logti' is none of logit, ideology_led, patronage_led, threshold, landscape, random (did you mean 'logit'?)",
            "bad.yaml:10:34: levers.0.grid.factions.imu.home.1: unknown region 'nangarha' (did you mean 'nangarhar'?)",
            "bad.yaml:11:48: levers.0.grid.factions.imu.allegiance.1: unknown patron 'nobody'",
        ],
    ),
    "ranges": (
        ONE + "levers:\n  - grid:\n      decision.theta: {low: 2, high: 1, count: 3}\n      weights.b_tie: {low: 1, high: 2}\n      weights.b_embed: {low: 0, high: 2, count: 3, log: true}\n      weights.b_local: {low: 1}\n      weights.b_power: {low: 1, high: 99, count: 2}\n      weights.b_novelty: {low: 1, high: 2, step: 1.0e-9}\n      mechanisms.M01: {low: 1, high: 2, count: 2}\n      weights.b_exit: [1, 2, 1]\n      weights.b_adapt: prior\n      events.omar_dies.date: {low: 2013-04, high: 2013-09, step: 0.5}\n",
        [
            "bad.yaml:5:23: levers.0.grid.decision.theta: low (2) must be below high (1)",
            "bad.yaml:6:22: levers.0.grid.weights.b_tie: a range needs count or step here",
            "bad.yaml:7:24: levers.0.grid.weights.b_embed: log needs numbers above 0",
            "bad.yaml:8:24: levers.0.grid.weights.b_local: a range needs both low and high",
            "bad.yaml:9:39: levers.0.grid.weights.b_power.high: 99 is outside -30 to 30 (log-odds)",
            "bad.yaml:10:26: levers.0.grid.weights.b_novelty: step 1e-09 gives more than 1,000,000 values",
            "bad.yaml:11:23: levers.0.grid.mechanisms.M01: a switch has no range; give a list of values",
            "bad.yaml:12:30: levers.0.grid.weights.b_exit.2: 1.0 stands here twice",
            "bad.yaml:13:24: levers.0.grid.weights.b_adapt: a prior is drawn from by a sample; here give a list of values or a range",
            "bad.yaml:14:30: levers.0.grid.events.omar_dies.date: step 0.5 should be a whole number of months",
        ],
    ),
    "varied twice": (
        ONE + "levers:\n  - grid: {factions.IMU.fighters: [1, 2]}\n  - grid: {factions.imu.fighters: [1, 2]}\n  - list: [{factions.F30.fighters: 3}, {factions.F30.fighters: 4}]\nuncertainties:\n  - {sample: random, points: 2, over: {weights.b_*: prior, weights.*_tie: prior}}\n  - {sample: random, points: 2, over: {weights.*: prior}}\n",
        [
            "bad.yaml:5:12: levers.1.grid.factions.imu.fighters: is varied twice",
            "bad.yaml:6:13: levers.2.list.0.factions.F30.fighters: is varied twice",
            "bad.yaml:8:60: uncertainties.0.over.weights.*_tie: is varied twice",
            "bad.yaml:9:40: uncertainties.1.over.weights.*: is varied twice",
        ],
    ),
    "patterns": (
        ONE + "set: {weights.*: 3}\nlevers: [{grid: {weights.*: [1]}}, {zip: {weights.*: [1]}}, {list: [{weights.*: 1}]}]\nuncertainties: [{sample: random, points: 2, over: {wieghts.*: prior, decision.the*: prior, decision.theta: prior}}]\n",
        [
            "bad.yaml:3:7: set.weights.*: * stands for names in a sample only; name one path",
            "bad.yaml:4:18: levers.0.grid.weights.*: * stands for names in a sample only; name one path",
            "bad.yaml:4:43: levers.1.zip.weights.*: * stands for names in a sample only; name one path",
            "bad.yaml:4:70: levers.2.list.0.weights.*: * stands for names in a sample only; name one path",
            "bad.yaml:5:52: uncertainties.0.over.wieghts.*: matches no number that has a prior",
            "bad.yaml:5:70: uncertainties.0.over.decision.the*: matches nothing but what is named elsewhere",
        ],
    ),
    "priors": (
        ONE + "uncertainties:\n  - sample: sobol\n    points: 100\n    over:\n      factions.imu.salafism: prior\n      events.omar_dies.date: prior\n      mechanisms.M01: prior\n      factions.imu.youth: {dist: normal, mean: 40, sd: 1}\n      factions.tip.youth: {dist: uniform, low: 3, high: 4}\n      weights.b_embed: {dist: normal, mean: 3}\n      weights.b_punish: {dist: gauss, mean: 3}\n      weights.b_tie: {low: 1, high: 2, count: 3}\n",
        [
            "bad.yaml:5:13: uncertainties.0.points: a Sobol sequence is balanced at powers of 2 only; 100 is none (did you mean 64 or 128?)",
            "bad.yaml:7:30: uncertainties.0.over.factions.imu.salafism: the scenario states no prior for it; give low and high, or a distribution",
            "bad.yaml:8:30: uncertainties.0.over.events.omar_dies.date: a date has no prior; give a list of values or low and high",
            "bad.yaml:9:23: uncertainties.0.over.mechanisms.M01: a switch has no prior; give a list of values or low and high",
            "bad.yaml:10:27: uncertainties.0.over.factions.imu.youth: the prior lies outside 0 to 1 (share)",
            "bad.yaml:11:27: uncertainties.0.over.factions.tip.youth: the prior lies outside 0 to 1 (share)",
            "bad.yaml:12:24: uncertainties.0.over.weights.b_embed: a normal prior also needs sd",
            "bad.yaml:13:32: uncertainties.0.over.weights.b_punish.dist: 'gauss' is none of uniform, normal, lognormal, beta",
            "bad.yaml:14:22: uncertainties.0.over.weights.b_tie: count and step belong to a grid; a sample draws from low to high",
        ],
    ),
    "zips and lists": (
        ONE + "levers:\n  - zip: {decision.theta: [1, 2], weights.b_embed: [1, 2, 3]}\n  - list: [{weights.b_tie: 1}, {weights.b_local: 3}, {weights.b_tie: x}]\n",
        [
            "bad.yaml:4:5: levers.0.zip: lists of a zip are equally long; decision.theta has 2, weights.b_embed has 3",
            "bad.yaml:5:32: levers.1.list.1: weights.b_local is not in the first point of the list; points of a list set the same paths",
            "bad.yaml:5:32: levers.1.list.1: weights.b_tie is missing here; points of a list set the same paths",
            "bad.yaml:5:70: levers.1.list.2.weights.b_tie: should be a number, not 'x'",
        ],
    ),
    "outcomes": (
        ONE + "outcomes: [focus_fighters, omar, status, peak_fightrs, splits, splits]\ntrajectories: {keep: all, outcomes: [attaks, final_fighters, attacks, attacks]}\n",
        [
            "bad.yaml:3:12: outcomes.0: unknown outcome 'focus_fighters'; it is measured by month, and is named under trajectories (did you mean 'final_fighters'?)",
            "bad.yaml:3:28: outcomes.1: unknown outcome 'omar'",
            "bad.yaml:3:34: outcomes.2: unknown outcome 'status'",
            "bad.yaml:3:42: outcomes.3: unknown outcome 'peak_fightrs' (did you mean 'peak_fighters'?)",
            "bad.yaml:3:64: outcomes.5: 'splits' is named twice",
            "bad.yaml:4:38: trajectories.outcomes.0: unknown outcome 'attaks' (did you mean 'attacks'?)",
            "bad.yaml:4:46: trajectories.outcomes.1: unknown outcome 'final_fighters'; it is measured by run, and is named under outcomes (did you mean 'foreign_fighters'?)",
            "bad.yaml:4:71: trajectories.outcomes.3: 'attacks' is named twice",
        ],
    ),
    "set": (
        ONE + "set:\n  weights.b_embd: 3\n  factions.IMU.youth: 4\n  events.omar_revealed.date: 2012-06\n  period.end: never\n  decision.rule: logti\n  x: 3\n",
        [
            "bad.yaml:4:19: set.weights.b_embd: unknown path: weights has no 'b_embd' (did you mean 'b_embed'?)",
            "bad.yaml:5:23: set.factions.IMU.youth: 4 is outside 0 to 1 (share)",
            "bad.yaml:6:30: set.events.omar_revealed.date: 2012-06 is before the period, which starts in 2013-01",
            "bad.yaml:6:30: set.events.omar_revealed.date: events.mansour_succession.date: 2012-06 is before the period, which starts in 2013-01",
            "bad.yaml:6:30: set.events.omar_revealed.date: events.omar_dies.date: 2013-04 is after events that require it: omar_revealed (2012-06) and, through them, mansour_succession, mansour_killed, hibatullah_succession; move or remove them too",
            "bad.yaml:7:15: set.period.end: 'never' is not a month; write it as YYYY-MM, for example 2015-07",
            "bad.yaml:8:18: set.decision.rule: 'logti' is none of logit, ideology_led, patronage_led, threshold, landscape, random (did you mean 'logit'?)",
            "bad.yaml:9:3: set.x: 'x' is not a dotted path such as weights.b_embed",
        ],
    ),
    "scenarios": (
        HEAD + "scenario: [basline, baseline, x/y.yaml, baseline]\nlevers: [{grid: {weights.b_tye: [1]}}]\n",
        [
            "bad.yaml:2:12: scenario.0: no such file, and no bundled scenario of that name (did you mean 'baseline'?)",
            "bad.yaml:2:31: scenario.2: no such file",
            "bad.yaml:2:41: scenario.3: 'baseline' is named twice",
            "bad.yaml:3:18: levers.0.grid.weights.b_tye: unknown path: weights has no 'b_tye' (did you mean 'b_tie'?)",
        ],
    ),
    "one of several scenarios lacks a path": (
        HEAD + "scenario: [baseline, no-waziristan-operation]\nlevers: [{grid: {events.zarb_e_azb.date: [2014-06], events.zarb_e_azb.months: [3]}}]\n",
        [
            "bad.yaml:3:18: levers.0.grid.events.zarb_e_azb.date: in scenario 'no-waziristan-operation': unknown path: events has no 'zarb_e_azb'",
            "bad.yaml:3:53: levers.0.grid.events.zarb_e_azb.months: in scenario 'no-waziristan-operation': unknown path: events has no 'zarb_e_azb'",
        ],
    ),
    "too many points": (
        ONE + "levers: [{grid: {decision.theta: {low: 1, high: 2, count: 1000000}, weights.b_embed: {low: 1, high: 2, count: 1000000}, weights.b_tie: {low: 1, high: 2, count: 1000000}}}]\n",
        ["bad.yaml: 1,000,000,000,000,000,000 points are too many; at most 20,000,000: vary less, or sample"],
    ),
    "too many draws": (
        ONE + "uncertainties: [{sample: random, points: 100000000, over: {weights.b_tie: prior, weights.b_embed: prior, weights.b_local: prior}}]\n",
        ["bad.yaml:3:42: uncertainties.0.points: 100,000,000 points of 3 paths are too many; at most 200,000,000 values"],
    ),
    "too many runs": (
        ONE + "replicates: 1000000000\nlevers: [{grid: {decision.theta: {low: 1, high: 2, count: 100000}}}]\n",
        ["bad.yaml: 100,000 points of 1,000,000,000 runs are too many; at most 1,000,000,000,000"],
    ),
    "until": (ONE + "until: 2012-12\n", ["bad.yaml:3:8: until: in scenario 'baseline': 2012-12 is before the first month, 2013-01"]),
    "a revelation before the death": (
        ONE + "levers:\n  - grid:\n      events.omar_revealed.date: [2013-01, 2014-01]\n",
        [
            "bad.yaml:5:7: levers.0.grid.events.omar_revealed.date: at events.omar_revealed.date=2013-01: events.omar_dies.date: 2013-04 is after events that require it: omar_revealed (2013-01) and, through them, mansour_succession, mansour_killed, hibatullah_succession; move or remove them too",
            "bad.yaml:5:7: levers.0.grid.events.omar_revealed.date: with these values 1 of 2 points cannot be; change them, or leave the points out by impossible: skip",
        ],
    ),
    "nothing is possible": (
        ONE + "impossible: skip\nlevers:\n  - grid:\n      events.omar_revealed.date: [2013-01]\n",
        [
            "bad.yaml:6:7: levers.0.grid.events.omar_revealed.date: at events.omar_revealed.date=2013-01: events.omar_dies.date: 2013-04 is after events that require it: omar_revealed (2013-01) and, through them, mansour_succession, mansour_killed, hibatullah_succession; move or remove them too",
            "bad.yaml:6:7: levers.0.grid.events.omar_revealed.date: with these values 1 of 1 points cannot be; change them, or leave the points out by impossible: skip",
            "bad.yaml: no point of the design is possible",
        ],
    ),
    "dates in a ring": (
        ONE + "levers: [{grid: {events.omar_revealed.date: [mansour_succession + 1]}}]\n",
        [
            "bad.yaml:3:18: levers.0.grid.events.omar_revealed.date: at events.omar_revealed.date=mansour_succession + 1: events.omar_revealed.date: dates that are relative to each other: omar_revealed -> mansour_succession -> omar_revealed",
            "bad.yaml:3:18: levers.0.grid.events.omar_revealed.date: with these values 1 of 1 points cannot be; change them, or leave the points out by impossible: skip",
        ],
    ),
    "structures": (
        ONE + "levers: [{grid: {factions.imu.allegiance: [taliban, iskp]}}, {grid: {period.end: [2024-12, 2012-12]}}]\n",
        [
            "bad.yaml:3:18: levers.0.grid.factions.imu.allegiance: at factions.imu.allegiance=iskp, period.end=2012-12: factions.imu.allegiance: 'iskp' does not exist before 2015-01",
            "bad.yaml:3:18: levers.0.grid.factions.imu.allegiance: at factions.imu.allegiance=iskp, period.end=2024-12: factions.imu.allegiance: 'iskp' does not exist before 2015-01",
            "bad.yaml:3:18: levers.0.grid.factions.imu.allegiance: with these values 2 of 4 points cannot be; change them, or leave the points out by impossible: skip",
            "bad.yaml:3:70: levers.1.grid.period.end: at factions.imu.allegiance=taliban, period.end=2012-12: period: end (2012-12) is before start (2013-01)",
            "bad.yaml:3:70: levers.1.grid.period.end: with these values 1 of 4 points cannot be; change them, or leave the points out by impossible: skip",
        ],
    ),
    "shares": (
        ONE + "levers: [{grid: {factions.imu.ethnic_mix.uzbek: [0.1, 0.2]}}]\n",
        [
            "bad.yaml:3:18: levers.0.grid.factions.imu.ethnic_mix.uzbek: the shares of factions.imu.ethnic_mix must add up to 1, at a point they add up to 0.5; vary them together, as a list or a zip",
            "bad.yaml:3:18: levers.0.grid.factions.imu.ethnic_mix.uzbek: with these values 2 of 2 points cannot be; change them, or leave the points out by impossible: skip",
        ],
    ),
    "no meta": ("scenario: baseline\n", ["bad.yaml: meta: required, but missing"]),
    "no scenario": (HEAD, ["bad.yaml: scenario: required, but missing"]),
    "empty": ("", ["bad.yaml: the file is empty"]),
    "a scenario": ("extends: baseline\n", ["bad.yaml: is a scenario, not a design of runs: bayah run bad.yaml"]),
    "a list": ("- 3\n", ["bad.yaml:1:1: should be a mapping of keys to values, not a list"]),
    "a number that is none": (ONE + "levers: [{grid: {decision.theta: [1, .nan]}}]\n", ["bad.yaml:3:38: levers.0.grid.decision.theta.1: .nan is not a finite number"]),
}  # fmt: skip


@pytest.fixture
def refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    monkeypatch.chdir(tmp_path)

    def find(text: str | bytes) -> list[str]:
        data = text.encode() if isinstance(text, str) else text
        Path("bad.yaml").write_bytes(data)
        with pytest.raises(ExperimentError) as caught:
            plan_sweep("bad.yaml", scenarios=LOADED)
        assert caught.value.exit_code == 2
        return str(caught.value).splitlines()

    return find


@pytest.mark.parametrize("case", CASES)
def test_every_problem_is_told_at_its_place(refusals: Callable[..., list[str]], case: str) -> None:
    text, lines = CASES[case]
    assert refusals(text) == lines


@pytest.mark.parametrize(
    "text", [b"\0\1\2", b"\xff\xfe", b"a: \xe9", b"a: [", b"\t- x", b"a: &a [*a]", b"? [a, b]\n: 3"]
)
def test_files_that_are_no_yaml_are_refused_in_a_line(
    refusals: Callable[..., list[str]], text: bytes
) -> None:
    lines = refusals(text)
    assert lines
    assert all(line.startswith("bad.yaml") for line in lines)


@pytest.mark.parametrize(
    "name", ["nothing", "x/y.yaml", "experiments/", "\0", "a" * 5000, "omar-by-sucessor"]
)
def test_what_is_no_file_is_refused_in_a_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("experiments").mkdir()
    with pytest.raises(ExperimentError) as caught:
        plan_sweep(name)
    assert len(str(caught.value).splitlines()) == 1
    assert ("omar-by-successor" in str(caught.value)) == name.startswith("omar")


def test_a_scenario_with_errors_of_its_own_tells_them_in_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text("extends: baseline\nmeta: {title: 3}\nweights: {b_embd: 3}\n")
    Path("bad.yaml").write_text(HEAD + "scenario: s.yaml\noutcomes: [nonsense]\n")
    with pytest.raises(ExperimentError) as caught:
        plan_sweep("bad.yaml")
    assert str(caught.value).splitlines() == [
        "bad.yaml:3:12: outcomes.0: unknown outcome 'nonsense'",
        "s.yaml:2:15: meta.title: should be text, not the number 3",
        "s.yaml:3:11: weights.b_embd: unknown key (did you mean 'b_embed'?)",
    ]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["run", "omar-by-successor"],
            "omar-by-successor: is a design of many runs, not a scenario: bayah sweep omar-by-successor",
        ),
        (["run", "d.yaml"], "d.yaml: is a design of many runs, not a scenario: bayah sweep d.yaml"),
        (["sweep", "baseline"], "baseline: is a scenario, not a design of runs: bayah run baseline"),
        (["sweep", "s.yaml"], "s.yaml: is a scenario, not a design of runs: bayah run s.yaml"),
        (["sweep", "d.yaml"], "d.yaml:3:10: levers.0: should be a mapping, not the number 3"),
        (["check", "d.yaml"], "d.yaml:3:10: levers.0: should be a mapping, not the number 3"),
        (
            ["check", "omar-by-successor", "--set", "decision.theta=2"],
            "omar-by-successor: --set is for scenarios; a design has set: for it",
        ),
    ],
)
def test_the_command_line_says_what_to_do(
    words: list[str],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.yaml").write_text(ONE + "levers: [3]\n")
    Path("s.yaml").write_text("extends: baseline\nmeta: {title: T, question: Q}\n")
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines() == [line]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.yaml", "s.yaml"]
