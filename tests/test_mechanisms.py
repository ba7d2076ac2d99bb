"""The statements of the articles: each has its rule, its switch and its readout, and shows in whole runs."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.engine.batch import run_batch
from sim.experiments.statements import SEEDS, StatementResult, check_statement, check_statements
from sim.mechanisms import ARTICLES, CITED, MECHANISMS, Mechanism, mechanism
from sim.outcomes import MONTHLY
from sim.scenario.compile import OFF_BY_DEFAULT, Compiled, compile_scenario
from sim.scenario.load import Loaded, load
from sim.scenario.quantities import month_index
from sim.scenario.walk import is_field
from sim.state import FloatArray

A1 = {*range(1, 24), 62, *range(70, 73)}
A2 = {*range(24, 33), 79}
A3 = {*range(33, 45), *range(65, 69)}
A4 = {*range(45, 50), *range(73, 77)}
STATED = {"A1": A1, "A2": A2, "A3": A3, "A4": A4}
"""Which statement is whose; the rest are A5's."""


def name_of(entry: Mechanism) -> str:
    """A test id such as M08-calculated_risk."""
    return f"{entry.id}-{re.sub(r'[^a-z0-9]+', '_', entry.title.lower()).strip('_')}"


each = pytest.mark.parametrize("entry", MECHANISMS, ids=name_of)


@pytest.fixture(scope="module")
def baseline() -> Loaded:
    return load("baseline")


@pytest.fixture(scope="module")
def compiled(baseline: Loaded) -> Compiled:
    return compile_scenario(baseline.scenario)


@pytest.fixture(scope="module")
def default_arm(compiled: Compiled) -> FloatArray:
    """The baseline as it is, which every statement is compared against."""
    return run_batch(compiled.arrays, compiled.months, range(SEEDS), monthly=True)[1]


def rule_of(entry: Mechanism) -> Callable[..., Any]:
    module, _, name = entry.rule.rpartition(".")
    found = getattr(importlib.import_module(f"sim.{module}"), name)
    assert callable(found)
    return getattr(found, "py_func", found)  # type: ignore[no-any-return]


@pytest.mark.core
def test_every_statement_is_there_once() -> None:
    assert [entry.id for entry in MECHANISMS] == [f"M{number:02d}" for number in range(1, 81)]
    assert max(Counter(entry.title for entry in MECHANISMS).values()) == 1
    assert max(Counter(entry.statement for entry in MECHANISMS).values()) == 1


@pytest.mark.core
def test_every_statement_cites_the_article_that_makes_it() -> None:
    for entry in MECHANISMS:
        number = int(entry.id[1:])
        owner = next((key for key, numbers in STATED.items() if number in numbers), "A5")
        assert entry.article == owner, entry.id
    assert {entry.article for entry in MECHANISMS} == set(ARTICLES) == set(CITED)


@pytest.mark.core
@pytest.mark.parametrize("key", ARTICLES)
def test_an_article_is_cited_by_author_and_date(key: str) -> None:
    words = re.findall(r"\w+", CITED[key])
    assert set(words) <= set(re.findall(r"\w+", ARTICLES[key]))
    assert re.search(r"\b20\d\d$", CITED[key])


@pytest.mark.core
@each
def test_the_rule_says_that_it_carries_the_statement(entry: Mechanism) -> None:
    rule = rule_of(entry)
    assert rule.__module__.startswith("sim.")
    assert re.search(rf"\b{entry.id}\b", rule.__doc__ or ""), f"the docstring of {entry.rule}"


@pytest.mark.core
@each
def test_the_readout_is_a_monthly_outcome_over_months_of_the_period(
    entry: Mechanism, baseline: Loaded
) -> None:
    assert entry.readout in {column.name for column in MONTHLY}
    assert entry.direction in (1, -1)
    period = baseline.scenario.period
    months = [month_index(text) for text in (period.start, *entry.window, period.end)]
    assert months == sorted(months)


@pytest.mark.core
@each
def test_the_switch_is_a_lever(entry: Mechanism, baseline: Loaded, compiled: Compiled) -> None:
    assert compiled.levers[entry.switch].value is entry.default
    assert baseline.scenario.mechanisms.get(entry.id, True) == entry.default
    for path in entry.setting:
        here = path.format(focus="iskp", incumbent="taliban")
        assert is_field(tuple(here.split(".")), baseline.tree), path


@pytest.mark.core
def test_only_contested_statements_are_off() -> None:
    off = tuple(entry.id for entry in MECHANISMS if not entry.default)
    assert off == OFF_BY_DEFAULT
    assert off == tuple(entry.id for entry in MECHANISMS if entry.contested)


@pytest.mark.core
def test_a_statement_is_found_by_its_id() -> None:
    assert mechanism("m08").title == "Calculated risk"
    with pytest.raises(KeyError):
        mechanism("M81")


def results(
    entry: Mechanism, baseline: Loaded, compiled: Compiled, default: FloatArray
) -> Iterator[StatementResult]:
    if entry.setting:
        return check_statements(baseline, [entry])
    return iter([check_statement(entry, compiled, range(SEEDS), default)])


@pytest.mark.slow
@each
def test_the_statement_shows_in_whole_runs(
    entry: Mechanism, baseline: Loaded, compiled: Compiled, default_arm: FloatArray
) -> None:
    """64 paired runs that differ in its switch alone: the readout moves as stated, and not by chance."""
    (result,) = results(entry, baseline, compiled, default_arm)
    assert result.changed > 0.0, "inert: no run changes"
    told = f"{entry.readout} {result.on:g} with, {result.off:g} without, standard error {result.error:g}"
    assert result.shown, told
