"""Patterns scored: where the record lies among runs, how sharply, and beside which nulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.accept import Accepted
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.table import Reference
from sim.experiments.patterns.targets import Targets
from sim.experiments.validation.scores import crps, percentile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MODEL", "accepted_runs", "joint_frame", "pattern_frame", "pattern_verdicts", "with_pledges_frame"]

MODEL = "model"
_MOST_NOTHING = 0.5
"""A predictor of which more runs have no value has nothing to say of a measure."""
_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def accepted_runs(reference: Reference, found: Accepted, most: int, seed: int) -> NDArray[np.float64]:
    """Measures of all runs of accepted draws, each draw as often as it weighs, (runs, measures)."""
    from sim.experiments.calibration.accept import resample

    draws = found.draws[resample(found.weights, max(1, most // reference.replicates), seed)]
    whole = reference.measures[draws].astype(np.float64)
    kept: NDArray[np.float64] = whole[reference.good[draws]]
    return kept


def pattern_frame(
    calibration: Calibration, targets: Targets, samples: Mapping[str, NDArray[np.float64]]
) -> pd.DataFrame:
    """Every measure of every predictor against the record.

    Parameters
    ----------
    calibration, targets
        The measures and the record's side of them.
    samples
        Measures of runs by predictor, (runs, measures); the model is called ``model``.

    Returns
    -------
    pd.DataFrame
        A row for each predictor and measure: share of runs in range, share with no value, quantiles, percentile of the
        observation, whether it lies in the central 80 %, CRPS on the scale of the measure, the best null's, and the skill
        against it, 1 - CRPS / best null's. Where only a range was observed there is no percentile and no CRPS.
    """
    import pandas as pd

    rows = []
    for predictor, sample in samples.items():
        inside = targets.inside(sample)
        for n, measure in enumerate(calibration.measures):
            rows.append(_row(predictor, n, measure, targets, sample[:, n], inside[:, n]))
    frame = pd.DataFrame(rows)
    nulls = frame[(frame["predictor"] != MODEL) & frame["crps"].notna()]
    best = nulls.loc[nulls.groupby("measure")["crps"].idxmin()].set_index("measure")
    frame["best_null"] = frame["measure"].map(best["predictor"])
    frame["best_null_crps"] = frame["measure"].map(best["crps"])
    frame["skill"] = 1.0 - frame["crps"] / frame["best_null_crps"].where(frame["best_null_crps"] > 0)
    return frame


def _row(
    predictor: str,
    n: int,
    measure: Any,
    targets: Targets,
    sample: NDArray[np.float64],
    inside: NDArray[np.bool_],
) -> dict[str, Any]:
    observed = float(targets.observed[n])
    known = sample[~np.isnan(sample)]
    row: dict[str, Any] = {
        "predictor": predictor, "measure": measure.name, "pattern": measure.pattern,
        "score": measure.about.score, "role": measure.about.role, "in_range": float(inside.mean()),
        "nothing": float(np.isnan(sample).mean()), "observed": observed, "low": float(targets.low[n]),
        "high": float(targets.high[n]),
    }  # fmt: skip
    at = np.quantile(known, _QUANTILES) if len(known) else np.full(len(_QUANTILES), np.nan)
    row |= {f"q{round(100 * q):02d}": float(value) for q, value in zip(_QUANTILES, at, strict=True)}
    row["percentile"] = row["crps"] = np.nan
    if np.isnan(observed):
        # Only a range is known: at least half of the runs should be in it.
        row["central80"] = bool(row["in_range"] >= 0.5)
        return row
    log = bool(targets.log[n])
    compared = np.log(np.maximum(known, 1e-12)) if log else known
    aim = np.log(observed) if log else observed
    row["percentile"] = percentile(known, observed)
    row["central80"] = bool(0.1 <= row["percentile"] <= 0.9)
    if row["nothing"] > _MOST_NOTHING:
        # Judged on the few runs that have a value, it would look better than it is.
        row["central80"] = False
        return row
    row["crps"] = crps(compared, float(aim)) / float(targets.scale[n])
    return row


def pattern_verdicts(frame: pd.DataFrame) -> pd.DataFrame:
    """Each pattern of the model: inside if all its parts are, skilled if its mean CRPS is below the best null's.

    Returns
    -------
    pd.DataFrame
        By pattern: role, score, inside, outside (the parts that are not), in_range (least of its parts), crps, best_null,
        best_null_crps, skill.
    """
    import pandas as pd

    rows = []
    model = frame[frame["predictor"] == MODEL]
    for pattern, part in model.groupby("pattern", sort=False):
        scored = frame[(frame["pattern"] == pattern) & frame["crps"].notna()]
        means = scored.groupby("predictor")["crps"].mean()
        nulls = means.drop(MODEL, errors="ignore")
        # What has nothing to say of a part is not judged on the others alone, neither a null nor the model.
        whole = scored.groupby("predictor")["measure"].count()
        nulls = nulls[whole.reindex(nulls.index) == whole.max()] if len(nulls) else nulls
        own = float(means[MODEL]) if whole.get(MODEL, -1) == whole.max() else np.nan
        best = str(nulls.idxmin()) if len(nulls) else ""
        reached = float(nulls.min()) if len(nulls) else np.nan
        rows.append({
            "pattern": pattern, "role": part["role"].iloc[0], "score": part["score"].iloc[0],
            "inside": bool(part["central80"].all()),
            "outside": ", ".join(part.loc[~part["central80"].astype(bool), "measure"]),
            "in_range": float(part["in_range"].min()), "crps": own, "best_null": best, "best_null_crps": reached,
            "skill": 1.0 - own / reached if reached else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows).set_index("pattern")


def joint_frame(
    calibration: Calibration, targets: Targets, samples: Mapping[str, NDArray[np.float64]]
) -> pd.DataFrame:
    """How many fitted patterns a run has in range at once.

    Returns
    -------
    pd.DataFrame
        predictor, inside (how many), share (of runs).
    """
    import pandas as pd

    rows = []
    for predictor, sample in samples.items():
        counts = patterns_inside(calibration, targets, sample)
        top = len({m.pattern for m in calibration.measures[: calibration.fitted]})
        for number in range(top + 1):
            rows.append({"predictor": predictor, "inside": number, "share": float((counts == number).mean())})
    return pd.DataFrame(rows)


def with_pledges_frame(
    calibration: Calibration, targets: Targets, samples: Mapping[str, NDArray[np.float64]], names: Sequence[str],
    pledges: str,
) -> pd.DataFrame:  # fmt: skip
    """Patterns that runs without pledges pass too: share of runs in range, and in range with pledges as well.

    Parameters
    ----------
    calibration, targets, samples
        As for :func:`pattern_frame`.
    names
        The patterns.
    pledges
        The pattern that tells how many pledge.

    Returns
    -------
    pd.DataFrame
        predictor, pattern, alone, with_pledges.
    """
    import pandas as pd

    rows = []
    for predictor, sample in samples.items():
        inside = targets.inside(sample)

        def held(name: str, inside: NDArray[np.bool_] = inside) -> NDArray[np.bool_]:
            parts = [n for n, m in enumerate(calibration.measures) if m.pattern == name]
            found: NDArray[np.bool_] = inside[:, parts].all(axis=1)
            return found

        enough = held(pledges)
        for name in names:
            both = held(name) & enough
            alone = float(held(name).mean())
            rows.append(
                {"predictor": predictor, "pattern": name, "alone": alone, "with_pledges": float(both.mean())}
            )
    return pd.DataFrame(rows)


def patterns_inside(
    calibration: Calibration, targets: Targets, sample: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Fitted patterns of each run that are in range with all their parts, (runs,)."""
    inside = targets.inside(sample)
    names: Sequence[str] = [m.pattern for m in calibration.measures[: calibration.fitted]]
    found = np.zeros(len(sample), dtype=np.int64)
    for pattern in dict.fromkeys(names):
        parts = [n for n, name in enumerate(names) if name == pattern]
        found += inside[:, parts].all(axis=1)
    return found
