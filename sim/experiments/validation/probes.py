"""Other ways to ask: the shock at placebo dates, coding calls turned round, the years ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.problem import Calibration
from sim.experiments.patterns.many import Asked, ask_all
from sim.experiments.patterns.records import Records
from sim.experiments.patterns.targets import measured, targets_of
from sim.experiments.validation.held_out import pledged_share
from sim.experiments.validation.nulls import rule
from sim.experiments.validation.predictive import patterns_inside
from sim.experiments.validation.schema import Ahead, Placebo, Recoding
from sim.measures import MONTHLY
from sim.scenario.dates import resolve_dates
from sim.scenario.load import with_overrides
from sim.scenario.quantities import month_index, month_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ahead", "late_inputs", "placebo", "recoding"]

_PLACEBO_SEED, _RECODE_SEED, _AHEAD_SEED = 2**45, 2**46, 2**47


def placebo(calibration: Calibration, points: NDArray[np.float64], form: Placebo, **how: Any) -> pd.DataFrame:
    """The ratio of an outcome after over before a date, with the event at that date over without it, pair by pair.

    Returns
    -------
    pd.DataFrame
        month, real (whether it is the scenario's own date), ratio (median over pairs), low, high (central 80 % of
        pairs), above_one (share of pairs).
    """
    import pandas as pd

    own = resolve_dates(calibration.base.scenario)[form.event.split(".")[1]]
    dates = set(
        np.linspace(month_index(form.first), month_index(form.last), form.dates).round().astype(int).tolist()
    )
    # The scenario's own date is no use where the window leaves what is run.
    if calibration.start + form.window <= own <= month_index(calibration.patterns.until) - form.window:
        dates.add(own)
    chosen = points[np.arange(form.runs) % len(points)]
    quiet = {**how, "progress": False}

    def series(date: str) -> NDArray[np.float64]:
        changes = {form.event: date, **dict.fromkeys(form.without)}
        asked = Asked(
            with_overrides(calibration.loaded, changes), calibration.paths, calibration.patterns.until,
            (form.outcome,), calibration.patterns,
        )  # fmt: skip

        def take(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
            return {"values": np.where(good[:, None], records.monthly[form.outcome], np.nan)[0]}

        return ask_all(asked, chosen, lambda point: [_PLACEBO_SEED + point], take, **quiet)["values"]

    never = series(form.never)
    rows = []
    for date in sorted(dates):
        at = date - calibration.start
        after, before = slice(at + 1, at + 1 + form.window), slice(at - form.window, at)
        moved = series(month_text(date))
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (x[:, after].sum(axis=1) / x[:, before].sum(axis=1) for x in (moved, never))
            ratio = one / other
        ratio = ratio[np.isfinite(ratio)]
        low, middle, high = np.quantile(ratio, [0.1, 0.5, 0.9])
        rows.append({
            "month": month_text(date), "real": date == own, "ratio": float(middle), "low": float(low),
            "high": float(high), "above_one": float((ratio > 1.0).mean()), "pairs": len(ratio),
        })  # fmt: skip
    return pd.DataFrame(rows)


def recoding(
    calibration: Calibration, points: NDArray[np.float64], form: Recoding, **how: Any
) -> pd.DataFrame:
    """Scores when coding calls are turned round, one by one and all at once; weights as they were inferred.

    Returns
    -------
    pd.DataFrame
        recoded, brier_model and brier_rule (the one-variable rule on the new coding; both in sample),
        patterns_inside (mean over runs).
    """
    import pandas as pd

    units = calibration.patterns.units
    assert units is not None
    rows = units.order(calibration.units)
    outcome = units.pledged[rows].astype(np.float64)
    marks = units.traits_of(calibration.units)
    calls = [name for name, mark in zip(calibration.units, marks[form.trait], strict=True) if mark]
    sets = [("as coded", []), *((name, [name]) for name in calls), (f"all {len(calls)}", calls)]
    quiet = {**how, "progress": False}
    found = []
    for label, names in sets:
        coded = units.recoded(
            form.coded, {n: 1 - int(marks[form.coded][calibration.units.index(n)]) for n in names}
        )
        changes = {form.number.replace("*", name): form.value for name in names}
        loaded = with_overrides(calibration.loaded, changes) if changes else calibration.loaded
        targets = targets_of(calibration.patterns, calibration.measures, calibration.start, units=coded)
        traits = coded.traits_of(calibration.units)

        def take(
            records: Records, good: NDArray[np.bool_], traits: Any = traits, targets: Any = targets
        ) -> dict[str, Any]:
            from dataclasses import replace

            values = measured(calibration.measures, replace(records, traits=traits))
            return {
                "pledged": pledged_share(records, good),
                "inside": np.array(patterns_inside(calibration, targets, values).mean()),
            }

        made = ask_all(
            calibration.asked(loaded), points,
            lambda point: range(_RECODE_SEED + point * form.runs, _RECODE_SEED + (point + 1) * form.runs), take, **quiet,
        )  # fmt: skip
        probability = made["pledged"].mean(axis=0)
        trait = traits[form.coded][:, None].astype(np.float64)
        simple = rule(trait, outcome, trait)
        found.append({
            "recoded": label, "brier_model": float(((probability - outcome) ** 2).mean()),
            "brier_rule": float(((simple - outcome) ** 2).mean()),
            "patterns_inside": float(made["inside"].mean()),
        })  # fmt: skip
    return pd.DataFrame(found)


def ahead(calibration: Calibration, points: NDArray[np.float64], form: Ahead, **how: Any) -> pd.DataFrame:
    """What runs at posterior draws do in the years after the fit, by year; nothing here is scored.

    Returns
    -------
    pd.DataFrame
        outcome, unit, year, how (sum over the year, or at its end), q05 to q95 over runs.
    """
    import pandas as pd

    units = {column.name: column.unit for column in MONTHLY}
    asked = Asked(calibration.loaded, calibration.paths, form.until, form.outcomes, calibration.patterns)
    summed = {"attacks", "rival_deaths", "splinter_deaths", "attacks_claimed", "attacks_denied"}
    first = int(calibration.patterns.until[:4]) + 1
    years = range(first, int(form.until[:4]) + 1)
    place = {year: month_index(f"{year}-01") - calibration.start for year in years}

    def take(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        kept = {}
        for name in form.outcomes:
            values = np.where(good[:, None], records.monthly[name], np.nan)
            by_year = [
                values[:, at : at + 12].sum(axis=1) if name in summed else values[:, at + 11]
                for at in place.values()
            ]
            kept[name] = np.stack(by_year, axis=1)
        return kept

    made = ask_all(
        asked, points,
        lambda point: range(_AHEAD_SEED + point * form.runs, _AHEAD_SEED + (point + 1) * form.runs), take,
        **{**how, "progress": False},
    )  # fmt: skip
    rows = []
    for name in form.outcomes:
        values = made[name].reshape(-1, len(years))
        for n, year in enumerate(years):
            at = np.nanquantile(values[:, n], [0.05, 0.25, 0.5, 0.75, 0.95])
            rows.append({
                "outcome": name, "unit": units[name], "year": year,
                "how": "sum over the year" if name in summed else "at the end of the year",
                **{f"q{q:02d}": float(v) for q, v in zip((5, 25, 50, 75, 95), at, strict=True)},
                "scored": False,
            })  # fmt: skip
    return pd.DataFrame(rows)


def late_inputs(calibration: Calibration) -> list[dict[str, str]]:
    """Dated inputs of the scenario after the last month of the fit: what follows from them is no test."""
    last = month_index(calibration.patterns.until)
    found = []
    months = resolve_dates(calibration.base.scenario)
    for name, event in calibration.base.scenario.events.items():
        if months[name] > last:
            found.append(
                {
                    "event": name,
                    "month": month_text(months[name]),
                    "kind": event.kind,
                    "source": str(event.source),
                }
            )
    return sorted(found, key=lambda row: row["month"])
