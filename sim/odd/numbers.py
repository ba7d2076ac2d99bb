"""Every number of a scenario: value, unit, prior, class of source; and how many of them are inferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from sim.scenario.evidence import Row, evidence, summary
from sim.scenario.load import Loaded
from sim.scenario.quantities import Quantity, Within
from sim.scenario.schema import Decision, Observation, ObservationSource, Structure
from sim.scenario.walk import is_field, numbers
from sim.scenario.weights import Weights
from sim.scenario.wording import dotted

from .cells import code, number, table
from .free import Free, free_parameters

__all__ = ["GROUPS", "Numbers"]

GROUPS: dict[str, str] = {
    "b_embed": "appraisal",
    "legitimacy_fall": "grievance and succession",
    "wake_base": "awareness",
    "leader_loss_hazard": "leaders",
    "effort_pressure": "posture and hostility",
    "accept_insider": "oaths",
    "clash": "clash",
    "brand": "sustain",
    "displaced_loss": "movement",
    "split_hazard": "reorganisation",
}
"""Groups of weights, by the first weight of each."""

_OF_THE_RUN = ("weights", "decision", "structure", "observation")
_IDS = {"patrons": "PATRON", "factions": "FACTION", "regions": "REGION", "events": "EVENT", "groups": "GROUP"}


class Numbers:
    """The numbers of a scenario, told in tables."""

    def __init__(self, loaded: Loaded, calibration: Path | None = None) -> None:
        self._loaded = loaded
        self._calibration = calibration

    @cached_property
    def rows(self) -> list[Row]:
        """What ``bayah evidence`` prints."""
        return evidence(self._loaded)

    @cached_property
    def _by_path(self) -> dict[str, Row]:
        return {row.path: row for row in self.rows}

    @cached_property
    def free(self) -> list[Free]:
        """The numbers that calibration infers."""
        return free_parameters(self._loaded.name, self.rows, self._calibration)

    @property
    def total(self) -> int:
        """How many numbers the files of the scenario give."""
        return len(self.rows)

    @property
    def with_prior(self) -> int:
        """How many of them have a prior."""
        return sum(bool(row.prior) for row in self.rows)

    @property
    def of_the_run(self) -> int:
        """How many of them are weights, or of the sections decision, structure and observation."""
        return sum(row.path.partition(".")[0] in _OF_THE_RUN for row in self.rows)

    def _cells(self, path: str, info: Any) -> list[str]:
        """Default, unit, range, value, prior and class of the field of a number of the run."""
        within = next(item for item in info.metadata if isinstance(item, Within))
        default = number(info.default.value) if isinstance(info.default, Quantity) else "none"
        row = self._by_path.get(path)
        told = (number(row.value), row.prior, row.kind) if row else (default, "", "default")
        return [default, within.unit, within.text(), *told]

    def weights_table(self) -> str:
        """The weights, one row each."""
        rows = []
        for name, info in Weights.model_fields.items():
            if name in GROUPS:
                rows.append([f"**{GROUPS[name]}**", *[""] * 7])
            rows.append([code(name), *self._cells(f"weights.{name}", info), _meaning(info)])
        heads = ("weight", "default", "unit", "range", "value", "prior", "class", "what it is")
        return table(heads, rows)

    def choices_table(self) -> str:
        """Numbers and choices of the sections decision, structure and observation, one row each."""
        scenario = self._loaded.scenario
        rows = []
        models = (("decision", Decision), ("structure", Structure), ("observation", Observation))
        for section, model in models:
            for name, info in model.model_fields.items():
                path = f"{section}.{name}"
                if any(isinstance(item, Within) for item in info.metadata):
                    cells = self._cells(path, info)
                elif name == "sources":
                    continue
                else:
                    cells = _choice(info, getattr(getattr(scenario, section), name))
                rows.append([code(path), *cells, _meaning(info)])
        rows += self._sources()
        heads = ("number or choice", "default", "unit", "range", "value", "prior", "class", "what it is")
        return table(heads, rows)

    def _sources(self) -> Iterator[list[str]]:
        for source in self._loaded.scenario.observation.sources:
            for name, info in ObservationSource.model_fields.items():
                path = f"observation.sources.{source}.{name}"
                if any(isinstance(item, Within) for item in info.metadata):
                    yield [code(path), *self._cells(path, info), _meaning(info)]

    def _groups(self) -> dict[str, list[Row]]:
        """All other numbers, by field."""
        groups: dict[str, list[Row]] = {}
        for path, _, _ in numbers(self._loaded.scenario):
            row = self._by_path.get(dotted(path))
            if row is not None and path[0] not in _OF_THE_RUN:
                groups.setdefault(self._field(path), []).append(row)
        return groups

    def _field(self, path: tuple[str | int, ...]) -> str:
        """A path with what is no field of the schema, the ids, in capitals."""
        scenario = self._loaded.scenario
        if path[0] == "changes":
            return code("changes.MONTH") + f": {code(path[-1])}"
        if path[0] == "events":
            kind = scenario.events[str(path[1])].kind
            rest = ".".join(self._part(path, place) for place in range(2, len(path)))
            return f"events of kind {code(kind)}: {code(rest)}"
        return code(".".join(self._part(path, place) for place in range(len(path))))

    def _part(self, path: tuple[str | int, ...], place: int) -> str:
        part, scenario = path[place], self._loaded.scenario
        if isinstance(part, int):
            return "TIE" if path[0] == "ties" else "ENTRY"
        if is_field(path[: place + 1], self._loaded.tree):
            return part
        if place == 1 and path[0] in _IDS:
            return _IDS[str(path[0])]
        return next((label for ids, label in _IDS.items() if part in getattr(scenario, ids)), "NAME")

    def groups_table(self) -> str:
        """The numbers of factions, regions, patrons, ties and events, by field."""
        rows = []
        for field, group in self._groups().items():
            values = [row.value for row in group]
            least, most = number(min(values)), number(max(values))
            told = least if least == most else f"{least} to {most}"
            priors = _counted(row.prior.partition("(")[0] for row in group if row.prior)
            classes = _counted(row.kind for row in group)
            rows.append([field, str(len(group)), group[0].unit, told, priors or "none", classes])
        return table(("field", "numbers", "unit", "values", "priors", "class"), rows)

    def counts_table(self) -> str:
        """How many numbers there are by class of source, and how many of each have a prior."""
        priors = Counter(row.kind for row in self.rows if row.prior)
        rows = []
        for kind, count, share in summary(self.rows):
            known = self.with_prior if kind == "all" else priors[kind]
            rows.append((kind, str(count), f"{share:.1%}", str(known)))
        return table(("class", "numbers", "share", "with a prior"), rows)

    def free_table(self) -> str:
        """The numbers that are inferred, with the prior each is inferred from."""
        rows = []
        for one in self.free:
            row = self._by_path[one.path]
            rows.append((code(one.path), number(row.value), row.unit, one.prior))
        return table(("inferred", "value", "unit", "prior"), rows)


def _meaning(info: Any) -> str:
    text = " ".join((info.description or "").split())
    return text.replace("|", "\\|").replace("``", "`")


def _choice(info: Any, value: Any) -> list[str]:
    """The cells of a choice that is no number."""
    if get_origin(info.annotation) is Literal:
        allowed = [str(entry) for entry in get_args(info.annotation)]
        return [code(info.default), "choice", ", ".join(map(code, allowed)), code(value), "", ""]
    if info.annotation is bool:
        return ["on" if info.default else "off", "switch", "on, off", "on" if value else "off", "", ""]
    if isinstance(value, dict):
        count = sum(len(type(entry).model_fields) for entry in value.values() if isinstance(entry, BaseModel))
        told = f"{count} numbers" if count else "none"
        return ["none", "of each term", "", told, "", "computed" if count else ""]
    return ["none", "id", "", code(value) if value else "none", "", ""]


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common())
