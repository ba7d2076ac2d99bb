"""Constants of the state stand where the tables say."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from sim import state as s
from sim.scenario.compile import compile_scenario
from sim.scenario.events import EVENT_KINDS
from sim.scenario.load import load_scenario
from sim.scenario.schema import DECISION_RULES, Decision, Observation
from sim.scenario.weights import Weights

pytestmark = pytest.mark.core

outcomes = importlib.import_module(
    "sim.outcomes"
)  # the name in the package is a function of the notebook API

TABLES = {
    "F": s.FACTION, "I": s.FACTION_CODES, "X": s.FACTION_PATRON, "P": s.PATRON, "W": s.PATRON_PATRON,
    "G": s.REGION, "H": s.REGION_PATRON, "C": s.CONTROL, "E": s.EVENT, "T": s.TERM,
}  # fmt: skip


def constants(module: object, prefix: str) -> dict[str, int]:
    """Constants of a prefix but for its width, by name."""
    found = {name: value for name, value in vars(module).items() if name.startswith(prefix + "_")}
    return {
        name: value for name, value in found.items() if name != f"{prefix}_WIDTH" and isinstance(value, int)
    }


@pytest.mark.parametrize("prefix", list(TABLES))
def test_columns_stand_where_their_table_says(prefix: str) -> None:
    table = TABLES[prefix]
    assert constants(s, prefix) == {f"{prefix}_{column.name.upper()}": at for at, column in enumerate(table)}
    assert getattr(s, f"{prefix}_WIDTH") == len(table)


@pytest.mark.parametrize(("prefix", "table"), [("M", outcomes.MONTHLY), ("O", outcomes.SUMMARY)])
def test_outcomes_stand_where_their_table_says(prefix: str, table: tuple[s.Column, ...]) -> None:
    expected = {f"{prefix}_{column.name.upper()}": at for at, column in enumerate(table)}
    assert constants(outcomes, prefix) == expected
    assert getattr(outcomes, f"{prefix}_WIDTH") == len(table)


@pytest.mark.parametrize("table", [*TABLES.values(), outcomes.MONTHLY, outcomes.SUMMARY])
def test_every_column_says_what_it_is(table: tuple[s.Column, ...]) -> None:
    assert len({column.name for column in table}) == len(table)
    for column in table:
        assert column.name == column.name.lower()
        assert column.unit
        assert column.meaning.endswith(".") or column.meaning.startswith("See"), column


def test_parameters_are_weights_then_decision_observation_and_switches() -> None:
    found = constants(s, "A")
    switches = {f"A_M{number:02d}": s.A_SWITCH + number - 1 for number in range(1, 81)}
    assert {name: found[name] for name in switches} == switches
    weights = list(Weights.model_fields)
    for at, name in enumerate(weights):
        assert found[f"A_{name.upper()}"] == at, name
    rest = {name for name in found if name not in switches} - {f"A_{name.upper()}" for name in weights}
    observed = {name for name in Observation.model_fields if name not in ("patron", "sources")}
    decided = {name for name in Decision.model_fields if name != "centres"}
    assert rest == {
        "A_SWITCH", "A_FALL_MODE", "A_EROSION", *(f"A_{name.upper()}" for name in decided),
        *(f"A_OBS_{name.upper()}" for name in observed),
    }  # fmt: skip
    after = sorted(found[name] for name in rest)
    assert after == list(range(len(weights), s.A_SWITCH + 1))
    assert s.A_SWITCH + 80 == s.A_WIDTH


def test_parameters_hold_the_scenarios_numbers() -> None:
    scenario = load_scenario("baseline")
    vector = compile_scenario(scenario).arrays["A"]
    for name in Weights.model_fields:
        value = getattr(scenario.weights, name).value
        if name.endswith("_half_life"):
            kept = vector[getattr(s, f"A_{name.upper()}")]
            assert kept**value == pytest.approx(0.5) if value else kept == 0.0
        else:
            assert vector[getattr(s, f"A_{name.upper()}")] == value, name
    assert vector[s.A_EROSION] == float(scenario.structure.concealment_erosion)
    for name in ("rationality", "theta", "threshold_mean", "threshold_sd"):
        assert vector[getattr(s, f"A_{name.upper()}")] == getattr(scenario.decision, name).value
    for name in (
        "strength_sd",
        "attack_rate",
        "attack_sd",
        "foreign_bias",
        "claim_factor",
        "denial",
        "threat_inflation",
    ):
        assert vector[getattr(s, f"A_OBS_{name.upper()}")] == getattr(scenario.observation, name).value
    switched = {f"M{n:02d}": vector[s.A_SWITCH + n - 1] for n in range(1, 81)}
    for name, on in switched.items():
        assert on == float(scenario.mechanisms.get(name, name not in ("M53", "M73"))), name


def test_codes_follow_the_names_of_the_schema() -> None:
    events = {name: value for name, value in constants(s, "EVENT").items() if name != "EVENT_DESTINATION"}
    expected = {f"EVENT_{kind.upper()}": at for at, kind in enumerate(EVENT_KINDS)}
    assert events == expected
    assert len(EVENT_KINDS) <= s.EVENT_DESTINATION


def test_decision_rules_stand_in_the_order_of_the_schema() -> None:
    short = {"logit": "LOGIT", "ideology_led": "IDEOLOGY", "patronage_led": "PATRONAGE"}
    codes = [getattr(s, f"RULE_{short.get(rule, rule.upper())}") for rule in DECISION_RULES]
    assert codes == list(range(len(DECISION_RULES))) == sorted(constants(s, "RULE").values())


@pytest.mark.parametrize(
    ("prefix", "words"), [("FATE", s.FATES), ("STATUS", s.STATUSES)]
)  # fmt: skip
def test_codes_have_their_words(prefix: str, words: tuple[str, ...]) -> None:
    codes = constants(s, prefix)
    assert sorted(codes.values()) == list(range(len(words)))
    for name, at in codes.items():
        if prefix == "FATE":
            assert words[at].upper() == name.removeprefix("FATE_")


def test_oaths_have_their_words() -> None:
    assert sorted(constants(s, "OATH").values()) == list(range(len(s.OATHS)))
    assert s.OATHS[s.OATH_SWORN] == "sworn"
    assert s.OATHS[s.OATH_DECLARED] == "self_declared"
    assert s.OATHS[s.OATH_OFFERED] == "offered"
    assert s.OATHS[s.OATH_REFUSED] == "refused"


def test_reasons_to_wake_are_bits_with_words() -> None:
    bits = constants(s, "WAKE")
    assert set(s.WAKES) == set(bits.values())
    assert sorted(bits.values()) == [2**at for at in range(len(bits))]
    assert len(set(s.WAKES.values())) == len(bits)


def test_compiled_arrays_have_the_stated_shapes() -> None:
    config = compile_scenario(load_scenario("baseline"))
    rows, patrons, regions = config.arrays["F"].shape[0], len(config.patrons), len(config.regions)
    shapes = {
        "F": (rows, s.F_WIDTH), "I": (rows, s.I_WIDTH), "X": (rows, patrons, s.X_WIDTH),
        "P": (patrons, s.P_WIDTH),
        "W": (patrons + 1, patrons + 1, s.W_WIDTH), "G": (regions, s.G_WIDTH),
        "H": (regions, patrons + 1, s.H_WIDTH), "C": (s.C_WIDTH,), "A": (s.A_WIDTH,),
        "CEN": (2 * patrons + 2, s.T_WIDTH), "D": (regions, regions),
    }  # fmt: skip
    assert {name: config.arrays[name].shape for name in shapes} == shapes
    assert config.arrays["E"].shape[1] == s.E_WIDTH
    assert rows >= len(config.factions) + 58
    assert {name for name, array in config.arrays.items() if array.dtype == np.int64} == {
        "I",
        "TP",
        "TI",
        "NP",
        "NI",
    }
