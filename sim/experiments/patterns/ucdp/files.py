"""UCDP files from disk to checked frames; every problem has its file and line."""

from __future__ import annotations

import csv
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from sim.errors import ExperimentError, Problem
from sim.experiments.patterns.ucdp.kinds import Kind, kind_flaws, kind_of
from sim.scenario.quantities import month_index
from sim.scenario.wording import one_line, ordered

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Source", "read_source", "read_sources"]

_MOST_FOUND = 2000
"""More problems of a sort are not sought: nobody reads as far."""
_MOST_COLUMNS = 500
_YEARS = (1946, 2100)
_NUMBER = re.compile(r"\d{1,9}(\.0*)?")
_YEAR = re.compile(r"\d{4}(\.0*)?")
_DATE = re.compile(r"(\d{4}-\d{2})-\d{2}(?:[ T].*)?")
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}(?:\.\d{1,3})?")
_IN_NAME = re.compile(r"(?:v|ged)_?(\d{2})[._]?(\d)(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Source:
    """One file, read and found sound."""

    file: str
    kind: Kind
    version: str
    """Version of the dataset; empty where neither a column nor the name of the file says it."""
    frame: pd.DataFrame = field(repr=False)
    """A row for each of its rows, in the columns of :attr:`Kind.columns`, with ``line``."""


def read_sources(paths: Sequence[str | Path]) -> list[Source]:
    """Read files.

    Raises
    ------
    ExperimentError
        With everything that is wrong in any of them.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    known: dict[Path, str] = {}
    for path in paths:
        # A name with a null byte cannot be resolved; reading it says what is wrong.
        real = Path(path) if "\0" in str(path) else Path(path).resolve()
        if real in known:
            problems.append(Problem(f"is the same file as {known[real]}", one_line(str(path))))
            continue
        known[real] = one_line(str(path))
        try:
            sources.append(read_source(path))
        except ExperimentError as error:
            problems += error.problems
    problems += _between(sources)
    if problems:
        raise ExperimentError(ordered(problems))
    return sources


def _between(sources: Sequence[Source]) -> Iterator[Problem]:
    """What is wrong with files of the same dataset beside each other."""
    for kind in dict.fromkeys(source.kind.name for source in sources):
        first, *others = (source for source in sources if source.kind.name == kind)
        seen: dict[tuple[Any, ...], str] = {}
        for source in (first, *others):
            if source.version != first.version:
                told = f"version {source.version or 'unknown'} of what {first.file} has as {first.version or 'unknown'}"
                yield Problem(f"{told}; give one version of a dataset", source.file)
                continue
            columns = source.frame[[*source.kind.key, "line"]].itertuples(index=False)
            for *key, line in columns:
                place = seen.setdefault(tuple(key), f"{source.file}:{line}")
                if not place.startswith(f"{source.file}:"):
                    yield Problem(f"the same {source.kind.row} as {place}", source.file, line, 1)


def read_source(path: str | Path) -> Source:
    """Read one file.

    Raises
    ------
    ExperimentError
        With everything that is wrong in it.
    """
    file = one_line(str(path))
    try:
        frame, kind, problems = _read(path, file)
    except UnicodeDecodeError:
        raise ExperimentError(_no_text(path, file)) from None
    if not problems and frame.empty:
        problems.append(Problem("has a header and no rows", file, 1, 1))
    problems += islice(_problems(frame, kind, file), _MOST_FOUND)
    if problems:
        raise ExperimentError(ordered(problems))
    return Source(file, kind, _version(frame, file), _typed(frame, kind))


def _read(path: str | Path, file: str) -> tuple[pd.DataFrame, Kind, list[Problem]]:
    with _opened(path, file) as stream:
        rows = csv.reader(stream, strict=True)
        columns = [name.strip() for name in _first(rows, file)]
        if len(columns) > _MOST_COLUMNS:
            raise ExperimentError(Problem(f"has {len(columns):,} columns; UCDP files have fewer", file, 1, 1))
        flaws = kind_flaws(columns)
        kind = kind_of(columns)
        if flaws or kind is None:
            raise ExperimentError([Problem(flaw, file, 1, 1) for flaw in flaws])
        frame, problems = _frame(rows, columns, kind, file)
        return frame, kind, problems


def _opened(path: str | Path, file: str) -> TextIO:
    """The file as text; told apart before are what would hang and what is another format."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise ExperimentError(Problem("is a folder; name a CSV file", file))
        if not stat.S_ISREG(status.st_mode):
            raise ExperimentError(Problem("is not a regular file", file))
        with open(path, "rb") as binary:
            head = binary.read(65_536)
    except FileNotFoundError:
        raise ExperimentError(Problem("no such file", file)) from None
    except OSError as error:
        told = one_line(error.strerror or str(error))
        raise ExperimentError(Problem(f"cannot be read: {told}", file)) from None
    except ValueError:
        raise ExperimentError(Problem("cannot be read: this is no file name", file)) from None
    if head.startswith(b"PK\x03\x04"):
        told = "is a ZIP archive or a workbook; unpack it, or save the sheet as CSV"
        raise ExperimentError(Problem(told, file))
    if b"\0" in head:
        raise ExperimentError(Problem("is a binary file, not CSV", file))
    return open(path, encoding="utf-8-sig", newline="")


def _first(rows: Iterator[list[str]], file: str) -> list[str]:
    try:
        return next(rows)
    except StopIteration:
        raise ExperimentError(Problem("is empty", file)) from None
    except csv.Error as error:
        raise ExperimentError(Problem(_no_csv(error), file, 1, 1)) from None


def _no_csv(error: csv.Error) -> str:
    return f"is not CSV from here on: {one_line(str(error))}"


def _no_text(path: str | Path, file: str) -> Problem:
    """The first line that is not UTF-8: a reader of text runs ahead of its lines."""
    with open(path, "rb") as stream:
        for line, data in enumerate(stream, 1):
            try:
                data.decode()
            except UnicodeDecodeError as error:
                told = f"is not UTF-8 text (byte 0x{data[error.start]:02x}); save the file as UTF-8"
                return Problem(told, file, line, 1)
    return Problem("is not UTF-8 text; save the file as UTF-8", file)


def _frame(rows: Any, columns: Sequence[str], kind: Kind, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Its rows as text; those that do not fit the header are told and left out."""
    import pandas as pd

    wanted = {**kind.columns, **{name: c for name, c in kind.extra.items() if c in columns}}
    places = [columns.index(column) for column in wanted.values()]
    kept: list[list[Any]] = []
    problems: list[Problem] = []
    line = 2
    try:
        for row in rows:
            if row and len(row) == len(columns):
                kept.append([*(row[place].strip() for place in places), line])
            elif row and len(problems) < _MOST_FOUND:
                told = f"has {len(row)} fields where the header has {len(columns)}"
                problems.append(Problem(told, file, line, 1))
            # A row may go over several lines.
            line = rows.line_num + 1
    except csv.Error as error:
        problems.append(Problem(_no_csv(error), file, line, 1))
    return pd.DataFrame(kept, columns=[*wanted, "line"]), problems


def _problems(frame: pd.DataFrame, kind: Kind, file: str) -> Iterator[Problem]:
    """What is wrong with the values of its rows."""
    for name in ("best", "low", "high"):
        yield from _odd(frame, kind, file, name, _NUMBER, "is no number of deaths, 0 or more")
    yield from _odd(frame, kind, file, "year", _YEAR, "is no year")
    years = frame["year"][frame["year"].str.fullmatch(_YEAR)].str[:4].astype(int)
    for place in years.index[~years.between(*_YEARS)]:
        told = f"'{years[place]}' is no year of the record"
        yield Problem(told, file, int(frame["line"][place]), 1, kind.columns["year"])
    if "date" in frame:
        yield from _dates(frame, kind, file)
    if "version" in frame:
        yield from _versions(frame, file)
    yield from _twice(frame, kind, file)


def _odd(
    frame: pd.DataFrame, kind: Kind, file: str, name: str, form: re.Pattern[str], told: str
) -> Iterable[Problem]:
    odd = frame[~frame[name].str.fullmatch(form)]
    for text, line in zip(odd[name], odd["line"], strict=True):
        yield Problem(f"'{one_line(text, 60)}' {told}", file, int(line), 1, kind.columns[name])


def _dates(frame: pd.DataFrame, kind: Kind, file: str) -> Iterable[Problem]:
    odd = frame[frame["date"].isin([text for text in frame["date"].unique() if not _is_date(text)])]
    for text, line in zip(odd["date"], odd["line"], strict=True):
        told = f"'{one_line(text, 60)}' is no date; it is written 2015-08-31"
        yield Problem(told, file, int(line), 1, kind.columns["date"])


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    try:
        return found is not None and month_index(found[1]) >= 0
    except ValueError:
        return False


def _versions(frame: pd.DataFrame, file: str) -> Iterable[Problem]:
    for text, rows in frame.groupby("version", sort=False):
        line, version = int(rows["line"].iloc[0]), str(text)
        if not _VERSION.fullmatch(version):
            told = f"'{one_line(version, 60)}' is no version of a dataset, as 24.1"
            yield Problem(told, file, line, 1, "version")
        elif version != frame["version"].iloc[0]:
            first = one_line(frame["version"].iloc[0], 60)
            yield Problem(f"version {version} in a file that begins with {first}", file, line, 1, "version")


def _twice(frame: pd.DataFrame, kind: Kind, file: str) -> Iterable[Problem]:
    keys = list(kind.key)
    again = frame[frame.duplicated(keys)]
    if again.empty:
        return
    first: Any = frame.groupby(keys, sort=False)["line"].transform("first")
    for place, line in again["line"].items():
        yield Problem(f"the same {kind.row} as line {int(first[place])}", file, int(line), 1)


def _version(frame: pd.DataFrame, file: str) -> str:
    if "version" in frame:
        return str(frame["version"].iloc[0])
    found = _IN_NAME.search(Path(file).name)
    return f"{found[1]}.{found[2]}" if found else ""


def _typed(frame: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Numbers as numbers, ids without the point that spreadsheets put there."""
    typed = frame.copy()
    for name in ("year", "best", "low", "high"):
        typed[name] = frame[name].astype(float).astype(int)
    for name in ("a_id", "b_id", "dyad", "id"):
        if name in typed:
            typed[name] = frame[name].str.replace(r"\.0*$", "", regex=True)
    if "date" in typed:
        typed["month"] = frame["date"].str[:7]
    return typed
