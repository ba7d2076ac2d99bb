"""A process in which the engine is loaded, and a command ``bayah`` that has its work done in a fork of it.

Each command of a page then runs as a process of its own, with its own folder, environment and exit code, but without
the seconds that loading takes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["warm_command"]

_COMMAND = """\
#!{python} -ISE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(line, [len(told).to_bytes(4, "big")], [0, 1, 2])
    line.sendall(told)
    code = line.recv(1)
sys.exit(code[0] if code else 70)
"""

_ONE_THREAD = {
    "MPLBACKEND": "Agg",
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def _load() -> None:
    """Load what commands need, and leave no thread behind: a fork has only the one that forks."""
    import matplotlib.pyplot  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import tqdm

    import sim
    import sim.report

    tqdm.tqdm.monitor_interval = 0
    sim.run("baseline", until="2013-02")
    few = {"runs": 2, "until": "2013-02", "workers": 1, "progress": False}
    sim.ensemble("baseline", **few)
    sim.compare("baseline", "omar-revealed-at-once", **few)


def _serve_one(line: socket.socket) -> None:
    head, streams, _, _ = socket.recv_fds(line, 4, 3)
    size, told = int.from_bytes(head, "big"), b""
    while len(told) < size:
        told += line.recv(size - len(told))
    child = os.fork()
    if child == 0:
        code = 70
        try:
            threading.Thread(target=_end_with, args=(line,), daemon=True).start()
            code = _run(json.loads(told), streams)
        finally:
            os._exit(code)
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):
        line.sendall(bytes([os.waitstatus_to_exitcode(status) & 255]))


def _end_with(line: socket.socket) -> None:
    """The command says no more: where its end of the line closes, it was killed."""
    line.recv(1)
    os._exit(70)


def _run(told: tuple[list[str], str, dict[str, str]], streams: list[int]) -> int:
    arguments, folder, environment = told
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    from sim.cli import main

    try:
        return main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def serve(address: str) -> None:
    """Load, then answer one command after the other until the process is ended."""
    _load()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        while True:
            line, _ = door.accept()
            with line:
                _serve_one(line)


@contextmanager
def warm_command(folder: Path) -> Iterator[Path]:
    """A folder with the command ``bayah`` in it, for the head of ``PATH``."""
    address = str(folder / "door")
    command = folder / "bin" / "bayah"
    command.parent.mkdir()
    command.write_text(_COMMAND.format(python=sys.executable, address=address), encoding="utf-8")
    command.chmod(0o755)
    process = subprocess.Popen([sys.executable, __file__, address], env={**os.environ, **_ONE_THREAD})
    try:
        deadline = time.monotonic() + 300
        while not Path(address).exists():
            assert process.poll() is None, "the warm process ended"
            assert time.monotonic() < deadline, "the warm process does not come up"
            time.sleep(0.05)
        yield command.parent
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    serve(sys.argv[1])
