"""The JSON Schema that editors use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from json_schema_subset import is_valid

from sim.scenario.bundled import bundled_root
from sim.scenario.format import file_schema, file_schema_text
from sim.scenario.load import Loaded
from sim.scenario.reader import read_tree
from sim.scenario.walk import event_models

pytestmark = pytest.mark.core

ROOT = bundled_root()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return file_schema()


def test_the_bundled_schema_is_current() -> None:
    """``bayah schema --out scenarios/scenario.schema.json`` writes it anew."""
    assert (ROOT / "scenario.schema.json").read_text(encoding="utf-8") == file_schema_text()


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.yaml")), ids=lambda file: file.name)
def test_bundled_files_are_valid_and_tell_editors_of_the_schema(schema: dict[str, Any], file: Path) -> None:
    assert is_valid(read_tree(file).data, schema)
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    link = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / link).resolve() == (ROOT / "scenario.schema.json").resolve()


def test_the_tiny_scenario_is_valid(schema: dict[str, Any], tiny: Loaded) -> None:
    assert is_valid(tiny.tree, schema)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"extends": "a.yaml"},
        {"extends": ["a.yaml", "b.yaml"], "meta": {"title": "x"}},
        {"weights": {"b_embed": 3}},
        {"weights": {"b_embed": {"value": 3, "source": "P2"}}},
        {"weights": {"b_embed": {"prior": {"sd": 3}}}},
        {"weights": {"b_embed": None}, "observation": None},
        {
            "factions": {
                "imu": {"fighters": 3, "leader": None, "embeddedness": {"iskp": None, "taliban": 0.3}}
            }
        },
        {"factions": {"imu": None}},
        {"events": {"omar_revealed": {"date": "2016-01"}, "plea": None}},
        {"events": {"omar_revealed": {"kind": "revealed", "patron": "taliban", "date": "plea + 3"}}},
        {"mechanisms": {"M07": False, "M08": None}},
        {"ties": [{"a": "x", "b": "y", "weight": 0.2, "source": "A1"}]},
    ],
)
def test_parts_overrides_and_deletions_are_valid(schema: dict[str, Any], data: dict[str, Any]) -> None:
    assert is_valid(data, schema)


@pytest.mark.parametrize(
    "data",
    [
        {"wieghts": {}},
        {"extends": 3},
        {"weights": {"b_embd": 3}},
        {"weights": {"b_embed": "3"}},
        {"weights": {"b_embed": 99}},
        {"weights": {"b_embed": {"value": 3, "surce": "P2"}}},
        {"factions": {"The IMU": {}}},
        {"factions": {"imu": {"fighters": -1}}},
        {"factions": {"imu": {"foreign": "no"}}},
        {"patrons": {"iskp": {"franchise_slots": 2.5}}},
        {"events": {"x": {"kind": "revealed", "pressure": 1}}},
        {"events": {"x": {"kind": "reveald"}}},
        {"events": {"x": {"nonsense": 1}}},
        {"mechanisms": {"M7": True}},
        {"mechanisms": {"M07": 1}},
        {"ties": [{"a": "x", "b": "y"}]},
        {"ties": [{"a": "x", "b": "y", "weight": None, "source": "A1"}]},
        {"decision": {"rule": "logti"}},
    ],
)
def test_what_is_wrong_is_invalid(schema: dict[str, Any], data: dict[str, Any]) -> None:
    assert not is_valid(data, schema)


def test_every_kind_of_event_and_every_field_is_described(schema: dict[str, Any]) -> None:
    assert set(schema["$defs"]["Event"]["properties"]["kind"]["enum"]) == {*event_models(), None}
    weights = schema["$defs"]["Weights"]["properties"]
    assert all(weight.get("description") for weight in weights.values())
    assert weights["b_embed"]["default"] == 6.0
