# ruff: noqa: E501 - one case a line
"""Files of calibrations and validations: what holds is read, everything that does not is told at its place."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from calibrated import bundled, calibration_text

from sim.cli import main
from sim.errors import ExperimentError
from sim.experiments.calibration.problem import prior_mean, read_calibration
from sim.experiments.fields import find_field
from sim.experiments.validation.reading import read_validation
from sim.scenario.bundled import bundled_folder

pytestmark = pytest.mark.core
RIVALS = "{draws: 64, replicates: 2}"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(**sections: str | None) -> list[str]:
    Path("c.yaml").write_text(calibration_text(**sections))
    # The scenario is the file's own, read once for all.
    scenario = bundled().base if sections.get("scenario", "baseline") == "baseline" else None
    with pytest.raises(ExperimentError) as told:
        read_calibration("c.yaml", scenario)
    return [str(problem) for problem in told.value.problems]


# Calibrations


def test_the_bundled_calibration_holds() -> None:
    found = bundled()
    assert len(found.paths) == 12
    assert found.fitted == 18
    assert {m.pattern for m in found.measures[: found.fitted]} == {
        f"SF{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10)
    }
    assert not set(found.paths) & set(found.fixed)
    # What is free keeps the value of the scenario until a point is written; what is fixed has its mean.
    numbers = {path: find_field(found.loaded, path).value for path in found.fixed}
    assert numbers == pytest.approx(dict(found.fixed))
    assert (
        find_field(found.loaded, "weights.b_power").value == find_field(found.base, "weights.b_power").value
    )


@pytest.mark.parametrize(("sections", "wrong"), [
    ({"free": "{weights.b_pwer: prior}"}, "c.yaml:4:8: free.weights.b_pwer: unknown path: weights has no 'b_pwer' (did you mean 'b_power'?)"),
    ({"free": "{decision.rule: prior}"}, "c.yaml:4:8: free.decision.rule: the scenario states no prior for it"),
    ({"free": "{weights.b_power: uniform}"}, "c.yaml:4:25: free.weights.b_power: 'uniform' is none of prior"),
    ({"free": "{}"}, "c.yaml:4:7: free: "),
    ({"at_prior_mean": "['weights.*', 'wieghts.*']"}, "c.yaml:9:30: at_prior_mean.1: no number matches 'wieghts.*'"),
    ({"as_stated": "[decision.rationalty]"}, "c.yaml:9:13: as_stated.0: no number matches 'decision.rationalty'"),
    ({"table": "{draws: 64, replicate: 2}"}, "c.yaml:5:20: table.replicate: unknown key (did you mean 'replicates'?)"),
    ({"table": "{draws: 10, replicates: 2}"}, "c.yaml:5:16: table.draws: should be greater than or equal to 64"),
    ({"smc": "{quantile: 1.5}"}, "c.yaml:6:17: smc.quantile: should be less than 1"),
    ({"rivals": "{a: {title: A}}"}, "c.yaml:9:9: rivals: rivals need a rival_table"),
    ({"scenario": "baselin"}, "baselin: no such file, and no bundled scenario of that name (did you mean 'baseline'?)"),
    ({"patterns": "mine.yaml"}, "mine.yaml: no such file"),
    ({"table": None}, "c.yaml: table: required, but missing"),
])  # fmt: skip
def test_a_mistake_is_told_at_its_place(sections: dict[str, str | None], wrong: str) -> None:
    told = problems(**sections)
    assert any(line.startswith(wrong) for line in told), told


@pytest.mark.parametrize(("rival", "wrong"), [
    ("set: {decision.rule: threshhold}", "rivals.a.set.decision.rule: 'threshhold' is none of logit, ideology_led, patronage_led, threshold, landscape, random (did you mean 'threshold'?)"),
    ("set: {weights.z_*: 0}", "rivals.a.set.weights.z_*: no number matches 'weights.z_*'"),
    ("set: {weights.wake_news: 2}", "rivals.a.set.weights.wake_news: 2 is outside 0 to 1 (per month)"),
    ("set: {weights.b_powr: 0}", "rivals.a.set.weights.b_powr: unknown path: weights has no 'b_powr' (did you mean 'b_power'?)"),
    ("set: {weights.b_power: 0}", "rivals.a.set.weights.b_power: sets what the rival infers: weights.b_power"),
    ("free: [weights.b_powr]", "rivals.a.free.0: 'weights.b_powr' is not free in the calibration (did you mean 'weights.b_power'?)"),
    ("free: []", "rivals.a.free: a rival needs a number to infer"),
    ("choice: true, free: [weights.b_power]", "rivals.a.choice: a rival in the choice infers all free numbers"),
])  # fmt: skip
def test_rivals_that_do_not_hold(rival: str, wrong: str) -> None:
    told = problems(rivals=f"{{a: {{title: A, {rival}}}}}", rival_table=RIVALS)
    assert [re.sub(r"^c.yaml:9:\d+: ", "", line) for line in told] == [wrong]


def test_everything_wrong_is_told_at_once_and_the_exit_code_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    text = calibration_text(
        free="{weights.b_pwer: prior, meta.title: prior}", at_prior_mean="['patron.*']",
        rivals="{a: {title: A, set: {weights.z_*: 0}}}",
    )  # fmt: skip
    Path("c.yaml").write_text(text)
    assert main(["calibrate", "c.yaml", "--out", "out"]) == 2
    err = capsys.readouterr().err
    assert "Traceback" not in err
    lines = err.splitlines()
    assert len(lines) == 5
    assert all(re.match(r"c\.yaml:\d+:\d+: ", line) for line in lines)
    assert lines == sorted(lines, key=lambda line: [int(n) for n in line.split(":")[1:3]])
    assert not Path("out").exists()
    assert main(["check", "c.yaml"]) == 2
    assert capsys.readouterr().err.splitlines() == lines


def test_units_that_are_not_coded_are_told() -> None:
    units = bundled_folder("experiments") / "record" / "units.csv"
    lines = units.read_text().splitlines()
    Path("units.csv").write_text("\n".join([line for line in lines if not line.startswith("imu,")]) + "\n")
    patterns = (bundled_folder("experiments") / "patterns.yaml").read_text()
    patterns = patterns.replace("record/units.csv", "units.csv").replace("unit: imu", "unit: haqqani")
    Path("mine.yaml").write_text(patterns)
    assert problems(patterns="mine.yaml") == ["c.yaml:3:11: patterns: factions that are not coded: imu"]
    # A unit that the scenario has not.
    Path("units.csv").write_text("\n".join([*lines, lines[1].replace("haqqani", "nobody")]) + "\n")
    assert problems(patterns="mine.yaml") == [
        "c.yaml:3:11: patterns: coded units that the scenario has not: nobody"
    ]


def test_a_name_that_is_no_experiment_is_told_with_the_nearest() -> None:
    for read, kind in ((read_calibration, "calibration"), (read_validation, "validation")):
        with pytest.raises(ExperimentError, match=rf"no such file.*did you mean '{kind}'\?"):
            read("calibraton")
        with pytest.raises(ExperimentError, match=r"nowhere\.yaml: "):
            read("nowhere.yaml")


def test_what_is_fixed_stands_at_the_mean_of_its_prior_unless_it_is_as_stated() -> None:
    Path("c.yaml").write_text(
        calibration_text(at_prior_mean="['weights.*', 'decision.*']", as_stated="['weights.b_*']")
    )
    found = read_calibration("c.yaml")
    assert "weights.clash" in found.fixed
    assert "decision.theta" in found.fixed
    assert not [path for path in found.fixed if path.startswith("weights.b_")]
    assert "patrons.iskp.constant" not in found.fixed
    one = find_field(found.base, "weights.clash")
    assert found.fixed["weights.clash"] == pytest.approx(prior_mean(one))
    # The mean is that of draws from the prior.
    assert one.quantity is not None
    mine = read_calibration("c.yaml")
    points = mine.values(np.random.default_rng(1).random((20_000, 2)))
    for n, field in enumerate(mine.fields):
        error = points[:, n].std() / np.sqrt(len(points))
        assert prior_mean(field) == pytest.approx(points[:, n].mean(), abs=4 * error)


def test_values_of_the_cube_keep_to_the_prior() -> None:
    found = bundled()
    ends = found.values(np.array([[0.0] * 12, [0.5] * 12, [1.0] * 12]))
    assert np.isfinite(ends).all()
    assert (np.diff(ends, axis=0) > 0).all()
    for n, one in enumerate(found.fields):
        for value in ends[:, n]:
            one.take(float(value))


def test_rivals_set_what_they_say_and_infer_what_they_say() -> None:
    found = bundled()
    only = found.rival("constants_only")
    assert only.paths == (
        "patrons.iskp.constant",
        "weights.c_independent",
        "weights.wake_news",
        "weights.clash",
    )
    zero = [path for path in bundled().paths if path.startswith("weights.b_")]
    assert len(zero) == 7
    assert [find_field(only.loaded, path).value for path in zero] == [0.0] * 7
    # Free in the calibration, neither set nor inferred here: at the mean of its prior.
    rivalry = find_field(found.base, "weights.rivalry")
    assert find_field(only.loaded, "weights.rivalry").value == pytest.approx(prior_mean(rivalry))
    nobody = found.rival("nobody_pledges")
    assert nobody.paths == ("weights.clash",)
    assert find_field(nobody.loaded, "patrons.iskp.constant").value == -30
    rule = found.rival("threshold")
    assert rule.loaded.scenario.decision.rule == "threshold"
    assert rule.paths == found.paths
    assert dict(rule.fixed) == dict(found.fixed)
    assert found.loaded.scenario.decision.rule == "logit"


# Validations

VALID = """\
meta: {title: T, question: Q, schema_version: 1}
calibration: calibration
split: split.yaml
ablation: {constants: [weights.clash]}
placebo: {event: events.omar_revealed.date, never: 2024-12, without: [events.mansour_killed, events.hibatullah_succession]}
"""


def validation_problems(
    change: tuple[str, str] = ("", ""), split: tuple[str, str] = ("", ""), more: str = ""
) -> list[str]:
    Path("split.yaml").write_text((bundled_folder("experiments") / "split.yaml").read_text().replace(*split))
    Path("v.yaml").write_text(VALID.replace(*change) + more)
    with pytest.MonkeyPatch.context() as patch:
        if "calibration" not in change[0]:
            # The bundled calibration, read once for all.
            patch.setattr("sim.experiments.validation.reading.read_calibration", lambda own: bundled())
        with pytest.raises(ExperimentError) as told:
            read_validation("v.yaml")
    return [str(problem) for problem in told.value.problems]


def test_the_bundled_validation_holds_and_its_split_is_hashed() -> None:
    found = read_validation()
    split = bundled_folder("experiments") / "split.yaml"
    assert found.split_digest == hashlib.sha256(split.read_bytes()).hexdigest()
    assert found.calibration.name == "calibration"
    # The whole of the comparison stands in the bundled file: six judgement calls, rivals of all sorts.
    units = found.calibration.patterns.units
    assert units is not None
    assert sum(units.traits["judgement_call"]) == 6
    assert set(found.form.refits.clusters) <= set(units.clusters)


@pytest.mark.parametrize(("more", "wrong"), [
    ("rule: embeded\n", "v.yaml:6:7: rule: no trait 'embeded' of the coded units (did you mean 'embedded'?)"),
    ("traits: [salafi, bloc]\n", "v.yaml:6:18: traits.1: trait 'bloc' is not coded as 0 and 1"),
    ("refits: {clusters: [imu, imo]}\n", "v.yaml:6:26: refits.clusters.1: no cluster 'imo' (did you mean 'imu'?)"),
    ("recoding: {trait: judgment_call}\n", "v.yaml:6:19: recoding.trait: no trait 'judgment_call' of the coded units (did you mean 'judgement_call'?)"),
    ("recoding: {value: 7}\n", "v.yaml:6:1: recoding.number: "),
    ("ahead: {until: 2019-06}\n", "v.yaml:6:16: ahead.until: should be the December of a year after the fit, which ends with 2018-12"),
    ("ahead: {until: 2018-12}\n", "v.yaml:6:16: ahead.until: should be the December of a year after the fit, which ends with 2018-12"),
    ("ahead: {outcomes: [strength]}\n", "v.yaml:6:20: ahead.outcomes.0: no monthly outcome 'strength'"),
    ("bootstrap: 10\n", "v.yaml:6:12: bootstrap: should be greater than or equal to 100"),
    ("nulls: []\n", "v.yaml:6:1: nulls: unknown key"),
])  # fmt: skip
def test_a_mistake_of_a_validation_is_told_at_its_place(more: str, wrong: str) -> None:
    told = validation_problems(more=more)
    assert len(told) == 1
    assert told[0].startswith(wrong), told


@pytest.mark.parametrize(("old", "new", "wrong"), [
    ("[weights.clash]", "[weights.clsh]", "v.yaml:4:24: ablation.constants.0: 'weights.clsh' is not free in the calibration (did you mean 'weights.clash'?)"),
    ("omar_revealed", "omar_reveald", "v.yaml:5:18: placebo.event: should be the date of an event: events.ID.date (did you mean 'omar_revealed'?)"),
    ("2024-12", "2018-12", "v.yaml:5:52: placebo.never: should be after the last month, 2018-12"),
    ("2024-12", "2024-12, last: 2018-07", "v.yaml:5:67: placebo.last: leaves less than the window after it; should be no later than 2018-06"),
    ("2024-12", "2024-12, first: 2013-06", "v.yaml:5:68: placebo.first: leaves less than the window before it; should be no earlier than 2013-07"),
    ("2024-12", "2024-12, first: 2017-06, last: 2017-01", "v.yaml:5:68: placebo.first: the first date comes before the last"),
    ("mansour_killed", "mansour_kiled", "v.yaml:5:71: placebo.without.0: no event 'events.mansour_kiled' (did you mean 'mansour_killed'?)"),
    ("events.mansour_killed, ", "", "v.yaml:5:52: placebo.never: with the event in 2024-12: 2024-12 is after events that require it: mansour_killed (2016-05); move or remove them too"),
    ("2024-12", "2024-12, outcome: atacks", "v.yaml:5:70: placebo.outcome: no monthly outcome 'atacks' (did you mean 'attacks'?)"),
])  # fmt: skip
def test_a_mistake_of_a_probe_is_told_at_its_place(old: str, new: str, wrong: str) -> None:
    assert validation_problems((old, new)) == [wrong]


@pytest.mark.parametrize(("split", "wrong"), [
    (("SF10", "SF9"), "the patterns of role fit are not those of the frozen split: SF10, SF9"),
    (("SF8, ", ""), "the patterns of role fit are not those of the frozen split: SF8"),
    (("[imu_support, pledged_units]", "[imu_support]"), "the patterns of role report are not those of the frozen split: pledged_units"),
    (("[imu_support, pledged_units]", "3"), "the patterns of role report are not those of the frozen split: imu_support, pledged_units"),
    ((", shahid_cell]", "]"), "the units of cluster 'joint_oath_2014_10' are not those of the frozen split"),
    (("shahid_cell", "imu"), "the units of cluster 'joint_oath_2014_10' are not those of the frozen split"),
])  # fmt: skip
def test_the_frozen_split_refuses_other_roles_and_clusters(split: tuple[str, str], wrong: str) -> None:
    assert validation_problems(split=split) == [f"v.yaml:3:8: split: {wrong}"]


def test_a_pattern_that_changes_its_role_is_refused() -> None:
    patterns = (bundled_folder("experiments") / "patterns.yaml").read_text()
    at = patterns.index("  imu_support:")
    (Path("record")).mkdir()
    Path("record/units.csv").write_bytes(
        (bundled_folder("experiments") / "record" / "units.csv").read_bytes()
    )
    Path("mine.yaml").write_text(patterns[:at] + patterns[at:].replace("role: report", "role: fit", 1))
    Path("c.yaml").write_text(calibration_text(patterns="mine.yaml", free="{weights.clash: prior}"))
    told = validation_problems(("calibration: calibration", "calibration: c.yaml"))
    assert told == [
        "v.yaml:3:8: split: the patterns of role fit are not those of the frozen split: imu_support",
        "v.yaml:3:8: split: the patterns of role report are not those of the frozen split: imu_support",
    ]


def test_a_split_that_is_not_there_is_told() -> None:
    Path("v.yaml").write_text(VALID)
    with pytest.raises(ExperimentError, match=r"split\.yaml: "):
        read_validation("v.yaml")
