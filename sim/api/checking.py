"""Experiment files of every kind checked, and what each comes to in a line or two."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["CHECKS"]


def _patterns(file: str) -> list[str]:
    from sim.experiments.patterns.reading import read_patterns

    found = read_patterns(file)
    fit = sum(pattern.role == "fit" for pattern in found.file.patterns.values())
    return [
        f"{len(found.file.patterns)} patterns ({fit} to fit), {len(found.measures)} numbers, until {found.until}"
    ]


def _sensitivity(file: str) -> list[str]:
    from sim.experiments.sensitivity.reading import read_sensitivity

    return read_sensitivity(file).told()


def _calibration(file: str) -> list[str]:
    from sim.experiments.calibration.problem import read_calibration

    found = read_calibration(file)
    return [f"{len(found.paths)} free numbers, held to '{found.patterns.name}'"]


def _validation(file: str) -> list[str]:
    from sim.experiments.validation.reading import read_validation

    found = read_validation(file)
    return [f"of calibration '{found.calibration.name}', split {found.split_digest[:12]}"]


CHECKS: dict[str, Callable[[str], list[str]]] = {
    "patterns": _patterns,
    "sensitivity": _sensitivity,
    "calibration": _calibration,
    "validation": _validation,
}
"""By the kind of a file: raises what is wrong with it, gives what it comes to."""
