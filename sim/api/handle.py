"""A scenario in a notebook: look at it, change it, run it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, UsageError
from sim.scenario.load import Loaded, resolve_faction, resolved_yaml, with_overrides
from sim.scenario.load import load as load_file
from sim.scenario.schema import Scenario
from sim.scenario.wording import nearest, one_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ScenarioHandle", "load"]


def load(name_or_path: str | Path, set: Mapping[str, Any] | None = None) -> ScenarioHandle:
    """Read a scenario.

    Parameters
    ----------
    name_or_path
        Name of a bundled scenario, or path of a YAML file.
    set
        Changes: values by dotted path, as :func:`sim.levers` lists them; None removes an entry.

    Raises
    ------
    ScenarioError
        With everything that is wrong, each with file, line and column.

    Examples
    --------
    >>> import sim
    >>> scenario = sim.load("baseline", set={"events.omar_revealed.date": "2014-07"})
    >>> scenario.events["omar_revealed"].date
    '2014-07'
    >>> scenario.resolve("F30")
    'imu'
    >>> scenario.without("omar_dies")
    Traceback (most recent call last):
    ...
    sim.errors.ScenarioError: ...orphans events that need it: omar_revealed, mansour_succession...
    """
    return ScenarioHandle(load_file(name_or_path, dict(set or {})))


class ScenarioHandle:
    """A checked scenario. Its parts are attributes: ``scenario.factions["imu"].fighters.value``.

    A handle never changes: ``set``, ``without`` and ``with_event`` give new ones.

    Parameters
    ----------
    loaded
        The scenario with its provenance.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    @property
    def scenario(self) -> Scenario:
        """The scenario itself."""
        return self.loaded.scenario

    @property
    def name(self) -> str:
        """Name of its file without the ending."""
        return self.loaded.name

    @property
    def overrides(self) -> tuple[str, ...]:
        """Changes against its files."""
        return self.loaded.overrides

    def __getattr__(self, name: str) -> Any:
        # Parts of the scenario read as its own. ``loaded`` is missing while a copy is being built.
        if name.startswith("_") or name == "loaded":
            raise AttributeError(name)
        try:
            return getattr(self.loaded.scenario, name)
        except AttributeError:
            known = [*type(self.loaded.scenario).model_fields, *(n for n in dir(type(self)) if n[0] != "_")]
            raise AttributeError(f"a scenario has no '{name}'{nearest(name, known)}") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *type(self.loaded.scenario).model_fields})

    def set(self, changes: Mapping[str, Any]) -> ScenarioHandle:
        """The scenario with values changed.

        Parameters
        ----------
        changes
            Values by dotted path; None removes an entry.

        Examples
        --------
        >>> import sim
        >>> few = sim.load("baseline").set({"patrons.iskp.franchise_slots": 4})
        >>> few.patrons["iskp"].franchise_slots.value
        4.0
        """
        return ScenarioHandle(with_overrides(self.loaded, dict(changes)))

    def without(self, *events: str) -> ScenarioHandle:
        """The scenario without some of its dated events.

        Raises
        ------
        UsageError
            If there is no such event.
        ScenarioError
            If others need one of them: the list says which.
        """
        for event in events:
            if event not in self.scenario.events:
                raise UsageError(
                    f"there is no event '{one_line(event, 60)}'{nearest(event, self.scenario.events)}"
                )
        return self.set({f"events.{event}": None for event in events})

    def with_event(self, event: str, /, **fields: Any) -> ScenarioHandle:
        """The scenario with one more dated event.

        Parameters
        ----------
        event
            Its id.
        fields
            ``kind``, ``date`` and what the kind needs, as in a scenario file. ``source`` is "judgement: an
            assumption of this what-if" where not given.

        Raises
        ------
        UsageError
            If there is an event of that name.

        Examples
        --------
        >>> import sim
        >>> more = sim.load("baseline").with_event(
        ...     "early_decline", kind="core_decline", date="2015-01", patron="iskp", half_life=12)
        >>> more.events["early_decline"].half_life.value
        12.0
        """
        if event in self.scenario.events:
            path = f"events.{event}.date"
            raise UsageError(
                Problem(f"there is an event of that name; change it with set({{'{path}': ...}})", event)
            )
        given = {"source": "judgement: an assumption of this what-if", **fields}
        return self.set({f"events.{event}": given})

    def levers(self, search: str = "") -> pd.DataFrame:
        """What can be changed; as :func:`sim.levers`."""
        from sim.api.discovery import lever_frame

        return lever_frame(self.loaded, search)

    def evidence(self) -> pd.DataFrame:
        """Every number that the files give, with unit, prior and source."""
        import pandas as pd

        from sim.scenario.evidence import evidence

        rows = [row.as_dict() for row in evidence(self.loaded)]
        return pd.DataFrame(rows, columns=["path", "value", "unit", "prior", "source", "class"])

    def resolve(self, faction: str) -> str:
        """The id of a faction given by id, code (F30), name or alias.

        Raises
        ------
        UsageError
            If no faction is called so.
        """
        return resolve_faction(self.scenario, faction)

    def yaml(self) -> str:
        """The whole scenario as one file, defaults written out."""
        return resolved_yaml(self.loaded)

    def __repr__(self) -> str:
        period = self.scenario.period
        changed = f", {len(self.overrides)} changed" if self.overrides else ""
        return f"<Scenario {self.name}, {period.start} to {period.end}{changed}>"

    def _repr_html_(self) -> str:
        scenario = self.scenario
        counts = ("patrons", "factions", "regions", "ties", "events")
        facts = ", ".join(f"{len(getattr(scenario, name))} {name}" for name in counts)
        changed = "".join(f"<li><code>{escape(text)}</code></li>" for text in self.overrides)
        notes = "".join(f"<li>{escape(note)}</li>" for note in scenario.meta.notes)
        return (
            f"<div><b>{escape(scenario.meta.title)}</b> ({escape(self.name)}, {scenario.period.start} to "
            f"{scenario.period.end})<br><i>{escape(scenario.meta.question)}</i><br>{facts}"
            + (f"<br>changed:<ul>{changed}</ul>" if changed else "")
            + (f"<details><summary>notes</summary><ul>{notes}</ul></details>" if notes else "")
            + "</div>"
        )
