"""As much of JSON Schema as the schema of scenario files uses, so that the tests need no library for it."""

from __future__ import annotations

import re
from typing import Any

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
_TOLD = {"$schema", "$defs", "title", "description", "default", "unit", "range", "discriminator"}


def is_valid(data: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> bool:
    """Whether data is valid; a keyword that this subset does not know is an error of the test."""
    root = schema if root is None else root
    return all(_holds(name, value, data, schema, root) for name, value in schema.items() if name not in _TOLD)


def _is_type(data: Any, name: str) -> bool:
    if name in ("number", "integer") and isinstance(data, bool):
        return False
    if name == "integer" and isinstance(data, float):
        return data.is_integer()
    return isinstance(data, _TYPES[name])  # type: ignore[arg-type]


def _holds(name: str, value: Any, data: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    number = isinstance(data, (int, float)) and not isinstance(data, bool)
    match name:
        case "$ref":
            return is_valid(data, root["$defs"][value.removeprefix("#/$defs/")], root)
        case "type":
            return any(_is_type(data, kind) for kind in ([value] if isinstance(value, str) else value))
        case "anyOf":
            return any(is_valid(data, part, root) for part in value)
        case "allOf":
            return all(is_valid(data, part, root) for part in value)
        case "if":
            return not is_valid(data, value, root) or is_valid(data, schema["then"], root)
        case "then":
            return True
        case "enum":
            return data in value
        case "const":
            return bool(data == value) and type(data) is type(value)
        case "minimum":
            return not number or data >= value
        case "maximum":
            return not number or data <= value
        case "exclusiveMaximum":
            return not number or data < value
        case "propertyNames":
            return not isinstance(data, dict) or all(is_valid(key, value, root) for key in data)
        case "exclusiveMinimum":
            return not number or data > value
        case "pattern":
            return not isinstance(data, str) or re.search(value, data) is not None
        case "minLength":
            return not isinstance(data, str) or len(data) >= value
        case "maxLength":
            return not isinstance(data, str) or len(data) <= value
        case "minProperties":
            return not isinstance(data, dict) or len(data) >= value
        case "minItems":
            return not isinstance(data, list) or len(data) >= value
        case "maxItems":
            return not isinstance(data, list) or len(data) <= value
        case "items":
            return not isinstance(data, list) or all(is_valid(item, value, root) for item in data)
        case "prefixItems":
            pairs = zip(data, value, strict=False) if isinstance(data, list) else ()
            return all(is_valid(item, part, root) for item, part in pairs)
        case "oneOf":
            return sum(is_valid(data, part, root) for part in value) == 1
        case "required":
            return not isinstance(data, dict) or all(key in data for key in value)
    if not isinstance(data, dict):
        return name in ("properties", "additionalProperties", "patternProperties")
    return _holds_object(name, value, data, schema, root)


def _holds_object(name: str, value: Any, data: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    match name:
        case "properties":
            known = {key: part for key, part in value.items() if key in data and part is not True}
            return all(is_valid(data[key], part, root) for key, part in known.items())
        case "patternProperties":
            pairs = [
                (part, data[key])
                for pattern, part in value.items()
                for key in data
                if re.search(pattern, key)
            ]
            return all(is_valid(child, part, root) for part, child in pairs)
        case "additionalProperties":
            patterns = schema.get("patternProperties", {})
            known = {key for key in data if any(re.search(pattern, key) for pattern in patterns)}
            extra = [key for key in data if key not in known and key not in schema.get("properties", {})]
            return not extra if value is False else all(is_valid(data[key], value, root) for key in extra)
    raise AssertionError(f"the subset does not know the keyword {name}")
