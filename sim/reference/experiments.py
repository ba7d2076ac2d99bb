"""The page on experiment files: designs, patterns, sensitivity, calibration, validation."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from sim.experiments.calibration.schema import CalibrationFile
from sim.experiments.design import Design
from sim.experiments.patterns.schema import PatternFile
from sim.experiments.sensitivity.schema import SensitivityFile
from sim.experiments.validation.schema import ValidationFile
from sim.odd.cells import code, table
from sim.scenario.quantities import Prior

from .shapes import default_told, meaning, models_in, shapes

__all__ = ["FILES", "experiments_page"]


class _File(NamedTuple):
    heading: str
    form: type[BaseModel]
    guide: str
    bundled: str
    schema: str


FILES: tuple[_File, ...] = (
    _File("Designs", Design, "experiment-files.md", "omar-by-successor.yaml", "--experiment"),
    _File("Patterns", PatternFile, "record.md", "patterns.yaml", "--patterns"),
    _File("Sensitivity", SensitivityFile, "sensitivity.md", "sensitivity.yaml", "--sensitivity"),
    _File("Calibration", CalibrationFile, "calibration.md", "calibration.yaml", "--calibration"),
    _File("Validation", ValidationFile, "validation.md", "validation.yaml", "--validation"),
)
"""The kinds of files, each with its form, the page on how to write it, a bundled file, its switch of the schema."""

_HEADS = ("field", "type", "range", "default", "what it is")
_NAMES = {"SpanFields": "Span", "TrajectoryFields": "Trajectories", "DesignMeta": "Meta"}
_INTRO = """\
# Experiment files: every field

<!-- written by: bayah reference experiments -->

What the files in `experiments/` may say, from the schemas that check them. `bayah check FILE` tells every mistake with its
line; `bayah list experiments` lists those that are bundled. Short forms (a list in the place of a mapping, a word in the
place of a block) are told in the guides.
"""


def experiments_page() -> str:
    """The page as Markdown."""
    return "\n".join([_INTRO, *(line for file in FILES for line in _file(file))])


def _file(file: _File) -> Iterator[str]:
    forms = [form for form in models_in(file.form) if form is not Prior]
    links = {form: f"{file.heading} {_name(form, file)}" for form in forms[1:]}
    yield f"## {file.heading}\n"
    yield (
        f"{_sentence(file.form)} How to write one: [{file.guide}](../{file.guide}). A bundled one: "
        f"[{file.bundled}](../../experiments/{file.bundled}). For editors: `bayah schema {file.schema}`.\n"
    )
    yield _fields(file.form, links)
    for form in forms[1:]:
        yield f"### {links[form]}\n"
        yield f"{_sentence(form)}\n"
        yield _fields(form, links)


def _name(form: type[BaseModel], file: _File) -> str:
    name = _NAMES.get(form.__name__, form.__name__)
    return "meta" if name.endswith("Meta") else name.lower()


def _sentence(form: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(form.__doc__ or "").split()).replace("``", "`")


def _fields(form: type[BaseModel], links: dict[type[BaseModel], str]) -> str:
    known: dict[type[BaseModel], str] = {**links, Prior: "Priors"}
    told = shapes(form, known)
    rows = []
    for name, info in form.model_fields.items():
        shown = told[info.alias or name]
        kind = shown.kind.replace("(#priors)", "(scenario.md#priors)")
        rows.append([code(info.alias or name), kind, shown.span, default_told(info), meaning(info)])
    return table(_HEADS, rows) + "\n"
