"""The reference table: draws from the prior with the runs of each, kept in parts, so that a kill loses one part.

Every run of a draw keeps its measures, the month of the first oath of each unit, and the side of each unit in the months
that coded measures look at. So an outcome can leave the record later, and the table serves without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import IncompleteError, Problem, StoreError
from sim.experiments.calibration.problem import Calibration
from sim.experiments.patterns.many import ask
from sim.experiments.patterns.records import GONE, Records
from sim.experiments.patterns.targets import measured
from sim.experiments.sampling import unit_cube
from sim.experiments.store.files import land, sweep_up
from sim.results.trust import as_written, read_json
from sim.scenario.quantities import month_index

__all__ = ["Reference", "cube", "digest", "form_digest", "make_table", "seen_months"]

_BLOCK = 1000
PART = 250
"""Draws in a part."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A table of draws."""

    u: NDArray[np.float64]
    """(draws, free): points of the unit cube."""
    values: NDArray[np.float64]
    """(draws, free): the free numbers."""
    measures: NDArray[np.float32]
    """(draws, replicates, measures)."""
    oath: NDArray[np.int16]
    """(draws, replicates, units): month of the first oath, -1 never."""
    sides: Mapping[int, NDArray[np.int8]]
    """(draws, replicates, units), by month: :data:`sim.experiments.patterns.records.SIDES`."""
    good: NDArray[np.bool_]
    """(draws, replicates): runs that ended in a state that the model allows."""

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.u)

    @property
    def replicates(self) -> int:
        """Runs of each."""
        return int(self.good.shape[1])

    def records(self, calibration: Calibration, draws: slice) -> Records:
        """What is kept of the runs of some draws, flat: (draws * replicates)."""
        units = len(calibration.units)
        oath = self.oath[draws].reshape(-1, units)
        none = np.full((1, units), -1, dtype=np.int16)
        months = month_index(calibration.patterns.until) - calibration.start + 1
        coded = calibration.patterns.units
        return Records(
            start=calibration.start,
            units=calibration.units,
            sides=np.full((1, months, units), GONE, dtype=np.int8),
            support=none,
            oath=oath,
            accepted=none,
            theatre=none,
            monthly={},
            traits=None if coded is None else coded.traits_of(calibration.units),
            kept={month: sides[draws].reshape(-1, units) for month, sides in self.sides.items()},
        )


def cube(draws: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Points of the unit cube, Latin hypercubes in blocks of 1,000: a longer table begins with the shorter one."""
    blocks = [
        unit_cube("latin_hypercube", _BLOCK, dimensions, (seed, 5, block))
        for block in range(-(-draws // _BLOCK))
    ]
    return np.concatenate(blocks)[:draws]


def seen_months(calibration: Calibration) -> tuple[int, ...]:
    """Months, from the first, in which coded units' sides are known."""
    units = calibration.patterns.units
    return () if units is None else tuple(sorted(month - calibration.start for month in units.sides))


def form_of(calibration: Calibration, replicates: int) -> dict[str, Any]:
    """What makes a table this table; the number of draws may grow."""
    from sim.experiments.plan import PlannedScenario
    from sim.jit import source_hash
    from sim.scenario.load import resolved_yaml

    text = resolved_yaml(calibration.loaded.scenario)
    return {
        "scenario": PlannedScenario(calibration.base.name, text).digest,
        "free": list(calibration.paths),
        "measures": [
            [m.name, m.form.statistic, json.dumps(m.form.given, sort_keys=True)] for m in calibration.measures
        ],
        "until": calibration.patterns.until,
        "seed": calibration.file.seed,
        "replicates": replicates,
        "seeds": "own",
        "months": list(seen_months(calibration)),
        "code": source_hash(),
        "statistics": {m.form.statistic: m.statistic.digest for m in calibration.measures},
        "units": None if calibration.patterns.units is None else calibration.patterns.units.digest,
    }


def digest(form: Mapping[str, Any]) -> str:
    """SHA-256 of a form."""
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()


def form_digest(calibration: Calibration) -> str:
    """What makes a calibration this one: its scenario, free numbers, measures and code."""
    return digest(form_of(calibration, 0))


def make_table(
    calibration: Calibration,
    folder: Path,
    draws: int,
    replicates: int,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
    title: str | None = None,
) -> Reference:
    """The table of a calibration; parts that the folder holds are not made again.

    Raises
    ------
    StoreError
        If the folder holds another table.
    IncompleteError
        If it was interrupted: what is kept is whole, the same call goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep_up(folder)
    form = form_of(calibration, replicates)
    _claim(folder, form)
    u = cube(draws, len(calibration.fields), calibration.file.seed)
    values = calibration.values(u)
    parts = [range(at, min(at + PART, draws)) for at in range(0, draws, PART)]
    missing = [n for n, part in enumerate(parts) if not _whole(folder, n, len(part))]
    months = seen_months(calibration)
    fits_byte = month_index(calibration.patterns.until) - calibration.start < 127

    def take(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        kept: dict[str, NDArray[Any]] = {
            "measures": measured(calibration.measures, records).astype(np.float32),
            "oath": records.oath.astype(np.int8) if fits_byte else records.oath,
            "good": good,
        }
        kept.update({f"side_{month}": records.sides[:, month] for month in months})
        return kept

    def keep(chunk: int, arrays: dict[str, NDArray[Any]]) -> None:
        _write(folder, missing[chunk], arrays)

    if missing:
        _, whole = ask(
            calibration.asked(), values, lambda point: range(1 + point * replicates, 1 + (point + 1) * replicates), take,
            chunks=[parts[n] for n in missing], keep=keep, workers=workers, progress=progress, say=say, title=title,
        )  # fmt: skip
        if not whole:
            done = sum(_whole(folder, n, len(part)) for n, part in enumerate(parts))
            told = (
                f"stopped: {done:,} of {len(parts):,} parts of the table are kept; the same command goes on"
            )
            raise IncompleteError(Problem(told, str(folder)))
    return _read(folder, u, values, parts, months)


def _claim(folder: Path, form: Mapping[str, Any]) -> None:
    file = folder / "table.json"
    text = json.dumps({"digest": digest(form), **form}, indent=1).encode()
    if not file.exists():
        land(file, text)
        return
    try:
        there = read_json(file, "table of draws")
    except (OSError, StoreError):
        there = None
    if not isinstance(there, dict) or "digest" not in there:
        raise StoreError(
            Problem("table.json is damaged; name another folder, or remove this one", str(folder))
        )
    if there["digest"] != digest(form):
        changed = [name for name in form if there.get(name) != form[name]]
        told = f"holds another table ({', '.join(changed)} differ); name another folder, or remove it"
        raise StoreError(Problem(told, str(folder)))


def _file(folder: Path, part: int) -> Path:
    return folder / f"part-{part:06d}.parquet"


def _whole(folder: Path, part: int, draws: int) -> bool:
    """Whether a part is there with all its draws; a damaged one is not."""
    import pyarrow.parquet as pq

    try:
        if not _file(folder, part).is_file():
            return False
        rows: int = pq.ParquetFile(_file(folder, part)).metadata.num_rows
        return rows == draws
    except Exception:
        return False


def _write(folder: Path, part: int, arrays: Mapping[str, NDArray[Any]]) -> None:
    """A part: a row for each draw, its runs side by side in lists of fixed length."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns, shapes = {}, {}
    for name, array in arrays.items():
        flat = np.ascontiguousarray(array).reshape(len(array), -1)
        plain = flat.astype(np.int8) if flat.dtype == np.bool_ else flat
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(plain.ravel()), plain.shape[1])
        shapes[name] = list(array.shape[1:])
    table = pa.table(columns).replace_schema_metadata({"shapes": json.dumps(shapes)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    land(_file(folder, part), sink.getvalue().to_pybytes())


def _read(
    folder: Path,
    u: NDArray[np.float64],
    values: NDArray[np.float64],
    parts: Sequence[range],
    months: Sequence[int],
) -> Reference:
    import pyarrow.parquet as pq

    gathered: dict[str, list[NDArray[Any]]] = {}
    for n, part in enumerate(parts):
        try:
            table = pq.read_table(_file(folder, n), page_checksum_verification=True)
        except Exception as error:
            told = f"is damaged ({type(error).__name__}); remove it, and the same command makes it again"
            raise StoreError(Problem(told, str(_file(folder, n)))) from None
        with as_written(_file(folder, n)):
            shapes = json.loads(table.schema.metadata[b"shapes"])
            for name in table.column_names:
                flat = table[name].combine_chunks().flatten().to_numpy()
                gathered.setdefault(name, []).append(flat.reshape(len(part), *shapes[name]))
    with as_written(folder):
        whole = {name: np.concatenate(arrays) for name, arrays in gathered.items()}
        return Reference(
            u, values, whole["measures"], whole["oath"], {m: whole[f"side_{m}"] for m in months},
            whole["good"].astype(bool),
        )  # fmt: skip
