"""``bayah doctor``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from ._shared import EXIT_FAILED, echo_json, json_option

if TYPE_CHECKING:
    from ..api.health.check import Check

__all__ = ["doctor"]

HEADINGS = {
    "program": "Program",
    "dependencies": "Dependencies",
    "extras": "Extras",
    "cache": "Compiled code",
    "machine": "Machine",
    "self-test": "Self-test",
}


@click.command()
@click.option("--no-run", is_flag=True, help="Leave out the self-test, which makes a run by both drivers.")
@click.option(
    "--clean", "cleaned", is_flag=True, help="Remove all compiled code first, stale and broken included."
)
@json_option
def doctor(no_run: bool, cleaned: bool, as_json: bool) -> None:
    """Look after this installation: versions, compiled code, the machine, and a run.

    The self-test runs the baseline by both drivers: their records must be the same bit for bit, and the same as
    when this version was made. Where nothing is compiled yet, it compiles first, which takes a minute or two.
    Exits with 1 where something is wrong, and says what to do about it.

    \b
    Examples:
      bayah doctor
      bayah doctor --no-run --json
      bayah doctor --clean
    """
    from ..api.health.examine import examine

    if cleaned:
        _clean()
    found: list[Check] = []
    for check in examine(not no_run, lambda line: click.echo(line, err=True)):
        if not as_json:
            _show(check, found)
        found.append(check)
    if as_json:
        echo_json({"healthy": all(check.good for check in found), "checks": [_as_dict(one) for one in found]})
    else:
        _conclude(found)
    if not all(check.good for check in found):
        raise click.exceptions.Exit(EXIT_FAILED)


def _clean() -> None:
    from ..api.health.cache import clean, look_at

    freed = clean(look_at())
    click.echo(f"removed {freed / 1e6:,.0f} MB of compiled code", err=True)


def _show(check: Check, before: Iterable[Check]) -> None:
    if check.section not in {one.section for one in before}:
        click.echo(HEADINGS[check.section])
    mark = "ok" if check.good else "!!"
    if check.section == "extras" and not check.values["present"]:
        mark = "--"
    click.echo(f"  {mark}  {check.name}: {check.told}")


def _conclude(found: Iterable[Check]) -> None:
    missing = [check for check in found if check.section == "extras" and not check.values["present"]]
    if missing:
        click.echo("\nTo install what is optional:")
        for check in missing:
            click.echo(f"  {check.remedy}")
    wrong = [check for check in found if not check.good]
    click.echo("\nNothing is wrong." if not wrong else f"\n{len(wrong)} to mend:")
    for check in wrong:
        click.echo(f"  {check.name}: {check.problem}\n    do: {check.remedy}")


def _as_dict(check: Check) -> dict[str, Any]:
    told = {"section": check.section, "name": check.name, "good": check.good, "told": check.told}
    wrong = {"problem": check.problem} if check.problem else {}
    remedy = {"remedy": check.remedy} if check.problem or check.values.get("present") is False else {}
    return {**told, **wrong, **remedy, **check.values}
