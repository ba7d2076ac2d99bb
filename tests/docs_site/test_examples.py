"""The Python interface on the site is whole, and its examples show what they say."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

import sim
import sim.agents
import sim.errors

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"
TOLD = re.findall(r"^\.\. auto(?:function|class):: (\S+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

WITHOUT = {
    "calibrate": "hours; tests/cli/test_calibration_commands.py makes a small one",
    "validate": "the better part of a minute; the same tests make a small one",
    "open_findings": "needs one of these two",
    "open_sensitivity": "the example of sim.sensitivity writes such a folder",
    "read_ucdp": "needs files of the Uppsala Conflict Data Program; tests/experiments/test_ucdp.py invents some",
}
"""Functions without an example, and why."""


ELSEWHERE = {
    "sim.api.running",
    "sim.api.handle",
    "sim.api.discovery",
    "sim.api.describing",
    "sim.results.run",
}
"""Modules whose examples tests/test_api.py runs."""


def found(name: str) -> object:
    """What a dotted name means."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def modules() -> list[str]:
    """Modules in which things that the page tells are written."""
    names = {inspect.getmodule(found(name)).__name__ for name in TOLD}  # type: ignore[union-attr]
    return sorted(names - ELSEWHERE)


def test_everything_that_is_offered_is_told() -> None:
    assert {f"sim.{name}" for name in sim.__all__} <= set(TOLD)
    assert {f"sim.agents.{name}" for name in sim.agents.__all__} <= set(TOLD)
    assert "automodule:: sim.errors" in PAGE.read_text(encoding="utf-8")


def test_every_function_has_an_example_or_a_reason() -> None:
    without = {name for name in sim.__all__ if ">>> " not in (inspect.getdoc(getattr(sim, name)) or "")}
    assert without == WITHOUT.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module_run(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    assert doctest.testmod(importlib.import_module(name), optionflags=flags).failed == 0


@pytest.mark.parametrize(
    "name",
    [
        "sim.api.handle.ScenarioHandle", "sim.results.run.Run", "sim.results.figures.Plots",
        "sim.results.explain.Explanation", "sim.experiments.results.Results",
        "sim.experiments.compare.comparison.Comparison", *(f"sim.agents.{name}" for name in sim.agents.__all__),
    ],
)  # fmt: skip
def test_every_class_that_a_user_holds_shows_how(name: str) -> None:
    kind = found(name)
    texts = [inspect.getdoc(kind), *(inspect.getdoc(member) for _, member in inspect.getmembers(kind))]
    assert any(">>> " in (text or "") for text in texts)
