"""The tables of the report on a validation, in texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.plots.comparison_record import percent
from sim.plots.study import Study, number, predictor_name
from sim.plots.validation_scores import subset_name

from .tables import Table

__all__ = ["tables"]

_NONE = "–"
_SPLITS = {
    "leave_cluster_out": "one cluster left out",
    "leave_one_out": "one unit left out",
    "in_sample": "in sample",
}


def tables(study: Study) -> dict[str, list[Table]]:
    """Tables by the part of the page that they stand in; what was not made is not there."""
    return {
        "patterns": [*_verdicts(study), *_measures(study)],
        "pledges": [*_scores(study), *_units(study), *_refits(study)],
        "robust": [*_recoding(study), *_placebo(study)],
        "ablation": [*_ablation(study)],
        "ahead": [*_predictions(study)],
    }


def _three(value: float) -> str:
    return _NONE if value is None or np.isnan(value) else f"{value:.3f}".replace("-", "−")


def _signed(value: float, digits: int = 3) -> str:
    return _NONE if value is None or np.isnan(value) else f"{value:+.{digits}f}".replace("-", "−")


def _verdicts(study: Study) -> Iterator[Table]:
    frame = study.frame("verdicts")
    if frame is None:
        return
    rows = []
    for _, row in frame.iterrows():
        outside = str(row["outside"]).replace(str(row["pattern"]) + ".", "")
        rows.append([
            study.pattern_title(str(row["pattern"])), "fitted" if row["role"] == "fit" else "not fitted",
            "inside" if row["inside"] else f"outside: {outside}", percent(float(row["in_range"])), _three(row["crps"]),
            _three(row["best_null_crps"]), _signed(row["skill"], 2), predictor_name(str(row["best_null"])) or _NONE,
        ])  # fmt: skip
    heads = [
        "Pattern",
        "Role",
        "Central 80 %",
        "Runs in range, least part",
        "CRPS",
        "Best null's",
        "Skill",
        "Best null",
    ]
    yield Table("Patterns", heads, rows, 3, judged=True)


def _measures(study: Study) -> Iterator[Table]:
    frame = study.frame("patterns")
    if frame is None:
        return
    rows = []
    for _, row in frame[frame["predictor"] == "model"].iterrows():
        known = not np.isnan(float(row["observed"]))
        span = _NONE if np.isnan(row["low"]) else f"{number(row['low'])} to {number(row['high'])}"
        rows.append([
            str(row["measure"]), number(row["observed"]) if known else _NONE, span, number(row["q50"]),
            f"{number(row['q10'])} to {number(row['q90'])}", percent(float(row["in_range"])),
            f"{100 * row['percentile']:.0f}" if known else _NONE, _three(row["crps"]), _signed(row["skill"], 2),
        ])  # fmt: skip
    heads = [
        "Measure", "Observed", "Range", "Median run", "Central 80 % of runs", "Runs in range", "Percentile of the record",
        "CRPS, in scales", "Skill",
    ]  # fmt: skip
    yield Table("Measures of the model's runs", heads, rows, 1)


def _scores(study: Study) -> Iterator[Table]:
    frame = study.frame("scores")
    if frame is None:
        return
    for subset in dict.fromkeys(frame["subset"]):
        part = frame[frame["subset"] == subset]
        rows = []
        for split, words in _SPLITS.items():
            for _, row in part[part["split"] == split].sort_values("brier", kind="stable").iterrows():
                against = f"{_signed(row['against_rule_low'])} to {_signed(row['against_rule_high'])}"
                own = row["predictor"] == "rule"
                rows.append([
                    predictor_name(str(row["predictor"])), words, _three(row["brier"]),
                    f"{_three(row['low'])} to {_three(row['high'])}", _three(row["log_score"]),
                    _NONE if own else _signed(row["against_rule"]), _NONE if own else against,
                ])  # fmt: skip
        heads = [
            "Predictor",
            "Split",
            "Brier score",
            "95 % interval",
            "Logarithmic score",
            "Less the rule's",
            "95 % interval of that",
        ]
        units = int(part["units"].iloc[0]) if "units" in part else None
        yield Table(f"Who ever pledges, {subset_name(str(subset), units)}", heads, rows, 2)


def _units(study: Study) -> Iterator[Table]:
    frame = study.frame("units")
    if frame is None:
        return
    known = [name for name in ("rule", "ridge_logit", "base_rate") if name in frame]
    rows = []
    for _, row in frame.sort_values("held_out", ascending=False, kind="stable").iterrows():
        told = ["pledged" if row["outcome"] else "did not"]
        told += [("yes" if row["embedded"] else "no")] if "embedded" in frame else []
        numbers = [f"{row[name]:.2f}" for name in ("held_out", "in_sample", *known)]
        rows.append([str(row["name"]), str(row["cluster"]), *told, *numbers])
    heads = [
        "Unit",
        "Cluster",
        "Ever",
        *(["Embedded"] if "embedded" in frame else []),
        "Model, cluster left out",
        "Model, in sample",
    ]
    heads += [predictor_name(name).capitalize() for name in known]
    yield Table("Units", heads, rows, len(heads) - 2 - len(known))


def _refits(study: Study) -> Iterator[Table]:
    frame = study.frame("refits")
    if frame is None:
        return
    names = study.frame("units")
    known = {} if names is None else dict(zip(names["unit"], names["name"], strict=True))
    rows = []
    for _, row in frame.iterrows():
        unit = str(row["unit"]) if "unit" in frame else ""
        rows.append([
            str(row["cluster"]), str(known.get(unit, unit)), f"{row['from_table']:.2f}", f"{row['by_smc']:.2f}",
            _signed(row["by_smc"] - row["from_table"], 2),
        ])  # fmt: skip
    heads = ["Cluster left out", "Unit", "Accepted from the table", "Refitted by SMC", "Difference"]
    yield Table("Held-out probabilities checked by short refits", heads, rows, 2)


def _recoding(study: Study) -> Iterator[Table]:
    frame = study.frame("recoding")
    if frame is None:
        return
    names = study.frame("units")
    known = {} if names is None else dict(zip(names["unit"], names["name"], strict=True))
    rows = [
        [
            str(known.get(str(row["recoded"]), row["recoded"])),
            _three(row["brier_model"]),
            _three(row["brier_rule"]),
            number(row["patterns_inside"]),
        ]
        for _, row in frame.iterrows()
    ]
    heads = [
        "Coded otherwise",
        "Model, in sample",
        "Rule, in sample",
        "Patterns in range, mean run",
    ]
    yield Table("Coding calls turned round", heads, rows, 1)


def _placebo(study: Study) -> Iterator[Table]:
    frame = study.frame("placebo")
    if frame is None:
        return
    rows = []
    for _, row in frame.iterrows():
        above = [percent(float(row["above_one"]))] if "above_one" in frame else []
        when = "its own date" if row["real"] else "placebo"
        rows.append(
            [
                str(row["month"]),
                when,
                number(row["ratio"]),
                f"{number(row['low'])} to {number(row['high'])}",
                *above,
            ]
        )
    heads = ["Month", "Date", "Ratio, median of pairs", "Central 80 % of pairs"]
    heads += ["Pairs above 1"] if "above_one" in frame else []
    yield Table("The shock at placebo dates", heads, rows, 2)


def _ablation(study: Study) -> Iterator[Table]:
    frame = study.frame("ablation")
    if frame is None:
        return
    rows = []
    for _, row in frame.sort_values("in_range_change", kind="stable").iterrows():
        name: Any = row["mechanism"]
        rows.append([
            f"{name} {row['title']}" if str(name)[1:].isdigit() else str(row["title"]), number(row["in_range"]),
            _signed(row["in_range_change"], 2), f"{_signed(row['low'], 2)} to {_signed(row['high'], 2)}",
            _signed(row["distance_change"]), _signed(row["brier_change"]),
        ])  # fmt: skip
    heads = [
        "Taken out",
        "Patterns in range",
        "Change",
        "95 % interval",
        "Change of distance",
        "Change of Brier score",
    ]
    yield Table("Statements taken out one by one, constants sought anew", heads, rows, 1)


def _predictions(study: Study) -> Iterator[Table]:
    frame = study.frame("predictions")
    if frame is None:
        return
    rows = []
    for _, row in frame.iterrows():
        told = ", ".join(str(row[name]) for name in ("unit", "how") if name in frame)
        rows.append([
            f"{row['outcome']} ({told})" if told else str(row["outcome"]), str(int(row["year"])), number(row["q50"]),
            f"{number(row['q25'])} to {number(row['q75'])}", f"{number(row['q05'])} to {number(row['q95'])}",
        ])  # fmt: skip
    heads = ["Outcome", "Year", "Median run", "Half of the runs", "Nine in ten runs"]
    yield Table("Years after the fit; unscored", heads, rows, 2)
