"""What an analysis found, in plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiments.sensitivity.findings import Sensitivity

__all__ = ["figure", "lines", "markdown", "way"]


def lines(found: Sensitivity, most: int) -> Iterator[str]:
    """Lines for each stage and output."""
    yield found.title
    for stage in found.stages:
        yield ""
        yield from _TOLD[stage](found, found.about[stage], most)
    if found.kept and "morris" in found.stages:
        yield ""
        yield f"Went on from Morris: {', '.join(found.kept)}"


def figure(value: float | None) -> str:
    """A number in three digits, or a dash."""
    return "-" if value is None or value != value else f"{value:.3g}"


def way(one: dict[str, Any]) -> str:
    """Whether the output rises (+) or falls (-) with a number, or does both."""
    if "mu" in one:
        mu, star = one["mu"] or 0.0, one["mu_star"] or 0.0
        return "both" if abs(mu) < star / 2 else "+" if mu > 0 else "-"
    if "direction" in one:
        turned = one["direction"] or 0.0
        return "both" if abs(turned) < 0.05 else "+" if turned > 0 else "-"
    return ""


def _head(name: str, told: dict[str, Any], group: str) -> str:
    failed = f", {told['failed']:,} failed" if told["failed"] else ""
    runs = f"{told['points']:,} points, {told['runs']:,} runs{failed}"
    return f"{name}: {told['numbers']} numbers, {told['groups']:,} {group}, {runs}"


def _about(found: Sensitivity, output: str, told: dict[str, Any], group: str) -> str:
    noise = told["noise"]
    share = noise["noise_share"]
    chance = "" if share is None or share != share else f"; chance makes {share:.1%} of the variance of means"
    dropped = f"; {told['dropped']:,} {group} without a good run left out" if told["dropped"] else ""
    return f"  {output}: {found.output_title(output)}{chance}{dropped}"


def _morris(found: Sensitivity, told: dict[str, Any], most: int) -> Iterator[str]:
    yield _head("Morris", told, "trajectories")
    for output, one in told["outputs"].items():
        yield _about(found, output, one, "trajectories")
        ranked = found.ranked(output, "morris")[:most]
        wide = max((len(path) for path, _ in ranked), default=0)
        if ranked:
            yield f"    {'':{wide}}  {'mu*':>8}  {'95 % interval':>18}  {'sigma':>8}  {'chance':>8}"
        for path, index in ranked:
            between = f"{figure(index['low'])} to {figure(index['high'])}"
            tail = f"{figure(index['sigma']):>8}  {figure(index['floor']):>8}"
            yield f"    {path:{wide}}  {figure(index['mu_star']):>8}  {between:>18}  {tail}  {way(index)}"


def _sobol(found: Sensitivity, told: dict[str, Any], most: int) -> Iterator[str]:
    yield _head("Sobol", told, "blocks")
    for output, one in told["outputs"].items():
        yield _about(found, output, one, "blocks")
        ranked = found.ranked(output, "sobol")[:most]
        wide = max((len(path) for path, _ in ranked), default=0)
        if ranked:
            yield f"    {'':{wide}}  {'total':>6}  {'95 % interval':>16}  {'first':>6}  {'chance':>6}"
        for path, index in ranked:
            between = f"{figure(index['total_low'])} to {figure(index['total_high'])}"
            tail = f"{figure(index['first']):>6}  {figure(index['floor']):>6}"
            yield f"    {path:{wide}}  {figure(index['total']):>6}  {between:>16}  {tail}  {way(index)}"


def _pawn(found: Sensitivity, told: dict[str, Any], most: int) -> Iterator[str]:
    failed = f", {told['failed']:,} failed" if told["failed"] else ""
    yield f"PAWN: {told['numbers']} numbers, {told['points']:,} points, {told['runs']:,} runs{failed}"
    if told["left_out"]:
        yield f"  no numbers, left out: {', '.join(told['left_out'])}"
    for output, one in told["outputs"].items():
        if not one["indices"]:
            yield f"  {output}: the same in every run"
            continue
        ranked = found.ranked(output, "pawn")[:most]
        wide = max(len(path) for path, _ in ranked)
        yield f"  {output}"
        yield f"    {'':{wide}}  {'median':>6}  {'95 % interval':>16}  {'chance':>6}"
        for path, index in ranked:
            between = f"{figure(index['low'])} to {figure(index['high'])}"
            yield f"    {path:{wide}}  {figure(index['median']):>6}  {between:>16}  {figure(index['floor']):>6}"


_TOLD = {"morris": _morris, "sobol": _sobol, "pawn": _pawn}


def markdown(found: Sensitivity, most: int = 6) -> str:
    """The largest effects as tables, a row for each number.

    Parameters
    ----------
    found
        The analysis.
    most
        Numbers told of each output.
    """
    parts = [_table(found, stage, output, most) for stage in found.stages for output in found.outputs]
    return "\n\n".join(parts) + "\n"


_HEADS = {
    "morris": (("mu*", "mu_star"), ("low", "low"), ("high", "high"), ("sigma", "sigma"), ("chance", "floor")),
    "sobol": (("total", "total"), ("low", "total_low"), ("high", "total_high"), ("first", "first"), ("chance", "floor")),
    "pawn": (("median", "median"), ("low", "low"), ("high", "high"), ("chance", "floor")),
}  # fmt: skip
_NAMES = {"morris": "Morris", "sobol": "Sobol", "pawn": "PAWN"}


def _table(found: Sensitivity, stage: str, output: str, most: int) -> str:
    told = found.about[stage]
    failed = f"{told['failed']:,} failed" if told["failed"] else "none failed"
    heads = _HEADS[stage]
    rows = [
        f"**{_NAMES[stage]}: {found.output_title(output)}** ({told['numbers']} numbers, {told['runs']:,} runs, {failed})",
        "",
        f"| number | {' | '.join(head for head, _ in heads)} | sign |",
        f"| --- |{' ---: |' * len(heads)} --- |",
    ]
    for path, one in found.ranked(output, stage)[:most]:
        cells = " | ".join(figure(one[name]) for _, name in heads)
        rows.append(f"| `{path}` | {cells} | {way(one)} |")
    return "\n".join(rows)
