"""Plain data as YAML, read back by our reader and by a reader of YAML 1.1."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import sim.scenario.emit
from sim.scenario.composer import compose
from sim.scenario.emit import emit
from sim.scenario.nodes import flatten

pytestmark = pytest.mark.core

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True) | st.sampled_from(["y", "no", "null", "on"])
ODD = [
    "1e5",
    "1e-05",
    "0x1f",
    "1_000",
    "no",
    "Yes",
    "~",
    "2015-07",
    "a: b",
    "a #b",
    "- a",
    "[",
    " a",
    "a ",
    "",
    "\u2028",
]


def trees(control: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Data as a scenario has it; our reader takes no control characters and no infinity."""
    characters = st.characters(exclude_categories=("Cs",) if control else ("Cs", "Cc"))
    texts = st.text(characters, max_size=60) | st.sampled_from(ODD)
    floats = st.floats(allow_nan=False, allow_infinity=control)
    scalars = texts | floats | st.integers(-(10**9), 10**9) | st.booleans() | st.none()
    nested = st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    )
    return st.dictionaries(KEYS, nested, min_size=1, max_size=4)


@given(trees(control=True))
def test_data_survives_a_reader_of_yaml_1_1(data: dict[str, Any]) -> None:
    assert yaml.safe_load(emit(data)) == data


@given(trees(control=False))
def test_data_survives_our_reader(data: dict[str, Any]) -> None:
    assert flatten(compose(emit(data), "file")).data == data


def test_leaves_stand_on_one_line() -> None:
    data = {
        "a": {"b": {"value": 1e-5, "source": "P2"}, "c": ["x", "a longer text that takes most of a line"]}
    }
    assert emit(data) == (
        "a:\n  b: {value: 1.0e-05, source: P2}\n  c: [x, a longer text that takes most of a line]\n"
    )


def test_the_example_of_the_docstring_holds() -> None:
    assert doctest.testmod(sim.scenario.emit).failed == 0
