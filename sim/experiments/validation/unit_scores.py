"""Who ever pledges: probabilities of every unit by every predictor, with and without its own outcome, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.table import Reference
from sim.experiments.validation.held_out import accepted_without, pledge_probability, predict_without
from sim.experiments.validation.nulls import base_rate, held_out, ridge_logit, rule
from sim.experiments.validation.predictive import MODEL
from sim.experiments.validation.schema import ValidationFile
from sim.experiments.validation.scores import curve, score_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SPLITS", "Asked", "refits", "unit_frames", "unit_probabilities"]

SPLITS = ("in_sample", "leave_one_out", "leave_cluster_out")
Rivals = Mapping[str, tuple[Calibration, Reference]]
Probabilities = dict[str, dict[str, NDArray[np.float64]]]
"""By split and predictor, each (units,)."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Whose outcomes are predicted, and with what."""

    calibration: Calibration
    reference: Reference = field(repr=False)
    rivals: Rivals = field(repr=False)
    rival_share: float
    """Share of a rival's runs that is accepted."""
    outcome: NDArray[np.float64]
    """Who pledged, 0 or 1, (units,)."""
    clusters: list[str]
    traits: Mapping[str, NDArray[Any]] = field(repr=False)
    form: ValidationFile = field(repr=False)

    @property
    def alone(self) -> list[str]:
        """Units that leave with others when their cluster leaves: they are left out alone, too."""
        return [
            u
            for u, c in zip(self.calibration.units, self.clusters, strict=True)
            if self.clusters.count(c) > 1
        ]

    def simple(self) -> dict[str, tuple[Any, NDArray[np.float64]]]:
        """Simple predictors, each with the traits that it is given."""
        traits = np.stack([self.traits[name] for name in self.form.traits], axis=1).astype(np.float64)
        one = self.traits[self.form.rule][:, None].astype(np.float64)
        return {"rule": (rule, one), "ridge_logit": (ridge_logit, traits), "base_rate": (base_rate, traits)}


def refits(asked: Asked) -> int:
    """How many times runs are accepted anew."""
    return len(set(asked.clusters)) * (1 + len(asked.rivals)) + len(asked.alone)


def unit_probabilities(asked: Asked, tick: Callable[[], None] = lambda: None) -> Probabilities:
    """Probability that each unit ever pledges, by split and predictor.

    Parameters
    ----------
    asked
        Whose, and with what.
    tick
        Called after each time that runs are accepted anew.
    """
    calibration, share = asked.calibration, asked.calibration.file.table.accept
    found: Probabilities = {split: {} for split in SPLITS}
    whole, by_unit, by_cluster = (found[split] for split in SPLITS)
    everybody = accepted_without(calibration, asked.reference, share, [])
    whole[MODEL] = pledge_probability(asked.reference, everybody)
    by_cluster[MODEL] = predict_without(calibration, asked.reference, share, asked.clusters, tick=tick)
    by_unit[MODEL] = by_cluster[MODEL].copy()
    for name in asked.alone:
        n = calibration.units.index(name)
        accepted = accepted_without(calibration, asked.reference, share, [name])
        by_unit[MODEL][n] = pledge_probability(asked.reference, accepted)[n]
        tick()
    for name, (rival, table) in asked.rivals.items():
        whole[name] = pledge_probability(table, accepted_without(rival, table, asked.rival_share, []))
        by_cluster[name] = predict_without(rival, table, asked.rival_share, asked.clusters, tick=tick)
    for name, (predictor, given) in asked.simple().items():
        whole[name] = predictor(given, asked.outcome, given)
        by_cluster[name] = held_out(predictor, given, asked.outcome, asked.clusters)
        by_unit[name] = held_out(predictor, given, asked.outcome, calibration.units)
    for split in SPLITS:
        found[split]["coin"] = np.full(len(asked.outcome), 0.5)
        found[split]["nobody"] = np.zeros(len(asked.outcome))
    return found


def unit_frames(asked: Asked, found: Probabilities) -> dict[str, pd.DataFrame]:
    """Scores, probabilities by unit, and calibration curves.

    Returns
    -------
    dict
        ``scores`` (:func:`~sim.experiments.validation.scores.score_frame`, all splits; all units and those without the
        rule's trait), ``units`` (a row for each, a column for each predictor, leaving one cluster out) and ``curve``.
    """
    import pandas as pd

    without = asked.traits[asked.form.rule] == 0
    subsets = {"all": np.ones(len(asked.outcome), dtype=bool), f"not_{asked.form.rule}": without}
    scores = [
        score_frame(
            found[split],
            asked.outcome,
            asked.clusters,
            subsets,
            split,
            "rule",
            asked.form.bootstrap,
            asked.form.seed,
        )
        for split in SPLITS
    ]
    factions = asked.calibration.base.scenario.factions
    by_cluster = found["leave_cluster_out"]
    units = pd.DataFrame({
        "unit": list(asked.calibration.units), "name": [factions[name].name for name in asked.calibration.units],
        "cluster": asked.clusters, "outcome": asked.outcome.astype(int),
        asked.form.rule: asked.traits[asked.form.rule].astype(int),
        "in_sample": found["in_sample"][MODEL], "held_out": by_cluster[MODEL],
        **{name: values for name, values in by_cluster.items() if name != MODEL},
    })  # fmt: skip
    curves = [curve(by_cluster[name], asked.outcome, name) for name in (MODEL, "rule", "ridge_logit")]
    return {
        "scores": pd.concat(scores, ignore_index=True),
        "units": units,
        "curve": pd.concat(curves, ignore_index=True),
    }
