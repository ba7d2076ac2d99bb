"""Events: what happened, held against the counters that the rules keep."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sim import state as s
from sim.results.happenings import KINDS
from sim.results.run import Run

COUNTERS = {
    "offer": s.C_OFFERS,
    "oath_accepted": s.C_ACCEPTANCES,
    "switch": s.C_SWITCHES,
    "split": s.C_SPLITS,
    "merger": s.C_MERGERS,
    "front_crushed": s.C_CRUSHED,
}


@pytest.mark.parametrize("seed", range(1, 9))
def test_as_many_as_the_rules_count_in_every_month(make: Any, seed: int) -> None:
    run = make(seed=seed)
    model = run.events[run.events["origin"] == "model"]
    assert run.history is not None
    months = pd.period_range("2013-01", "2024-12", freq="M")
    for kind, column in COUNTERS.items():
        counted = model[model["kind"] == kind].groupby(level="month").size().reindex(months, fill_value=0)
        assert counted.cumsum().tolist() == run.history.arrays["C"][:, column].tolist(), kind


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_switches_lead_from_the_start_to_the_end(make: Any, seed: int) -> None:
    run = make(seed=seed)
    events = run.events
    held: dict[str, str] = {name: faction.allegiance for name, faction in run.scenario.factions.items()}
    for _, event in events[events["kind"].isin(["switch", "split"])].iterrows():
        if event["kind"] == "split":
            held[event["object"]] = held[event["subject"]]
            continue
        assert event["detail"] == f"from {held[event['subject']]} to {event['object']}"
        held[event["subject"]] = event["object"]
    last = run.factions.loc["2024-12", "allegiance"]
    assert last.to_dict() == {name: held[name] for name in last.index}


def test_every_answer_has_an_offer_that_is_open(make: Any) -> None:
    for seed in (1, 2, 3):
        events = make(seed=seed).events
        waiting: set[str] = set()
        for _, event in events[events["origin"] == "model"].iterrows():
            who = event["subject"]
            if event["kind"] == "switch":
                waiting.discard(who)
            elif event["kind"] == "offer":
                waiting.add(who)
            elif event["kind"] == "split" and who in waiting:
                waiting.add(event["object"])
            elif event["kind"] in ("oath_accepted", "oath_ignored", "oath_refused"):
                assert who in waiting
                waiting.remove(who)


def test_dated_events_are_those_of_the_scenario(baseline: Run) -> None:
    dated = baseline.events[baseline.events["origin"] == "scenario"]
    assert set(dated["event"]) == set(baseline.scenario.events)
    revealed = dated[dated["event"] == "omar_revealed"]
    assert revealed.index[0] == pd.Period("2015-07", "M")
    assert revealed.iloc[0][["kind", "subject", "detail"]].tolist() == [
        "revealed", "taliban", "Omar's death announced",
    ]  # fmt: skip
    follows = dated[dated["event"] == "mansour_succession"]
    assert follows.index[0] == revealed.index[0]


def test_events_after_the_last_month_did_not_happen(make: Any) -> None:
    run = make(until="2014-12")
    assert run.events.index.max() <= pd.Period("2014-12", "M")
    assert "omar_revealed" not in set(run.events["event"])


def test_fates_have_an_event_each(make: Any) -> None:
    for seed in (1, 2, 3):
        run = make(seed=seed)
        last, events = run.factions.loc["2024-12"], run.events[run.events["origin"] == "model"]
        for fate, kind in (("merged", "merger"), ("dissolved", "dissolved"), ("reconciled", "reconciled")):
            ended = events[events["kind"] == kind]["subject"]
            assert sorted(ended) == sorted(last.index[last["fate"] == fate])
        crushed = set(events[events["kind"] == "front_crushed"]["subject"])
        assert set(last.index[last["fate"] == "destroyed"]) <= crushed


def test_late_factions_become_active_when_they_should(baseline: Run) -> None:
    began = baseline.events[baseline.events["kind"] == "became_active"]
    late = {
        name: faction.active_from
        for name, faction in baseline.scenario.factions.items()
        if faction.active_from and faction.active_from > "2013-01"
    }
    assert {row["subject"]: str(month) for month, row in began.iterrows()} == late


def test_kinds_are_known_and_in_order(tiny: Run, baseline: Run) -> None:
    for run in (tiny, baseline):
        events = run.events
        assert set(events[events["origin"] == "model"]["kind"]) <= set(KINDS)
        assert events.index.is_monotonic_increasing
        assert (events["detail"].str.len() > 0).all()
