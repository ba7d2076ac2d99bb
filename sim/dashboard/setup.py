"""What the page is asked to run: a scenario, a what-if beside it, levers that were moved, a seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.scenario.bundled import find_scenario
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.composer import compose
from sim.scenario.load import Loaded, load, load_text
from sim.scenario.nodes import flatten
from sim.scenario.reader import read_tree

__all__ = ["Arm", "Setup", "Source", "base_of"]


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


@lru_cache(maxsize=16)
def _arm(source: Source, moved: Moved, stamp: int) -> Arm:
    # The stamp is part of the key: a file that was edited is read anew.
    overrides = dict(moved)
    loaded = (
        load(source.name, overrides)
        if source.text is None
        else load_text(source.text, overrides, source.name)
    )
    more = f", {len(moved)} {'lever' if len(moved) == 1 else 'levers'} moved" if moved else ""
    return Arm(f"{loaded.scenario.meta.title}{more}", loaded, compile_scenario(loaded.scenario))


def base_of(source: Source) -> Source | None:
    """The bundled scenario that a what-if extends, or None.

    Raises
    ------
    BayahError
        If the file cannot be read.
    """
    if source.text is not None:
        own = flatten(compose(source.text, source.name)).data
    else:
        own = dict(read_tree(find_scenario(source.name)[0]).data)
    bases = own.get("extends") if isinstance(own, dict) else None
    name = (
        bases if isinstance(bases, str) else bases[0] if isinstance(bases, list) and len(bases) == 1 else None
    )
    if not isinstance(name, str):
        return None
    return Source(Path(name).stem) if "what_if" in own or source.text is not None else None
