"""The JSON Schemas of experiment files, for editors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sim.experiments.design import Design
from sim.experiments.planning import MONTHLY_NAMES, OUTCOMES

__all__ = ["SCHEMAS", "design_schema", "design_schema_text"]


def design_schema() -> dict[str, Any]:
    """The schema of a design file, with the short forms that it may use.

    Whether its scenarios have what it varies, ``bayah check`` says.
    """
    schema = Design.model_json_schema()
    definitions: dict[str, Any] = schema["$defs"]
    _shorten(definitions, schema)
    _exclude(definitions["Block"])
    _close(schema)
    schema["properties"]["outcomes"]["anyOf"][0]["items"] = {"enum": list(OUTCOMES)}
    definitions["TrajectoryFields"]["properties"]["outcomes"]["items"] = {"enum": list(MONTHLY_NAMES)}
    names = schema["properties"]["scenario"]
    one = {"type": "string", "minLength": 1, "maxLength": 1000}
    schema["properties"]["scenario"] = {"anyOf": [one, names], "description": names["description"]}
    schema["title"] = "Bayah design"
    schema["description"] = (
        "Many runs: scenarios, what is varied in them, how often each is run, what is kept."
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def design_schema_text() -> str:
    """The schema as the bundled file has it."""
    return json.dumps(design_schema(), indent=1, ensure_ascii=False) + "\n"


def _shorten(definitions: dict[str, Any], schema: dict[str, Any]) -> None:
    """A list for ``{values: ...}``, the word prior, a distribution alone; a word for the trajectories."""
    span = {"$ref": "#/$defs/SpanFields"}
    values = dict(definitions["SpanFields"]["properties"]["values"]["anyOf"][0])
    definitions["Span"] = {
        "anyOf": [values, {"const": "prior"}, {"$ref": "#/$defs/Prior"}, span],
        "description": definitions["SpanFields"]["description"],
    }
    definitions["Block"] = _replaced(definitions["Block"], span, {"$ref": "#/$defs/Span"})
    kept = schema["properties"]["trajectories"]
    words = definitions["TrajectoryFields"]["properties"]["keep"]["enum"]
    schema["properties"]["trajectories"] = {
        "anyOf": [{"enum": words}, {"$ref": "#/$defs/TrajectoryFields"}],
        "description": kept["description"],
        "default": "none",
    }


def _replaced(value: Any, old: dict[str, Any], new: dict[str, Any]) -> Any:
    if value == old:
        return new
    if isinstance(value, dict):
        return {name: _replaced(child, old, new) for name, child in value.items()}
    return [_replaced(child, old, new) for child in value] if isinstance(value, list) else value


def _close(value: Any) -> None:
    """Nothing but dotted paths where paths stand."""
    if isinstance(value, dict):
        if "patternProperties" in value:
            value["additionalProperties"] = False
        for child in value.values():
            _close(child)
    elif isinstance(value, list):
        for child in value:
            _close(child)


def _exclude(block: dict[str, Any]) -> None:
    """One way a block."""
    ways = [["grid"], ["list"], ["zip"], ["table"], ["sample", "points", "over"]]
    block["oneOf"] = [{"required": way} for way in ways]


def _plain_schema(form: Any, title: str) -> str:
    """The schema of a form that has no short spellings."""
    schema: dict[str, Any] = form.model_json_schema(by_alias=True)
    _close(schema)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
    return json.dumps(head, indent=1, ensure_ascii=False) + "\n"


def _patterns_text() -> str:
    from sim.experiments.patterns.schema import PatternFile

    return _plain_schema(PatternFile, "Bayah patterns")


def _sensitivity_text() -> str:
    from sim.experiments.sensitivity.schema import SensitivityFile

    return _plain_schema(SensitivityFile, "Bayah sensitivity analysis")


def _calibration_text() -> str:
    from sim.experiments.calibration.schema import CalibrationFile

    return _plain_schema(CalibrationFile, "Bayah calibration")


def _validation_text() -> str:
    from sim.experiments.validation.schema import ValidationFile

    return _plain_schema(ValidationFile, "Bayah validation")


SCHEMAS: dict[str, Callable[[], str]] = {
    "design": design_schema_text,
    "patterns": _patterns_text,
    "sensitivity": _sensitivity_text,
    "calibration": _calibration_text,
    "validation": _validation_text,
}
"""Text of the schema by the kind of a file."""
