"""The file of all numbers of a calibration, and its tables, written anew after each step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import StoreError
from sim.experiments.calibration.about import starting_point
from sim.experiments.calibration.posterior import Posterior, write_posterior
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.table import digest, form_digest
from sim.experiments.store.files import land
from sim.results.trust import read_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Told", "frame_bytes", "record_digest"]


def record_digest(calibration: Calibration) -> str:
    """What a calibration is held to: observations, ranges, scales and weights of the fitted measures."""
    return digest(calibration.targets.form)


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """A table as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


class Told:
    """The file of all numbers, written anew after each step."""

    def __init__(self, file: Path, calibration: Calibration) -> None:
        self.file, self.calibration = file, calibration
        form, record = form_digest(calibration), record_digest(calibration)
        try:
            there = read_json(file, "calibration")
        except (OSError, StoreError):
            there = {}
        known = isinstance(there, dict) and there.get("digest") == form and there.get("record") == record
        self.data: dict[str, Any] = there if known else {}
        self.data |= {
            "name": calibration.name,
            "title": calibration.file.meta.title,
            "digest": form,
            "record": record,
            "scenario": calibration.base.name,
            "rule": calibration.base.scenario.decision.rule,
            "until": calibration.patterns.until,
            "free": list(calibration.paths),
            "fixed": dict(calibration.fixed),
            "patterns": {
                name: {"title": pattern.title, "role": pattern.role, "score": pattern.score}
                for name, pattern in calibration.patterns.file.patterns.items()
            },
            "notes": list(calibration.file.meta.notes),
            **starting_point(calibration),
        }
        if not isinstance(self.data.get("seconds"), dict):
            self.data["seconds"] = {}

    def timed(self, step: str, work: Callable[[], Any]) -> Any:
        """Do a step and keep how long it took; one that was done before keeps its time if that was longer."""
        begun = time.monotonic()
        found = work()
        before = self.data["seconds"].get(step, 0.0)
        self.data["seconds"][step] = round(max(before, time.monotonic() - begun), 1)
        self.write()
        return found

    def add(self, key: str, value: Any) -> None:
        """Keep what a step found."""
        self.data[key] = value
        self.write()

    def write(self) -> None:
        """Write the file."""
        text = json.dumps(self.data, indent=1, default=_plain)
        land(self.file, text.encode())

    def frame(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table."""
        land(self.file.parent / f"{name}.parquet", frame_bytes(frame))

    def parameters(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Keep posterior against prior, by way."""
        import pandas as pd

        whole = pd.concat(frames, names=["way"]).reset_index()
        self.frame("parameters", whole)
        self.add("parameters", whole.to_dict("records"))

    def posterior(self, ways: Mapping[str, tuple[pd.DataFrame, float]]) -> None:
        """Keep posterior draws: each way's, and as ``posterior.parquet`` those of the larger effective number."""
        chosen = max(ways, key=lambda way: ways[way][1])
        for way, (draws, effective) in ways.items():
            self.keep_draws(way, draws, effective)
            if way == chosen:
                self.keep_draws(way, draws, effective, "posterior")
        self.add("posterior", {"way": chosen, "effective": ways[chosen][1], "draws": len(ways[chosen][0])})

    def keep_draws(self, way: str, draws: pd.DataFrame, effective: float, name: str | None = None) -> None:
        """Keep the draws of a way, by default as ``posterior-WAY.parquet``."""
        about = {
            "calibration": self.calibration.name,
            "scenario": self.calibration.base.name,
            "rule": self.calibration.base.scenario.decision.rule,
            "digest": self.data["digest"],
            "free": list(self.calibration.paths),
            "effective": round(effective, 1),
            "way": way,
        }
        file = self.file.parent / f"{name or f'posterior-{way}'}.parquet"
        write_posterior(Posterior(draws, about), file)


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    return str(value)
