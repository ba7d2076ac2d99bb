"""An invented folder of a calibration, with the tables and columns that the command writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PRIORS: dict[str, dict[str, Any]] = {
    "weights.b_embed": {
        "dist": "normal",
        "mean": 6.0,
        "sd": 2.25,
        "low": -30.0,
        "high": 30.0,
        "unit": "log-odds",
    },
    "weights.b_ideology": {
        "dist": "normal",
        "mean": 3.0,
        "sd": 2.25,
        "low": 0.0,
        "high": 30.0,
        "unit": "log-odds",
    },
    "weights.b_grievance": {"dist": "uniform", "low": 0.0, "high": 9.0, "unit": "log-odds"},
    "patrons.iskp.constant": {"dist": "uniform", "low": -3.6, "high": 11.4, "unit": "log-odds"},
    "weights.c_independent": {"dist": "uniform", "low": -6.0, "high": 9.0, "unit": "log-odds"},
    "weights.wake_news": {"dist": "beta", "a": 2.0, "b": 5.0, "low": 0.0, "high": 1.0, "unit": "per month"},
    "weights.clash": {
        "dist": "lognormal",
        "mean": -4.0,
        "sd": 0.5,
        "low": 0.0,
        "high": None,
        "unit": "per month",
    },
}
PATTERNS: dict[str, dict[str, str]] = {
    "SF1": {
        "title": "Most of those who pledge do so before the news of Omar's death",
        "role": "fit",
        "score": "share",
    },
    "SF2": {"title": "Attacks rise around the news of Omar's death", "role": "fit", "score": "event"},
    "SF3": {"title": "Containment", "role": "fit", "score": "share"},
    "SF4": {"title": "Who stood where at the end of 2015", "role": "fit", "score": "share"},
    "SF6": {"title": "The crisis of succession heals in part", "role": "fit", "score": "event"},
    "imu_support": {"title": "The IMU stands with ISKP before it swears", "role": "report", "score": "event"},
}
MEASURES: dict[str, dict[str, Any]] = {
    "SF1.early": {"observed": 0.8235, "low": 0.65, "high": 0.9, "log": False},
    "SF2.burst": {"observed": 4.125, "low": 2.0, "high": 6.0, "log": True},
    "SF3.peak": {"observed": None, "low": 0.05, "high": 0.15, "log": True},
    "SF4.incumbent": {"observed": 0.368, "low": 0.33, "high": 0.45, "log": False},
    "SF4.focus": {"observed": 0.421, "low": 0.33, "high": 0.48, "log": False},
    "SF6.still_alone": {"observed": 1.0, "low": 1.0, "high": 1.0, "log": False},
    "imu_support.offer": {"observed": 20.0, "low": None, "high": None, "log": False},
}  # fmt: skip
OUTSIDE = "weights.b_grievance"


def land(folder: Path, kind: str, data: dict[str, Any], frames: dict[str, pd.DataFrame]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}.json").write_text(json.dumps(data), encoding="utf-8")
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
    return folder


def _ends(prior: dict[str, Any]) -> tuple[float, float]:
    """Where most of a prior lies."""
    if prior["dist"] == "uniform":
        return prior["low"], prior["high"]
    if prior["dist"] == "normal":
        return max(prior["mean"] - 2.6 * prior["sd"], prior["low"]), prior["mean"] + 2.6 * prior["sd"]
    return (0.005, 0.07) if prior["dist"] == "lognormal" else (0.02, 0.75)


def _parameters(draws: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for way, frame in draws.items():
        for n, (path, prior) in enumerate(PRIORS.items()):
            low, high = _ends(prior)
            spread = (high - low) / 4
            row = {
                "way": way, "path": path, "unit": prior["unit"], "stated": low + 0.4 * (high - low),
                "mean": frame[path].mean(),
                "sd": frame[path].std(), "prior_mean": (low + high) / 2, "prior_sd": spread, "place": 0.5,
                "outside_99": path == OUTSIDE, "contraction": 0.95 - 0.15 * n - (0.05 if way == "table" else 0),
            }  # fmt: skip
            for level in (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995):
                row[f"q{1000 * level:03.0f}"] = frame[path].quantile(level)
                row[f"prior_q{1000 * level:03.0f}"] = low + level * (high - low)
            rows.append(row)
    return pd.DataFrame(rows)


def _recovery(rng: np.random.Generator) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    rows, covered = [], []
    for n, path in enumerate(PRIORS):
        wide = 0.08 + 0.05 * n
        for truth_number in range(24):
            for way in ("table", "smc") if truth_number < 2 else ("table",):
                truth = float(rng.random())
                middle = float(np.clip(truth + wide / 2 * rng.normal(), 0.02, 0.98))
                at = {"q05": 1.645, "q25": 0.674, "q50": 0.0, "q75": -0.674, "q95": -1.645}
                found = {name: float(np.clip(middle - z * wide / 2, 0, 1)) for name, z in at.items()}
                rows.append(
                    {"way": way, "truth_number": truth_number, "path": path, "truth": truth, **found, "rank": 0.5,
                     "contraction": 1 - n / 7}
                )  # fmt: skip
        covered.append(_covered(path, 24, 1 - n / 7, rng))
    covered.append(_covered("all", 168, 0.5, rng))
    return pd.DataFrame(rows), covered


def _covered(path: str, truths: int, contraction: float, rng: np.random.Generator) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "truths": truths, "contraction": contraction, "correlation": 0.7}
    for level in (50, 90):
        share = float(np.clip(level / 100 + 0.06 * rng.normal(), 0, 1))
        half = 1.96 * (share * (1 - share) / truths) ** 0.5
        row |= {
            f"held_{level}": share,
            f"low_{level}": max(share - half, 0.0),
            f"high_{level}": min(share + half, 1.0),
        }
    return row


def calibration_folder(folder: Path) -> Path:
    """A calibration of seven numbers with everything that one can have."""
    rng = np.random.default_rng(4)
    draws = {}
    for way, wide in (("smc", 0.08), ("table", 0.12)):
        columns = {}
        for n, (path, prior) in enumerate(PRIORS.items()):
            low, high = _ends(prior)
            columns[path] = np.clip(
                low + (high - low) * (0.55 + (wide + 0.02 * n) * rng.normal(size=200)), low, high
            )
        draws[way] = pd.DataFrame(columns)
    values = {
        "SF1.early": rng.beta(16, 4, 400), "SF2.burst": rng.lognormal(1.3, 0.5, 400),
        "SF3.peak": rng.lognormal(-2.2, 0.3, 400), "SF4.incumbent": rng.normal(0.5, 0.03, 400),
        "SF4.focus": rng.normal(0.4, 0.05, 400), "SF6.still_alone": (rng.random(400) < 0.4).astype(float),
        "imu_support.offer": np.where(rng.random(400) < 0.1, np.nan, rng.integers(15, 40, 400)),
    }  # fmt: skip
    recovery, covered = _recovery(rng)
    data = {
        "name": "invented", "title": "Seven invented weights", "digest": "0" * 64, "scenario": "baseline", "rule": "softmax",
        "until": "2018-12", "free": list(PRIORS), "fixed": {}, "patterns": PATTERNS, "priors": PRIORS,
        "measures": {name: {"pattern": name.split(".")[0], **about} for name, about in MEASURES.items()},
        "table": {"draws": 40000, "replicates": 16, "runs": 640000, "failed": 0, "accepted": 1920, "threshold": 0.5},
        "posterior": {"way": "smc", "effective": 120.0, "draws": 200},
        "predictive": {"runs": 400, "in_range": {name: 0.1 * n for n, name in enumerate(MEASURES)}},
        "recovery": {"truths": 24, "coverage": covered, "smc": _covered("all", 14, 0.5, rng)},
        "choice": {
            "particles": 300, "evaluations": 100_000,
            "probability": {"softmax": 0.81, "ideology_led": 0.0, "patronage_led": 0.003, "threshold": 0.187},
        },
        "rivals": {
            "ideology_led": {"title": "Doctrine decides", "near": 0.0},
            "threshold": {"title": "Enough peers decide", "near": 0.0012},
            "patronage_led": {"title": "Patronage and rivalry decide", "near": 0.00004},
            "constants_only": {"title": "Constants only", "near": 0.0004},
            "nobody_pledges": {"title": "Nobody pledges", "near": 0.0},
        },
    }  # fmt: skip
    frames = {
        "posterior": draws["smc"], "posterior-smc": draws["smc"], "posterior-table": draws["table"],
        "parameters": _parameters(draws),
        "predictive": pd.DataFrame({"draw": np.repeat(np.arange(50), 8), **values}), "recovery": recovery,
    }  # fmt: skip
    return land(folder, "calibration", data, frames)
