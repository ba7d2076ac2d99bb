"""Which numbers calibration infers, and from which priors: what ``calibration.yaml`` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import ExperimentError, Problem
from sim.scenario.bundled import bundled_folder
from sim.scenario.evidence import Row, prior_text
from sim.scenario.quantities import Prior

__all__ = ["Free", "calibration_file", "free_parameters"]


@dataclass(frozen=True, slots=True)
class Free:
    """A number that is inferred."""

    path: str
    prior: str


def calibration_file() -> Path:
    """The bundled design of the calibration."""
    return bundled_folder("experiments") / "calibration.yaml"


def free_parameters(scenario: str, rows: Iterable[Row], file: Path | None = None) -> list[Free]:
    """The numbers of a scenario that calibration infers, by its name and the rows of its evidence.

    None where there is no such design, or where it is about another scenario.

    Raises
    ------
    ExperimentError
        If the design names what is no number of the scenario, or gives no prior.
    """
    import yaml

    file = calibration_file() if file is None else file
    if not file.is_file():
        return []
    content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    free: dict[str, Any] = content.get("free") or {}
    if content.get("scenario", "baseline") != scenario:
        return []
    known = {row.path: row.prior for row in rows}
    found, problems = [], []
    for path, entry in free.items():
        prior = _prior(entry)
        prior = known.get(path, "") if prior is None else prior
        if path in known and prior:
            found.append(Free(path, prior))
            continue
        wrong = "it has no prior" if path in known else f"{scenario} gives no number of that name"
        problems.append(Problem(wrong, file.name, path=f"free.{path}"))
    if problems:
        raise ExperimentError(problems)
    return found


def _prior(entry: Any) -> str | None:
    """The prior that an entry states, None where it is that of the scenario (``prior``), empty for neither."""
    if entry is None or entry == "prior":
        return None
    if not isinstance(entry, dict):
        return ""
    if "prior" in entry:
        return None if entry["prior"] == "scenario" else _prior(entry["prior"])
    try:
        return prior_text(Prior.model_validate({"dist": "uniform", **entry}))
    except ValueError:
        return ""
