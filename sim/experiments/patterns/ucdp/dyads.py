"""Who fought whom in which year, out of UCDP files: what becomes a pattern, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from sim.errors import ExperimentError, Problem
from sim.experiments.patterns.ucdp.files import Source
from sim.scenario.wording import listed, nearest, one_line, ordered

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COUNTRIES", "FIRST", "LAST", "Actors", "Series", "Year", "find_series"]

FIRST, LAST = 2013, 2018
"""Years that may serve as patterns."""
COUNTRIES = ("Afghanistan", "Pakistan")
"""Where events count."""


@dataclass(frozen=True)
class Actors:
    """Who is meant, each by id or by name as UCDP has them."""

    focus: str = "234"
    """UCDP has "IS" for the Islamic State everywhere, its Khorasan branch included."""
    incumbent: str = "303"
    splinter: str = "6252"
    government: str = "130"


@dataclass(frozen=True)
class Year:
    """A year of a dyad, or of a side's events."""

    year: int
    best: int
    low: int
    high: int
    events: int | None = None


@dataclass(frozen=True, eq=False)
class Series:
    """Years of something that the model has too."""

    what: str
    """``rival``, ``splinter``, ``battle`` or ``events``."""
    sides: tuple[str, str]
    """Names as in the file; the second is empty where it is a side against anyone."""
    dyads: tuple[str, ...]
    source: Source = field(repr=False)
    """The first file that they are from."""
    years: tuple[Year, ...]
    """Those that serve, in order."""
    left_out: tuple[Year, ...]
    months: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Events by month, of those whose month is known."""
    countries: tuple[str, ...] = ()
    """Where the events were."""
    whole: bool = True
    """Whether there were events in all of the countries that count."""

    @property
    def name(self) -> str:
        """The sides as one reads them."""
        return " - ".join(side for side in self.sides if side)


_PAIRS = {
    "rival": ("nonstate", "focus", "incumbent"),
    "splinter": ("nonstate", "incumbent", "splinter"),
    "battle": ("battle", "government", "focus"),
}
_NEEDS = {
    "nonstate": "{focus} against {incumbent}, nor of {incumbent} against {splinter}",
    "battle": "{government} against {focus}",
    "events": "{focus} in {countries}",
}


def find_series(
    sources: Sequence[Source], actors: Actors, countries: Sequence[str] = COUNTRIES
) -> tuple[list[Series], list[str]]:
    """What is told of some actors.

    Parameters
    ----------
    sources
        Files.
    actors
        Who is meant.
    countries
        Where events count.

    Returns
    -------
    list of Series
        Each with at least one year that serves.
    list of str
        What was left out, in sentences.

    Raises
    ------
    ExperimentError
        If a name is nowhere in the files, or a file has nothing of these actors in the years that serve.
    """
    import pandas as pd

    problems = [*_strangers(sources, actors), *_nowhere(sources, countries)]
    found: list[Series] = []
    remarks: list[str] = []
    for kind in dict.fromkeys(source.kind.name for source in sources):
        same = [source for source in sources if source.kind.name == kind]
        rows = pd.concat([source.frame.assign(file=source.file) for source in same], ignore_index=True)
        mine = list(_of_kind(kind, rows, same[0], actors, countries))
        problems += _order(rows, same[0], [dyad for series in mine for dyad in series.dyads])
        if not any(series.years for series in mine):
            problems.append(_nothing(kind, mine, rows, same, actors, countries))
        found += [series for series in mine if series.years]
        remarks += [_later(series) for series in mine if series.left_out]
        if kind == "nonstate":
            remarks += _coalitions(rows, actors)
    if problems:
        raise ExperimentError(ordered(problems))
    return found, remarks


def _of_kind(
    kind: str, rows: pd.DataFrame, source: Source, actors: Actors, countries: Sequence[str]
) -> Iterator[Series]:
    if kind == "events":
        yield from _events(rows, source, actors, countries)
    for what, (where, one, other) in _PAIRS.items():
        if where == kind:
            mine, theirs = getattr(actors, one), getattr(actors, other)
            straight = _is(rows, "a", mine) & _is(rows, "b", theirs)
            turned = _is(rows, "a", theirs) & _is(rows, "b", mine)
            chosen = rows[straight | turned]
            if len(chosen):
                sides = tuple(_called(rows, actor) for actor in (mine, theirs))
                yield _series(what, (sides[0], sides[1]), source, chosen)


def _events(rows: pd.DataFrame, source: Source, actors: Actors, countries: Sequence[str]) -> Iterator[Series]:
    known = {country.casefold() for country in countries}
    here = rows["country"].str.casefold().isin(known)
    chosen = rows[here & (_is(rows, "a", actors.focus) | _is(rows, "b", actors.focus))]
    if chosen.empty:
        return
    timed = chosen
    if "precision" in chosen:
        # From 5 on only the year is known.
        timed = chosen[~chosen["precision"].fillna("").str.match(r"[5-9]")]
    months = timed["month"].value_counts().sort_index()
    covered = tuple(sorted(chosen["country"].unique()))
    found = _series("events", (_called(rows, actors.focus), ""), source, chosen)
    yield replace(
        found,
        months={str(month): int(count) for month, count in months.items()},
        countries=covered,
        whole=known <= {country.casefold() for country in covered},
    )


def _series(what: str, sides: tuple[str, str], source: Source, chosen: pd.DataFrame) -> Series:
    counted = source.kind.name == "events"
    years = [
        Year(
            year=int(str(year)),
            best=int(rows["best"].sum()),
            low=int(rows["low"].sum()),
            high=int(rows["high"].sum()),
            events=len(rows) if counted else None,
        )
        for year, rows in chosen.groupby("year")
    ]
    serve = tuple(one for one in years if FIRST <= one.year <= LAST)
    rest = tuple(one for one in years if one not in serve)
    dyads = tuple(dict.fromkeys(chosen["dyad"]))
    return Series(what, sides, dyads, source, serve, rest)


def _is(rows: pd.DataFrame, side: str, actor: str) -> pd.Series[bool]:
    """Whether a side of each row is an actor; coalitions have ids of their own."""
    if actor.isdigit():
        return rows[f"{side}_id"] == actor
    return rows[side].str.casefold() == actor.casefold()


def _called(rows: pd.DataFrame, actor: str) -> str:
    """The actor's name in the files."""
    for side in ("a", "b"):
        names = rows[side][_is(rows, side, actor)]
        if len(names):
            return one_line(str(names.iloc[0]), 80)
    return one_line(actor, 80)


def _strangers(sources: Sequence[Source], actors: Actors) -> Iterator[Problem]:
    """Names that somebody gave and that no file has."""
    standard = Actors()
    names = sorted({str(name) for source in sources for side in "ab" for name in source.frame[side]})
    for one in fields(Actors):
        actor = getattr(actors, one.name)
        if actor == getattr(standard, one.name):
            continue
        if not any(_is(source.frame, side, actor).any() for source in sources for side in "ab"):
            told = f"no actor '{one_line(actor, 60)}' in these files{nearest(actor, names)}"
            yield Problem(told, f"--{one.name}")


def _nowhere(sources: Sequence[Source], countries: Sequence[str]) -> Iterator[Problem]:
    """Countries that somebody gave and that no file has."""
    frames = [source.frame for source in sources if source.kind.name == "events"]
    names = sorted({str(name) for frame in frames for name in frame["country"]})
    known = {name.casefold() for name in (*names, *COUNTRIES)}
    for country in countries:
        if country.casefold() not in known:
            told = f"no events in '{one_line(country, 60)}' in these files{nearest(country, names)}"
            yield Problem(told, "--country")


def _order(rows: pd.DataFrame, source: Source, dyads: Sequence[str]) -> Iterator[Problem]:
    """Years of these dyads whose estimates are not low, best, high."""
    if source.kind.name == "events":
        return
    mine = rows[rows["dyad"].isin(dyads)]
    odd = mine[(mine["low"] > mine["best"]) | (mine["best"] > mine["high"])]
    for row in odd.itertuples(index=False):
        told = f"low {row.low}, best {row.best}, high {row.high}: they are in no order"
        yield Problem(told, str(row.file), int(str(row.line)), 1, source.kind.columns["best"])


def _nothing(
    kind: str, mine: Sequence[Series], rows: pd.DataFrame, sources: Sequence[Source], actors: Actors,
    countries: Sequence[str],
) -> Problem:  # fmt: skip
    file = ", ".join(source.file for source in sources)
    if mine:
        years = sorted({one.year for series in mine for one in series.left_out})
        told = f"has these actors in {_spans(years)} only; {FIRST} to {LAST} serve as patterns"
        return Problem(told, file)
    names = {one.name: _worded(rows, one.name, getattr(actors, one.name)) for one in fields(Actors)}
    wanted = _NEEDS[kind].format(**names, countries=" or ".join(countries))
    seen = rows["a"].value_counts().add(rows["b"].value_counts(), fill_value=0).sort_values(ascending=False)
    told = f"no rows of {wanted}; it tells most of {listed(seen.index[:5])}"
    return Problem(told, file)


def _worded(rows: pd.DataFrame, role: str, actor: str) -> str:
    name = _called(rows, actor)
    if not actor.isdigit():
        return name
    return f"{f'the {role}' if name == actor else name} (id {actor})"


def _later(series: Series) -> str:
    years = _spans([one.year for one in series.left_out])
    return (
        f"{series.source.kind.title}: {series.name} in {years} left out; {FIRST} to {LAST} serve as patterns"
    )


def _spans(years: Sequence[int]) -> str:
    """Years in short: 2015, 2017 to 2019."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and spans[-1][1] == year - 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans)


def _coalitions(rows: pd.DataFrame, actors: Actors) -> Iterator[str]:
    """Years in which one of the actors fought as part of a coalition, which is an actor of its own."""
    ids = {actors.focus, actors.incumbent, actors.splinter}
    for side, other in (("a", "b"), ("b", "a")):
        if f"{side}_parts" not in rows:
            continue
        parts = rows[f"{side}_parts"].fillna("").str.findall(r"\d+")
        mine = parts.map(lambda found: bool(ids & set(found)))
        against = _is(rows, other, actors.focus) | _is(rows, other, actors.incumbent)
        chosen = rows[mine & against & rows["year"].between(FIRST, LAST)]
        for row in chosen.to_dict("records"):
            name = one_line(f"{row[side]} - {row[other]}", 160)
            deaths = _range(row)
            yield f"{name} in {row['year']} ({deaths} deaths) left out: a coalition, of neither dyad"


def _range(row: Mapping[Any, Any]) -> str:
    return f"{row['best']}, {row['low']} to {row['high']}"
