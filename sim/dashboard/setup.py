"""What the page is asked to run: a scenario, a what-if beside it, levers that were moved, a seed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.scenario.bundled import bundled_scenarios, find_scenario
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.composer import compose
from sim.scenario.load import Loaded, load, load_text
from sim.scenario.nodes import flatten
from sim.scenario.reader import read_tree

__all__ = ["Arm", "Setup", "Source", "base_of", "setup_of"]


@dataclass(frozen=True)
class Source:
    """Where a scenario comes from.

    Parameters
    ----------
    name
        Name of a bundled scenario, path of a file, or how a text is called.
    text
        The YAML text of a file that was uploaded; None for one that is read.
    """

    name: str
    text: str | None = None

    @property
    def label(self) -> str:
        """A short name: without folders and ending."""
        return Path(self.name).stem

    @property
    def key(self) -> str:
        """What the page's lists call it: a bundled one by its name, apart from a file that is called the same."""
        return (
            self.name if self.text is None and self.name in bundled_scenarios() else f"own file: {self.label}"
        )

    def stamp(self) -> int:
        """Changes when the file does."""
        if self.text is not None:
            return 0
        path, _ = find_scenario(self.name)
        return path.stat().st_mtime_ns


@dataclass(frozen=True)
class Arm:
    """One history to be: its title, its scenario, and that scenario as arrays."""

    title: str
    loaded: Loaded
    compiled: Compiled = field(repr=False)


_reading = threading.Lock()
Moved = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Setup:
    """What to run.

    Parameters
    ----------
    scenario
        The scenario.
    what_if
        Another scenario, that differs from it by levers; None where only levers are moved.
    moved
        Levers that were moved by hand, on the what-if where there is one: dotted paths and values; None leaves an
        event out.
    seed
        Run seed; both arms have the same.
    beside
        Show the scenario as it is beside what was changed.
    """

    scenario: Source = Source("baseline")
    what_if: Source | None = None
    moved: Moved = ()
    seed: int = 1
    beside: bool = True

    @property
    def changed(self) -> bool:
        """Whether anything differs from the scenario as it is."""
        return self.what_if is not None or bool(self.moved)

    def with_lever(self, path: str, value: Any) -> Setup:
        """The setup with a lever moved."""
        return replace(self, moved=(*((p, v) for p, v in self.moved if p != path), (path, value)))

    def without_lever(self, path: str) -> Setup:
        """The setup with a lever where its files have it."""
        return replace(self, moved=tuple((p, v) for p, v in self.moved if p != path))

    def plain(self) -> Loaded:
        """The scenario whose levers are moved, as its files have it.

        Raises
        ------
        BayahError
            With everything that is wrong with it.
        """
        source = self.what_if or self.scenario
        return _arm(source, (), source.stamp()).loaded

    def arms(self) -> tuple[Arm, ...]:
        """The arms: the scenario as it is, and what was changed; or only one of them.

        Raises
        ------
        BayahError
            With everything that is wrong with the scenario, the what-if or the levers.
        """
        alternative = self.what_if or self.scenario
        changed = _arm(alternative, self.moved, alternative.stamp())
        if not self.changed or not self.beside:
            return (changed,)
        return (_arm(self.scenario, (), self.scenario.stamp()), changed)


def _arm(source: Source, moved: Moved, stamp: int) -> Arm:
    # Who asks for what another is just reading waits for it.
    with _reading:
        return _read_arm(source, moved, stamp)


@lru_cache(maxsize=16)
def _read_arm(source: Source, moved: Moved, stamp: int) -> Arm:
    # The stamp is part of the key: a file that was edited is read anew.
    overrides = dict(moved)
    loaded = (
        load(source.name, overrides)
        if source.text is None
        else load_text(source.text, overrides, source.name)
    )
    more = f", {len(moved)} {'lever' if len(moved) == 1 else 'levers'} moved" if moved else ""
    return Arm(f"{loaded.scenario.meta.title}{more}", loaded, compile_scenario(loaded.scenario))


def setup_of(source: Source, held: Setup) -> Setup:
    """A setup that begins with a scenario, or with a what-if beside what it changes; seed and view are held.

    Raises
    ------
    BayahError
        If the file cannot be read.
    """
    base = base_of(source)
    return Setup(base or source, source if base else None, (), held.seed, held.beside)


def base_of(source: Source) -> Source | None:
    """The one scenario that a what-if extends, or None where it is no what-if.

    Raises
    ------
    BayahError
        If the file cannot be read.
    """
    folder = None
    if source.text is not None:
        own = flatten(compose(source.text, source.name)).data
    else:
        path, _ = find_scenario(source.name)
        own, folder = read_tree(path).data, path.resolve().parent
    bases = own.get("extends") if isinstance(own, dict) else None
    bases = [bases] if isinstance(bases, str) else bases
    if not isinstance(bases, list) or len(bases) != 1 or not isinstance(bases[0], str):
        return None
    if "what_if" not in own and source.text is None:
        return None
    bundled = bundled_scenarios()
    if bases[0] in bundled:
        return Source(bases[0])
    if folder is None or not (folder / bases[0]).is_file():
        return None
    file = (folder / bases[0]).resolve()
    return Source(next((name for name, known in bundled.items() if known.resolve() == file), str(file)))
