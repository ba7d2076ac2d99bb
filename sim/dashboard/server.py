"""Serve the page on this machine."""

from __future__ import annotations

import errno
import gc
import importlib.util
import os
import secrets
import socket
import threading
import warnings
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sim.dashboard.opening import opening
from sim.errors import BayahError, Problem, UsageError

__all__ = ["LOCAL", "serve"]

LOCAL = "127.0.0.1"
NEEDED = ("solara", "uvicorn", "ipyvuetify", "altair")


def _check_extra() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        told = f"the page needs {', '.join(missing)}: pip install 'bayah[viz]'"
        raise UsageError(Problem(told, "dashboard"))
    import ipyvue

    if int(ipyvue.__version__.split(".")[0]) >= 2:
        told = f"ipyvue {ipyvue.__version__} draws no figures: pip install 'ipyvue<2' 'ipyvuetify<2'"
        raise UsageError(Problem(told, "dashboard"))


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port in use is told before anything else is started."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        # Who comes before the page is ready waits, and is not turned away.
        bound.listen(128)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        told = f"cannot listen there: {reason}" + ("; --port 0 takes any free port" if taken else "")
        raise UsageError(Problem(told, f"{host}:{port}")) from None
    return bound


def serve(
    scenario: str = "baseline", host: str = LOCAL, port: int = 8765, browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    scenario
        The scenario that pages open with: a bundled one or a file. One that is wrong is told in the page.
    host
        Address to listen on. Whoever reaches it can use the page.
    port
        Port; 0 takes any that is free.
    browser
        Open the page in the browser.
    say
        Told the address, and what gives pause.

    Raises
    ------
    UsageError
        If the extra ``viz`` is missing, or the port is taken.
    """
    _check_extra()
    bound = _bound(host, port)
    # What is imported stays: looking for garbage meanwhile costs a sixth of the time.
    gc.disable()
    # Before Solara is imported: it reads its settings then. Nothing is told to anybody.
    os.environ.update(
        SOLARA_APP="sim.dashboard.page", SOLARA_MODE="production", SOLARA_TELEMETRY_MIXPANEL_ENABLE="false",
        SOLARA_THEME_SHOW_BANNER="false", SOLARA_THEME_TITLE="Bayah", SOLARA_THEME_VARIANT="light",
        SOLARA_SESSION_SECRET_KEY=secrets.token_hex(16), SOLARA_KERNEL_CULL_TIMEOUT="10m",
    )  # fmt: skip
    opening.name = scenario
    # Whole before a page is drawn: reacton looks into it as soon as somebody has begun to import it.
    import pandas  # noqa: F401
    import uvicorn

    # Solara warns of every page that is not served by https.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none", module="solara")
    address = f"http://{host if ':' not in host else f'[{host}]'}:{bound.getsockname()[1]}"
    config = uvicorn.Config("solara.server.starlette:app", log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    say(f"Bayah is at {address} (Ctrl-C ends it)")
    if host not in (LOCAL, "localhost", "::1"):
        say("whoever reaches this address can use the page: there is no password")
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    threading.Thread(target=_warm, args=(server,), daemon=True).start()
    server.run(sockets=[bound])
    if not server.started:
        raise UsageError(Problem("the page could not be started; what went wrong stands above", "dashboard"))


def _warm(server: Any) -> None:
    """Bring what the page needs while the first browser loads its own part."""
    try:
        waiting = threading.Event()
        while not server.started:
            if server.should_exit or waiting.wait(0.02):
                return
        from sim.dashboard.setup import Setup, Source, setup_of

        # A scenario that does not hold is told in the page.
        with suppress(BayahError, OSError):
            setup_of(Source(opening.name), Setup()).arms()
        from sim.dashboard import body, sidebar  # noqa: F401

        sidebar.scenario_list()
    finally:
        gc.freeze()
        gc.enable()
    from sim.dashboard.stage import Stage

    # The first month of a stage loads what is compiled: it would only be in the way of the first page.
    opening.drawn.wait()
    with suppress(BayahError, OSError):
        Stage(Setup(Source(opening.name)), months=1).runs()
