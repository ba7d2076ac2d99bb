"""Histories under other levers from a month on: the past is the same, and both drivers agree."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from records import assert_same, parts
from scenarios_tiny import tiny_scenario_text

import sim
from sim import state as s
from sim.agents import AllegianceModel, Faction
from sim.cli import main
from sim.engine.batch import Room, run_batch, seed_keys
from sim.engine.world import History, run_engine
from sim.errors import BayahError
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.results.run import Run
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario, load_text
from sim.scenario.quantities import month_index

LAST = 60
"""Months run: to the end of 2017."""
SEVERAL = (
    "patrons.iskp.acceptance=0.2@2014-11", "weights.b_tie=9@2014-11", "regions.helmand_farah.pressure=0.9@2015-05",
    "ties.3.weight=0.05@2016-02", "mechanisms.M54=false@2016-02", "events.campaign_2017=null@2016-02",
    "events.hekmat_killed=null@2016-02", "decision.theta=2@2017-03", "patrons.taliban.posture=0.8@2017-03",
    "events.hafiz_saeed_killed.date=2016-02@2016-02", "factions.imu.cohesion=0.1@2017-03",
    "events.core_decline.half_life=6@2016-02",
)  # fmt: skip
BEGIN = (22, 28, 37, 50)


@cache
def compiled(name: str = "baseline", *overrides: str) -> Compiled:
    return compile_scenario(load_scenario(name, overrides))


def by_engine(config: Compiled, seed: int, months: int = LAST) -> History:
    return run_engine(config.arrays, months, seed, config.stages)


def by_mesa(config: Compiled, seed: int, months: int = LAST) -> History:
    return AllegianceModel(config, seed=seed).run(months)


def assert_same_before(one: History, other: History, month: int) -> None:
    for name, array in one.arrays.items():
        assert array[:month].tobytes() == other.arrays[name][:month].tobytes(), name
    assert one.outcomes[:month].tobytes() == other.outcomes[:month].tobytes()
    for name in ("keys", "terms", "values"):
        mine, theirs = (
            getattr(each.decisions, name)[each.decisions.keys[:, 0] < month].tobytes()
            for each in (one, other)
        )
        assert mine == theirs, name


@pytest.mark.core
def test_the_past_is_the_same_in_every_record() -> None:
    base, other = by_engine(compiled(), 4), by_engine(compiled("baseline", *SEVERAL), 4)
    assert tuple(stage.month for stage in compiled("baseline", *SEVERAL).stages) == BEGIN
    assert_same_before(base, other, BEGIN[0])
    assert (base.arrays["P"][BEGIN[0]] != other.arrays["P"][BEGIN[0]]).any()


def test_every_change_leaves_the_months_before_it() -> None:
    """Changes are laid one month after the other; each leaves alone what those before it made."""
    months = ("2014-11", "2015-05", "2016-02", "2017-03")
    so_far = [tuple(text for text in SEVERAL if text[-7:] in months[:n]) for n in range(5)]
    runs = [by_engine(compiled("baseline", *texts), 9) for texts in so_far]
    for before, after, month in zip(runs, runs[1:], BEGIN, strict=False):
        assert_same_before(before, after, month)
        assert any((before.arrays[name][month:] != after.arrays[name][month:]).any() for name in "FPGHWC")


@pytest.mark.core
def test_drivers_agree_over_several_stages() -> None:
    config = compiled("baseline", *SEVERAL)
    for seed in (1, 2**63 + 5):
        assert_same(by_engine(config, seed), by_mesa(config, seed))


def test_a_removed_event_moves_the_row_of_the_pool_abroad() -> None:
    """Events before the returnees' in the file go while its pool is open; the pool stays its own."""
    config = compiled(
        "levant-returnees-25", "events.campaign_2017=null@2016-02", "events.hekmat_killed=null@2016-02"
    )
    (stage,) = config.stages
    one = by_engine(config, 3)
    place = one.arrays["C"][:, s.C_ABROAD_EVENT].astype(int)
    assert place[30] >= 0
    assert place[36] - place[37] == 2
    codes = {
        int(config.arrays["E"][place[36], s.E_CODE]),
        int(stage.compiled.arrays["E"][place[37], s.E_CODE]),
    }
    assert len(codes) == 1
    assert_same(one, by_mesa(config, 3))
    # Neither of the two has come by the end of 2016: until then nothing is any different.
    assert_same_before(by_engine(compiled("levant-returnees-25"), 3), _without_place(one), 50)


def _without_place(history: History) -> History:
    twin = copy.deepcopy(history)
    moved = twin.arrays["C"][:, s.C_ABROAD_EVENT]
    moved[37:] = moved[36]
    return twin


def test_a_copy_of_a_model_meets_the_stages_that_are_left() -> None:
    config = compiled("baseline", *SEVERAL)
    model = AllegianceModel(config, seed=6)
    model.run(40)
    twin = copy.deepcopy(model)
    ahead = twin.run(LAST)
    assert model.months_done == 40
    assert_same(model.run(LAST), ahead)
    assert_same(ahead, by_engine(config, 6))
    early = AllegianceModel(config, seed=6)
    early.run(BEGIN[0])
    copied = copy.deepcopy(early)
    early.run(LAST)
    assert_same(copied.run(LAST), ahead)


def test_many_runs_at_once_are_those_made_one_by_one() -> None:
    config = compiled("baseline", *SEVERAL)
    seeds = [3, 4, 5]
    summary, outcomes = run_batch(config.arrays, LAST, seeds, monthly=True, threads=2, stages=config.stages)
    for n, seed in enumerate(seeds):
        one = by_engine(config, seed)
        assert outcomes[n].tobytes() == one.outcomes.tobytes()
        assert summary[n].tobytes() == one.summary.tobytes()


def test_a_traced_run_has_the_decisions_of_the_record() -> None:
    config = compiled("baseline", *SEVERAL)
    room, expected = Room(config.arrays, stages=config.stages), by_engine(config, 7)
    outcomes, summary = np.zeros((1, LAST, M_WIDTH)), np.zeros((1, O_WIDTH))
    sides = np.zeros((1, LAST, len(config.factions)), dtype=np.uint8)
    # Little room at first: it grows.
    decisions, count = room.trace(LAST, seed_keys([7]), outcomes, summary, sides, room.room_for(5))
    assert count == len(expected.decisions.keys)
    assert decisions[0][:count].tobytes() == expected.decisions.keys.tobytes()
    assert decisions[1][:count].tobytes() == expected.decisions.terms.tobytes()
    assert decisions[2][:count].tobytes() == expected.decisions.values.tobytes()
    assert outcomes[0].tobytes() == expected.outcomes.tobytes()
    codes = expected.arrays["I"][:, : len(config.factions)]
    active = codes[:, :, s.I_FATE] == s.FATE_ACTIVE
    wanted = np.where(active, codes[:, :, s.I_ALLEGIANCE], s.AWAY + codes[:, :, s.I_FATE])
    assert np.array_equal(sides[0], wanted)


def test_the_stage_begins_in_its_first_month_and_not_after() -> None:
    """What changes from the last month on shows in that month only; what is later than the run never shows."""
    base = by_engine(compiled(), 2)
    last = by_engine(compiled("baseline", "patrons.iskp.effort=0@2017-12"), 2)
    assert_same_before(base, last, LAST - 1)
    assert base.arrays["P"][LAST - 1].tobytes() != last.arrays["P"][LAST - 1].tobytes()
    config = compiled("baseline", "patrons.iskp.effort=0@2018-01")
    assert_same(base, by_engine(config, 2))
    assert_same(base, by_mesa(config, 2))
    room = Room(config.arrays, stages=config.stages)
    outcomes, summary = np.zeros((1, LAST, M_WIDTH)), np.zeros((1, O_WIDTH))
    room.run(LAST, seed_keys([2]), outcomes, summary)
    assert outcomes[0].tobytes() == base.outcomes.tobytes()


def test_a_change_that_changes_nothing() -> None:
    value = compiled().scenario.patrons["iskp"].effort.value
    for text in (
        f"patrons.iskp.effort={value}@2015-03",
        f"weights.b_tie={compiled().scenario.weights.b_tie.value}@2013-02",
    ):
        config = compiled("baseline", text)
        assert len(config.stages) == 1
        assert config.stages[0].jumps == ()
        assert_same(by_engine(compiled(), 5), by_engine(config, 5))
        assert_same(by_engine(compiled(), 5), by_mesa(config, 5))


def test_a_patron_whose_founding_is_taken_away_is_not_founded() -> None:
    """What only events set stays as it is: removing the event neither founds the patron nor closes its offers."""
    texts = ("events.banner_founded=null@2014-09", "events.plea=null@2014-09")
    config = compile_scenario(load_text(tiny_scenario_text(), texts).scenario)
    patrons = by_engine(config, 1, config.months).arrays["P"][:, 1]
    assert (patrons[:, s.P_FOUNDED] == s.NEVER).all()
    opened = month_index("2014-06") - config.start
    assert (patrons[:opened, s.P_OFFERS_FROM] == s.NEVER).all()
    assert (patrons[opened:, s.P_OFFERS_FROM] == opened).all()
    assert all(
        place[-1] not in (s.P_FOUNDED, s.P_OFFERS_FROM)
        for name, place in config.stages[0].jumps
        if name == "P"
    )


# run.branch and --branch-at


@pytest.fixture(scope="module")
def run() -> Run:
    return sim.run("baseline", seed=3, until="2016-12")


BRANCH = {
    "patrons.iskp.acceptance": 0,
    "events.hafiz_saeed_killed.date": "2016-03",
    "events.kabul_helps_splinter": None,
}


def tables(one: Run) -> dict[str, bytes]:
    frames = ("factions", "patrons", "regions", "events", "decisions", "outcomes")
    return {name: getattr(one, name).to_csv().encode() for name in frames}


@pytest.fixture(scope="module")
def branched(run: Run) -> Run:
    return run.branch("2015-06", set=BRANCH)


@pytest.mark.core
def test_a_branch_is_the_full_run_with_dated_values(branched: Run) -> None:
    loaded = sim.load("baseline").set({f"{path}@2015-06": value for path, value in BRANCH.items()})
    full = sim.run(loaded, seed=3, until="2016-12")
    assert branched.history is not None
    assert full.history is not None
    assert_same(branched.history, full.history)
    assert tables(branched) == tables(full)
    told = branched.events.reset_index()
    assert "kabul_helps_splinter" not in set(told["event"].dropna())
    assert told.loc[told["event"] == "hafiz_saeed_killed", "month"].astype(str).tolist() == ["2016-03"]


def test_a_branch_has_the_past_of_its_run(run: Run, branched: Run) -> None:
    assert run.history is not None
    assert branched.history is not None
    assert_same_before(run.history, branched.history, 29)
    assert not branched.outcomes.loc["2015-06":].equals(run.outcomes.loc["2015-06":])
    assert branched.seed == run.seed
    assert branched.outcomes.index.equals(run.outcomes.index)
    again = branched.branch("2016-05", set={"weights.b_tie": 0})
    assert again.history is not None
    assert_same_before(branched.history, again.history, 40)
    assert list(again.scenario.changes) == ["2015-06", "2016-05"]


def test_a_branch_of_an_opened_folder_and_of_a_mesa_run(run: Run, branched: Run, tmp_path: Path) -> None:
    opened = sim.open_run(run.save(tmp_path / "run", figures=False))
    again = opened.branch("2015-06", set=BRANCH)
    assert branched.history is not None
    assert again.history is not None
    assert_same(branched.history, again.history)
    agents = sim.run("baseline", seed=3, until="2015-08", driver="mesa")
    other = agents.branch("2015-06", set=BRANCH)
    assert other.driver == "mesa"
    assert np.array_equal(other.outcomes, branched.outcomes.loc[:"2015-08"])


def test_branch_at_is_the_same(branched: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sets = [
        "patrons.iskp.acceptance=0",
        "events.hafiz_saeed_killed.date='2016-03'",
        "events.kabul_helps_splinter=null",
    ]
    words = [word for text in sets for word in ("--set", text)]
    common = ["run", "baseline", "--seed", "3", "--until", "2016-12", "--no-figures", "-q"]
    assert main([*common, "--branch-at", "2015-06", *words, "--out", "a"]) == 0
    dated = [word for text in sets for word in ("--set", text.replace("=", "@2015-06=", 1))]
    assert main([*common, *dated, "--out", "b"]) == 0
    one, other = sim.open_run("a"), sim.open_run("b")
    assert tables(one) == tables(other)
    for name in ("outcomes", "factions", "patrons"):
        assert np.array_equal(
            one.data(name).frame().select_dtypes("number"),
            branched.data(name).frame().select_dtypes("number"),
        )


REFUSED_HERE = [
    ("2013-01", {"patrons.iskp.effort": 0}, "is the first month"),
    ("2017-01", {"patrons.iskp.effort": 0}, "2017-01 is outside the period, 2013-01 to 2016-12"),
    ("2012-01", {"patrons.iskp.effort": 0}, "2012-01 is outside the period"),
    ("June", {"patrons.iskp.effort": 0}, "'June' is not a month"),
    ("2015-06", {}, "say what changes then"),
    ("2015-06", {"patrons.iskp.effort@2015-07": 0}, "has a month of its own"),
    ("2015-06", {"patrons.iskp.efort": 0}, "did you mean 'effort'?"),
    ("2015-06", {"patrons.iskp.effort": 7}, "7 is outside 0 to 1"),
    ("2015-06", {"events.mosul": None}, "'mosul' has happened in 2014-06"),
    ("2015-06", {"patrons.iskp.effort": object()}, "has no place in a scenario"),
]  # fmt: skip


@pytest.mark.parametrize(("month", "values", "told"), REFUSED_HERE)
def test_what_cannot_be_branched_is_told(run: Run, month: str, values: dict[str, object], told: str) -> None:
    with pytest.raises(BayahError) as caught:
        run.branch(month, set=values)
    (line,) = str(caught.value).splitlines()
    assert told in line


class Own(Faction):
    """A class of one's own."""


def test_a_run_with_a_mind_of_its_own_is_not_branched() -> None:
    own = sim.run("baseline", seed=1, until="2013-03", driver="mesa", agents={"imu": Own})
    with pytest.raises(BayahError, match="classes or a rule of one's own"):
        own.branch("2013-02", set={"patrons.iskp.effort": 0})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--branch-at", "2015-06"], "say what changes then"),
        (["--branch-at", "soon", "--set", "patrons.iskp.effort=0"], "'soon' is not a month"),
        (["--branch-at", "2015-06", "--set", "patrons.iskp.effort=0@2015-07"], "has a month of its own"),
        (["--branch-at", "2015-06", "--set", "patrons.iskp.effort@2015-07=0"], "has a month of its own"),
        (["--branch-at", "2030-06", "--set", "patrons.iskp.effort=0"], "2030-06 is outside the period"),
        (["--branch-at", "2015-06", "--set", "patrons.iskp.effort"], "write it as path=value"),
        (["--branch-at", "2015-06", "--set", "events.mosul=null"], "'mosul' has happened in 2014-06"),
    ],
)
def test_branch_at_refuses_in_one_line(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "baseline", "-q", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_a_stage_after_the_end_of_a_shortened_run(tmp_path: Path) -> None:
    (tmp_path / "late.yaml").write_text(
        tiny_scenario_text()
        + "changes: {2016-06: {set: {patrons.banner.effort: {value: 0, source: 'judgement: lever'}}}}\n"
    )
    late = sim.load(tmp_path / "late.yaml")
    (tmp_path / "tiny.yaml").write_text(tiny_scenario_text())
    short, plain = sim.run(late, until="2016-05"), sim.run(sim.load(tmp_path / "tiny.yaml"), until="2016-05")
    assert short.history is not None
    assert plain.history is not None
    assert_same(short.history, plain.history)
    whole = sim.run(late)
    assert whole.history is not None
    assert_same_before(short.history, whole.history, month_index("2016-05") - month_index("2013-01") + 1)
    assert set(parts(whole.history)) == set(parts(short.history))
