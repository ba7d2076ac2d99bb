"""What pairs gave, as frames: differences with their uncertainty, who moved, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.experiments.compare import swap
from sim.experiments.compare.measured import MOST_TRACED, Measured, Task
from sim.experiments.compare.tally import Moments
from sim.outcomes import MONTHLY, SUMMARY
from sim.results.wording import CAUSES
from sim.scenario.quantities import month_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "difference_frame",
    "month_frame",
    "moved_frame",
    "pair_frame",
    "reason_frame",
    "spread_frame",
    "term_frame",
]

_TERMS = tuple(column.name for column in s.TERM)
_RUN = tuple(column for column in SUMMARY if column.name != "status")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
DIFFERENCE = (
    "base", "alternative", "difference", "low", "high", "p_higher", "p_lower", "sd", "variance_reduction", "pairs",
    "pairs_needed", "smallest", "first_month",
)  # fmt: skip
WEIGHTS = ("weights_sd", "weights_low", "weights_high")


def _z(share: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(share)


def _columns(points: list[Moments]) -> dict[str, NDArray[Any]]:
    """All columns of a difference but the month of first divergence, from moments by point."""
    from scipy.special import stdtrit

    whole = Moments((points[0].values.shape[0], points[0].values.shape[1]))
    for point in points:
        whole.merge(point.count, point.values)
    made = [point for point in points if point.count]
    n, freedom = whole.count, max(1, whole.count - len(made))
    within = {name: _within(made, name) for name in ("base", "other", "difference")}
    inside = within["difference"]
    sd = np.sqrt(inside)
    error = sd / math.sqrt(max(n, 1))
    two, power = float(stdtrit(freedom, 0.975)), float(stdtrit(freedom, 0.8))
    mean = whole["difference"]
    with np.errstate(divide="ignore", invalid="ignore"):
        reduction = (within["base"] + within["other"]) / inside
        needed = np.ceil(((_z(0.975) + _z(0.8)) * sd / np.abs(mean)) ** 2)
    moves = (sd > 0) & (within["base"] + within["other"] > 0)
    columns = {
        "base": whole["base"], "alternative": whole["other"], "difference": mean, "low": mean - two * error,
        "high": mean + two * error, "p_higher": whole["higher"] / max(n, 1), "p_lower": whole["lower"] / max(n, 1),
        "sd": sd, "variance_reduction": np.where(moves, reduction, np.nan), "pairs": np.full(mean.shape, n),
        "pairs_needed": np.where(np.abs(mean) > 0, np.maximum(needed, 2), np.nan), "smallest": (two + power) * error,
    }  # fmt: skip
    if len(points) > 1:
        columns |= _over_weights(made, inside, mean)
    return columns


def _within(points: list[Moments], name: str) -> NDArray[Any]:
    """The variance over pairs at the same point: that of chance, whatever the weights do.

    Not known where no point has two pairs.
    """
    freedom = sum(point.count - 1 for point in points)
    squares: NDArray[Any] = np.sum([point[f"{name}_squares"] for point in points], axis=0)
    return squares / freedom if freedom > 0 else np.full_like(squares, np.nan)


def _over_weights(made: list[Moments], inside: NDArray[Any], mean: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """How the mean difference varies with the weights, the Monte Carlo error of each point taken out."""
    means = np.stack([point["difference"] for point in made])
    error = np.mean([1.0 / point.count for point in made]) * inside
    between = (
        np.sqrt(np.maximum(0.0, means.var(axis=0, ddof=1) - error)) if len(made) > 1 else np.zeros_like(mean)
    )
    # Each point's mean is drawn to the middle by as much of its spread as is chance.
    raw = means.std(axis=0, ddof=1) if len(made) > 1 else np.ones_like(mean)
    shrink = np.divide(between, raw, out=np.zeros_like(between), where=raw > 0)
    low, high = np.quantile(mean + (means - mean) * shrink, [0.025, 0.975], axis=0)
    return {"weights_sd": between, "weights_low": low, "weights_high": high}


def difference_frame(measured: Measured, task: Task) -> pd.DataFrame:
    """Differences of monthly outcomes and of outcomes of the run, by outcome and month."""
    import pandas as pd

    match = measured.match
    columns = _columns(measured.points)
    ever = (columns["p_higher"] + columns["p_lower"]) > 0
    first = [month_text(match.start + int(np.argmax(one))) if one.any() else "" for one in ever.T]
    months = match.months_text
    names = [column.name for column in MONTHLY]
    data = {name: values.T.ravel() for name, values in columns.items()}
    data["first_month"] = np.repeat(np.array(first, dtype=object), len(months))
    index = pd.MultiIndex.from_product([names, months], names=["outcome", "month"])
    frame = pd.DataFrame(data, index=index)
    if match.offsets[0] != match.offsets[1]:
        return _in_order(frame, task)
    run = pd.DataFrame(
        {name: values[0] for name, values in _columns(_run_moments(measured, task)).items()},
        index=pd.MultiIndex.from_product(
            [[column.name for column in _RUN], ["run"]], names=["outcome", "month"]
        ),
    )
    run["first_month"] = ""
    return _in_order(pd.concat([frame, run]), task)


def _in_order(frame: pd.DataFrame, task: Task) -> pd.DataFrame:
    frame["pairs"] = frame["pairs"].astype(int)
    return frame[[*DIFFERENCE, *(WEIGHTS if len(task.points) > 1 else ())]]


def _run_moments(measured: Measured, task: Task) -> list[Moments]:
    """Moments of the outcomes of the run, by point."""
    from sim.experiments.compare.tally import new_moments, tally

    found, first = [], 0
    for seeds in task.seeds:
        mine = slice(first, first + len(seeds))
        good = measured.summary[mine][measured.done[mine]][:, :, : len(_RUN)]
        one = Moments((1, len(_RUN)))
        if len(good):
            block = new_moments(1, len(_RUN))
            tally(np.ascontiguousarray(good[:, None, 0]), np.ascontiguousarray(good[:, None, 1]), block)
            one.merge(len(good), block)
        found.append(one)
        first += len(seeds)
    return found


def spread_frame(measured: Measured) -> pd.DataFrame:
    """Quantiles over pairs of the differences that are kept, by outcome and month."""
    import pandas as pd

    kept = measured.differences[measured.done[: len(measured.differences)]]
    names = [MONTHLY[column].name for column in measured.kept]
    index = pd.MultiIndex.from_product([names, measured.match.months_text], names=["outcome", "month"])
    titles = [f"q{round(100 * level):02d}" for level in QUANTILES]
    if not len(kept):
        return pd.DataFrame(np.nan, index=index, columns=titles)
    values = np.quantile(kept, QUANTILES, axis=0)
    return pd.DataFrame(
        {title: level.T.ravel() for title, level in zip(titles, values, strict=True)}, index=index
    )


def moved_frame(measured: Measured, names: Mapping[str, str]) -> pd.DataFrame:
    """Which factions changed sides, when, from where to where, and in what share of pairs."""
    import pandas as pd

    match, done = measured.match, measured.done
    first, oaths = measured.first[done], measured.oaths[done]
    rows = [
        {
            "faction": faction,
            "name": names.get(faction, faction),
            **_moved(measured, first[:, f], f),
            **_oaths(oaths[:, f]),
        }
        for f, faction in enumerate(match.factions)
    ]
    columns = [
        "faction", "name", "moved", "at_end", "month", "base_side", "alternative_side", "share", "pledged_base",
        "pledged_alternative", "pledged_difference", "low", "high", "later", "earlier", "only_base", "only_alternative",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index("faction")


def _moved(measured: Measured, first: NDArray[Any], f: int) -> dict[str, Any]:
    match, pairs = measured.match, max(1, len(first))
    moved = first[first[:, 0] >= 0]
    last = measured.sides[f, -1]
    found: dict[str, Any] = {
        "moved": len(moved) / pairs,
        "at_end": float(last.sum() - np.trace(last)) / pairs,
        "month": "", "base_side": "", "alternative_side": "", "share": math.nan,
    }  # fmt: skip
    if len(moved):
        kinds, counts = np.unique(moved[:, 1:], axis=0, return_counts=True)
        base, other = kinds[int(np.argmax(counts))]
        found |= {
            "month": month_text(match.start + int(np.median(moved[:, 0]))),
            "base_side": match.sides[int(base)],
            "alternative_side": match.sides[int(other)],
            "share": float(np.max(counts)) / len(moved),
        }
    return found


def _oaths(oaths: NDArray[Any]) -> dict[str, float]:
    """How often it ever swore to the focus patron, and whether sooner or later."""
    from scipy.special import stdtrit

    base, other = oaths[:, 0] >= 0, oaths[:, 1] >= 0
    n = max(1, len(oaths))
    difference = other.astype(float) - base.astype(float)
    mean = float(difference.mean()) if len(oaths) else 0.0
    error = float(difference.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0
    reach = float(stdtrit(max(1, n - 1), 0.975)) * error
    shares = {
        "pledged_base": base, "pledged_alternative": other, "later": base & other & (oaths[:, 1] > oaths[:, 0]),
        "earlier": base & other & (oaths[:, 1] < oaths[:, 0]), "only_base": base & ~other, "only_alternative": other & ~base,
    }  # fmt: skip
    found = {name: float(np.count_nonzero(mask)) / n for name, mask in shares.items()}
    return {**found, "pledged_difference": mean, "low": mean - reach, "high": mean + reach}


def month_frame(measured: Measured) -> pd.DataFrame:
    """Share of pairs in which a faction's side differs, by faction and month."""
    import pandas as pd

    sides = measured.sides
    differs = sides.sum(axis=(2, 3)) - np.trace(sides, axis1=2, axis2=3)
    frame = pd.DataFrame(differs / max(1, int(measured.done.sum())), index=list(measured.match.factions))
    frame.columns = pd.Index(measured.match.months_text)
    frame.index.name = "faction"
    return frame


def reason_frame(measured: Measured) -> pd.DataFrame:
    """What the first difference of each faction is credited to."""
    import pandas as pd

    match = measured.match
    _, codes, gaps = measured.causes()
    traced = measured.done[:MOST_TRACED]
    pairs = max(1, int(traced.sum()))
    moved = (measured.first[:MOST_TRACED][traced][:, :, 0] >= 0).sum(axis=0)
    rows = []
    for f, faction in enumerate(match.factions):
        mine = np.flatnonzero(codes[:, 0] == f)
        for (cause, kind, words), found in sorted(_by_cause(codes, mine).items()):
            term = _TERMS.index(cause) if kind == "term" else None
            rows.append(
                {
                    "faction": faction, "cause": cause, "kind": kind, "words": words, "count": len(found),
                    "share": len(found) / pairs, "of_moved": len(found) / max(1, int(moved[f])),
                    "log_odds": math.nan if term is None else float(gaps[found, term].mean()),
                    "brings": math.nan if term is None else float(((codes[found, 9] >> term) & 1).mean()),
                }
            )  # fmt: skip
    columns = ["faction", "cause", "kind", "words", "count", "share", "of_moved", "log_odds", "brings"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.sort_values(["faction", "count", "cause"], ascending=[True, False, True])
    return frame.set_index(["faction", "cause"])


def term_frame(measured: Measured) -> pd.DataFrame:
    """What each term adds, on the mean, to the gap between the two choices of a first difference, other less base.

    Over the first differences in which both arms chose, or one was asked what it would have chosen. The terms of a
    faction add up to the change of the gap.
    """
    import pandas as pd

    _, codes, gaps = measured.causes()
    chose = np.isin(codes[:, 2], (swap.KIND_DECIDED, swap.KIND_JOINT))
    rows = []
    for f, faction in enumerate(measured.match.factions):
        mine = gaps[chose & (codes[:, 0] == f)]
        if len(mine):
            means = mine.mean(axis=0)
            rows += [
                {
                    "faction": faction,
                    "term": name,
                    "words": CAUSES[name],
                    "log_odds": float(mean),
                    "count": len(mine),
                }
                for name, mean in zip(_TERMS, means, strict=True)
            ]
    frame = pd.DataFrame(rows, columns=["faction", "term", "words", "log_odds", "count"])
    return frame.set_index(["faction", "term"])


Cause = tuple[str, str, str]
"""Id, kind and words of a cause."""


def _by_cause(codes: Any, rows: NDArray[Any]) -> dict[Cause, list[int]]:
    found: dict[Cause, list[int]] = {}
    for row in rows:
        for cause in _causes(codes[row]):
            found.setdefault(cause, []).append(int(row))
    return found


def _causes(code: Any) -> Iterator[Cause]:
    kind = int(code[2])
    if kind == swap.KIND_DECIDED:
        bits = int(code[8])
        for term, name in enumerate(_TERMS):
            if bits >> term & 1:
                yield name, "term", CAUSES[name]
        if bits >> swap.OFFERED & 1:
            yield "offered", "offered", "another choice of options"
        if bits >> swap.RULE & 1:
            yield "rule", "rule", "another rule of choice"
    elif kind == swap.KIND_AWAKE:
        yield from _awake(code)
    elif kind == swap.KIND_FATE:
        yield _fate(int(code[10]), int(code[11]))
    elif kind == swap.KIND_JOINT:
        yield "joint", "joint", "several terms together, none alone"
    else:
        yield "unexplained", "unexplained", "nothing that a swap shows"


def _awake(code: Any) -> Iterator[Cause]:
    """What woke it where it slept in the other arm; that it thought again by chance only where nothing else did."""
    arm, bits = ("alternative", int(code[7])) if code[7] else ("base", int(code[6]))
    told = [bit for bit in s.WAKES if bits & bit and (bit != s.WAKE_BASE or bits == s.WAKE_BASE)]
    for bit in told:
        yield f"awake: {s.WAKES[bit]} ({arm})", "awake", f"it thought again only in the {arm}: {s.WAKES[bit]}"


def _fate(base: int, other: int) -> Cause:
    fates = [s.FATES[byte - s.AWAY] if byte >= s.AWAY else "" for byte in (base, other)]
    if fates[0] and fates[1]:
        told = f"{fates[0]} in the base, {fates[1]} in the alternative"
    elif fates[0] or fates[1]:
        told = f"{fates[0]} in the base only" if fates[0] else f"{fates[1]} in the alternative only"
    else:
        told = "its side changed without a decision of its own"
    return f"fate: {told}", "fate", f"it was {told}" if any(fates) else told


def pair_frame(measured: Measured, task: Task) -> pd.DataFrame:
    """Every pair: its seed, when it parts, outcomes of both runs, and when each faction's side differs first."""
    import pandas as pd

    match = measured.match
    points = np.repeat(np.arange(len(task.seeds)), [len(seeds) for seeds in task.seeds])
    months = np.array([*match.months_text, ""], dtype=object)
    data: dict[str, Any] = {
        "seed": np.array([seed for seeds in task.seeds for seed in seeds], dtype=np.uint64),
        "point": points,
        "made": measured.done,
        "parted": months[measured.parted],
    }
    for n, column in enumerate(_RUN):
        data[f"base_{column.name}"] = measured.summary[:, 0, n]
        data[f"alternative_{column.name}"] = measured.summary[:, 1, n]
    for f, faction in enumerate(match.factions):
        data[f"moved_{faction}"] = months[measured.first[:, f, 0]]
    frame = pd.DataFrame(data)
    frame.index.name = "pair"
    return frame
