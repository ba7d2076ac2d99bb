"""What the page runs: arms, levers, what-ifs, files of a visitor's own."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("solara", reason="needs the extra viz")

from scenarios_tiny import tiny_scenario_text

import sim
from sim.dashboard.background import Ensemble, Progress
from sim.dashboard.controls import controls_of, shown_first
from sim.dashboard.desk import Desk
from sim.dashboard.downloads import figures_zip, scenario_yaml
from sim.dashboard.setup import Setup, Source, base_of
from sim.dashboard.stage import Stage
from sim.errors import BayahError, ScenarioError, UsageError
from sim.measures import MONTHLY
from sim.scenario.load import load, load_text, with_overrides
from sim.scenario.quantities import month_text

BASELINE = Source("baseline")
TINY = Source("tiny", tiny_scenario_text())
HIDDEN = Source("omar-hidden-until-2018")


@pytest.fixture(scope="module")
def pair() -> Stage:
    return Stage(Setup(BASELINE, HIDDEN, seed=3), months=40)


@pytest.mark.parametrize(("arm", "source"), [(0, BASELINE), (1, HIDDEN)])
def test_each_arm_is_the_run_that_the_command_line_would_make(pair: Stage, arm: int, source: Source) -> None:
    alone = sim.run(source.name, seed=3, until=pair.date)
    shown = pair.runs()[arm]
    assert pair.date == "2016-04"
    for table in ("factions", "patrons", "regions", "decisions", "outcomes"):
        assert getattr(shown, table).equals(getattr(alone, table)), table


def test_a_moved_lever_is_an_override() -> None:
    stage = Stage(Setup(moved=(("patrons.iskp.franchise_slots", 4.0),), beside=False), months=24)
    alone = sim.run(sim.load("baseline", set={"patrons.iskp.franchise_slots": 4}), until="2014-12")
    assert len(stage.arms) == 1
    assert stage.runs()[0].factions.equals(alone.factions)


def test_beside_the_scenario_as_it_is_only_where_something_differs() -> None:
    moved = (("decision.theta", 2.0),)
    assert len(Setup().arms()) == 1
    assert len(Setup(moved=moved).arms()) == 2
    assert len(Setup(moved=moved, beside=False).arms()) == 1
    assert [arm.loaded.scenario.decision.theta.value for arm in Setup(moved=moved).arms()] == [3.0, 2.0]


def test_moving_and_putting_back() -> None:
    setup = Setup().with_lever("decision.theta", 2.0).with_lever("decision.theta", 1.0)
    assert setup.moved == (("decision.theta", 1.0),)
    assert setup.without_lever("decision.theta") == Setup()


def test_a_what_if_comes_with_what_it_changes() -> None:
    assert base_of(HIDDEN) == BASELINE
    assert base_of(BASELINE) is None
    assert base_of(Source("own", "extends: baseline\nmeta: {title: Mine, question: Why?}\n")) == BASELINE


def test_a_what_if_of_ones_own_on_a_base_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "baseline.yaml").write_text(tiny_scenario_text())
    (tmp_path / "mine.yaml").write_text("extends: baseline.yaml\nwhat_if: {}\n")
    base = base_of(Source(str(tmp_path / "mine.yaml")))
    assert base == Source(str(tmp_path / "baseline.yaml"))
    assert base.key == "own file: baseline"
    assert BASELINE.key == "baseline"
    assert Source("baseline", "text").key == "own file: baseline"


def test_an_event_that_was_left_out_is_put_back() -> None:
    desk = Desk(BASELINE)
    desk.move("events.zarb_e_azb.date", "2014-09")
    desk.move("events.zarb_e_azb", None)
    assert desk.setup.value.moved == (("events.zarb_e_azb", None),)
    desk.put_back("events.zarb_e_azb")
    assert desk.setup.value == Setup()


def test_what_has_ended_gives_way_to_what_can_go_on() -> None:
    desk = Desk(TINY)
    for _ in range(48):
        desk.stage.value.step()
    assert not desk.stage.value.running
    before = desk.controls.value
    desk.open(BASELINE)
    assert desk.stage.value.running
    assert desk.controls.value == before + 1


def test_a_stage_ends_with_its_period_and_stays_there() -> None:
    stage = Stage(Setup(TINY), months=60)
    assert stage.done == stage.months == 48
    assert not stage.running


def test_every_lever_has_a_control_that_holds_its_value() -> None:
    loaded = load("baseline")
    known = controls_of(loaded)
    for path, control in known.items():
        if control.kind == "number":
            assert control.low <= control.value <= control.high, path
            assert control.step > 0, path
        assert control.source or control.kind in ("switch", "choice", "number"), path
        assert path in control.hover()
    units = {control.unit for control in known.values() if control.kind == "number"}
    assert units == {row["unit"] for row in sim.levers("baseline").to_dict("records")} - {
        "month",
        "switch",
        "choice",
    }
    first = [known[path] for path in shown_first(loaded, known)]
    assert {control.kind for control in first} == {"month", "number"}
    assert all(control.source for control in first)


@pytest.mark.parametrize("end", ["low", "high"])
def test_levers_shown_first_move_to_their_ends_or_say_why_not(end: str) -> None:
    loaded = load("baseline")
    known = controls_of(loaded)
    held = 0
    for path in shown_first(loaded, known):
        control = known[path]
        value = getattr(control, end)
        refused = ""
        try:
            with_overrides(loaded, {path: month_text(int(value)) if control.kind == "month" else value})
            held += 1
        except ScenarioError as error:
            refused = str(error)
        assert not refused or "events." in refused
    assert held >= 9


def test_the_scenario_taken_home_is_the_scenario_that_ran() -> None:
    arm = Setup(BASELINE, HIDDEN, moved=(("decision.theta", 2.0),), beside=False).arms()[0]
    again = load_text(scenario_yaml(arm).decode())
    assert again.scenario == arm.loaded.scenario


@pytest.mark.slow
def test_figures_taken_home_are_pictures_of_both_arms(pair: Stage) -> None:
    archive = zipfile.ZipFile(io.BytesIO(figures_zip(pair.runs(), "imu")))
    names = archive.namelist()
    assert len(names) == 12
    assert {name.split("/")[0] for name in names} == {"1-baseline", "2-omar-hidden-until-2018"}
    assert all(archive.read(name).startswith(b"\x89PNG") for name in names)


def test_an_ensemble_is_made_and_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    ensemble = Ensemble(Setup(TINY).arms(), 30, seed=5)
    ensemble.make(told.append)
    assert told[-1] == Progress(30, 30, True)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    file = tmp_path / "tiny.yaml"
    file.write_text(tiny_scenario_text())
    many = sim.ensemble(file, runs=30, seed=5)
    assert ensemble.results[0].bands("focus_fighters").equals(many.bands("focus_fighters"))
    assert len(ensemble.results[0].monthly) == len(MONTHLY)


def test_ensembles_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ensemble = Ensemble(Setup(TINY).arms(), 400, seed=1)
    ensemble.make(lambda progress: ensemble.stop() if progress.done else None)
    assert ensemble.results == []
    assert list(tmp_path.iterdir()) == []
    whole = Ensemble(Setup(TINY).arms(), 20, seed=1)
    whole.make(lambda progress: None)
    assert len(list(tmp_path.iterdir())) == 1
    whole.stop()
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_that_has_no_seeds_left_says_so() -> None:
    ensemble = Ensemble(Setup(TINY).arms(), 20, seed=2**64 - 1)
    ensemble.make(lambda progress: None)
    assert "below 2**53" in str(ensemble.progress.problems[0])


def test_an_ensemble_that_is_stopped_says_nothing_more() -> None:
    told: list[Progress] = []
    ensemble = Ensemble(Setup().arms(), 30, seed=5)
    ensemble.stop()
    ensemble.make(told.append)
    assert told == []
    assert ensemble.results == []


def test_a_bad_upload_is_told_with_its_places_and_nothing_is_lost() -> None:
    desk = Desk(BASELINE)
    before = desk.stage.value
    bad = b"extends: baseline\nmeta: {title: X, question: Y}\npatrons:\n  iskp: {franchise_slots: many, tolerence: 2}\n"
    desk.upload("C:\\temp\\my file.yaml", base64.b64encode(bad).decode())
    told = [str(problem) for problem in desk.problems.value]
    assert any("my-file:4:" in line and "did you mean 'tolerance'" in line for line in told), told
    assert any("franchise_slots" in line for line in told)
    assert desk.stage.value is before


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff\xfe\x00bad", "not UTF-8"),
        (b"extends: ../../etc/passwd\n", "etc/passwd"),
        (b"extends: /etc/passwd\n", "etc/passwd"),
        (b"", "upload"),
        (b"x" * 10_000_010, "larger than 10 MB"),
    ],
)
def test_uploads_that_are_no_scenarios(raw: bytes, words: str) -> None:
    desk = Desk(BASELINE)
    desk.upload("upload.yaml", base64.b64encode(raw).decode())
    assert words in "\n".join(str(problem) for problem in desk.problems.value)
    assert desk.stage.value is not None


@pytest.mark.parametrize(("content", "words"), [(None, "larger"), ("no base64!", "could not be read")])
def test_uploads_that_did_not_come_through(content: str | None, words: str) -> None:
    desk = Desk(TINY)
    desk.upload("upload.yaml", content)
    assert words in str(desk.problems.value[0])


def test_a_scenario_that_is_not_there_leaves_the_baseline_and_a_reason() -> None:
    desk = Desk(Source("no-such-file.yaml"))
    assert desk.stage.value is not None
    assert desk.stage.value.arms[0].loaded.name == "baseline"
    assert "no-such-file" in str(desk.problems.value[0])


def test_a_lever_moves_on_the_same_draws_to_the_same_month() -> None:
    desk = Desk(BASELINE)
    for _ in range(5):
        assert desk.stage.value is not None
        desk.stage.value.step()
    desk.move("events.omar_revealed", None)
    assert "orphans" in str(desk.problems.value[0])
    assert desk.setup.value == Setup()
    desk.move("decision.theta", 2.0)
    assert desk.problems.value == ()
    assert desk.stage.value.done == 5
    desk.put_back("decision.theta")
    assert desk.setup.value == Setup()


def test_what_was_clicked_is_asked_about() -> None:
    desk = Desk(BASELINE)
    desk.pick_clicked({"componentType": "series", "data": {"faction": "imu", "month": "2015-08"}})
    assert (desk.faction.value, desk.month.value) == ("imu", "2015-08")
    desk.pick_clicked({"componentType": "series", "data": {"faction": "haqqani"}})
    assert (desk.faction.value, desk.month.value) == ("haqqani", None)
    desk.pick_clicked(None)
    desk.pick_clicked({"data": {"value": 3}})
    assert desk.faction.value == "haqqani"


def test_a_run_that_leaves_what_the_model_allows_ends_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sim.agents.model import AllegianceModel
    from sim.errors import RunError

    stage = Stage(Setup())
    monkeypatch.setattr(
        AllegianceModel, "_decide", lambda self: (_ for _ in ()).throw(RunError("a stock is negative"))
    )
    stage.step()
    assert not stage.running
    assert str(stage.problems[0]) == "a stock is negative"


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    import socket

    from sim.dashboard.server import serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="--port 0"):
            serve(port=taken.getsockname()[1], browser=False)
    with pytest.raises(BayahError, match="cannot listen"):
        serve(host="no.such.host.invalid", browser=False)


def test_who_has_gone_plays_no_more_months() -> None:
    desk = Desk(BASELINE)
    stage = desk.stage.value
    stage.step()
    assert stage.running
    desk.close()
    stage.step()
    assert not stage.running
    assert stage.done == 1


def test_a_scenario_that_two_ask_for_at_once_is_read_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    setup = Setup().with_lever("decision.theta", 1.375)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: setup.arms(), range(4)))
    assert len({id(arm) for arms in found for arm in arms}) == 2


def test_progress_is_a_share() -> None:
    assert Progress(0, 0).percent == 0.0
    assert Progress(5, 20).percent == 25.0
    assert json.dumps(Progress(1, 2).percent)
