"""``bayah dashboard``."""

from __future__ import annotations

import click

__all__ = ["dashboard"]


@click.command()
@click.argument("scenario", default="baseline")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in the browser.")
def dashboard(scenario: str, host: str, port: int, no_browser: bool) -> None:
    """Open a page in the browser: move levers, step through a history, ask why.

    SCENARIO is a bundled scenario, a what-if, or a YAML file; a file that is wrong is told in the page. Two arms
    stand side by side on the same draws. It needs the extra viz (pip install 'bayah[viz]'), works offline, and
    nobody but this machine reaches it unless --host says otherwise. Ctrl-C ends it.

    \b
    Examples:
      bayah dashboard
      bayah dashboard omar-hidden-until-2018
      bayah dashboard my-scenario.yaml --port 0
    """
    from ..dashboard.server import serve

    serve(scenario, host, port, not no_browser, lambda text: click.echo(text, err=True))
