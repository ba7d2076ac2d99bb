"""What a validation failed at and what it held, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.plots.comparison_record import percent
from sim.plots.study import Study, number, predictor_name
from sim.plots.validation_ahead import UNSCORED
from sim.plots.validation_scores import against_rule, subset_name
from sim.scenario.wording import listed

__all__ = ["alt", "failures", "held"]

_MAIN = "leave_cluster_out"
_ADDED = "(switched on)"
"""How the title of a statement ends that is off by default and was switched on."""


def _three(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def failures(study: Study) -> list[str]:
    """What does not hold, worst first within each kind; never empty of what is known."""
    return [*_outside(study), *_unskilled(study), *_not_better(study), *_no_shock(study), *_idle(study)]


def held(study: Study) -> list[str]:
    """What holds."""
    found = []
    summary = study.data.get("summary") or {}
    if "fitted" in summary:
        found.append(
            f"{summary['inside']} of {summary['fitted']} fitted patterns lie with all their parts inside the central 80 % of"
            f" the posterior predictive; {summary['inside_and_skilled']} of them with CRPS skill above the best null."
        )
    for subset, row, verdict in _against(study):
        if verdict == "better":
            found.append(_against_words(study, subset, row, "better than"))
    return found


def _outside(study: Study) -> Iterator[str]:
    verdicts = study.frame("verdicts")
    if verdicts is None:
        return
    scored = study.need("patterns")
    model = scored[scored["predictor"] == "model"].set_index("measure")
    for _, row in verdicts[~verdicts["inside"].astype(bool)].iterrows():
        kept = "" if row["role"] == "fit" else " (not fitted)"
        parts = [part.strip() for part in str(row["outside"]).split(",") if part.strip()]
        told = [_part_words(part, model.loc[part]) for part in parts if part in model.index]
        yield f"Outside: {study.pattern_title(str(row['pattern']))}{kept}. " + "; ".join(told) + "."


def _part_words(name: str, row: Any) -> str:
    """Where the record lies and where the runs are."""
    word = name.split(".", 1)[-1].replace("_", " ")
    runs = f"the central 80 % of runs are {number(row['q10'])} to {number(row['q90'])}"
    if np.isnan(float(row["q50"])):
        runs = "no run has a value"
    if np.isnan(float(row["observed"])):
        return f"{word}: the range is {number(row['low'])} to {number(row['high'])}, {runs}"
    share = percent(float(row["in_range"]))
    return f"{word}: the record has {number(row['observed'])}, {runs}, and {share} of runs are in range"


def _unskilled(study: Study) -> Iterator[str]:
    verdicts = study.frame("verdicts")
    if verdicts is None:
        return
    known = verdicts[verdicts["crps"].notna()]
    for _, row in known[~(known["skill"] > 0)].sort_values("skill").iterrows():
        kept = "" if row["role"] == "fit" else " (not fitted)"
        yield (
            f"No better than a null: {study.pattern_title(str(row['pattern']))}{kept}. CRPS {_three(row['crps'])} against"
            f" {_three(row['best_null_crps'])} of “{predictor_name(str(row['best_null']))}”."
        )


def _against(study: Study) -> Iterator[tuple[str, Any, str]]:
    """The model against the rule in each subset: better, worse, or not told apart."""
    frame = study.frame("scores")
    if frame is None:
        return
    chosen = frame[(frame["predictor"] == "model") & (frame["split"] == _MAIN)]
    for _, row in chosen.iterrows():
        verdict = (
            "better" if row["against_rule_high"] < 0 else "worse" if row["against_rule_low"] > 0 else "open"
        )
        yield str(row["subset"]), row, verdict


def _against_words(study: Study, subset: str, row: Any, verb: str) -> str:
    return (
        f"Who ever pledges, {subset_name(subset)}, one cluster left out: Brier score {_three(row['brier'])}"
        f" ({_three(row['low'])} to {_three(row['high'])}), {verb} the one-variable rule; difference"
        f" {against_rule(study, subset)}, below 0 is better."
    )


def _not_better(study: Study) -> Iterator[str]:
    verbs = {"open": "not told apart from", "worse": "worse than"}
    for subset, row, verdict in _against(study):
        if verdict in verbs:
            yield _against_words(study, subset, row, verbs[verdict])


def _no_shock(study: Study) -> Iterator[str]:
    frame = study.frame("placebo")
    if frame is None:
        return
    real, others = frame[frame["real"].astype(bool)], frame[~frame["real"].astype(bool)]
    if not len(real) or not len(others):
        return
    own = float(real["ratio"].iloc[0])
    above = int((others["ratio"] >= own).sum())
    if above or own <= 1:
        yield (
            f"The shock at its own date multiplies by {number(own)}; {above} of {len(others)} placebo dates do as much."
        )


def _idle(study: Study) -> Iterator[str]:
    frame = study.frame("ablation")
    if frame is None:
        return
    idle = frame[frame["distance_change"].abs() <= frame["distance_error"]]
    better = frame[frame["distance_change"] < -frame["distance_error"]]
    yield (
        f"Of {len(frame)} ablations {len(idle)} change the distance to the record by no more than two standard errors:"
        " the fit is no evidence for those statements. About one in twenty is beyond that by chance alone."
    )
    better = better.sort_values("distance_change")
    added = better["title"].str.endswith(_ADDED)
    for words, part in (
        ("without", better[~added]),
        ("with what is off by default switched on", better[added]),
    ):
        if len(part):
            yield f"The fit is better {words}: {listed([str(name) for name in part['mechanism']])}."


def alt(study: Study, name: str) -> str:
    """A figure in words, for those who cannot see it."""
    told = _ALTS[name](study)
    return f"{told} {study.title}."


def _patterns_alt(study: Study) -> str:
    frame = study.need("patterns")
    model = frame[frame["predictor"] == "model"]
    rows = [
        f"{measure} {percent(float(share))}"
        for measure, share in zip(model["measure"], model["in_range"], strict=True)
    ]
    return f"Share of the model's runs that have each measure in range: {', '.join(rows)}."


def _joint_alt(study: Study) -> str:
    frame = study.need("joint")
    means = (frame["inside"] * frame["share"]).groupby(frame["predictor"]).sum().sort_values(ascending=False)
    return "Mean number of fitted patterns in range at once: " + _pairs(means) + "."


def _scores_alt(study: Study) -> str:
    frame = study.need("scores")
    main = frame[(frame["split"] == _MAIN) & (frame["subset"] == "all")].set_index("predictor")["brier"]
    return f"Brier scores, one cluster left out: {_pairs(main.sort_values())}."


def _pairs(values: Any) -> str:
    return ", ".join(f"{predictor_name(str(name))} {number(float(value))}" for name, value in values.items())


def _units_alt(study: Study) -> str:
    frame = study.need("units").sort_values("held_out", ascending=False)
    rows = [
        f"{name} {held_out:.2f} ({'pledged' if happened else 'did not'})"
        for name, held_out, happened in zip(frame["name"], frame["held_out"], frame["outcome"], strict=True)
    ]
    return f"Held-out probability of each unit, and what happened: {', '.join(rows)}."


def _curve_alt(study: Study) -> str:
    frame = study.need("curve")
    model = frame[frame["predictor"] == "model"]
    rows = [
        f"given {x:.2f} observed {y:.2f} ({units} units)"
        for x, y, units in zip(model["predicted"], model["observed"], model["units"], strict=True)
    ]
    return f"Calibration curves by predictor; of the model: {', '.join(rows)}."


def _ablation_alt(study: Study) -> str:
    frame = study.need("ablation").sort_values("in_range_change").iloc[:5]
    rows = [
        f"{name} {change:+.2f}"
        for name, change in zip(frame["mechanism"], frame["in_range_change"], strict=True)
    ]
    return f"Change of patterns in range without a statement, the largest losses: {', '.join(rows)}."


def _placebo_alt(study: Study) -> str:
    rows = [
        f"{month}{' (its own date)' if real else ''} {number(float(ratio))}"
        for month, real, ratio in study.need("placebo")[["month", "real", "ratio"]].itertuples(index=False)
    ]
    return f"Ratio with the shock over without, by date: {', '.join(rows)}."


def _recoding_alt(study: Study) -> str:
    rows = [
        f"{label} {model:.3f} against {rule:.3f}"
        for label, model, rule in study.need("recoding")[["recoded", "brier_model", "brier_rule"]].itertuples(
            index=False
        )
    ]
    return f"Brier score of the model against that of the rule under other coding: {', '.join(rows)}."


def _predictions_alt(study: Study) -> str:
    frame = study.need("predictions")
    years = f"{int(frame['year'].min())} to {int(frame['year'].max())}"
    return f"Intervals of runs in {years} for {listed(list(dict.fromkeys(frame['outcome'])))}. {UNSCORED}."


_ALTS = {
    "patterns": _patterns_alt, "joint": _joint_alt, "scores": _scores_alt, "units": _units_alt,
    "calibration_curve": _curve_alt, "ablation": _ablation_alt, "placebo": _placebo_alt, "recoding": _recoding_alt,
    "predictions": _predictions_alt,
}  # fmt: skip
