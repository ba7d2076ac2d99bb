"""What sources report: each from what its kind can see, by the factor that the scenario states."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.results.reports import ATTACKS_SEEN_BY


@pytest.fixture(scope="module")
def run():
    return sim.run("baseline", seed=3, until="2016-12")


def test_every_source_reports_every_month(run):
    sources = run.scenario.observation.sources
    assert set(run.reports.index.get_level_values("source")) == set(sources)
    assert len(run.reports) == len(sources) * len(run.outcomes)


def test_a_source_reports_its_share_of_what_its_kind_sees(run):
    for name, source in run.scenario.observation.sources.items():
        seen = run.reports.xs(name, level="source")
        base = run.outcomes[ATTACKS_SEEN_BY[source.kind]]
        np.testing.assert_allclose(seen["attacks"].to_numpy(), source.attacks.value * base.to_numpy())
        strength = source.strength.value * run.outcomes["strength_seen"].to_numpy()
        np.testing.assert_allclose(seen["strength"].to_numpy(), strength)


def test_m60_claims_exceed_what_monitors_count(run):
    last = run.reports.xs("2016-12", level="month")
    assert last.loc["claims", "attacks"] > last.loc["monitor", "attacks"] > 0
