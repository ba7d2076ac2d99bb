"""What an analysis found: frames, text, figures, and the files of its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Problem, StoreError, UsageError
from sim.experiments.sensitivity.parts import FORMAT, VERSION
from sim.experiments.sensitivity.stages import Analysis, Stage
from sim.experiments.store.files import land
from sim.results.figures import figures_of
from sim.results.trust import read_json, when_opened
from sim.scenario.wording import nearest, one_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FILE", "HEADLINE", "STAGES", "Sensitivity", "open_sensitivity", "write"]

FILE = "sensitivity.json"
STAGES = ("morris", "sobol", "pawn")
HEADLINE = {
    "morris": ("mu_star", "low", "high"),
    "sobol": ("total", "total_low", "total_high"),
    "pawn": ("median", "low", "high"),
}
"""The index that numbers are ranked by, and its interval."""


class Sensitivity:
    """What an analysis found. Made by :func:`sim.sensitivity` and :func:`sim.open_sensitivity`.

    Parameters
    ----------
    about
        All its numbers, as ``sensitivity.json`` has them.
    folder
        Its folder, if it has one.
    """

    def __init__(self, about: Mapping[str, Any], folder: Path | None = None) -> None:
        self.about = dict(about)
        self.folder = folder

    @property
    @when_opened
    def title(self) -> str:
        """Title of the analysis."""
        return str(self.about["title"])

    @property
    @when_opened
    def stages(self) -> tuple[str, ...]:
        """Which of ``morris``, ``sobol`` and ``pawn`` there are."""
        return tuple(name for name in STAGES if name in self.about)

    @property
    @when_opened
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return tuple(self.about[self.stages[-1]]["outputs"])

    @property
    @when_opened
    def kept(self) -> tuple[str, ...]:
        """Numbers that went on from Morris to Sobol."""
        return tuple(self.about.get("kept", ()))

    @when_opened
    def output_title(self, output: str) -> str:
        """What an output is, in words."""
        known = self.about.get("outputs", {})
        return str(known[output]["title"]) if output in known else output.replace("_", " ")

    @when_opened
    def check_output(self, output: str) -> str:
        """The name of an output.

        Raises
        ------
        UsageError
            If there is none of this name.
        """
        if output not in self.outputs:
            raise UsageError(f"no output '{one_line(output, 60)}'{nearest(output, self.outputs)}")
        return output

    @when_opened
    def check_stage(self, stage: str | None) -> str:
        """The name of a stage; the last there is by default.

        Raises
        ------
        UsageError
            If the analysis has no such stage.
        """
        if stage is None:
            return self.stages[-1]
        if stage not in self.stages:
            raise UsageError(
                f"this analysis has no '{one_line(stage, 60)}'; it has: {', '.join(self.stages)}"
            )
        return stage

    @when_opened
    def ranked(self, output: str, stage: str | None = None) -> list[tuple[str, dict[str, float]]]:
        """Numbers with their indices, the largest effect first."""
        stage = self.check_stage(stage)
        told = self.about[stage]["outputs"][self.check_output(output)]["indices"]
        return sorted(told.items(), key=lambda pair: -_number(pair[1][HEADLINE[stage][0]]))

    @property
    @when_opened
    def morris(self) -> pd.DataFrame:
        """Elementary effects by output and number."""
        return self._frame("morris")

    @property
    @when_opened
    def sobol(self) -> pd.DataFrame:
        """Shares of variance by output and number."""
        return self._frame("sobol")

    @property
    @when_opened
    def pawn(self) -> pd.DataFrame:
        """PAWN indices by output and number."""
        return self._frame("pawn")

    @when_opened
    def noise(self, stage: str | None = None) -> pd.DataFrame:
        """By output: variance between runs of a point, between points, and the share of chance in means of points."""
        import pandas as pd

        stage = self.check_stage(stage)
        outputs = self.about[stage]["outputs"]
        rows = {name: one["noise"] for name, one in outputs.items() if "noise" in one}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("output").astype(float)

    def _frame(self, stage: str) -> pd.DataFrame:
        import pandas as pd

        self.check_stage(stage)
        rows = [
            {"output": output, "parameter": path, **one}
            for output in self.about[stage]["outputs"]
            for path, one in self.ranked(output, stage)
        ]
        return pd.DataFrame(rows).set_index(["output", "parameter"]).astype(float)

    @property
    @when_opened
    def plot(self) -> Any:
        """Figures: ``plot.tornado("pledges")``, ``plot.convergence("pledges")``; of all outputs without a name."""
        return figures_of("sensitivities").SensitivityPlots(self)

    @when_opened
    def text(self, most: int = 8) -> str:
        """What was found, in a few lines for each output.

        Parameters
        ----------
        most
            Numbers told of each output.
        """
        from sim.experiments.sensitivity.words import lines

        return "\n".join(lines(self, most))

    @when_opened
    def markdown(self, most: int = 6) -> str:
        """The same as tables for a document."""
        from sim.experiments.sensitivity.words import markdown

        return markdown(self, most)

    @when_opened
    def __str__(self) -> str:
        return self.text()

    @when_opened
    def __repr__(self) -> str:
        return f"<Sensitivity: {self.title}; {', '.join(self.stages)}; outputs {', '.join(self.outputs)}>"


def _number(value: float | None) -> float:
    return -np.inf if value is None or not np.isfinite(value) else value


def open_sensitivity(folder: str | Path) -> Sensitivity:
    """What the analysis in a folder found.

    Raises
    ------
    StoreError
        If there is none, or it is not finished.
    """
    place = Path(folder)
    try:
        about = read_json(place / FILE, "sensitivity analysis")
    except FileNotFoundError:
        begun = (place / "design.json").exists()
        told = "is not finished: the same command goes on" if begun else "holds no sensitivity analysis"
        raise StoreError(Problem(told, str(place))) from None
    if not isinstance(about, dict) or (about.get("format"), about.get("version")) != (FORMAT, VERSION):
        raise StoreError(Problem("is no sensitivity analysis of this version", str(place / FILE)))
    return Sensitivity(about, place)


def write(about: Mapping[str, Any], folder: Path, analysis: Analysis | None = None) -> Sensitivity:
    """Write the tables of an analysis and then its JSON, which says that all is there."""
    found = Sensitivity(about, folder)
    folder.mkdir(parents=True, exist_ok=True)
    _parquet(folder / "indices.parquet", list(_index_rows(found)))
    convergence = list(_convergence_rows(found))
    if convergence:
        _parquet(folder / "convergence.parquet", convergence)
    for stage in analysis.stages if analysis is not None else ():
        outputs = list(about["outputs"])
        _parquet(folder / f"points-{stage.name}.parquet", list(_point_rows(stage, outputs)))
    land(folder / FILE, json_text(about).encode())
    return found


def json_text(about: Mapping[str, Any]) -> str:
    """Numbers of an analysis as JSON; those that are not finite are null, others have nine digits."""
    return json.dumps(_plain(about), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.9g}") if np.isfinite(value) else None
    return value


def _index_rows(found: Sensitivity) -> Iterator[dict[str, Any]]:
    for stage in found.stages:
        for output in found.about[stage]["outputs"]:
            for path, one in found.ranked(output, stage):
                for index, value in one.items():
                    yield {
                        "stage": stage,
                        "output": output,
                        "parameter": path,
                        "index": index,
                        "value": value,
                    }


def _convergence_rows(found: Sensitivity) -> Iterator[dict[str, Any]]:
    for stage in found.stages:
        names = HEADLINE[stage]
        for output, told in found.about[stage]["outputs"].items():
            for step in told.get("convergence", ()):
                for path, one in step["indices"].items():
                    values = dict(zip(("value", "low", "high"), (one[name] for name in names), strict=True))
                    yield {
                        "stage": stage, "output": output, "size": step["size"], "parameter": path,
                        "index": names[0], **values,
                    }  # fmt: skip


def _point_rows(stage: Stage, outputs: list[str]) -> Iterator[dict[str, Any]]:
    from sim.experiments.sensitivity.noise import averages

    told = {name: averages(stage.made.values[:, :, n]) for n, name in enumerate(outputs)}
    for point, values in enumerate(stage.points):
        yield {
            "point": point,
            "group": point // stage.size,
            "failed": int((~stage.made.good[point]).sum()),
            **dict(zip(stage.paths, values.tolist(), strict=True)),
            **{f"{name}_mean": float(one.mean[point]) for name, one in told.items()},
            **{f"{name}_variance": float(one.variance[point]) for name, one in told.items()},
        }


def _parquet(file: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="zstd")
    land(file, sink.getvalue().to_pybytes())
