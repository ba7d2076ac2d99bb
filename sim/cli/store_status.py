"""``bayah results status``, and words for what is told of a sweep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ._shared import echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.plan import Plan
    from ..experiments.store.ledger import Standing

__all__ = ["again", "listed", "ranges", "size_text", "status"]

_MOST_TOLD = 20


@click.command()
@click.argument("folder", metavar="DIR")
@json_option
def status(folder: str, as_json: bool) -> None:
    """Say how far a sweep has come: runs, failures and their reasons, chunks, size, and what is kept.

    Only the footers of the files are read; bayah results verify reads every byte.

    \b
    Examples:
      bayah results status results/omar
      bayah results status results/omar --json
    """
    from ..experiments.results import Results

    opened = Results(folder)
    plan, standing = opened.plan, opened.status()
    reasons = _reasons(opened.dataset("failed"))
    size = sum(file.stat().st_size for file in opened.folder.rglob("*") if file.is_file())
    missing = [chunk for chunk in range(plan.chunks) if not standing.done[chunk]]
    if as_json:
        echo_json(
            {
                "folder": folder,
                "name": plan.name,
                "title": plan.title,
                "runs": plan.runs,
                "kept": standing.runs + standing.failed,
                "failed": standing.failed,
                "reasons": reasons,
                "points": plan.points,
                "replicates": plan.replicates,
                "chunks": plan.chunks,
                "chunks_done": standing.chunks_done,
                "missing": ranges(missing),
                "unsettled_points": standing.unsettled,
                "damaged": list(standing.damaged),
                "complete": not missing and not standing.unsettled and not standing.damaged,
                "bytes": size,
                "scenarios": list(opened.scenarios),
                "parameters": list(opened.parameters),
                "keep": opened.manifest["keep"],
                "bayah": opened.manifest["packages"]["bayah"],
                "code": opened.manifest["code"],
            }
        )
        return
    _print_status(folder, plan, standing, reasons, size)


def _reasons(data: Any) -> dict[str, int]:
    """Reasons of failures, the most frequent first."""
    counted: Counter[str] = Counter()
    for batch in data.to_batches(columns=["reason"]) if data is not None else ():
        counted.update(batch.column(0).to_pylist())
    return dict(counted.most_common())


def _print_status(folder: str, plan: Plan, standing: Standing, reasons: dict[str, int], size: int) -> None:
    keep = plan.keep
    kept = standing.runs + standing.failed
    click.echo(plan.title)
    click.echo(
        f"  runs        {kept:,} of {plan.runs:,} ({plan.points:,} points, {plan.replicates:,} at each)"
    )
    click.echo(f"  chunks      {standing.chunks_done:,} of {plan.chunks:,} done, {plan.chunk:,} runs each")
    if standing.failed:
        click.echo(f"  failed      {standing.failed:,}")
        _lines((f"    {count:,} x {reason}" for reason, count in reasons.items()), len(reasons))
    click.echo(f"  scenarios   {listed([scenario.name for scenario in plan.scenarios])}")
    click.echo(f"  varied      {listed([variable.path for variable in plan.variables]) or 'nothing'}")
    monthly = f" of {', '.join(keep.monthly)}" if keep.trajectories != "none" else ""
    click.echo(f"  outcomes    {', '.join(keep.outcomes)}")
    click.echo(f"  by month    {keep.trajectories}{monthly}")
    click.echo(f"  allegiances {'counted' if keep.allegiances else 'not counted'}")
    click.echo(f"  size        {size_text(size)} in {folder}")
    if standing.damaged:
        click.echo(f"  damaged     {len(standing.damaged):,} files")
        _lines((f"    {file}" for file in standing.damaged), len(standing.damaged))
    if standing.chunks_done < plan.chunks or standing.unsettled:
        click.echo(f"  to go on: {again(folder, plan)}")
    else:
        click.echo(f"  complete; look at it: bayah plot {folder}")


def again(folder: str, plan: Plan) -> str:
    """What makes what is missing."""
    return f"bayah sweep {plan.name} --out {folder} (the design and the options that it was begun with)"


def listed(names: Sequence[str]) -> str:
    """Names with commas, not too many."""
    rest = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + rest


def _lines(lines: Iterable[str], count: int) -> None:
    for _, line in zip(range(_MOST_TOLD), lines, strict=False):
        click.echo(line)
    if count > _MOST_TOLD:
        click.echo(f"    and {count - _MOST_TOLD:,} more")


def size_text(count: float) -> str:
    """Bytes, as people say them."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def ranges(chunks: Sequence[int]) -> list[str]:
    """``0-4``, ``7``: what stands together, together."""
    spans: list[list[int]] = []
    for chunk in chunks:
        if spans and spans[-1][1] == chunk - 1:
            spans[-1][1] = chunk
        else:
            spans.append([chunk, chunk])
    return [str(first) if first == last else f"{first}-{last}" for first, last in spans]
