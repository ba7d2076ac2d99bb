"""Chunks on a Dask cluster: handed out a few at a time, kept where they are made if the folder is seen there."""

from __future__ import annotations

import logging
import queue
import secrets
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import IncompleteError, Problem, StoreError, UsageError
from sim.experiments.bench import Rule
from sim.experiments.execute.control import Stop
from sim.experiments.execute.remote import do_chunk, held, pack
from sim.experiments.plan import Plan
from sim.experiments.store.files import beacon

__all__ = ["run_cluster"]

Keep = Callable[[int, Mapping[str, bytes] | None], None]
Say = Callable[[str], None]

_CONNECT_S = 8
_RETRIES = 2
_EACH_S = 0.2
"""How long to wait for news before looking whether to stop."""
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Ctrl-C in a terminal reaches every process of it; only the one that hands out work is to heed it."""


def run_cluster(
    chunks: Iterator[int],
    dask: Any,
    workers: int,
    plan: Plan,
    folder: Path,
    rule: Rule | None,
    keep: Keep,
    tick: Callable[[int, int], None],
    stop: Stop,
    say: Say,
) -> None:
    """Make chunks on a Dask cluster until there are none left or a stop is asked for.

    Parameters
    ----------
    chunks
        Positions of chunks to make.
    dask
        A client, a cluster, the address of a scheduler, or ``local`` for processes of this machine.
    workers
        Processes, where ``dask`` is ``local``.
    plan
        The plan.
    folder
        The store. A worker that sees it writes there itself, any other hands the bytes back.
    rule
        A decision rule of one's own.
    keep
        Takes the parts of a chunk, or None where a worker has kept them.
    tick
        Told of runs done and failed, a chunk at a time.
    stop
        Whether to stop: asked, chunks under way are waited for; now, they are cancelled.
    say
        Told what is going on.

    Raises
    ------
    UsageError
        If Dask is not installed, or no scheduler answers.
    StoreError
        If workers run other code.
    IncompleteError
        If the cluster goes away.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        message = "Dask is not installed; it comes with: pip install 'bayah[cluster]'"
        raise UsageError(Problem(message, "dask")) from None
    from distributed.comm import CommClosedError
    from distributed.protocol.pickle import dumps

    with ExitStack() as stack:
        stack.enter_context(_quiet())
        client = stack.enter_context(_connected(dask, workers))
        name = stack.enter_context(beacon(folder))
        package = pack(plan, rule, dumps)
        errand = _Errand(client, plan, folder.absolute(), name, keep, tick, stop, say)
        stack.callback(errand.let_go)
        try:
            errand.hold(package)
            errand.go(chunks)
        except (CommClosedError, TimeoutError):
            raise errand.gone() from None


@dataclass
class _Errand:
    """The chunks of a sweep that are under way on a cluster."""

    client: Any
    plan: Plan
    folder: Path
    beacon: str
    keep: Keep
    tick: Callable[[int, int], None]
    stop: Stop
    say: Say
    # Another sweep of the same design on the same cluster must not share its tasks: they land in another folder.
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    sent: dict[Any, tuple[int, Any]] = field(default_factory=dict)
    news: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    package: Any = None
    _threads: tuple[float, int] = (-1.0, 0)
    _waited: bool = False

    def hold(self, package: Any) -> None:
        """Put the plan on the cluster, as a task: unlike scattered data it is made again when a worker is lost."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            key = f"plan-{package.digest[:16]}-{self.token}"
            self.package = self.client.submit(held, package, key=key, pure=False)

    def go(self, chunks: Iterator[int]) -> None:
        """Make chunks; those that end their workers even when nothing else is under way are left out."""
        # A worker that dies takes along what waits behind the chunk in hand. So whoever is suspected is tried alone.
        suspects = self.send_all(chunks, self.room)
        for chunk in self.send_all(iter(suspects), lambda: 1):
            runs = self.plan.chunk_runs(chunk)
            self.say(
                f"chunk {chunk} (runs {runs[0]} to {runs[-1]}) ends its worker again and again; it is left out"
            )

    def room(self) -> int:
        """How many chunks may be under way."""
        when, threads = self._threads
        if time.monotonic() - when > 1:
            threads = sum(self.client.nthreads().values())
            if not threads and not self._waited:
                self._waited = True
                self.say("the cluster has no workers yet: waiting for them")
            self._threads = (time.monotonic(), threads)
        return 2 * max(threads, 1)

    def send_all(self, chunks: Iterator[int], room: Callable[[], int]) -> list[int]:
        """Send chunks and take what comes back.

        Returns
        -------
        list of int
            Chunks whose workers died.
        """
        killed: list[int] = []
        while not self.stop.now.is_set():
            while not self.stop.asked.is_set() and len(self.sent) < room():
                chunk = next(chunks, None)
                if chunk is None:
                    break
                self._send(chunk)
            if not self.sent:
                break
            try:
                future = self.news.get(timeout=_EACH_S)
            except queue.Empty:
                self._check_connection()
                continue
            chunk, _ = self.sent.pop(future.key)
            if not self._take(chunk, future):
                killed.append(chunk)
        return killed

    def _send(self, chunk: int) -> None:
        key = f"chunk-{self.plan.digest[:16]}-{self.token}-{chunk}-{secrets.token_hex(2)}"
        future = self.client.submit(
            do_chunk,
            self.package,
            chunk,
            str(self.folder),
            self.beacon,
            key=key,
            pure=False,
            retries=_RETRIES,
        )
        self.sent[key] = (chunk, future)
        future.add_done_callback(self.news.put)

    def _take(self, chunk: int, future: Any) -> bool:
        """Keep what has come back; False where the workers died over it."""
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            done, failed, parts = future.result()
        except KilledWorker:
            return False
        except CancelledError:
            raise self.gone() from None
        except ImportError as error:
            raise StoreError(
                f"a worker lacks what this process has ({error}); install the same bayah there"
            ) from None
        except StoreError as error:
            raise error from None
        future.release()
        self.tick(done, failed)
        self.keep(chunk, parts)
        return True

    def _check_connection(self) -> None:
        if self.client.status != "running":
            raise self.gone()

    def gone(self) -> IncompleteError:
        """What to raise when the scheduler no longer answers."""
        message = "the cluster has gone away; what is kept is whole, the same command goes on from there"
        return IncompleteError(Problem(message, str(self.folder)))

    def let_go(self) -> None:
        """Cancel what is still under way, and forget the plan."""
        left = [future for _, future in self.sent.values()]
        if left and self.client.status == "running":
            with suppress(OSError):
                self.client.cancel(left, force=True)
        self.sent.clear()
        self.package = None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from telling of lost workers in its own way; what matters is said by us."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    for logger, _ in before:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


@contextmanager
def _connected(dask: Any, workers: int) -> Iterator[Any]:
    """A client that is connected; one that was given stays open."""
    from distributed import Client

    if isinstance(dask, Client):
        if dask.asynchronous:
            raise UsageError(
                Problem("is an asynchronous client; give Client(..., asynchronous=False)", "dask")
            )
        yield dask
    elif dask == "local":
        with _local_cluster(workers) as cluster, Client(cluster, set_as_default=False) as client:
            yield client
    elif isinstance(dask, str):
        with _client_of(dask) as client:
            yield client
    elif hasattr(dask, "scheduler_address"):
        with Client(dask, set_as_default=False) as client:
            yield client
    else:
        message = f"should be a Dask client, tcp://host:port or local, not {type(dask).__name__}"
        raise UsageError(Problem(message, "dask"))


def _client_of(address: str) -> Any:
    from distributed import Client

    whole = address if "://" in address else f"tcp://{address}"
    host, _, port = whole.partition("://")[2].rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(Problem(f"should be tcp://host:port or local, not '{address}'", "dask"))
    try:
        return Client(whole, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        why = (
            str(error).splitlines()[0] if isinstance(error, ValueError) else "no Dask scheduler answers there"
        )
        raise UsageError(Problem(why, f"dask {whole}")) from None


def _local_cluster(workers: int) -> Any:
    from distributed import LocalCluster

    # No limit of memory: a worker near it would pause for good, and threads have none either.
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL + 1,
        preload=[_DEAF],
        scheduler_kwargs={"allowed_failures": 1},
    )
