"""What more of a thing does to a run: paired runs of 64 seeds that differ in one number alone."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from worlds import compiled, with_number

from sim.engine.batch import run_batch
from sim.outcomes import MONTHLY, O_STATUS, SUMMARY

SEEDS = range(64)


class Case(NamedTuple):
    """A number changed, and the sign of what it does to a readout."""

    name: str
    sign: int
    readout: str
    path: str
    less: float
    more: float


CASES = (
    # what draws factions to a patron
    Case("transfer of ISKP", 1, "pledged_ever", "patrons.iskp.transfer", 0.2, 3),
    Case("constant of ISKP", 1, "pledged_ever", "patrons.iskp.constant", 3, 8),
    Case("tolerance of ISKP", 1, "pledged_ever", "patrons.iskp.tolerance", 0, 1),
    Case("trust ties", -1, "pledged_ever", "weights.b_embed", 3, 9),
    Case("fear of punishment", -1, "pledged_ever", "weights.b_punish", 0, 20),
    Case("price of an oath", -1, "third_pole_ever", "weights.b_switch", 0, 15),
    Case("threshold theta", -1, "switches", "decision.theta", 1, 6),
    Case("rivals passed over", 1, "third_pole_ever", "weights.rivalry", 0, 8),
    Case("constant of independence", 1, "independent_units", "weights.c_independent", 3, 8),
    Case("weight of peace", 1, "exit_units", "weights.b_exit", 0, 28),
    # awareness
    Case("news", 1, "supported_ever", "weights.wake_news", 0, 0.9),
    Case("no reason at all", 1, "switches", "weights.wake_base", 0, 0.05),
    # oaths
    Case("acceptance of ISKP", 1, "accepted_ever", "patrons.iskp.acceptance", 0.3, 1),
    Case("slots of ISKP", 1, "accepted_ever", "patrons.iskp.franchise_slots", 1, 30),
    Case("effort of ISKP", 1, "accepted_ever", "patrons.iskp.effort", 0, 1),
    Case("second bids", 1, "acceptances", "weights.reoffer", 0, 0.5),
    # clash
    Case("clash", 1, "rival_deaths", "weights.clash", 0.003, 0.02),
    Case("hostility of contact", 1, "rival_deaths", "weights.hostility_contact", 0, 0.1),
    Case("help for the third pole", 1, "third_fighters", "events.kabul_helps_splinter.factor", 1, 4),
    Case("fronts destroyed", 1, "crushed", "weights.crush_hazard", 0.02, 0.5),
    Case("force needed", -1, "crushed", "weights.force_ratio", 1, 30),
    Case("state pressure", -1, "final_fighters", "weights.state_attrition", 0, 0.1),
    # sustain
    Case("recruits of ISKP", 1, "peak_fighters", "patrons.iskp.recruits", 10, 300),
    Case("desertion", -1, "final_fighters", "weights.desertion", 0, 0.2),
    Case("growth of factions", 1, "faction_recruits", "weights.faction_growth", 0.0005, 0.002),
    Case("leak", 1, "leak", "weights.leak", 0, 0.05),
    Case("brutality of ISKP", -1, "focus_support", "patrons.iskp.brutality", 0, 1),
    # succession
    Case("fall of legitimacy", -1, "incumbent_consistency", "weights.legitimacy_fall", 0, 0.8),
    Case("recognition of Mansour", 1, "incumbent_recognition", "events.mansour_succession.recognition", 0.1, 0.9),
    Case("longer hidden", -1, "incumbent_consistency", "events.omar_dies.date", 28, 1),
    # movement and reorganisation
    Case("displacement", 1, "displaced_units", "events.zarb_e_azb.displaces", 0, 1),
    Case("return from abroad", 1, "returned", "weights.return_rate", 0.001, 0.05),
    Case("splits", 1, "splits", "weights.split_hazard", 0.0005, 0.0025),
    Case("mergers", 1, "mergers", "weights.merge_hazard", 0.002, 0.1),
    Case("drift", -1, "home_identity", "weights.drift", 0, 0.1),
    # state and observation
    Case("drawdown", -1, "state_capacity", "events.isaf_leaves.capacity", 0, 0.4),
    Case("demand by neighbours", 1, "incumbent_posture", "events.neighbours_demand.demand", 0, 1),
    Case("attack rate", 1, "attacks", "observation.attack_rate", 2, 10),
    Case("denial", -1, "attacks_denied", "observation.denial", 0, 1),
)  # fmt: skip


@cache
def readings(name: str, path: str, value: float) -> np.ndarray:
    """A readout by run: of the summary, or the mean over the months of a monthly outcome."""
    config = compiled("baseline")
    summaries = [column.name for column in SUMMARY]
    monthly = name not in summaries
    arrays = with_number(config, path, value)
    summary, outcomes = run_batch(arrays, config.months, SEEDS, monthly=monthly)
    assert (summary[:, O_STATUS] == 0.0).all()
    if not monthly:
        return summary[:, summaries.index(name)]
    column = [outcome.name for outcome in MONTHLY].index(name)
    means: np.ndarray = outcomes[:, :, column].mean(axis=1)
    return means


@pytest.mark.parametrize("entry", CASES, ids=[entry.name for entry in CASES])
def test_more_of_it_does_this(entry: Case) -> None:
    less, more = (readings(entry.readout, entry.path, value) for value in (entry.less, entry.more))
    difference = (more - less) * entry.sign
    assert difference.mean() > 4.0 * difference.std(ddof=1) / np.sqrt(len(difference))
    assert difference.mean() > 0.0
