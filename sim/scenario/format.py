"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json
from typing import Any

from .schema import Scenario
from .walk import event_models

__all__ = ["file_schema", "file_schema_text"]

_WHOLE = frozenset({"Tie"})
"""What stands in lists: lists replace, so their items are whole and nothing in them can be deleted."""


def file_schema() -> dict[str, Any]:
    """The schema of a scenario file, which may be part of a scenario.

    It differs from the schema of a scenario: a file may extend others, so nothing is required, and ``null``
    deletes. Whether the whole holds, ``bayah check`` says.
    """
    schema = Scenario.model_json_schema()
    definitions: dict[str, Any] = schema["$defs"]
    for name, definition in definitions.items():
        _plain_defaults(definition)
        if name not in _WHOLE:
            _loosen(definition)
    _plain_defaults(schema)
    _loosen(schema)
    schema["properties"]["events"] = _events(definitions, schema["properties"]["events"])
    path = {"type": "string", "minLength": 1}
    extends = {
        "anyOf": [path, {"type": "array", "items": path}],
        "description": "Files under this one, by relative path or bundled name; later ones win.",
    }
    schema["properties"] = {"extends": extends, **schema["properties"]}
    schema["title"] = "Bayah scenario file"
    schema["description"] = "A scenario, or a part of one. Numbers are bare or {value, unit, prior, source}."
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def file_schema_text() -> str:
    """The schema as the bundled file has it."""
    return json.dumps(file_schema(), indent=1, ensure_ascii=False) + "\n"


def _loosen(definition: dict[str, Any]) -> None:
    """Nothing is required, and null deletes."""
    definition.pop("required", None)
    for name, child in definition.get("properties", {}).items():
        if "patternProperties" in child:
            entries = child["patternProperties"]
            child["patternProperties"] = {key: _or_null(entry) for key, entry in entries.items()}
            child["additionalProperties"] = False
        definition["properties"][name] = _or_null(child)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "null" or {"type": "null"} in schema.get("anyOf", ()):
        return schema
    told: dict[str, Any] = {key: schema[key] for key in ("description", "default", "title") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in told}
    return {"anyOf": [rest, {"type": "null"}], **told}


def _plain_defaults(schema: Any) -> None:
    """Defaults as a file writes them: a bare number, where nothing but the value is said."""
    if isinstance(schema, dict):
        default = schema.get("default")
        if isinstance(default, dict) and "value" in default:
            schema["default"] = default["value"]
        for child in schema.values():
            _plain_defaults(child)
    elif isinstance(schema, list):
        for child in schema:
            _plain_defaults(child)


def _events(definitions: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Events by kind; an event without a kind is a change to one that another file gives."""
    names = {kind: model.__name__ for kind, model in event_models().items()}
    fields: dict[str, Any] = {}
    for name in names.values():
        for field in definitions[name]["properties"]:
            fields[field] = True
    fields["kind"] = {"enum": [*names, None], "description": "What happened."}
    choices = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for kind, name in names.items()
    ]
    definitions["Event"] = {
        "type": "object",
        "properties": fields,
        "additionalProperties": False,
        "allOf": choices,
    }
    (pattern,) = next(part for part in old["anyOf"] if "patternProperties" in part)["patternProperties"]
    entry = {"anyOf": [{"$ref": "#/$defs/Event"}, {"type": "null"}]}
    return {
        "type": ["object", "null"],
        "patternProperties": {pattern: entry},
        "additionalProperties": False,
        "description": "Dated events by id.",
    }
