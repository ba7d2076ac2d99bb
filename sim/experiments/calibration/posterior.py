"""Posterior draws as a file: one row a draw, one column a number, with what they were inferred from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, UsageError
from sim.experiments.store.files import land
from sim.scenario.bundled import bundled_root

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Posterior", "posterior_file", "read_posterior", "write_posterior"]

_KEY = b"bayah.posterior"

_MOST_CELLS = 20_000_000
"""Most numbers of a file of draws."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of numbers that were inferred."""

    draws: pd.DataFrame = field(repr=False)
    """A row for each draw, all of the same weight; columns are dotted paths."""
    about: Mapping[str, Any]
    """Calibration, scenario, free numbers, effective number of particles, threshold."""

    @property
    def free(self) -> tuple[str, ...]:
        """Paths that were inferred; the others are fixed."""
        return tuple(self.about["free"])

    def points(self) -> tuple[dict[str, float], ...]:
        """The draws, by dotted path."""
        return tuple(
            {str(path): float(value) for path, value in row.items()} for row in self.draws.to_dict("records")
        )


def posterior_file() -> Path:
    """Where the bundled posterior is."""
    return bundled_root() / "posterior.parquet"


def read_posterior(source: str | Path = "posterior") -> Posterior:
    """Posterior draws from a file, or from the folder of a calibration.

    Parameters
    ----------
    source
        A file, a folder, or ``posterior``: the bundled one.

    Raises
    ------
    UsageError
        If there is none.
    """
    import pyarrow.parquet as pq

    if not isinstance(source, str | Path):
        raise UsageError(f"parameters: 'posterior', or the folder or file of a calibration, not {source!r}")
    file = posterior_file() if source == "posterior" else Path(source)
    if file.is_dir():
        file = file / "posterior.parquet"
    try:
        if file.exists() and not file.is_file():
            raise ValueError("no regular file")
        with pq.ParquetFile(file) as parts:
            if parts.metadata.num_rows * parts.metadata.num_columns > _MOST_CELLS:
                raise ValueError("too many draws")
            table = parts.read()
        about = json.loads((table.schema.metadata or {})[_KEY])
        draws = table.to_pandas()
        if not isinstance(about, dict) or not all(_is_numbers(draws[name]) for name in draws):
            raise ValueError("not as written")
    except FileNotFoundError:
        raise UsageError(
            Problem("no such file of posterior draws; bayah calibrate makes one", str(file))
        ) from None
    except Exception as error:
        told = f"holds no posterior draws ({type(error).__name__}); bayah calibrate makes such files"
        raise UsageError(Problem(told, str(file))) from None
    return Posterior(draws, about)


def _is_numbers(column: Any) -> bool:
    """Whether a column holds numbers, and each of them is one."""
    import numpy as np

    return column.dtype.kind in "iuf" and bool(np.isfinite(column).all())


def write_posterior(posterior: Posterior, file: Path) -> None:
    """Write posterior draws; the same draws give the same bytes with the same pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(posterior.draws, preserve_index=False)
    metadata = {_KEY: json.dumps(posterior.about, sort_keys=True)}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd")
    land(file, sink.getvalue().to_pybytes())
