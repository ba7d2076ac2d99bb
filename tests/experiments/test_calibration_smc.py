"""SMC by pyABC: the weights of particles, the choice between models, going on after a stop."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibrated import bundled
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.cli import main
from sim.experiments.calibration import smc
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.schema import Smc
from sim.experiments.calibration.smc import Generations, run_smc

pytestmark = pytest.mark.slow
Floats = NDArray[np.float64]
OBSERVED = 0.8
NOISE = {"calibration": 0.5, "wide": 4.0}
RUNS = 6
GRID = np.linspace(-6, 6, 4001)


def near_known(calibration: Calibration, *_: Any) -> Any:
    """In the place of runs of the engine: a number with a standard normal prior, seen with normal noise."""

    def distances(u: Floats, seed: int) -> Floats:
        noise = np.random.default_rng(seed).standard_normal(RUNS)
        found: Floats = np.abs(ndtri(u[0]) + NOISE[calibration.name] * noise - OBSERVED)
        return found

    return distances


def one_number(name: str = "calibration") -> Calibration:
    return replace(bundled(), name=name, fields=bundled().fields[:1])


def run(
    database: Path,
    form: Smc,
    models: Sequence[Calibration] = (),
) -> Generations:
    return run_smc(models or [one_number()], bundled().targets, form, database, workers=1, progress=False)


def likelihood(threshold: float, noise: float) -> Floats:
    """Probability that one run is near enough, on the grid."""
    found: Floats = ndtr((OBSERVED + threshold - GRID) / noise) - ndtr((OBSERVED - threshold - GRID) / noise)
    return found


def moments(density: Floats) -> tuple[float, float]:
    weights = density / density.sum()
    mean = float(weights @ GRID)
    return mean, float(np.sqrt(weights @ (GRID - mean) ** 2))


PRIOR = np.exp(-0.5 * GRID**2)


def test_particles_weigh_by_the_share_of_their_runs_that_are_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smc, "_Near", near_known)
    found = run(tmp_path / "one.db", Smc(particles=350, replicates=RUNS, generations=2, quantile=0.9))
    history = found.history
    assert history["t"].tolist() == [0, 1]
    assert (np.diff(history["epsilon"]) < 0).all()
    assert found.weights.sum() == pytest.approx(1.0)
    z = ndtri(found.u[:, 0])
    mean = float(found.weights @ z)
    sd = float(np.sqrt(found.weights @ (z - mean) ** 2))
    # The target at this very threshold, whatever it is: that of single runs.
    near = likelihood(float(history["epsilon"].iloc[-1]), NOISE["calibration"])
    right, spread = moments(PRIOR * near)
    error = spread / np.sqrt(found.effective)
    assert mean == pytest.approx(right, abs=4 * error)
    assert sd == pytest.approx(spread, abs=4 * error)
    # Had they weighed the same, the target would be that of the nearest of six runs: far from here.
    wrong, wider = moments(PRIOR * (1 - (1 - near) ** RUNS))
    assert abs(mean - right) + abs(sd - spread) < (abs(wrong - right) + abs(wider - spread)) / 3
    assert min(right - wrong, wider - spread) > 3 * error
    assert found.effective > 200


def test_the_choice_between_models_follows_their_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smc, "_Near", near_known)
    models = [one_number(), one_number("wide")]
    found = run(tmp_path / "two.db", Smc(particles=350, replicates=RUNS, generations=2, quantile=0.9), models)
    shares = found.probabilities
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    threshold = float(found.history["epsilon"].iloc[-1])
    evidence = [float((PRIOR * likelihood(threshold, NOISE[m.name])).sum()) for m in models]
    assert float(shares.iloc[-1][0]) == pytest.approx(evidence[0] / sum(evidence), abs=0.07)
    by_model = [found.weights[found.models == n].sum() for n in (0, 1)]
    assert by_model == pytest.approx(shares.iloc[-1].tolist())
    # In each of them the particles are its own posterior.
    for n, model in enumerate(models):
        mine = found.models == n
        right, spread = moments(PRIOR * likelihood(threshold, NOISE[model.name]))
        z, weights = ndtri(found.u[mine, 0]), found.weights[mine] / found.weights[mine].sum()
        assert weights @ z == pytest.approx(right, abs=5 * spread * np.sqrt((weights**2).sum()))


def equal(one: Generations, other: Generations) -> bool:
    return (
        one.u.tobytes() == other.u.tobytes()
        and one.weights.tobytes() == other.weights.tobytes()
        and one.history.equals(other.history)
    )


def test_a_stop_in_the_middle_of_a_generation_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Smc(particles=40, replicates=RUNS, generations=3)
    monkeypatch.setattr(smc, "_Near", near_known)
    whole = run(tmp_path / "whole.db", form)
    calls = [0]

    def failing(calibration: Calibration, *rest: Any) -> Any:
        inner = near_known(calibration, *rest)

        def distances(u: Floats, seed: int) -> Floats:
            calls[0] += 1
            if calls[0] in (30, 170):
                raise KeyboardInterrupt
            return inner(u, seed)

        return distances

    monkeypatch.setattr(smc, "_Near", failing)
    stops = 0
    while True:
        # State of the process is of no account.
        np.random.seed(stops)  # noqa: NPY002
        try:
            found = run(tmp_path / "cut.db", form)
        except KeyboardInterrupt:
            stops += 1
            continue
        break
    assert stops == 2
    assert equal(found, whole)
    # What is done is done: nothing is run again.
    before = calls[0]
    assert equal(run(tmp_path / "cut.db", form), whole)
    assert calls[0] == before


def test_a_database_that_holds_nothing_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = Smc(particles=20, replicates=RUNS, generations=1)
    monkeypatch.setattr(smc, "_Near", near_known)
    whole = run(tmp_path / "whole.db", form)
    (file,) = tmp_path.glob("whole-*.db")
    for n, data in enumerate((b"no database", file.read_bytes()[:2000])):
        (tmp_path / file.name.replace("whole", str(n))).write_bytes(data)
        assert equal(run(tmp_path / f"{n}.db", form), whole)


def test_it_ends_where_too_few_particles_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smc, "_Near", near_known)
    form = Smc(particles=40, replicates=RUNS, generations=8, quantile=0.3, least_rate=0.2)
    found = run(tmp_path / "short.db", form)
    assert 1 < len(found.history) < 8
    assert found.history["rate"].iloc[-1] < 0.2
    assert (found.history["rate"].iloc[:-1] >= 0.2).all()


def test_runs_of_the_engine_generation_by_generation(tmp_path: Path) -> None:
    calibration = bundled()
    form = Smc(particles=20, replicates=2, generations=2)
    whole = run_smc([calibration], calibration.targets, form, tmp_path / "a.db", 1, False)
    first = form.model_copy(update={"generations": 1})
    run_smc([calibration], calibration.targets, first, tmp_path / "b.db", 1, False)
    assert equal(run_smc([calibration], calibration.targets, form, tmp_path / "b.db", 1, False), whole)
    assert whole.u.shape == (20, 12)
    assert ((whole.u > 0) & (whole.u < 1)).all()
    assert (whole.history["particles"] == 20).all()
    # Without some units runs are others' neighbours: distances are to a record without them.
    keep = [name for name in calibration.units if name != "imu"]
    near = smc._Near(calibration, calibration.targets, 4, 2, None)(whole.u[0], 7)
    alone = smc._Near(calibration, calibration.targets, 4, 1, None)(whole.u[0], 7)
    # Two threads share the runs out, run by run.
    np.testing.assert_allclose(sorted(near), sorted(alone), rtol=1e-12)
    without = smc._Near(calibration, calibration.targets, 4, 1, keep)(whole.u[0], 7)
    assert not np.array_equal(without, alone)


def test_without_pyabc_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from calibrated import calibration_text

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyabc", None)
    Path("c.yaml").write_text(calibration_text())
    assert main(["calibrate", "c.yaml", "--step", "smc", "--quiet", "--no-figures"]) == 2
    assert "pip install 'bayah[inference]'" in capsys.readouterr().err
