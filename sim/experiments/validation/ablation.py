"""Each statement off in turn, its constants sought anew: what does the record lose?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.problem import Calibration
from sim.experiments.patterns.many import ask_all
from sim.experiments.patterns.records import Records
from sim.experiments.patterns.targets import Targets, measured
from sim.experiments.validation.held_out import pledged_share
from sim.experiments.validation.predictive import patterns_inside
from sim.experiments.validation.schema import Ablation
from sim.mechanisms import MECHANISMS
from sim.scenario.load import Loaded, with_overrides

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ablate", "ablations"]

_TRY_SEED, _FRESH_SEED = 2**43, 2**44


def ablations(loaded: Loaded) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is taken out, one by one: name, title, changes. What is off by default is switched on.

    Embeddedness loses what it knows of units in all places where it acts: each gets the mean of all.
    """
    for entry in MECHANISMS:
        on = getattr(loaded.scenario.mechanisms, entry.id, None)
        on = entry.default if on is None else bool(getattr(on, "value", on))
        yield (
            entry.id,
            entry.title if on else f"{entry.title} (switched on)",
            {f"mechanisms.{entry.id}": not on},
        )
    factions = loaded.scenario.factions
    changes: dict[str, Any] = {}
    for patron in loaded.scenario.patrons:
        ties = {
            name: f.embeddedness[patron].value for name, f in factions.items() if patron in f.embeddedness
        }
        if len(ties) == len(factions) and len(set(ties.values())) > 1:
            mean = round(float(np.mean(list(ties.values()))), 6)
            changes |= {f"factions.{name}.embeddedness.{patron}": mean for name in ties}
    if changes:
        yield "embeddedness", "Embeddedness known of no unit", changes


def ablate(
    calibration: Calibration,
    targets: Targets,
    points: NDArray[np.float64],
    outcome: NDArray[np.float64],
    form: Ablation,
    only: Callable[[str], bool] = lambda name: True,
    tick: Callable[[], None] = lambda: None,
    **how: Any,
) -> pd.DataFrame:
    """Scores with each statement taken out, beside the whole model treated alike.

    Parameters
    ----------
    calibration, targets
        The calibration, and the record's side of all measures.
    points
        Posterior draws, (draws, free).
    outcome
        Who pledged, 0 or 1, (units,).
    form
        Draws, tries, runs.
    only
        Which ablations to make, by name.
    tick
        Called after each.
    how
        As for :func:`sim.experiments.patterns.many.ask`.

    Returns
    -------
    pd.DataFrame
        mechanism, title, in_range (fitted patterns in range, mean over runs), distance, brier, and the change of each
        against the whole model, paired by draw; low and high: 95 % interval of in_range_change (two standard errors over
        draws).
    """
    import pandas as pd

    chosen = points[np.linspace(0, len(points) - 1, form.draws).round().astype(np.int64)]
    tried = _tries(calibration, points, chosen, form)
    base = _score(calibration, calibration.loaded, targets, tried, outcome, form, how)
    rows = []
    for name, title, changes in ablations(calibration.base):
        if not only(name):
            continue
        loaded = with_overrides(calibration.loaded, changes)
        mine = _score(calibration, loaded, targets, tried, outcome, form, how)
        change = mine["inside"] - base["inside"]
        error = 2.0 * float(change.std(ddof=1)) / np.sqrt(len(change))
        rows.append({
            "mechanism": name, "title": title, "in_range": float(mine["inside"].mean()),
            "in_range_change": float(change.mean()), "low": float(change.mean()) - error,
            "high": float(change.mean()) + error, "distance": float(mine["distance"].mean()),
            "distance_change": float((mine["distance"] - base["distance"]).mean()),
            "distance_error": 2.0 * float((mine["distance"] - base["distance"]).std(ddof=1)) / np.sqrt(len(change)),
            "brier": mine["brier"], "brier_change": mine["brier"] - base["brier"],
        })  # fmt: skip
        tick()
    frame = pd.DataFrame(rows)
    frame.attrs = {
        "in_range": float(base["inside"].mean()),
        "distance": float(base["distance"].mean()),
        "brier": base["brier"],
    }
    return frame


def _tries(
    calibration: Calibration, points: NDArray[np.float64], chosen: NDArray[np.float64], form: Ablation
) -> NDArray[np.float64]:
    """Points to try at each draw, (draws, tries, free): its own constants, then those of other draws, spread out."""
    columns = [calibration.paths.index(path) for path in form.constants]
    tried = np.repeat(chosen[:, None, :], form.tries, axis=1)
    generator = np.random.default_rng((calibration.file.seed, 41))
    middle, spread = points[:, columns].mean(axis=0), points[:, columns].std(axis=0)
    for n in range(1, form.tries):
        drawn = middle + 2.0 * spread * generator.standard_normal((len(chosen), len(columns)))
        tried[:, n, columns] = np.clip(drawn, *_ends(calibration, columns))
    return tried


def _ends(calibration: Calibration, columns: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sim.experiments.sampling import check_prior

    ends = []
    for column in columns:
        one = calibration.fields[column]
        assert one.quantity is not None
        assert one.quantity.prior is not None
        low, high = check_prior(one.quantity.prior, one.within)
        ends.append((max(low, -1e6), min(high, 1e6)))
    low_high = np.array(ends)
    return low_high[:, 0], low_high[:, 1]


def _score(
    calibration: Calibration, loaded: Loaded, targets: Targets, tried: NDArray[np.float64],
    outcome: NDArray[np.float64], form: Ablation, how: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """By draw: patterns in range and distance at the nearest try, scored by fresh runs; the Brier score over all."""
    asked, draws = calibration.asked(loaded), len(tried)
    fit = calibration.measures[: calibration.fitted]
    quiet = {**how, "progress": False}

    def near(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        distances = np.where(good, calibration.targets.distances(measured(fit, records)), 1e9)
        return {"distance": np.array(distances.mean())}

    def whole(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        values = measured(calibration.measures, records)
        return {
            "inside": np.array(patterns_inside(calibration, targets, values).mean()),
            "distance": np.array(calibration.targets.distances(values[:, : len(fit)]).mean()),
            "pledged": pledged_share(records, good),
        }

    flat = tried.reshape(draws * form.tries, -1)
    first = ask_all(asked, flat, _seeds(_TRY_SEED, form.runs, form.tries), near, **quiet)
    distance = first["distance"].reshape(draws, form.tries)
    kept = tried[np.arange(draws), distance.argmin(axis=1)]
    second = ask_all(asked, kept, _seeds(_FRESH_SEED, form.fresh, 1), whole, **quiet)
    probability = second["pledged"].mean(axis=0)
    return {
        "inside": second["inside"],
        "distance": second["distance"],
        "brier": float(((probability - outcome) ** 2).mean()),
    }


def _seeds(first: int, runs: int, tries: int) -> Callable[[int], range]:
    """Seeds of a point: those of its draw, the same for all its tries and in every ablation."""
    return lambda point: range(first + (point // tries) * runs, first + (point // tries + 1) * runs)
