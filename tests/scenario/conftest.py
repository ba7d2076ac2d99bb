"""Fixtures of the scenario tests: the tiny scenario as text, loaded, and in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios_tiny import tiny_scenario_text

from sim.errors import ScenarioError
from sim.scenario.load import Loaded, load, load_text


@pytest.fixture(scope="session")
def tiny_text() -> str:
    return tiny_scenario_text()


@pytest.fixture(scope="session")
def tiny(tiny_text: str) -> Loaded:
    return load_text(tiny_text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_text: str) -> Path:
    """An empty folder to work in, but for ``tiny.yaml``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(tiny_text, encoding="utf-8")
    return tmp_path


def errors_of(act: Callable[[], object]) -> list[str]:
    """The lines of the ScenarioError that an act ends in."""
    with pytest.raises(ScenarioError) as caught:
        act()
    return str(caught.value).splitlines()


@pytest.fixture
def refusals(folder: Path) -> Callable[..., list[str]]:
    """Write ``bad.yaml``, load it, return the lines of the error."""

    def check(content: str | bytes, overrides: tuple[str, ...] = ()) -> list[str]:
        data = content if isinstance(content, bytes) else content.encode()
        (folder / "bad.yaml").write_bytes(data)
        return errors_of(lambda: load("bad.yaml", overrides))

    return check


@pytest.fixture
def changed(tiny_text: str, refusals: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Replace text in the tiny scenario, load it, return the lines of the error."""

    def check(*pairs: tuple[str, str]) -> list[str]:
        text = tiny_text
        for old, new in pairs:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the tiny scenario"
            text = text.replace(old, new)
        return refusals(text)

    return check
