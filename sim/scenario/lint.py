"""What is allowed in a scenario but should give pause."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

from ..errors import Problem
from .evidence import classify, is_given, keys_in
from .explain import with_place
from .flaws import Flaw
from .load import Loaded
from .merge import OVERRIDE
from .nodes import Tree
from .quantities import Prior, month_index
from .schema import Scenario
from .walk import Path_, numbers
from .wording import listed, nearest, one_line, ordered

__all__ = ["is_what_if", "label", "lint", "notes", "prior_interval"]

_CONTESTED = frozenset({"M53", "M73"})
_LEVERS = frozenset(
    {
        "changes",
        "events",
        "mechanisms",
        "meta",
        "patrons",
        "period",
        "report",
        "sources",
        "structure",
        "ties",
        "what_if",
    }
)
_WHOLE = frozenset({"meta", "period", "patrons", "factions", "regions"})


def prior_interval(prior: Prior, mass: float = 0.99) -> tuple[float, float]:
    """The central interval of a prior, truncation included.

    Parameters
    ----------
    prior
        The prior.
    mass
        Probability inside.
    """
    low = -math.inf if prior.low is None else prior.low
    high = math.inf if prior.high is None else prior.high
    tail = (1 - mass) / 2
    if prior.dist == "uniform":
        return low + tail * (high - low), high - tail * (high - low)
    if prior.dist == "beta":
        from scipy.special import betainc, betaincinv

        p_low, p_high = (float(betainc(prior.a, prior.b, min(max(end, 0.0), 1.0))) for end in (low, high))
        ends = [p_low + share * (p_high - p_low) for share in (tail, 1 - tail)]
        return float(betaincinv(prior.a, prior.b, ends[0])), float(betaincinv(prior.a, prior.b, ends[1]))
    normal = NormalDist(prior.mean or 0.0, prior.sd or 1.0)
    if prior.dist == "lognormal":
        low = math.log(low) if low > 0 else -math.inf
        high = math.log(high) if high > 0 else -math.inf
    p_low, p_high = normal.cdf(low), normal.cdf(high)
    inside = [min(max(p_low + share * (p_high - p_low), 1e-15), 1 - 1e-15) for share in (tail, 1 - tail)]
    a, b = (normal.inv_cdf(share) for share in inside)
    return (math.exp(a), math.exp(b)) if prior.dist == "lognormal" else (a, b)


def lint(loaded: Loaded) -> list[Problem]:
    """Warnings about a scenario that holds, in the order of the files."""
    tree = Tree(loaded.tree, loaded.marks, loaded.keys)
    flaws = [*_number_flaws(loaded), *_source_flaws(loaded), *_region_flaws(loaded.scenario)]
    flaws += [*_uncertainty_flaws(loaded), *_report_flaws(loaded.scenario)]
    return ordered(with_place(flaw, tree, loaded.file) for flaw in flaws)


def _number_flaws(loaded: Loaded) -> Iterator[Flaw]:
    for path, number, _ in numbers(loaded.scenario):
        if not is_given(path, loaded.tree):
            continue
        if number.source is None and path[0] != "ties":
            yield Flaw(path, f"the number {number.value:g} has no source")
        # A prior is a belief about what was, a lever what might have been.
        chosen = is_what_if(loaded) and path[0] in _LEVERS and is_given(path, loaded.own)
        if number.prior is not None and not chosen:
            low, high = prior_interval(number.prior)
            slack = 0.005 * (high - low)
            if not low - slack <= number.value <= high + slack:
                message = (
                    f"{number.value:g} is outside the 99 % interval of its own prior, {low:.3g} to {high:.3g}"
                )
                yield Flaw(path, message)


def _source_flaws(loaded: Loaded) -> Iterator[Flaw]:
    sources = loaded.scenario.sources
    for path, text in _sources(loaded.tree, ()):
        found, strange = keys_in(text, sources)
        for key in strange:
            yield Flaw(path, f"source '{key}' is not in the table of sources{nearest(key, sources)}")
        if text == OVERRIDE:
            continue
        kind = classify(text, sources)
        if kind == "judgement" and len(text.split()) < 2:
            yield Flaw(path, "a judgement must give its reason: 'judgement: why'")
        elif kind == "none" and not found and not strange:
            message = f"'{one_line(text, 60)}' names no source of the table and is no judgement"
            yield Flaw(path, message)


def _sources(data: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    """All texts under a key ``source``; the table of sources itself has none."""
    if isinstance(data, dict):
        for name, child in data.items():
            if name == "source" and isinstance(child, str):
                yield (*path, name), child
            elif path or name != "sources":
                yield from _sources(child, (*path, name))
    elif isinstance(data, list):
        for index, child in enumerate(data):
            yield from _sources(child, (*path, index))


def _region_flaws(scenario: Scenario) -> Iterator[Flaw]:
    """Regions that nobody can get to: by neighbours from a faction or core, or by a dated event."""
    queue = [faction.home for faction in scenario.factions.values()]
    queue += [faction.theatre for faction in scenario.factions.values()]
    queue += [region for patron in scenario.patrons.values() for region in patron.core_regions]
    for event in scenario.events.values():
        for name in ("region", "regions", "destinations"):
            value = getattr(event, name, ())
            queue += [value] if isinstance(value, str) else list(value)
    reached: set[str] = set()
    while queue:
        region_id = queue.pop()
        if region_id not in reached:
            reached.add(region_id)
            queue += scenario.regions[region_id].neighbours
    for region_id in scenario.regions:
        if region_id not in reached:
            yield Flaw(
                ("regions", region_id), "nobody can get here: no neighbour, no faction, no event", True
            )


def is_what_if(loaded: Loaded) -> bool:
    """Whether the file extends a whole scenario, rather than parts of its own."""
    return loaded.base is not None and loaded.base.keys() >= _WHOLE


def _uncertainty_flaws(loaded: Loaded) -> Iterator[Flaw]:
    if not is_what_if(loaded):
        return
    for path in _leaves(loaded.own, ()):
        changed = str(path[3]).split(".") if path[0] == "changes" and len(path) > 3 else ()
        if changed and changed[0] in ("weights", "decision", "observation"):
            what = ".".join(changed[:2])
        elif path[0] in ("weights", "decision", "observation") or "prior" in path:
            what = ".".join(map(str, path[:2])) if "prior" not in path else "a prior"
        elif path[0] not in _LEVERS and _has_prior(loaded.base, path):
            what = "a number with a prior"
        else:
            continue
        yield Flaw(path, f"a what-if changes levers, not what we do not know: {what} belongs to its base")


def _leaves(data: Any, path: Path_) -> Iterator[Path_]:
    if isinstance(data, dict) and data and not (path and data.keys() <= {"value", "unit", "source"}):
        for name, child in data.items():
            yield from _leaves(child, (*path, name))
    elif path:
        yield path


def _has_prior(data: Any, path: Path_) -> bool:
    for part in path:
        if not isinstance(data, dict):
            return False
        if "prior" in data:
            return True
        data = data.get(part)
    return isinstance(data, dict) and "prior" in data


def _report_flaws(scenario: Scenario) -> Iterator[Flaw]:
    start, end = month_index(scenario.period.start), month_index(scenario.period.end)
    for index, month in enumerate(scenario.report.dates):
        if not start <= month_index(month) <= end:
            yield Flaw(("report", "dates", index), f"{month} is outside the period and is not shown")


def notes(loaded: Loaded) -> list[str]:
    """What a reader should know but need not mend: statements off, numbers left at the schema's defaults."""
    scenario = loaded.scenario
    said = []
    off = [name for name, on in scenario.mechanisms.items() if not on and name not in _CONTESTED]
    if off:
        said.append(f"switched off: {listed(off)}")
    left = Counter(
        str(path[0]) if path[0] != "events" else "events (effects)"
        for path, _, _ in numbers(scenario)
        if not is_given(path, loaded.tree)
    )
    if left:
        parts = ", ".join(f"{count} in {section}" for section, count in left.items())
        said.append(f"left at the default of the schema: {parts}")
    if scenario.period.end > scenario.period.last_validated:
        said.append(f"months after {scenario.period.last_validated} are unvalidated")
    return said


def label(problem: Problem) -> str:
    """A warning on one line: the place, the word, what it is."""
    place = problem.file + (f":{problem.line}:{problem.column}" if problem.line else "")
    told = ": ".join(part for part in ("warning", problem.path, problem.message) if part)
    return str(Problem(told, place))
