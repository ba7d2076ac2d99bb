"""Plain data as YAML text: blocks above, one line a leaf, and scalars that YAML 1.1 and 1.2 read alike.

PyYAML's own writer takes a third of the time of a whole run for a resolved scenario.
"""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["emit"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./()%+-]*(?: [A-Za-z0-9_./()%+-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
"""What YAML 1.1 or 1.2 does not read as text."""


def emit(data: dict[str, Any]) -> str:
    """A mapping of mappings, lists, texts, numbers, switches and None as YAML.

    Examples
    --------
    >>> print(emit({"meta": {"title": "No", "version": 1}, "factions": {"imu": {"youth": {"value": 0.5}}}}), end="")
    meta: {title: "No", version: 1}
    factions:
      imu:
        youth: {value: 0.5}
    """
    lines: list[str] = []
    _block(data, "", lines)
    return "\n".join(lines) + "\n"


def _block(value: dict[str, Any], indent: str, lines: list[str]) -> None:
    for name, child in value.items():
        key = f"{indent}{_text(name)}:"
        if isinstance(child, dict) and not _is_leaf(child):
            lines.append(key)
            _block(child, indent + "  ", lines)
        elif isinstance(child, (list, tuple)) and not _is_short(child):
            lines.append(key)
            lines += [f"{indent}- {_flow(item)}" for item in child]
        else:
            lines.append(f"{key} {_flow(child)}")


def _is_leaf(value: dict[str, Any]) -> bool:
    return not any(isinstance(child, (dict, list, tuple)) for child in value.values())


def _is_short(value: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list fits on a line: few scalars, and no long text."""
    return all(not isinstance(item, (dict, list, tuple)) and len(str(item)) < 40 for item in value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(name)}: {_flow(child)}" for name, child in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    # What cannot be printed is escaped: line separators, for one, would end the line.
    return f'"{quoted if quoted.isprintable() else _escaped(quoted)}"'


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # YAML 1.1 takes 1e-05 for text.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text
