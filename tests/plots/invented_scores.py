"""An invented folder of a validation, with the tables and columns that the command writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.mechanisms import MECHANISMS

from .invented import MEASURES, PATTERNS, land

PREDICTORS = ("model", "prior", "ideology_led", "random", "constants_only", "nobody_pledges")
RANGE_ONLY = "SF3.peak"
LATE = [
    {"event": "doha_truce", "month": "2020-02", "kind": "truce", "source": "C dated"},
    {"event": "takeover", "month": "2021-08", "kind": "takeover", "source": "C dated"},
]
SPLIT = "ab12" * 16
HELD_OUT = {
    "fit": ["SF1", "SF2"], "report": ["imu_support"], "leave_out": "cluster", "held_back": "More is kept.",
}  # fmt: skip


def _patterns(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for predictor in PREDICTORS:
        for n, (measure, about) in enumerate(MEASURES.items()):
            pattern = measure.split(".")[0]
            ranged = about["observed"] is None
            middle = (about["observed"] or 0.1) * float(rng.uniform(0.8, 1.2))
            crps = np.nan if ranged else (0.1 + 0.1 * n if predictor == "model" else 0.42)
            row = {
                "predictor": predictor, "measure": measure, "pattern": pattern, "score": PATTERNS[pattern]["score"],
                "role": PATTERNS[pattern]["role"], "in_range": float(rng.random()), "nothing": 0.0,
                "observed": np.nan if ranged else about["observed"], "low": about["low"], "high": about["high"],
                "percentile": np.nan if ranged else 0.12 * n, "central80": n not in (1, 5), "crps": crps,
                "best_null": None if ranged else "constants_only", "best_null_crps": np.nan if ranged else 0.42,
                "skill": 1 - crps / (0.42 if n != 5 else 0.1),
            }  # fmt: skip
            scales = {"q05": 0.6, "q10": 0.7, "q25": 0.85, "q50": 1, "q75": 1.2, "q90": 1.35, "q95": 1.5}
            rows.append({**row, **{name: middle * scale for name, scale in scales.items()}})
    return pd.DataFrame(rows)


def _verdicts(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for pattern, part in frame[frame["predictor"] == "model"].groupby("pattern", sort=False):
        crps = part["crps"].mean()
        rows.append({
            "pattern": pattern, "role": part["role"].iloc[0], "score": part["score"].iloc[0],
            "inside": bool(part["central80"].all()), "outside": ", ".join(part.loc[~part["central80"], "measure"]),
            "in_range": part["in_range"].min(), "crps": crps, "best_null": "constants_only", "best_null_crps": 0.42,
            "skill": 1 - crps / 0.42,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _units(rng: np.random.Generator) -> pd.DataFrame:
    names = [
        "Islamic Movement of Uzbekistan (IMU)", "Haqqani network", "Tehrik-e Taliban Pakistan, Orakzai branch",
        "Kunar Salafi commanders", "High Council of the Islamic Emirate (Mullah Rasul)", "Lashkar-e Islam",
    ]  # fmt: skip
    rows = []
    for n in range(14):
        outcome = int(n % 3 == 0)
        held = float(np.clip(0.7 * outcome + 0.15 + 0.2 * rng.normal(), 0.01, 0.99))
        rows.append({
            "unit": f"unit_{n}", "name": names[n] if n < len(names) else f"Front {n}", "cluster": f"c{n // 2}",
            "outcome": outcome, "embedded": int(n % 3 == 1), "in_sample": held, "held_out": held,
            "rule": 0.04 if n % 3 == 1 else 0.72, "ridge_logit": 0.5, "base_rate": 0.42,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _scores() -> pd.DataFrame:
    briers = {
        "model": 0.121,
        "rule": 0.135,
        "ridge_logit": 0.16,
        "base_rate": 0.27,
        "coin": 0.25,
        "constants_only": 0.24,
    }
    rows = []
    for split, worse in (("in_sample", -0.02), ("leave_one_out", -0.01), ("leave_cluster_out", 0.0)):
        for subset, units, more in (("all", 38, 0.0), ("not_embedded", 23, 0.06)):
            for predictor, brier in briers.items():
                value = brier + worse + more
                rows.append({
                    "predictor": predictor, "split": split, "subset": subset, "units": units, "brier": value,
                    "low": value - 0.05, "high": value + 0.06, "log_score": 3 * value, "against_rule": brier - 0.135,
                    "against_rule_low": brier - 0.185, "against_rule_high": brier - 0.1,
                })  # fmt: skip
    return pd.DataFrame(rows)


def _curve() -> pd.DataFrame:
    bins = {
        "model": [(0.05, 0.0, 12), (0.19, 0.25, 4), (0.22, 0.3, 6), (0.7, 0.8, 10), (0.93, 1.0, 6)],
        "rule": [(0.03, 0.0, 15), (0.74, 0.74, 23)], "ridge_logit": [(0.1, 0.1, 14), (0.5, 0.4, 9), (0.85, 0.9, 15)],
    }  # fmt: skip
    rows = [
        {"predictor": predictor, "bin": n, "predicted": x, "observed": y, "low": max(y - 0.2, 0), "high": min(y + 0.2, 1),
         "units": units}
        for predictor, found in bins.items() for n, (x, y, units) in enumerate(found)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _ablation(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    entries = [(one.id, one.title) for one in MECHANISMS[:24]]
    for name, title in [*entries, ("embeddedness", "Embeddedness known of no unit")]:
        change = -2.1 if name == "embeddedness" else float(rng.normal(0, 0.3))
        rows.append({
            "mechanism": name, "title": title, "in_range": 5.2 + change, "in_range_change": change, "low": change - 0.2,
            "high": change + 0.2, "distance": 1.1 - change / 4, "distance_change": -change / 4, "distance_error": 0.04,
            "brier": 0.1 - change / 20, "brier_change": -change / 20,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _placebo(rng: np.random.Generator) -> pd.DataFrame:
    months = ["2015-07", "2016-01", "2016-06", "2016-11", "2017-04", "2017-09", "2018-02", "2018-06"]
    ratios = [1.8, *(float(np.exp(rng.normal(0, 0.1))) for _ in months[1:])]
    return pd.DataFrame({
        "month": months, "real": [month == "2015-07" for month in months], "ratio": ratios,
        "low": [0.7 * ratio for ratio in ratios], "high": [1.6 * ratio for ratio in ratios], "above_one": 0.6, "pairs": 300,
    })  # fmt: skip


def _predictions() -> pd.DataFrame:
    rows = []
    told = {
        "attacks": ("count", "sum over the year", 140.0), "focus_fighters": ("persons", "at the end of the year", 2400.0),
        "strength_ratio": ("ratio", "at the end of the year", 0.05),
    }  # fmt: skip
    for outcome, (unit, how, size) in told.items():
        for n, year in enumerate(range(2019, 2025)):
            middle = size * (1 - 0.1 * n)
            at = {"q05": 0.3, "q25": 0.7, "q50": 1.0, "q75": 1.4, "q95": 2.6}
            quantiles = {name: middle * part for name, part in at.items()}
            rows.append(
                {"outcome": outcome, "unit": unit, "year": year, "how": how, **quantiles, "scored": False}
            )
    return pd.DataFrame(rows)


def validation_folder(folder: Path) -> Path:
    """A validation with everything that one can have."""
    rng = np.random.default_rng(6)
    scored = _patterns(rng)
    verdicts = _verdicts(scored)
    fitted = verdicts[verdicts["role"] == "fit"]
    shares = np.array([rng.dirichlet(np.ones(7) / (1 + n / 3)) for n in range(len(PREDICTORS))])
    joint = [
        {"predictor": predictor, "inside": inside, "share": shares[n, inside]}
        for n, predictor in enumerate(PREDICTORS)
        for inside in range(7)
    ]
    recoded = ["as coded", "unit_1", "unit_4", "all 2"]
    frames = {
        "patterns": scored, "verdicts": verdicts, "joint": pd.DataFrame(joint), "units": _units(rng),
        "scores": _scores(), "curve": _curve(), "ablation": _ablation(rng), "placebo": _placebo(rng),
        "predictions": _predictions(),
        "recoding": pd.DataFrame({
            "recoded": recoded, "brier_model": [0.11, 0.12, 0.115, 0.14], "brier_rule": [0.135, 0.16, 0.14, 0.19],
            "patterns_inside": [5.2, 5.0, 5.1, 4.4],
        }),
        "refits": pd.DataFrame({
            "cluster": ["c0", "c0"], "unit": ["unit_0", "unit_1"], "outcome": [1, 0], "from_table": [0.8, 0.2],
            "by_smc": [0.76, 0.25], "effective": 120.0,
        }),
    }  # fmt: skip
    data: dict[str, Any] = {
        "name": "invented", "title": "Invented weights against the record", "question": "What does the model fail at?",
        "notes": ["Those who made the design knew the outcomes."], "quick": False, "scenario": "baseline",
        "calibration": "calibration", "calibration_digest": "0" * 64, "split": HELD_OUT, "split_sha256": SPLIT,
        "until": "2018-12", "patterns": {name: {**about, "source": "C", "note": None} for name, about in PATTERNS.items()},
        "inputs_after_fit": LATE, "seconds": {"all": 611.0},
        "ablation_base": {"in_range": 5.2, "distance": 1.1, "brier": 0.1},
        "posterior": {"way": "smc", "draws": 500, "effective": 212.0, "free": ["weights.b_embed"]},
        "summary": {
            "fitted": len(fitted), "inside": int(fitted["inside"].sum()),
            "inside_and_skilled": int((fitted["inside"] & (fitted["skill"] > 0)).sum()),
            "outside": fitted.loc[~fitted["inside"], "pattern"].tolist(),
            "unskilled": fitted.loc[~(fitted["skill"] > 0) & fitted["crps"].notna(), "pattern"].tolist(),
            "runs": dict.fromkeys(PREDICTORS, 4000),
        },
    }  # fmt: skip
    return land(folder, "validation", data, frames)
