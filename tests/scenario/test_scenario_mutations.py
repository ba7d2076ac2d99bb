# ruff: noqa: E501 - one case a line
"""Whatever is done to a scenario, the reader answers with a scenario or with a ScenarioError."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenarios_tiny import tiny_scenario_text

from sim.errors import ScenarioError
from sim.scenario import composer
from sim.scenario.evidence import evidence
from sim.scenario.lint import lint, notes
from sim.scenario.load import load, load_text, resolved_yaml
from sim.scenario.nodes import Tree
from sim.scenario.reader import read_tree

pytestmark = pytest.mark.core

TEXT = tiny_scenario_text()
LINES = TEXT.splitlines()
TREE: Tree = load_text(TEXT) and Tree(load_text(TEXT).tree, {}, {})
WORDS = ["{", "}", "[", "]", ": ", "- ", "\t", "&a ", "*a", "!!str ", "null", "~", "''", "\"", "<<", "---\n", "|\n", "? ",
         "1e999", ".nan", "-1", "true", "elders", "ally()", "extends: tiny\n", "kind: goal", "2015-99", "\\", "\x00", "é", "\ud800",
         "%YAML 1.1\n", "x - 999", "#", "\r", "\u2028", "\ufeff"]  # fmt: skip
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def one_line_each(error: ScenarioError) -> None:
    assert error.problems
    assert all("\n" not in str(problem) for problem in error.problems)


def survives(text: str) -> None:
    """Load; what holds must also be linted, listed and written without an error."""
    try:
        loaded = load_text(text)
    except ScenarioError as error:
        one_line_each(error)
    else:
        assert isinstance(lint(loaded), list)
        assert isinstance(notes(loaded), list)
        assert isinstance(evidence(loaded), list)
        assert load_text(resolved_yaml(loaded)).scenario == loaded.scenario


@QUICK
@given(st.data())
def test_words_put_anywhere(data: st.DataObject) -> None:
    text = TEXT
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.sampled_from([0, 0, 1, 3, 20]))
        text = text[:at] + data.draw(st.sampled_from(WORDS)) + text[at + cut :]
    survives(text)


@QUICK
@given(st.data())
def test_lines_moved_dropped_and_doubled(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        line = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
        for _ in range(data.draw(st.integers(0, 2))):
            lines.insert(data.draw(st.integers(0, len(lines))), " " * data.draw(st.integers(0, 3)) + line)
    survives("\n".join(lines))


@QUICK
@given(data=st.data(), kept=st.integers(0, len(TEXT)))
def test_bytes_changed(tmp_path: Path, data: st.DataObject, kept: int) -> None:
    content = bytearray(TEXT[:kept].encode())
    for _ in range(data.draw(st.integers(0, 3))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / "m.yaml"
    file.write_bytes(bytes(content))
    try:
        load(file)
    except ScenarioError as error:
        one_line_each(error)


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["elders", "banner", "guests", "hills", "elder_dies", "plea + 1", "2014-01", "leader_dies", "goal"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["value", "source", "prior", "kind", "date", "elders", "x"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def paths(data: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path] if path else []
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, child in children:
        found += paths(child, (*path, str(name)))
    return found


def child_of(data: Any, part: str) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    return data[int(part)] if isinstance(data, list) and part.isdigit() and int(part) < len(data) else None


PATHS = paths(TREE.data)


@QUICK
@given(st.dictionaries(st.sampled_from(PATHS).map(".".join), ANYTHING, min_size=1, max_size=3))
def test_values_replaced_through_overrides(overrides: dict[str, Any]) -> None:
    try:
        loaded = load_text(TEXT, overrides)
    except ScenarioError as error:
        one_line_each(error)
    else:
        assert load_text(resolved_yaml(loaded)).scenario == loaded.scenario


@QUICK
@given(st.data())
def test_values_replaced_in_the_file(data: st.DataObject) -> None:
    """Lists, mappings and scalars of a wrong kind anywhere: the semantic checks meet them too."""
    tree = copy.deepcopy(TREE.data)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(PATHS))
        here: Any = tree
        for part in path[:-1]:
            here = child_of(here, part)
        if isinstance(here, dict):
            here[path[-1]] = data.draw(ANYTHING)
    survives(json.dumps(tree, ensure_ascii=False))


@QUICK
@given(st.text(alphabet=st.sampled_from("ab:-[]{},&*!?|>'\"%@`#\n \t~1"), max_size=40))
def test_any_text_in_either_parser(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(text)
    for parser in (yaml.CSafeLoader, yaml.SafeLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(composer, "_PARSER", parser)
            try:
                read_tree(tmp_path / "m.yaml")
            except ScenarioError as error:
                one_line_each(error)


@QUICK
@given(st.lists(st.text(max_size=30) | st.sampled_from(PATHS).map(lambda p: ".".join(p) + "=[]"), max_size=3))
def test_any_text_as_an_override(overrides: list[str]) -> None:
    try:
        load_text(TEXT, overrides)
    except ScenarioError as error:
        one_line_each(error)
