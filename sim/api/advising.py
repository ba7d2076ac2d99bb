"""What should give pause in a design that holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.api.discovery import kind_of
from sim.errors import BayahError, Problem
from sim.experiments.design import Block
from sim.experiments.plan import Plan
from sim.experiments.reading import Draft, bundled_experiments, kind_of_experiment, read_draft
from sim.scenario.bundled import bundled_scenarios, find_scenario
from sim.scenario.flaws import Flaw
from sim.scenario.load import load_text
from sim.scenario.reader import is_design, read_tree
from sim.scenario.walk import numbers
from sim.scenario.wording import dotted

__all__ = ["advice", "experiment_kind"]


def experiment_kind(file: str) -> str | None:
    """What kind of experiment a file is, or the name of a bundled one; None for a scenario."""
    if file not in bundled_scenarios() and file in (bundled := bundled_experiments()):
        return bundled[file][1]
    try:
        path, _ = find_scenario(file)
        kind = kind_of_experiment(path)
        if kind in (None, "design"):
            return "design" if is_design(read_tree(path).data) else None
        return kind
    except BayahError:
        return None


def advice(source: str | Path, plan: Plan) -> list[Problem]:
    """Warnings about a design that holds: uncertainties among the levers and the other way round, values lost.

    Parameters
    ----------
    source
        The design.
    plan
        Its plan.
    """
    draft = read_draft(source)
    scenario = load_text(plan.scenarios[0].text).scenario
    uncertain = {dotted(path): number.prior is not None for path, number, _ in numbers(scenario)}
    flaws = [flaw for place, block in draft.blocks() for flaw in _misplaced(place, block, uncertain)]
    return draft.problems([*flaws, *_thin(draft)])


def _misplaced(place: tuple[str | int, ...], block: Block, priors: dict[str, bool]) -> Iterator[Flaw]:
    for name in ("grid", "zip", "over"):
        for path in getattr(block, name) or ():
            kind = kind_of(path.split(".")[0], priors.get(path, False))
            wanted = "uncertainties" if kind == "uncertainty" else "levers"
            # What a what-if may change can be unknown as well: only the other direction is a slip.
            if wanted == "uncertainties" and place[0] == "levers":
                message = "nobody can choose it: it belongs to the uncertainties"
                yield Flaw((*place, name, path), message, at_key=True)


def _thin(draft: Draft) -> Iterator[Flaw]:
    if draft.design.trajectories.keep == "quantiles" and draft.design.replicates < 20:
        message = (
            f"quantiles of {draft.design.replicates} runs say little; 20 replicates or more, or keep: all"
        )
        yield Flaw(("trajectories",), message)
