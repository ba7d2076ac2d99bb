# ruff: noqa: E501 - one case a line
"""Warnings, and where the numbers are from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.scenario.evidence import CLASSES, classify, evidence, summary
from sim.scenario.lint import is_what_if, label, lint, notes, prior_interval
from sim.scenario.load import Loaded, load, load_text
from sim.scenario.quantities import Prior
from sim.scenario.schema import Citation
from sim.scenario.walk import numbers

pytestmark = pytest.mark.core


def warnings(text: str) -> list[str]:
    return [str(problem) for problem in lint(load_text(text, name="t.yaml"))]


def test_the_tiny_scenario_gives_no_warning(tiny: Loaded) -> None:
    assert lint(tiny) == []


ONE_CHANGE = [
    (
        "    fighters: {value: 300, source: \"R1\"}", "    fighters: 300",
        "t.yaml:79:15: factions.sons.fighters: the number 300 has no source",
    ),
    (
        "{value: 0.5, source: \"P7\"}", "{value: 0.5, source: \"P17 of the list\"}",
        "t.yaml:170:39: events.elder_succeeded.recognition.source: source 'P17' is not in the table of sources (did you mean 'P7'?)",
    ),
    (
        "source: \"judgement: waking up is rare\"", "source: judgement",
        "t.yaml:206:36: weights.wake_base.source: a judgement must give its reason: 'judgement: why'",
    ),
    (
        "source: \"judgement: waking up is rare\"", "source: somebody said so",
        "t.yaml:206:36: weights.wake_base.source: 'somebody said so' names no source of the table and is no judgement",
    ),
    (
        "    value: 6.0\n", "    value: 12.0\n",
        "t.yaml:203:12: weights.b_embed: 12 is outside the 99 % interval of its own prior, 2.14 to 9.86",
    ),
    (
        "ties:\n",
        "  far:\n    name: Far\n    country: Iran\n    area: iran\n    grid: [5, 5]\n    neighbours: []\n"
        "    state_capacity: {value: 1, source: \"R1\"}\n    pressure: {value: 0, source: \"R1\"}\n"
        "    salafi_milieu: {value: 0, source: \"R1\"}\n    push: {value: 0, source: \"R1\"}\n"
        "    recruit_pool: {value: 0, source: \"R1\"}\n    ethnic_mix: {other: {value: 1, source: \"R1\"}}\nties:\n",
        "t.yaml:149:3: regions.far: nobody can get here: no neighbour, no faction, no event",
    ),
    (
        "  dates: [2014-12,", "  dates: [2012-12,",
        "t.yaml:208:11: report.dates.0: 2012-12 is outside the period and is not shown",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line"), ONE_CHANGE)
def test_one_thing_to_think_about(tiny_text: str, old: str, new: str, line: str) -> None:
    assert tiny_text.count(old) == 1
    assert warnings(tiny_text.replace(old, new)) == [line]


def test_a_source_that_disappears_is_missed_everywhere(tiny_text: str) -> None:
    assert warnings(tiny_text.replace("  A1: {cite: First article, kind: article}\n", "")) == [
        "t.yaml:41:34: patrons.banner.effort.source: source 'A1' is not in the table of sources",
        "t.yaml:43:41: patrons.banner.franchise_slots.source: source 'A1' is not in the table of sources",
        "t.yaml:69:36: factions.guests.autonomy.source: source 'A1' is not in the table of sources",
    ]


def test_a_what_if_changes_levers(folder: Path) -> None:
    (folder / "w.yaml").write_text(
        "extends: tiny.yaml\n"
        "meta: {title: What if}\n"
        "weights: {b_embed: 5}\n"
        "decision:\n  rule: random\n"
        "patrons: {banner: {franchise_slots: {value: 3, source: 'judgement: the lever'}}}\n"
        "factions: {sons: {fighters: {prior: {dist: uniform, low: 1, high: 900}}}}\n"
        "events: {elder_revealed: {date: 2015-09}}\n"
        "mechanisms: {M07: false}\n"
    )
    loaded = load("w.yaml")
    assert is_what_if(loaded)
    tail = "belongs to its base"
    assert [str(problem) for problem in lint(loaded)] == [
        f"w.yaml:3:20: weights.b_embed: a what-if changes levers, not what we do not know: weights.b_embed {tail}",
        f"w.yaml:5:9: decision.rule: a what-if changes levers, not what we do not know: decision.rule {tail}",
        "w.yaml:7:44: factions.sons.fighters.prior.dist: a what-if changes levers, not what we do not know: "
        f"a prior {tail}",
        "w.yaml:7:58: factions.sons.fighters.prior.low: a what-if changes levers, not what we do not know: "
        f"a prior {tail}",
        "w.yaml:7:67: factions.sons.fighters.prior.high: a what-if changes levers, not what we do not know: "
        f"a prior {tail}",
    ]
    assert notes(loaded)[0] == "switched off: M07"


def test_a_lever_may_lie_where_the_prior_does_not(folder: Path, tiny_text: str) -> None:
    """A prior says what was, a lever what might have been; the scenario itself is held to its prior as ever."""
    stated = 'effort: {value: 0.5, source: "A1 M23"}'
    assert tiny_text.count(stated) == 1
    for value, warned in ((0.5, False), (0.9, True)):
        given = f'effort: {{value: {value}, prior: {{dist: uniform, low: 0.3, high: 0.6}}, source: "A1 M23"}}'
        (folder / "base.yaml").write_text(tiny_text.replace(stated, given))
        assert (
            any("interval of its own prior" in str(problem) for problem in lint(load("base.yaml"))) == warned
        )
    (folder / "base.yaml").write_text(
        (folder / "base.yaml").read_text().replace("value: 0.9, prior", "value: 0.5, prior")
    )
    (folder / "w.yaml").write_text(
        "extends: base.yaml\nmeta: {title: What if}\n"
        "patrons: {banner: {effort: {value: 0.9, source: 'judgement: the lever'}}}\n"
    )
    assert [str(problem) for problem in lint(load("w.yaml"))] == []


def test_the_baseline_is_no_what_if_though_it_extends_its_parts() -> None:
    assert not is_what_if(load("baseline"))


def test_notes_tell_of_defaults_and_unvalidated_months(tiny_text: str) -> None:
    changes = ["period.end=2026-12", "period.validated_until=2024-12", "mechanisms.M53=false"]
    loaded = load_text(tiny_text, changes)
    said = notes(loaded)
    left = sum(1 for _ in numbers(loaded.scenario)) - len(evidence(loaded))
    counts = [int(word) for word in said[0].split() if word.isdigit()]
    zeros = 4 + 7 + 6 - 4
    assert said[0].startswith("left at the default of the schema: ")
    assert sum(counts) <= left
    assert left - sum(counts) <= zeros + 8
    assert said[1:] == ["months after 2024-12 are unvalidated"]


def test_a_warning_says_that_it_is_one(tiny_text: str) -> None:
    loaded = load_text(tiny_text.replace('"judgement: waking up is rare"', "judgement"), name="t.yaml")
    assert label(lint(loaded)[0]) == (
        "t.yaml:206:36: warning: weights.wake_base.source: a judgement must give its reason: 'judgement: why'"
    )


@pytest.mark.parametrize(
    ("prior", "frozen"),
    [
        (Prior(dist="uniform", low=1, high=3), stats.uniform(1, 2)),
        (Prior(dist="normal", mean=2, sd=0.5), stats.norm(2, 0.5)),
        (Prior(dist="normal", mean=2, sd=0.75, low=0, high=3), stats.truncnorm(-2 / 0.75, 1 / 0.75, 2, 0.75)),
        (Prior(dist="lognormal", mean=0, sd=0.6), stats.lognorm(0.6)),
        (Prior(dist="beta", a=2, b=5), stats.beta(2, 5)),
    ],
)
def test_intervals_of_priors(prior: Prior, frozen: object) -> None:
    assert prior_interval(prior) == pytest.approx(frozen.ppf([0.005, 0.995]), rel=1e-6)  # type: ignore[attr-defined]


def test_intervals_of_truncated_priors_against_draws() -> None:
    draws = stats.lognorm(0.6).rvs(400_000, random_state=1)
    kept = draws[(draws > 0.5) & (draws < 2)]
    found = prior_interval(Prior(dist="lognormal", mean=0, sd=0.6, low=0.5, high=2))
    assert found == pytest.approx(np.quantile(kept, [0.005, 0.995]), rel=0.01)
    draws = stats.beta(2, 2).rvs(400_000, random_state=1)
    kept = draws[(draws > 0.2) & (draws < 0.9)]
    found = prior_interval(Prior(dist="beta", a=2, b=2, low=0.2, high=0.9))
    assert found == pytest.approx(np.quantile(kept, [0.005, 0.995]), rel=0.01)


SOURCES = {
    "A1": Citation(cite="An article", kind="article"),
    "R69b": Citation(cite="A paper", kind="literature"),
    "C": Citation(cite="Coding", kind="coding"),
}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (None, "none"), ("override", "override"), ("A1 M61", "article"), ("R69b p. 3", "literature"),
        ("C embedded: yes", "coding"), ("judgement: between A1 and R69b", "judgement"), ("Judgment: so", "judgement"),
        ("M61", "none"), ("hearsay", "none"), ("after R69b, A1", "literature"),
    ],
)  # fmt: skip
def test_classes_of_sources(source: str | None, kind: str) -> None:
    assert classify(source, SOURCES) == kind


def test_evidence_has_a_row_for_every_number_given(tiny_text: str) -> None:
    loaded = load_text(tiny_text, ["weights.b_embed=4", "weights.b_power=1"])
    rows = {row.path: row for row in evidence(loaded)}
    assert len(rows) == tiny_text.count("value:") + tiny_text.count("weight: ") + 1
    assert rows["weights.b_embed"].as_dict() == {
        "path": "weights.b_embed", "value": 4.0, "unit": "log-odds", "prior": "normal(6, 1.5)", "source": "override",
        "class": "override",
    }  # fmt: skip
    assert (rows["ties.0.weight"].source, rows["ties.0.weight"].kind) == ("C case coding", "coding")
    assert rows["regions.hills.reach.banner"].kind == "literature"
    assert rows["events.valley_operation.destinations.hills"].unit == "share"
    table = summary(list(rows.values()))
    assert [row[0] for row in table] == [*CLASSES, "all"]
    assert sum(count for _, count, _ in table[:-1]) == len(rows)
    assert sum(share for _, _, share in table[:-1]) == pytest.approx(1)
    assert dict((kind, count) for kind, count, _ in table)["override"] == 2
