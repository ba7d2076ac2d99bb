"""Centred terms: what the centres are, what they change and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml

from sim import state as s
from sim.engine.world import World
from sim.experiments.centre import CENTRED, INPUTS, Centring, centre, centres_text, features
from sim.rules.appraisal import appraise
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import Loaded, load
from sim.scenario.schema import Centres
from sim.state import FloatArray

WHAT_IFS = ("omar-hidden-until-2018", "no-waziristan-operation", "no-khorasan-oath")
GRAIN = 2.0**-20


@pytest.fixture(scope="module")
def baseline() -> Loaded:
    return load("baseline")


@pytest.fixture(scope="module")
def compiled(baseline: Loaded) -> Compiled:
    return compile_scenario(baseline.scenario)


@pytest.fixture(scope="module")
def found(baseline: Loaded) -> Centring:
    return centre(baseline)


def terms_of(arrays: dict[str, Any]) -> FloatArray:
    """Terms of every faction in being in the first month, shape (factions, options, terms)."""
    world = World(arrays, 0)
    told = []
    for i in range(int(world.C[s.C_ROWS])):
        if world.I[i, s.I_FATE] == s.FATE_ACTIVE:
            appraise(
                world.F, world.I, world.X, world.P, world.W, world.G, world.H, world.C, world.A, world.TP,
                world.TI, world.TW, world.CEN, world.T, world.V, i,
            )  # fmt: skip
            told.append(world.T.copy())
    return np.array(told)


def changed(compiled: Compiled, name: str, array: Any) -> Compiled:
    return replace(compiled, arrays={**compiled.arrays, name: array})


def test_the_schema_has_every_centred_term() -> None:
    names = [term.name for term in s.TERM]
    assert list(CENTRED) == list(Centres.model_fields)
    assert all(names.index(term) == column for term, (column, _, _) in CENTRED.items())


def test_centred_terms_are_nil_on_average(compiled: Compiled) -> None:
    mean = terms_of(compiled.arrays).mean(axis=0)
    for term, (column, weight, _) in CENTRED.items():
        for k, patron in enumerate(compiled.patrons):
            slack = compiled.arrays["A"][weight] * GRAIN
            assert abs(mean[k, column]) <= slack, (patron, term)


def test_other_terms_and_options_have_no_centre(compiled: Compiled) -> None:
    CEN, n = compiled.arrays["CEN"], len(compiled.patrons)
    columns = [column for column, _, _ in CENTRED.values()]
    assert not np.delete(CEN, columns, axis=1).any()
    assert not CEN[2 * n :].any()
    assert np.array_equal(CEN[:n], CEN[n : 2 * n])
    assert CEN[:n].any(axis=1).all()


def test_the_shift_is_what_centring_takes_from_an_oath_and_an_alliance(
    compiled: Compiled, found: Centring
) -> None:
    without = {**compiled.arrays, "CEN": np.zeros_like(compiled.arrays["CEN"])}
    taken = terms_of(without).sum(axis=2) - terms_of(compiled.arrays).sum(axis=2)
    n, share = len(compiled.patrons), compiled.arrays["A"][s.A_ALLY_SHARE]
    for k, patron in enumerate(compiled.patrons):
        shift = sum(found.shift[patron].values())
        np.testing.assert_allclose(taken[:, k], shift, atol=1e-9)
        np.testing.assert_allclose(taken[:, n + k], share * shift + found.alliance[patron], atol=1e-9)
    assert not taken[:, 2 * n :].any()


def test_a_weight_no_longer_moves_the_mean_faction(compiled: Compiled) -> None:
    """The purpose: another weight of trust leaves the mean worth of an oath where it was."""
    A = compiled.arrays["A"].copy()
    A[s.A_B_EMBED] *= 0.5
    other = {**compiled.arrays, "A": A}
    n = len(compiled.patrons)
    before, after = (terms_of(arrays).sum(axis=2)[:, :n] for arrays in (compiled.arrays, other))
    np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), atol=1e-4)
    assert np.abs(after - before).max() > 1.0


def test_centres_come_from_the_features_alone(baseline: Loaded, found: Centring) -> None:
    """Not from the centres, weights, constants and rule that the scenario has."""
    other = load(
        "baseline",
        {
            "decision.centres.taliban.embed": 0.9,
            "decision.rule": "ideology_led",
            "weights.b_power": 1.0,
            "patrons.iskp.constant": 3.0,
        },
    )
    again = centre(other)
    assert again.means == found.means
    assert again.inputs == found.inputs


def test_numbers_are_grains(found: Centring) -> None:
    for numbers in found.means.values():
        assert all((number / GRAIN).is_integer() for number in numbers.values())


def test_the_file_says_what_was_found(found: Centring, baseline: Loaded) -> None:
    text = centres_text(found)
    assert yaml.safe_load(text) == {"decision": {"centres": found.means}}
    assert f"# inputs {found.inputs}\n" in text
    given = {name: dict(numbers) for name, numbers in baseline.scenario.decision.centres.items()}
    assert given == found.means


@pytest.mark.parametrize("name", WHAT_IFS)
def test_what_ifs_share_the_centres(name: str, compiled: Compiled) -> None:
    assert np.array_equal(compile_scenario(load(name).scenario).arrays["CEN"], compiled.arrays["CEN"])


def test_every_statement_switched_off_shares_the_centres(compiled: Compiled) -> None:
    off = load("baseline", {f"mechanisms.M{number:02d}": False for number in range(1, 81)})
    assert np.array_equal(compile_scenario(off.scenario).arrays["CEN"], compiled.arrays["CEN"])


def test_a_patron_is_centred_by_its_name(baseline: Loaded, compiled: Compiled) -> None:
    """A scenario with another roster of patrons keeps the centres of those it has."""
    scenario = baseline.scenario
    turned = scenario.model_copy(
        update={"patrons": {name: scenario.patrons[name] for name in reversed(list(scenario.patrons))}}
    )
    assert np.array_equal(compile_scenario(turned).arrays["CEN"][:2], compiled.arrays["CEN"][1::-1])
    alone = scenario.decision.model_copy(update={"centres": {"iskp": scenario.decision.centres["iskp"]}})
    kept = compile_scenario(scenario.model_copy(update={"decision": alone})).arrays["CEN"]
    assert not kept[[0, 2]].any()
    assert np.array_equal(kept[[1, 3]], compiled.arrays["CEN"][[1, 3]])


@pytest.mark.parametrize("name", ["F", "X", "P", "W", "G", "H", "A"])
def test_the_hash_covers_what_the_features_depend_on(name: str, compiled: Compiled) -> None:
    """Each column moved in turn: where a feature changes, it is among the inputs."""
    before = features(compiled)
    array = compiled.arrays[name]
    noise = np.random.default_rng(1).uniform(0.1, 0.9, array.shape[:-1])
    acting = set()
    for column in range(array.shape[-1]):
        for moved in (0.3 * array[..., column], array[..., column] + noise, array[..., column] - noise):
            other = array.copy()
            other[..., column] = moved
            if not np.array_equal(features(changed(compiled, name, other)), before):
                acting.add(column)
    assert acting <= set(INPUTS.get(name, ()))
    assert acting or name == "G"


@pytest.mark.parametrize(
    ("lever", "value", "moves"),
    [
        ("factions.imu.embeddedness.taliban", 0.5, True),
        ("patrons.iskp.momentum", 0.4, True),
        ("regions.nangarhar.held.taliban", 0.01, True),
        ("weights.neglect", 0.1, True),
        ("mechanisms.M06", False, True),
        ("weights.b_embed", 5, False),
        ("patrons.taliban.constant", 0, False),
        ("weights.c_ally", 0, False),
        ("weights.wake_news", 0.1, False),
        ("factions.imu.cohesion", 0.1, False),
    ],
)
def test_the_hash_moves_with_the_inputs_alone(lever: str, value: float, moves: bool, found: Centring) -> None:
    assert (centre(load("baseline", {lever: value})).inputs != found.inputs) == moves
