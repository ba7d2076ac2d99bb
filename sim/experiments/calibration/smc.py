"""Sequential Monte Carlo by pyABC, generation by generation, so that a kill loses one generation and changes nothing.

A particle is some runs at one point: it is accepted if one of them is near enough to the record, and weighs by the share
that is, which leaves the target that of single runs. Particles are the normal scores of the priors' quantiles: the prior
is the standard normal, and no proposal falls outside it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.schema import Smc
from sim.experiments.calibration.table import digest, form_digest
from sim.experiments.patterns.many import warm
from sim.experiments.patterns.observing import Witness
from sim.experiments.patterns.targets import Targets, measured
from sim.results.trust import as_written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Generations", "need_pyabc", "run_smc"]

_SEEDS = 2**40
_WIDER, _FROM_PRIOR = 1.3, 0.5
_PROPOSALS = 3
"""Raised whenever proposals or weights change, so that no history goes on under other rules."""


@dataclass(frozen=True, eq=False)
class Generations:
    """What SMC found."""

    u: NDArray[np.float64]
    """(particles, free): points of the unit cube of the last generation."""
    weights: NDArray[np.float64]
    """(particles,): summing to 1."""
    models: NDArray[np.int64]
    """(particles,): which of the models each is of."""
    history: pd.DataFrame
    """A row for each generation: threshold, evaluations, acceptance rate."""
    probabilities: pd.DataFrame
    """Probability of each model, a row for each generation."""

    @property
    def effective(self) -> float:
        """Effective number of particles."""
        return float(1.0 / (self.weights**2).sum())


def need_pyabc() -> Any:
    """pyABC, or a word on how to get it."""
    try:
        import pyabc
    except ImportError:
        raise UsageError("calibration by SMC needs pyABC: pip install 'bayah[inference]'") from None
    logging.getLogger("ABC").setLevel(logging.WARNING)
    return pyabc


class _Near:
    """Distances to the record of the runs at a point; runs are made on threads."""

    def __init__(
        self,
        calibration: Calibration,
        targets: Targets,
        replicates: int,
        workers: int,
        keep: Sequence[str] | None,
    ) -> None:
        asked = calibration.asked()
        self._calibration, self._targets = calibration, targets
        self._witnesses: list[Witness] = [asked.witness() for _ in range(workers)]
        self._pool = ThreadPoolExecutor(workers)
        self._replicates = replicates
        self._measures = calibration.measures[: calibration.fitted]
        self._coded = [n for n, m in enumerate(self._measures) if m.form.observed == "coded"]
        self._keep = None if keep is None else np.array([name in keep for name in calibration.units])

    def __call__(self, u: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
        values = self._calibration.values(u[None, :])[0]
        point = dict(zip(self._calibration.paths, values.tolist(), strict=True))
        seeds = range(seed, seed + self._replicates)

        def some(n: int) -> NDArray[np.float64]:
            mine = seeds[n :: len(self._witnesses)]
            if not len(mine):
                return np.empty(0)
            witness = self._witnesses[n]
            witness.write(point)
            records, good = witness.runs(mine)
            values = measured(self._measures, records)
            if self._keep is not None:
                # As from the table: what is coded is worked out on those that are left.
                values[:, self._coded] = measured(
                    [self._measures[n] for n in self._coded], records.only(self._keep)
                )
            found: NDArray[np.float64] = self._targets.distances(values)
            return np.where(good, found, 1e9)

        return np.concatenate(list(self._pool.map(some, range(len(self._witnesses)))))


def history_name(
    calibrations: Sequence[Calibration], targets: Targets, smc: Smc, keep: Sequence[str] | None = None
) -> str:
    """What makes a history this one: models, record, particles and replicates, units that count. More generations go on."""
    form = {
        "models": [form_digest(one) for one in calibrations],
        "record": targets.form,
        "smc": smc.model_dump(exclude={"generations", "least_rate"}),
        "keep": None if keep is None else list(keep),
        "proposals": _PROPOSALS,
    }
    return digest(form)[:16]


def run_smc(
    calibrations: Sequence[Calibration],
    targets: Targets,
    smc: Smc,
    database: Path,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
    title: str = "SMC",
    keep: Sequence[str] | None = None,
) -> Generations:
    """Run SMC, or go on with one that was begun.

    Parameters
    ----------
    calibrations
        One, or several of which the most probable is sought: they share their free numbers.
    targets
        The record.
    smc
        Particles, replicates, generations.
    database
        Where pyABC keeps its history; its name is drawn out by what makes the history this one.
    workers
        Threads; by default the processors there are.
    progress
        Show a bar of generations.
    say
        Told what takes long.
    title
        Word before the bar.
    keep
        Units that count, where some have left the record.

    Raises
    ------
    UsageError
        If pyABC is not there.
    """
    pyabc = need_pyabc()
    from tqdm import tqdm

    from sim.experiments.sweep import processors

    calibration = calibrations[0]
    warm(calibration.asked(), say)
    near = [_Near(one, targets, smc.replicates, workers or processors(), keep) for one in calibrations]
    names = [f"z{n}" for n in range(len(calibration.fields))]
    database.parent.mkdir(parents=True, exist_ok=True)
    file = database.with_name(f"{database.stem}-{history_name(calibrations, targets, smc, keep)}.db")
    at = f"sqlite:///{file.resolve()}"
    quiet = None if progress is None else not progress
    with tqdm(total=smc.generations, unit=" generations", desc=title, disable=quiet) as bar:
        history = _history(pyabc, at)
        done = 0 if history is None else history.max_t + 1
        bar.update(done)
        while done < smc.generations and not _exhausted(history, smc):
            # Draws follow from the generation alone, so that one that was cut off comes out the same.
            state = np.random.get_state()
            np.random.seed((calibration.file.seed * 1_000_003 + done) % 2**32)
            try:
                history = _generation(pyabc, near, names, smc, at, history, done, calibration.file.seed)
            finally:
                np.random.set_state(state)
            reached = history.max_t + 1
            if reached == done:
                break
            done = reached
            bar.update(1)
            bar.set_postfix_str(f"threshold {_thresholds(history)[-1]:.3f}")
    assert history is not None
    with as_written(file):
        return _found(history, names)


def _generation(
    pyabc: Any, near: Sequence[_Near], names: Sequence[str], smc: Smc, at: str, history: Any, number: int, seed: int
) -> Any:  # fmt: skip
    calls = [0]

    def model(which: int) -> Callable[[Mapping[str, float]], dict[str, Any]]:
        def simulate(point: Mapping[str, float]) -> dict[str, Any]:
            calls[0] += 1
            first = _SEEDS + (seed * 1000 + number) * 10**9 + calls[0] * smc.replicates
            return {"near": near[which](_uniform(np.array([point[name] for name in names])), first)}

        simulate.__name__ = f"model_{which}"
        return simulate

    abc = pyabc.ABCSMC(
        [model(n) for n in range(len(near))],
        [_normal(pyabc, names) for _ in near],
        lambda x, x_0: float(np.min(x["near"])),
        population_size=smc.particles,
        eps=pyabc.QuantileEpsilon(alpha=smc.quantile),
        sampler=pyabc.sampler.SingleCoreSampler(),
        acceptor=_acceptor(pyabc),
        transitions=[_transition(pyabc, names) for _ in near],
    )
    abc.sampler.show_progress = False
    if history is None:
        abc.new(at, {"near": np.zeros(smc.replicates)})
    else:
        abc.load(at, history.id)
    return abc.run(max_nr_populations=1)


def _uniform(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the unit cube from normal scores."""
    from scipy.special import ndtr

    u: NDArray[np.float64] = ndtr(z)
    return u


def _transition(pyabc: Any, names: Sequence[str]) -> Any:
    """Proposals from a normal distribution somewhat wider than the particles, every second one from the prior.

    Kernels around single particles, pyABC's own proposals, hardly overlap among hundreds of particles in a dozen
    dimensions: a few particles then outweigh all others (an effective number of 19 of 500 was seen). One normal
    distribution misses the tails; with the prior as the other half no weight exceeds 2.
    """

    class Wide(pyabc.transition.Transition):  # type: ignore[misc]
        def fit(self, X: pd.DataFrame, w: NDArray[np.float64]) -> None:
            points = X[list(names)].to_numpy()
            self.middle = w @ points
            apart = points - self.middle
            spread = _WIDER * (apart.T * w) @ apart + 1e-6 * np.eye(len(names))
            self.root = np.linalg.cholesky(spread)
            self.size = float(np.log(np.diag(self.root)).sum())

        def rvs_single(self) -> Any:
            drawn = np.random.standard_normal(len(names))
            if np.random.random() >= _FROM_PRIOR:
                drawn = self.middle + self.root @ drawn
            return pyabc.Parameter(dict(zip(names, drawn.tolist(), strict=True)))

        def pdf(self, x: Any) -> Any:
            many = hasattr(x, "columns")
            points = x[list(names)].to_numpy() if many else np.array([[x[name] for name in names]])
            score = np.linalg.solve(self.root, (points - self.middle).T)
            own = np.exp(-0.5 * (score**2).sum(axis=0) - self.size)
            prior = np.exp(-0.5 * (points**2).sum(axis=1))
            found = (1.0 - _FROM_PRIOR) * own + _FROM_PRIOR * prior
            return found if many else float(found[0])

    return Wide()


def _acceptor(pyabc: Any) -> Any:
    """Accepts a particle of which one run is near enough; it weighs by the share of its runs that are."""

    class Some(pyabc.Acceptor):  # type: ignore[misc]
        def __call__(self, distance_function: Any, eps: Any, x: Any, x_0: Any, t: int, par: Any) -> Any:
            distances = np.asarray(x["near"])
            inside = distances <= eps(t)
            return pyabc.acceptor.AcceptorResult(
                float(distances.min()), bool(inside.any()), float(inside.mean())
            )

    return Some()


def _normal(pyabc: Any, names: Sequence[str]) -> Any:
    """The standard normal distribution, all numbers at once."""

    class Normal(pyabc.Distribution):  # type: ignore[misc]
        def rvs(self, *args: Any, **kwargs: Any) -> Any:
            drawn = np.random.standard_normal(len(names))
            return pyabc.Parameter(dict(zip(names, drawn.tolist(), strict=True)))

        def pdf(self, x: Any) -> float:
            # Without the constant: weights are normed.
            return math.exp(-0.5 * sum(x[name] * x[name] for name in names))

    return Normal(**{name: pyabc.RV("norm", 0, 1) for name in names})


def _history(pyabc: Any, at: str) -> Any:
    """A history that was begun, if one generation of it is whole."""
    file = Path(at.removeprefix("sqlite:///"))
    if not file.is_file():
        return None
    try:
        history = pyabc.History(at)
        if history.id is not None and history.max_t >= 0:
            return history
    except Exception:
        # A file that was cut off while it was made holds nothing yet.
        pass
    file.unlink()
    return None


def _thresholds(history: Any) -> list[float]:
    frame = history.get_all_populations()
    return [float(value) for value in frame[frame["t"] >= 0]["epsilon"]]


def _exhausted(history: Any, smc: Smc) -> bool:
    if history is None or smc.least_rate == 0.0:
        return False
    frame = history.get_all_populations()
    last = frame[frame["t"] == history.max_t].iloc[0]
    return bool(last["particles"] / max(last["samples"], 1) < smc.least_rate)


def _found(history: Any, names: Sequence[str]) -> Generations:
    models = history.get_model_probabilities(history.max_t)
    shares = {int(m): float(p) for m, p in models["p"].items()}
    points, weights, which = [], [], []
    for model, share in sorted(shares.items()):
        frame, mass = history.get_distribution(m=model, t=history.max_t)
        points.append(_uniform(frame[list(names)].to_numpy()))
        weights.append(np.asarray(mass) * share)
        which.append(np.full(len(frame), model))
    populations = history.get_all_populations()
    populations = populations[populations["t"] >= 0]
    frame = populations[["t", "epsilon", "samples", "particles"]].reset_index(drop=True)
    frame = frame.assign(rate=frame["particles"] / frame["samples"])
    whole = np.concatenate(weights)
    return Generations(
        np.concatenate(points),
        whole / whole.sum(),
        np.concatenate(which),
        frame,
        history.get_model_probabilities(),
    )
