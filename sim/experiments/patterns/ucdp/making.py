"""Patterns out of series: what was observed by the same statistics that runs are asked, ranges from low and high."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from sim.experiments.patterns.records import GONE, Records
from sim.experiments.patterns.statistics import STATISTICS
from sim.experiments.patterns.ucdp.dyads import FIRST, LAST, Series, Year
from sim.scenario.quantities import month_index
from sim.scenario.wording import one_line

__all__ = ["FEWEST_EVENTS", "UNLISTED", "make_patterns"]

UNLISTED = (12, 0, 24)
"""Best, low and high for a year between two that are listed: UCDP lists dyad-years of 25 deaths or more."""
FEWEST_EVENTS = 20
"""Fewer events make no pattern."""
_LEAST_LOG, _LEAST_SHARE = 0.25, 0.05
"""Scales are no smaller. Low and high often coincide: that sources agree, not that none was missed."""
_ENDS = ("best", "low", "high")
_CONFIDENCE = ("low", "medium", "high")
_BURST = {"over": ["2015-08", "2016-01"], "under": ["2015-01", "2015-06"]}


def make_patterns(series: Sequence[Series], role: str = "report") -> tuple[dict[str, Any], list[str]]:
    """Patterns in the form of their file.

    Parameters
    ----------
    series
        What the files told.
    role
        Role of those patterns that the model tells in the same measure: ``report`` or ``fit``.

    Returns
    -------
    dict
        Patterns by name.
    list of str
        Remarks: what was not made, and why.
    """
    by_name = {one.what: one for one in series}
    patterns: dict[str, Any] = {}
    remarks: list[str] = []
    if "rival" in by_name or "splinter" in by_name:
        patterns["ucdp_fratricide"] = _fratricide(by_name, role)
        missing = [name for name in ("rival", "splinter") if name not in by_name]
        remarks += [f"no {name} deaths in the files, and so no share of them" for name in missing]
    if "battle" in by_name:
        made = _battle(by_name["battle"])
        patterns |= {"ucdp_battle_growth": made} if made else {}
        remarks += [] if made else ["one year of battle deaths shows no growth: no pattern of them"]
    if "events" in by_name:
        made, told = _events(by_name["events"], role)
        patterns |= {"ucdp_events": made} if made else {}
        remarks += told
    return patterns, remarks


def _history(**monthly: Mapping[str, float]) -> Records:
    """A record of which some outcomes are known, as one run."""
    start, months = month_index(f"{FIRST}-01"), 12 * (LAST - FIRST + 1)
    values = {name: np.zeros((1, months)) for name in monthly}
    for name, known in monthly.items():
        for month, value in known.items():
            values[name][0, month_index(month) - start] += value
    none = np.zeros((1, 0), dtype=np.int16)
    sides = np.full((1, months, 0), GONE, dtype=np.int8)
    return Records(start, (), sides, none, none, none, none, values)


def _asked(statistic: str, history: Records, given: Mapping[str, Any]) -> float:
    return float(STATISTICS[statistic].function(history, **given)[0])


def _filled(years: Sequence[Year], first: int, last: int) -> list[Year]:
    """Every year of a span; those that are not listed had fewer than 25 deaths, not none."""
    known = {one.year: one for one in years}
    return [known.get(year) or Year(year, *UNLISTED) for year in range(first, last + 1)]


def _yearly(years: Sequence[Year], end: str) -> dict[str, float]:
    """One of the estimates, in the last month of each year: only sums by year are asked for."""
    return {f"{one.year}-12": getattr(one, end) for one in years}


def _fratricide(by_name: Mapping[str, Series], role: str) -> dict[str, Any]:
    mine = {name: by_name[name] for name in ("rival", "splinter") if name in by_name}
    spans = {name: (one.years[0].year, one.years[-1].year) for name, one in mine.items()}
    parts = {}
    for name, one in mine.items():
        given = {"outcome": f"{name}_deaths", "first": spans[name][0], "last": spans[name][1]}
        years = _filled(one.years, *spans[name])
        ends = [
            _asked("yearly_mean", _history(**{f"{name}_deaths": _yearly(years, end)}), given) for end in _ENDS
        ]
        parts[name] = _part("yearly_mean", given, ends, log=True)
    if len(mine) == 2:
        first, last = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
        given = {"outcome": "rival_deaths", "other": "splinter_deaths", "first": first, "last": last}
        rival, splinter = (_filled(one.years, first, last) for one in mine.values())
        ends = [
            _asked(
                "share_of_sum",
                _history(rival_deaths=_yearly(rival, mine_end), splinter_deaths=_yearly(splinter, other_end)),
                given,
            )
            for mine_end, other_end in (("best", "best"), ("low", "high"), ("high", "low"))
        ]
        parts["share"] = _part("share_of_sum", given, ends, log=False)
    widths = [_width(part) for part in parts.values()]
    return {
        "title": one_line(f"Deaths by UCDP: {'; '.join(one.name for one in mine.values())}"),
        "role": role,
        "score": "share",
        "confidence": _CONFIDENCE[min(widths)],
        "source": one_line(" ".join(_source(one) for one in mine.values()), 2000),
        "note": "Ranges are of the sums of low and of high estimates. A year of the span that is not listed counts "
        f"as {UNLISTED[0]} deaths, {UNLISTED[1]} to {UNLISTED[2]}. Holds the same as SF10 of the bundled "
        "patterns.",
        "parts": parts,
    }


def _battle(one: Series) -> dict[str, Any] | None:
    listed = {year.year: year for year in one.years}
    first = listed.get(2015) or one.years[0]
    last = listed.get(2017) or one.years[-1]
    if first.year >= last.year or min(first.low, last.low) <= 0:
        return None
    given = {
        "outcome": "attacks",
        "over": [f"{last.year}-01", f"{last.year}-12"],
        "under": [f"{first.year}-01", f"{first.year}-12"],
    }
    ends = [
        _asked(
            "sum_ratio",
            _history(attacks={f"{last.year}-12": getattr(last, top), f"{first.year}-12": getattr(first, bottom)}),
            given,
        )
        for top, bottom in (("best", "best"), ("low", "high"), ("high", "low"))
    ]  # fmt: skip
    part = _part("sum_ratio", given, ends, log=True)
    return {
        "title": one_line(f"Growth by UCDP of deaths in battle: {one.name}"),
        "role": "report",
        "score": "event",
        "confidence": _CONFIDENCE[_width(part)],
        "source": one_line(_source(one), 2000),
        "note": "Context for the growth of attacks, and never fitted: the model tells attacks and not deaths in battle. "
        "Its attacks stand in here for the shape only.",
        "parts": {"growth": part},
    }


def _events(one: Series, role: str) -> tuple[dict[str, Any] | None, list[str]]:
    counts = {year.year: year.events or 0 for year in one.years}
    total = sum(counts.values())
    where = " and ".join(one.countries)
    if total < FEWEST_EVENTS:
        return None, [f"{total} events of {one.name} in {where} are too few for a pattern"]
    parts = _event_parts(counts, one.months)
    if not parts:
        return None, [f"events of {one.name} in one year show no course: no pattern of them"]
    whole = one.whole
    told = []
    if role == "fit" and not whole:
        told = [f"events of {one.name} are of {where} only: told beside runs, not fitted"]
    listed = ", ".join(f"{count} in {year}" for year, count in counts.items())
    return {
        "title": one_line(f"Course by UCDP of events of {one.name} in {where}"),
        "role": role if whole else "report",
        "score": "event",
        "confidence": "medium" if whole and total >= 100 else "low",
        "source": one_line(
            f"{_head(one)}: events with a death in which {one.name} was a side, in {where}: {listed}.", 2000
        ),
        "note": "Events are not attacks: each has a death at least, and battles that others began count too. Only the "
        "course is compared, never the number. Ranges are those of counts by chance (Poisson, 95 %).",
        "parts": parts,
    }, told


def _event_parts(counts: Mapping[int, int], months: Mapping[str, int]) -> dict[str, Any]:
    first, last = min(counts), max(counts)
    yearly = _history(attacks={f"{year}-12": count for year, count in counts.items()})
    monthly = _history(attacks={month: n for month, n in months.items() if FIRST <= int(month[:4]) <= LAST})
    parts: dict[str, Any] = {}
    spans = {
        "growth": (yearly, {"over": ["2017-01", "2017-12"], "under": ["2015-01", "2015-12"]}),
        "burst": (monthly, _BURST),
    }
    for name, (history, span) in spans.items():
        made = _ratio_of_counts(history, {"outcome": "attacks", **span})
        parts |= {name: made} if made else {}
    if first < last:
        given = {"outcome": "attacks", "first": first, "last": last}
        rose = _asked("grows_yearly", yearly, given)
        if rose or _falls(counts):
            parts["rising"] = _plain("grows_yearly", given, rose, (rose, rose), 0.5)
        peak = _asked("peak_year", yearly, given)
        most = max(counts.values())
        near = [year for year, count in counts.items() if count >= most - 2 * math.sqrt(most)]
        parts["peak"] = _plain("peak_year", given, peak, (float(min(near)), float(max(near))), 1.0)
    return parts


def _falls(counts: Mapping[int, int]) -> bool:
    """Whether some year has fewer events than the one before by more than chance makes it."""
    years = [counts.get(year, 0) for year in range(min(counts), max(counts) + 1)]
    return any(before - after > 2 * math.sqrt(before + after) for before, after in pairwise(years))


def _ratio_of_counts(history: Records, given: Mapping[str, Any]) -> dict[str, Any] | None:
    start = month_index(f"{FIRST}-01")
    sums = []
    for span in (given["over"], given["under"]):
        first, last = (month_index(month) - start for month in span)
        sums.append(float(history.monthly["attacks"][0, first : last + 1].sum()))
    if min(sums) <= 0:
        return None
    ratio = _asked("sum_ratio", history, given)
    apart = math.exp(1.96 * math.sqrt(1 / sums[0] + 1 / sums[1]))
    return _part("sum_ratio", given, (ratio, ratio / apart, ratio * apart), log=True)


def _part(statistic: str, given: Mapping[str, Any], ends: Sequence[float], log: bool) -> dict[str, Any]:
    """A number of a pattern, out of what best, low and high estimates give."""
    best, low, high = ends
    if log:
        low = max(low, 1e-3 * best)
        scale = max((math.log(high) - math.log(low)) / 2, _LEAST_LOG)
    else:
        scale = max((high - low) / 2, _LEAST_SHARE)
    part = _plain(statistic, given, best, (low, high), scale)
    return {**part, "log": True} if log else part


def _plain(
    statistic: str, given: Mapping[str, Any], observed: float, ends: tuple[float, float], scale: float
) -> dict[str, Any]:
    return {
        "statistic": statistic,
        "with": dict(given),
        "observed": _short(observed),
        "range": [_short(end) for end in ends],
        "scale": _short(scale),
    }


def _short(value: float) -> float | int:
    """Six digits; whole numbers as such."""
    value = float(f"{value:.6g}")
    return int(value) if value == int(value) else value


def _width(part: Mapping[str, Any]) -> int:
    """Confidence by the width of low to high: 2 for narrow, 0 for wide."""
    low, high = part["range"]
    if part.get("log"):
        return 2 if high <= 1.75 * low else 1 if high <= 3 * low else 0
    return 2 if high - low <= 0.15 else 1 if high - low <= 0.3 else 0


def _head(one: Series) -> str:
    version = f"version {one.source.version}" if one.source.version else "version not told by its file"
    return f"{one.source.kind.title}, {version} ({one.source.kind.cite}; CC BY 4.0)"


def _source(one: Series) -> str:
    told = ", ".join(f"{year.best} ({year.low} to {year.high}) in {year.year}" for year in one.years)
    return f"{_head(one)}: {one.name}, dyad {', '.join(one.dyads)}, best (low to high): {told}."
