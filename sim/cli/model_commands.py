"""``bayah mechanisms`` and ``bayah centre``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Problem, UsageError
from ..mechanisms import ARTICLES, CITED, MECHANISMS, Mechanism
from ._shared import EXIT_FAILED, echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.centre import Centring
    from ..experiments.statements import StatementResult
    from ..scenario.load import Loaded

__all__ = ["centre", "mechanisms"]


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option(
    "--check", "checked", is_flag=True, help="Switch each off in paired runs and show what changes."
)
@click.option(
    "--seeds", default=64, show_default=True, type=click.IntRange(2), help="Paired runs for each statement."
)
@click.option(
    "--scenario", default="baseline", show_default=True, metavar="SCENARIO", help="What to check on."
)
@json_option
def mechanisms(ids: tuple[str, ...], checked: bool, seeds: int, scenario: str, as_json: bool) -> None:
    """Show the statements of the articles that the model is made of.

    ID is a statement, M01 to M80; all of them where none is given. With --check each is switched off alone,
    with the same seeds: its readout with and without it, the paired difference with its standard error, and
    the share of runs whose record changes. Exits with 1 where one does not move its readout as it states.

    \b
    Examples:
      bayah mechanisms M08
      bayah mechanisms --check
    """
    entries = _chosen(ids)
    if checked:
        _check(entries, seeds, scenario, as_json)
    elif as_json:
        echo_json({"articles": ARTICLES, "mechanisms": [_as_dict(entry) for entry in entries]})
    else:
        for entry in entries:
            _print_entry(entry)
        click.echo("Articles:")
        for key in dict.fromkeys(entry.article for entry in entries):
            click.echo(f"  {key}  {ARTICLES[key]}")


def _chosen(ids: Sequence[str]) -> list[Mechanism]:
    by_id = {entry.id: entry for entry in MECHANISMS}
    chosen, unknown = [], []
    for text in ids:
        number = text.strip().upper().removeprefix("M")
        entry = by_id.get(f"M{number.zfill(2)}")
        if entry is None:
            unknown.append(Problem(f"there is no statement '{text}'; there are M01 to M{len(by_id)}"))
        elif entry not in chosen:
            chosen.append(entry)
    if unknown:
        raise UsageError(unknown)
    return chosen or list(MECHANISMS)


def _as_dict(entry: Mechanism) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "article": entry.article,
        "cited": CITED[entry.article],
        "statement": entry.statement,
        "rule": f"sim.{entry.rule}",
        "switch": entry.switch,
        "default": entry.default,
        "readout": entry.readout,
        "direction": "up" if entry.direction > 0 else "down",
        "window": list(entry.window),
        "setting": dict(entry.setting),
        "contested": entry.contested,
    }


def _print_entry(entry: Mechanism) -> None:
    first, last = entry.window
    way = "up" if entry.direction > 0 else "down"
    click.echo(f"{entry.id}  {entry.title} ({entry.article}: {CITED[entry.article]})")
    click.echo(f"     {entry.statement}")
    click.echo(
        f"     rule sim.{entry.rule}; switch {entry.switch}, {'on' if entry.default else 'off'} by default"
    )
    click.echo(f"     shows in {entry.readout}, {way}, {first} to {last}")
    if entry.setting:
        click.echo(f"     shown with {', '.join(f'{path}={value}' for path, value in entry.setting.items())}")
    if entry.contested:
        click.echo(f"     contested: {entry.contested}")
    click.echo()


def _check(entries: Sequence[Mechanism], seeds: int, scenario: str, as_json: bool) -> None:
    from ..experiments.statements import check_statements
    from ..scenario.load import load

    found = check_statements(load(scenario), entries, range(seeds))
    results = list(_with_progress(found, len(entries)))
    if as_json:
        echo_json(
            {"scenario": scenario, "seeds": seeds, "statements": [_found(result) for result in results]}
        )
    else:
        _print_results(results)
    if not all(result.shown for result in results):
        click.get_current_context().exit(EXIT_FAILED)


def _with_progress(found: Iterable[StatementResult], total: int) -> Iterable[StatementResult]:
    from tqdm import tqdm

    return tqdm(found, total=total, unit="statement", leave=False, disable=None)


def _verdict(result: StatementResult) -> str:
    if result.shown:
        return "shown"
    return "inert: no run changes" if result.inert else "not shown"


def _found(result: StatementResult) -> dict[str, Any]:
    return {
        **_as_dict(result.mechanism),
        "on": result.on,
        "off": result.off,
        "difference": result.difference,
        "error": result.error,
        "changed": result.changed,
        "verdict": "shown" if result.shown else "inert" if result.inert else "not shown",
    }


def _print_results(results: Sequence[StatementResult]) -> None:
    title = max(len(result.mechanism.title) for result in results)
    wide = max(len(result.mechanism.readout) for result in results)
    heads = f"{'on':>10}  {'off':>10}  {'difference':>11}  {'error':>9}  {'changed':>7}"
    click.echo(f"id   {'title':{title}}  {'readout':{wide}}  {heads}  verdict")
    for result in results:
        entry = result.mechanism
        sign = "+" if entry.direction > 0 else "-"
        numbers = (
            f"{result.on:>10.5g}  {result.off:>10.5g}  {result.difference:>+11.4g}  {result.error:>9.2g}"
        )
        told = f"{numbers}  {result.changed:>7.0%}  {_verdict(result)} ({sign})"
        click.echo(f"{entry.id}  {entry.title:{title}}  {entry.readout:{wide}}  {told}")
    shown = sum(result.shown for result in results)
    click.echo(f"{shown} of {len(results)} shown: moved as stated by more than two standard errors")


@click.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="File to write the centres to, or to check.",
)
@click.option(
    "--check", "checked", is_flag=True, help="Say whether the scenario's file of centres is current."
)
@json_option
def centre(scenario: str, out: str | None, checked: bool, as_json: bool) -> None:
    """Compute the constants that the terms of a utility are centred on.

    They are means over the factions of the first month of SCENARIO. Prints, for each patron,
    the centre of each term and weight * centre: what the patron's constant has to make good if utilities
    are to stay as they are without centring. With --check, exits with 1 if the file from which the scenario
    has its centres is stale, or the FILE given.

    \b
    Examples:
      bayah centre
      bayah centre --check
      bayah centre baseline --out scenarios/parts/centres.yaml
    """
    from ..experiments.centre import centre as compute
    from ..experiments.centre import centres_text
    from ..scenario.load import load

    loaded = load(scenario)
    found = compute(loaded)
    if checked:
        _check_file(Path(out) if out else _file_of(loaded), centres_text(found), found, as_json)
        return
    if out:
        Path(out).write_text(centres_text(found), encoding="utf-8")
    if as_json:
        echo_json(_centring(found))
    else:
        _print_centring(found)


def _file_of(loaded: Loaded) -> Path:
    """The file from which the scenario has its centres."""
    mark = loaded.marks.get(("decision", "centres"))
    if mark is None:
        raise UsageError(f"{loaded.file}: it has no centres; write some with --out and extend that file")
    return Path(mark.file)


def _check_file(file: Path, text: str, found: Centring, as_json: bool) -> None:
    current = file.read_text(encoding="utf-8") == text
    if as_json:
        echo_json({"file": str(file), "current": current, "inputs": found.inputs})
    elif current:
        click.echo(f"{file}: current, inputs {found.inputs}")
    else:
        click.echo(f"{file}: stale; write it anew with `bayah centre {found.name} --out {file}`")
    if not current:
        click.get_current_context().exit(EXIT_FAILED)


def _centring(found: Centring) -> dict[str, Any]:
    return {
        "scenario": found.name,
        "month": found.month,
        "factions": found.counted,
        "inputs": found.inputs,
        "centres": found.means,
        "shift": found.shift,
        "shift_sum": {patron: sum(terms.values()) for patron, terms in found.shift.items()},
        "alliance": found.alliance,
    }


def _print_centring(found: Centring) -> None:
    wide = max(map(len, found.means), default=0) + 8
    click.echo(
        f"{found.name}, {found.month}: {found.counted} of {found.listed} factions; inputs {found.inputs}"
    )
    heads = "".join(f"{patron + ' mean':>{wide}}{'log-odds':>10}" for patron in found.means)
    click.echo(f"{'term':12}{heads}")
    for term in next(iter(found.means.values()), {}):
        cells = "".join(
            f"{means[term]:>{wide}.5f}{found.shift[patron][term]:>10.4f}"
            for patron, means in found.means.items()
        )
        click.echo(f"{term:12}{cells}")
    sums = "".join(f"{'':>{wide}}{sum(terms.values()):>10.4f}" for terms in found.shift.values())
    click.echo(f"{'sum':12}{sums}")
    rest = "".join(f"{'':>{wide}}{number:>10.4f}" for number in found.alliance.values())
    click.echo(f"{'alliance':12}{rest}")
    click.echo("sum: for the patron's constant; alliance: beyond its part of that, for weights.c_ally")
