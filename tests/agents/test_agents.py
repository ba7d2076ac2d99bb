"""Factions, patrons and regions: what they show, and minds of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from records import assert_same

from sim import state as s
from sim.agents import AllegianceModel, Faction, Patron
from sim.engine.world import run_engine
from sim.errors import UsageError
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

pytestmark = pytest.mark.core

OPTIONS = ("taliban", "iskp", "ally(taliban)", "ally(iskp)", "independent", "exit")


@pytest.fixture(scope="module")
def baseline() -> Compiled:
    return compile_scenario(load_scenario("baseline"))


@pytest.fixture
def model(baseline: Compiled) -> AllegianceModel:
    return AllegianceModel(baseline, seed=1)


class Loyal(Faction):
    """Never moves."""

    def choose(self, options: tuple[str, ...], utilities: np.ndarray, draw: float) -> int:
        return options.index(self.allegiance)


class Doubtful(Faction):
    """Leaves the choice to the scenario's rule, half as sure of it."""

    def choose(self, options: tuple[str, ...], utilities: np.ndarray, draw: float) -> int:
        return super().choose(options, 0.5 * utilities, draw)


class Same(Faction):
    """A class of one's own that changes nothing."""


def best(faction: Faction, options: tuple[str, ...], utilities: np.ndarray, draw: float) -> int:
    return int(np.argmax(utilities))


def ever_held(model: AllegianceModel, row: int) -> set[str]:
    codes = model.history.arrays["I"][:, row, s.I_ALLEGIANCE]
    return {model.config.options[code] for code in codes}


@pytest.mark.parametrize(
    ("kind", "columns", "array"),
    [(Faction, s.FACTION, "F"), (Faction, s.FACTION_CODES, "I"), (Patron, s.PATRON, "P")],
)
def test_every_column_is_an_attribute_of_its_row(
    model: AllegianceModel, kind: type, columns: tuple[s.Column, ...], array: str
) -> None:
    model.run(until="2016-01")
    agent = model.faction("imu") if kind is Faction else model.patron("iskp")
    matrix = getattr(model.world, array)
    for index, column in enumerate(columns):
        if column.name in ("wake", "ties"):  # a method, and the ties themselves
            continue
        shown = getattr(agent, column.name)
        if isinstance(shown, float) and column.unit not in ("month", "flag"):
            assert shown == matrix[agent.row, index], column.name
            matrix[agent.row, index] += 0.25
            assert getattr(agent, column.name) == shown + 0.25, column.name
            setattr(agent, column.name, shown)
            assert matrix[agent.row, index] == shown, column.name
        else:
            code = matrix[agent.row, index]
            if shown is not None:
                matrix[agent.row, index] = -77
                setattr(agent, column.name, shown)
                assert matrix[agent.row, index] == code, column.name


def test_codes_read_as_words(model: AllegianceModel) -> None:
    model.run()
    scenario = model.config.scenario
    imu = model.faction("imu")
    assert imu.home == scenario.factions["imu"].home
    assert imu.foreign is True
    assert imu.start_allegiance == scenario.factions["imu"].allegiance
    assert imu.parent is None
    assert model.faction("ttp_orakzai").parent == scenario.factions["ttp_orakzai"].parent == "ttp"
    assert imu.born_month is None
    assert imu.oath in s.OATHS
    assert imu.fate in s.FATES
    switched = [faction for faction in model.all_factions if faction.switched]
    assert switched
    for faction in switched:
        code = model.world.I[faction.row, s.I_SWITCHED]
        assert faction.switched == f"{2013 + code // 12}-{code % 12 + 1:02d}"
    assert model.patron("iskp").founded == "2015-01"
    assert model.patron("taliban").holds_state is True
    assert model.region("nangarhar").holder == "taliban"
    assert model.region("nangarhar").country == "Afghanistan"
    assert model.region("nangarhar").area == "east"
    stated = {name: number.value for name, number in scenario.factions["imu"].embeddedness.items()}
    assert imu.embeddedness == {"taliban": 0.0, "iskp": 0.0, **stated}


def test_ties_by_name(model: AllegianceModel) -> None:
    expected: dict[str, float] = {}
    for tie in model.config.scenario.ties:
        if "imu" in (tie.a, tie.b):
            expected[tie.b if tie.a == "imu" else tie.a] = tie.weight.value
    assert model.faction("imu").ties == expected
    assert len(expected) > 3


def test_why_a_faction_is_awake(model: AllegianceModel) -> None:
    found: set[str] = set()
    while model.running:
        model.step()
        for faction in model.all_factions:
            bits = model.world.I[faction.row, s.I_WAKE]
            assert faction.woken_by == tuple(text for bit, text in s.WAKES.items() if bit & bits)
            found.update(faction.woken_by)
    assert {"news of a patron", "a hidden death was revealed"} <= found


def test_words_can_be_written(model: AllegianceModel) -> None:
    faction, patron, region = model.faction("imu"), model.patron("iskp"), model.region("nangarhar")
    faction.allegiance, faction.oath, faction.theatre = "iskp", "sworn", "nangarhar"
    codes = model.world.I[faction.row]
    assert (codes[s.I_ALLEGIANCE], codes[s.I_OATH]) == (1, s.OATH_SWORN)
    assert model.config.regions[codes[s.I_THEATRE]] == "nangarhar"
    faction.switched = "2013-03"
    assert codes[s.I_SWITCHED] == 2
    faction.switched = None
    assert codes[s.I_SWITCHED] == -1
    faction.embeddedness = {"iskp": 0.9}
    assert faction.embeddedness["iskp"] == 0.9
    patron.hostility = {"taliban": 0.75}
    assert patron.hostility["taliban"] == 0.75
    region.holder, region.support = "iskp", {"iskp": 0.6}
    assert (region.holder, region.support["iskp"]) == ("iskp", 0.6)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("allegiance", "isis"),
        ("oath", "true"),
        ("theatre", "kabulistan"),
        ("fate", "dead"),
        ("switched", "2015"),
    ],
)
def test_words_that_mean_nothing_are_refused(model: AllegianceModel, attribute: str, value: str) -> None:
    with pytest.raises((UsageError, ValueError), match=value):
        setattr(model.faction("imu"), attribute, value)


def test_an_unknown_patron_is_refused(model: AllegianceModel) -> None:
    with pytest.raises(UsageError, match="unknown patron 'isis'"):
        model.faction("imu").embeddedness = {"isis": 0.5}


def test_agents_print_themselves(model: AllegianceModel) -> None:
    assert "imu" in repr(model.faction("imu"))
    assert model.faction("imu").allegiance in repr(model.faction("imu"))
    assert "iskp" in repr(model.patron("iskp"))
    region = model.region("nangarhar")
    assert f"held by {region.holder or 'the state'}" in repr(region)


def test_a_class_that_changes_nothing_changes_nothing(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=1, agents=dict.fromkeys(baseline.factions, Same))
    assert_same(model.run(), run_engine(baseline.arrays, baseline.months, 1))


def test_a_faction_with_a_mind_of_its_own(baseline: Compiled) -> None:
    plain = AllegianceModel(baseline, seed=1)
    plain.run()
    movers = [f.name for f in plain.all_factions[: len(baseline.factions)] if f.first_oath]
    assert len(movers) > 3
    model = AllegianceModel(baseline, seed=1, agents=dict.fromkeys(movers, Loyal))
    history = model.run()
    for name in movers:
        assert ever_held(model, model.faction(name).row) == {model.faction(name).start_allegiance}
    rows = {model.faction(name).row for name in movers}
    own = np.isin(history.decisions.keys[:, 1], list(rows))
    assert own.any()
    certain = history.decisions.values[own, 1, history.decisions.keys[own, 3]]
    assert np.array_equal(certain, np.ones(own.sum()))


def test_a_choice_may_ask_the_scenarios_rule(baseline: Compiled) -> None:
    sure, doubtful = (
        AllegianceModel(baseline, seed=1, agents=dict.fromkeys(baseline.factions, kind)).run()
        for kind in (Same, Doubtful)
    )
    values = doubtful.decisions.values
    assert np.allclose(values[:, 1].sum(axis=1), 1.0)
    assert (values[:, 1] < 1.0).any()
    assert not np.array_equal(sure.outcomes, doubtful.outcomes)
    # Half the difference crosses theta less often.
    stays = [(d.decisions.keys[:, 2] == d.decisions.keys[:, 3]).mean() for d in (sure, doubtful)]
    assert stays[1] > stays[0]


def test_a_rule_of_ones_own_is_the_seventh(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=1, rule=best)
    decisions = model.run().decisions
    utilities = np.where(decisions.values[:, 0] > -1e29, decisions.values[:, 0], -np.inf)
    assert np.array_equal(decisions.keys[:, 3], utilities.argmax(axis=1))


def test_a_class_of_ones_own_goes_before_a_rule_of_ones_own(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=1, agents={"imu": Loyal}, rule=best)
    model.run()
    assert ever_held(model, model.faction("imu").row) == {model.faction("imu").start_allegiance}
    assert len({held for faction in model.factions for held in ever_held(model, faction.row)}) > 2


def test_what_a_choice_is_given(baseline: Compiled) -> None:
    seen: list[tuple[tuple[str, ...], np.ndarray, float, str]] = []

    def watch(faction: Faction, options: tuple[str, ...], utilities: np.ndarray, draw: float) -> int:
        seen.append((options, utilities.copy(), draw, str(faction.model.date)))
        utilities[:] = 99.0  # a copy: the record is not to be changed from here
        return options.index(faction.allegiance)

    history = AllegianceModel(baseline, seed=1, rule=watch).run()
    assert len(seen) == len(history.decisions.keys) > 100
    for (options, utilities, draw, date), values in zip(seen, history.decisions.values, strict=True):
        assert options == OPTIONS
        assert 0.0 < draw < 1.0
        assert np.array_equal(np.isneginf(utilities), values[0] < -1e29)
        assert np.array_equal(utilities[~np.isneginf(utilities)], values[0][values[0] > -1e29])
        if date < "2014-06":
            assert np.isneginf(utilities[OPTIONS.index("iskp")])
    assert any(not np.isneginf(utilities[1]) for _, utilities, _, _ in seen)


@pytest.mark.parametrize("answer", [-1, 6, 1.0, "iskp", None])
def test_an_answer_that_is_no_option_is_refused(baseline: Compiled, answer: Any) -> None:
    model = AllegianceModel(baseline, seed=1, rule=lambda *_: answer)
    with pytest.raises(UsageError, match=r"it can choose 0 \(taliban\)"):
        model.run()


def test_an_option_that_does_not_exist_cannot_be_chosen(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=1, rule=lambda faction, options, *_: options.index("iskp"))
    with pytest.raises(UsageError, match=r"chose 1 in 201[34]"):
        model.run()


def test_a_patron_with_a_mind_of_its_own(baseline: Compiled) -> None:
    class Stern(Patron):
        def command(self, capacity: float) -> None:
            super().command(capacity)
            self.acceptance = 0.0

    plain, stern = (
        AllegianceModel(baseline, seed=1),
        AllegianceModel(baseline, seed=1, agents={"iskp": Stern}),
    )
    accepted = [int(model.run().summary[2]) for model in (plain, stern)]
    assert accepted[0] > 0
    assert accepted[1] == 0
    assert stern.overridden == ("iskp",)


def test_which_minds_are_ones_own(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, agents={"F30": Loyal, "iju": Doubtful, "tip": Faction}, rule=best)
    assert model.overridden == ("imu", "iju", "rule")
    sources = model.decision_sources()
    assert list(sources) == ["imu", "iju", "rule"]
    assert len(set(sources.values())) == 3
    assert all(len(text) == 64 and int(text, 16) >= 0 for text in sources.values())
    again = AllegianceModel(baseline, agents={"imu": Loyal})
    assert again.decision_sources() == {"imu": sources["imu"]}
    assert AllegianceModel(baseline).decision_sources() == {}
    assert AllegianceModel(baseline).overridden == ()


def typed(text: str) -> Callable[..., int]:
    """A rule whose source no file holds."""
    space: dict[str, Any] = {}
    exec(text, space)
    return space["rule"]


def test_code_without_a_file_is_told_apart_too(baseline: Compiled) -> None:
    texts = ["def rule(f, o, u, d):\n    return 0", "def rule(f, o, u, d):\n    return 1"]
    texts += [
        "def rule(f, o, u, d):\n    return (lambda: 2)()",
        "def rule(f, o, u, d):\n    return (lambda: 3)()",
    ]
    hashes = [AllegianceModel(baseline, rule=typed(text)).decision_sources()["rule"] for text in texts * 2]
    assert len(set(hashes)) == len(texts)
    assert hashes[: len(texts)] == hashes[len(texts) :]


def test_a_derived_class_depends_on_the_class_above(baseline: Compiled) -> None:
    class Heir(Loyal):
        pass

    heir = AllegianceModel(baseline, agents={"imu": Heir}).decision_sources()["imu"]
    loyal = AllegianceModel(baseline, agents={"imu": Loyal}).decision_sources()["imu"]
    assert heir != loyal


@pytest.mark.parametrize(
    ("agents", "match"),
    [
        ({"nobody": Loyal}, "unknown faction 'nobody'"),
        ({"imv": Loyal}, "did you mean 'imu'"),
        ({"imu": Patron}, "derived from Faction"),
        ({"iskp": Faction}, "derived from Patron"),
        ({"imu": Loyal.choose}, "derived from Faction"),
    ],
)
def test_agents_that_do_not_fit_are_refused(baseline: Compiled, agents: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        AllegianceModel(baseline, agents=agents)
