"""Numbers that know their unit, prior and source; months; the small types that the schema is made of."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FiniteFloat,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

__all__ = [
    "Count", "Date", "Effect", "Factor", "Frozen", "Hazard", "Identifier", "Month", "Months", "Name", "Persons",
    "Prior", "Quantity", "Share", "Source", "Upkeep", "Weight", "Within", "month_index", "month_text", "q",
]  # fmt: skip


class Frozen(BaseModel):
    """Base of all scenario models: immutable, unknown keys refused, field docstrings are the reference."""

    # Built on first use: a scenario builds its parts' validators anyway, so theirs would be built twice at import.
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True, allow_inf_nan=False,
        defer_build=True,
    )  # fmt: skip


Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Source = Annotated[str, StringConstraints(min_length=2, max_length=600, pattern=r"^[^\x00-\x1f\x7f]+$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

_MONTH = re.compile(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$")
_RELATIVE = re.compile(r"^([a-z][a-z0-9_]*)\s*([+-])\s*(\d{1,3})$|^([a-z][a-z0-9_]*)$")


def month_index(text: str) -> int:
    """Months since year 0 of ``YYYY-MM`` (a day, if given, is checked and dropped).

    Raises
    ------
    ValueError
        If the text is not a month of the calendar.
    """
    match = _MONTH.match(text)
    if not match:
        raise ValueError(f"'{text}' is not a month; write it as YYYY-MM, for example 2015-07")
    year, month, day = int(match[1]), int(match[2]), match[3]
    if not 1 <= month <= 12:
        raise ValueError(f"'{text}' has month {match[2]}; months run from 01 to 12")
    if day is not None:
        try:
            datetime.date(year, month, int(day))
        except ValueError as error:
            raise ValueError(f"'{text}' is not a day of the calendar: {error}") from None
    return year * 12 + month - 1


def month_text(index: int) -> str:
    """The month ``YYYY-MM`` of an index of :func:`month_index`."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def _check_month(text: str) -> str:
    return month_text(month_index(text))


def _check_date(text: str) -> str:
    match = _RELATIVE.match(text.strip())
    if match:
        return text.strip()
    return _check_month(text)


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


Month = Annotated[str, BeforeValidator(_as_text), AfterValidator(_check_month)]
"""An absolute month, ``YYYY-MM``."""

Date = Annotated[str, BeforeValidator(_as_text), AfterValidator(_check_date)]
"""A month, or a month relative to an event: ``iskp_founded + 5``."""


class Prior(Frozen):
    """What is believed of a number before the record is looked at."""

    dist: Literal["uniform", "normal", "lognormal", "beta"]
    """Family. ``normal`` and ``lognormal`` are truncated to [low, high] where these are given."""
    low: FiniteFloat | None = None
    """Lower bound (uniform), or lower truncation."""
    high: FiniteFloat | None = None
    """Upper bound (uniform), or upper truncation."""
    mean: FiniteFloat | None = None
    """Mean (normal), or mean of the logarithm (lognormal)."""
    sd: FiniteFloat | None = None
    """Standard deviation (normal), or of the logarithm (lognormal)."""
    a: FiniteFloat | None = None
    """First shape (beta)."""
    b: FiniteFloat | None = None
    """Second shape (beta)."""
    source: Source | None = None
    """Where the prior is from, when not from the number's own source (for example P2)."""

    @model_validator(mode="after")
    def _complete(self) -> Prior:
        need = {
            "uniform": ("low", "high"),
            "normal": ("mean", "sd"),
            "lognormal": ("mean", "sd"),
            "beta": ("a", "b"),
        }
        missing = [name for name in need[self.dist] if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a {self.dist} prior also needs {' and '.join(missing)}")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        for name in ("sd", "a", "b"):
            number = getattr(self, name)
            if number is not None and number <= 0:
                raise ValueError(f"{name} must be above 0, it is {number}")
        return self


class Quantity(Frozen):
    """A number with its source. In a file: a bare number, or ``{value, unit, prior, source}``."""

    value: FiniteFloat
    """The number, in the unit that the schema states for the field."""
    unit: Name | None = None
    """Optional reminder of the unit; it must be the schema's."""
    prior: Prior | None = None
    """What is believed of it beforehand, where it is uncertain."""
    source: Source | None = None
    """Article and statement (``A5 M61``), literature or data row (``P6``, ``R69b``), or ``judgement: why``."""


_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_MEANT = (
    (rf"({_NUMBER})", "without quotes: {}"),
    (rf"({_NUMBER}) ?%", "a share is written as a number from 0 to 1, without %"),
    (r"[-+]?\d{1,3}(?:,\d{3})+", "without commas"),
    (r"[-+]?\d*,\d+", "with a point, not a comma"),
    (rf"({_NUMBER}) ?[A-Za-z][A-Za-z ]*", "without its unit: {}"),
)


def _as_number(text: str) -> str:
    """How a text that looks like a number would be one."""
    if len(text) <= 60:
        for pattern, hint in _MEANT:
            found = re.fullmatch(pattern, text.strip())
            if found:
                return f" ({hint.format(*found.groups())})"
    return ""


def _wrap(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is wanted here, not true or false")
    if isinstance(value, (int, float)):
        return {"value": value}
    if isinstance(value, str):
        raise ValueError(f"a number is wanted here, not the text '{value}'{_as_number(value)}")
    return value


@dataclass(frozen=True)
class Within:
    """Unit and range of a number, checked where the number stands and shown in the JSON Schema."""

    unit: str
    low: float = -math.inf
    high: float = math.inf
    whole: bool = False

    def check(self, number: Quantity) -> Quantity:
        """Return the number, or raise a ValueError that says what would be right."""
        value = number.value
        if number.unit is not None and number.unit != self.unit:
            raise ValueError(f"unit '{number.unit}' should be '{self.unit}'")
        if not self.low <= value <= self.high:
            raise ValueError(f"{value:g} is outside {self.text()} ({self.unit})")
        if self.whole and value != round(value):
            raise ValueError(f"{value:g} must be a whole number ({self.unit})")
        return number

    def text(self) -> str:
        """The range in words: ``0 to 1``, ``0 or more``."""
        if self.high == math.inf:
            return f"{self.low:g} or more" if self.low > -math.inf else "any number"
        return f"{self.low:g} to {self.high:g}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        bounds: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        if self.low > -math.inf:
            bounds["minimum"] = self.low
        if self.high < math.inf:
            bounds["maximum"] = self.high
        return {"anyOf": [bounds, dict(handler(schema))], "unit": self.unit, "range": self.text()}


Share = Annotated[Quantity, BeforeValidator(_wrap), Within("share", 0, 1)]
"""A share or an index between 0 and 1."""
Persons = Annotated[Quantity, BeforeValidator(_wrap), Within("persons", 0, 10_000_000)]
"""A count of persons (not necessarily whole: an expectation)."""
Months = Annotated[Quantity, BeforeValidator(_wrap), Within("months", 0, 1200)]
"""A duration or half-life in months."""
Hazard = Annotated[Quantity, BeforeValidator(_wrap), Within("per month", 0, 1)]
"""A rate or probability per month."""
Factor = Annotated[Quantity, BeforeValidator(_wrap), Within("factor", 0, 1000)]
"""A multiplier, 1 meaning no change."""
Upkeep = Annotated[Quantity, BeforeValidator(_wrap), Within("upkeep multiples", 0, 100)]
"""Money per fighter and month, in multiples of what a fighter costs."""
Weight = Annotated[Quantity, BeforeValidator(_wrap), Within("log-odds", -30, 30)]
"""A weight or constant of the utility, in log-odds per appraisal."""
Effect = Annotated[Quantity, BeforeValidator(_wrap), Within("change", -1, 1)]
"""A signed change of an index."""
Count = Annotated[Quantity, BeforeValidator(_wrap), Within("count", 0, 100_000, whole=True)]
"""A whole number."""


def q(value: float) -> Quantity:
    """A default: a bare number."""
    return Quantity(value=value)
