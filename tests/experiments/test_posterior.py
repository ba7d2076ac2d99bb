"""Posterior draws as a file, and runs made with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from calibrated import bundled

import sim
from sim.cli import main
from sim.errors import BayahError, UsageError
from sim.experiments.calibration.posterior import Posterior, posterior_file, read_posterior, write_posterior
from sim.experiments.fields import find_field
from sim.experiments.sampling import check_prior
from sim.scenario.load import load_text

DRAWS = pd.DataFrame({
    "weights.b_power": [0.5, 1.0, 1.5, 2.0], "patrons.iskp.constant": [-5.0, -4.0, -3.0, -2.0],
    "weights.clash": [0.1] * 4,
})  # fmt: skip
ABOUT = {
    "calibration": "mine", "scenario": "baseline", "digest": "d", "free": ["weights.b_power", "patrons.iskp.constant"],
    "effective": 3.5, "way": "smc",
}  # fmt: skip
SHORT = "2013-06"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.parquet"
    write_posterior(Posterior(DRAWS, ABOUT), path)
    return path


def test_draws_come_back_as_they_were_written(file: Path, tmp_path: Path) -> None:
    found = read_posterior(file)
    pd.testing.assert_frame_equal(found.draws, DRAWS)
    assert found.about == ABOUT
    assert found.free == ("weights.b_power", "patrons.iskp.constant")
    assert found.points()[1] == {"weights.b_power": 1.0, "patrons.iskp.constant": -4.0, "weights.clash": 0.1}
    # The same draws are the same bytes, whatever the order in which they are described.
    again = tmp_path / "again.parquet"
    write_posterior(Posterior(DRAWS, dict(reversed(ABOUT.items()))), again)
    assert again.read_bytes() == file.read_bytes()
    # The folder of a calibration will do.
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "posterior.parquet").write_bytes(file.read_bytes())
    pd.testing.assert_frame_equal(read_posterior(folder).draws, DRAWS)


def test_what_holds_no_draws_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"nowhere\.parquet: no such file of posterior draws; bayah calibrate"
    ):
        read_posterior(tmp_path / "nowhere.parquet")
    with pytest.raises(UsageError, match=r"posterior\.parquet: no such file of posterior draws"):
        read_posterior(tmp_path)
    foreign = tmp_path / "foreign.parquet"
    pq.write_table(pa.table({"weights.b_power": [1.0]}), foreign)
    text = tmp_path / "text.parquet"
    text.write_text("weights.b_power\n1\n")
    for wrong in (foreign, text):
        with pytest.raises(UsageError, match=r"holds no posterior draws .*bayah calibrate makes such files"):
            read_posterior(wrong)


def test_an_ensemble_shares_its_runs_out_among_the_draws(file: Path) -> None:
    results = sim.ensemble("baseline", runs=12, until=SHORT, parameters=file, progress=False, workers=1)
    summary = results.summary
    assert summary.groupby("weights.b_power").size().to_dict() == {0.5: 3, 1.0: 3, 1.5: 3, 2.0: 3}
    assert summary.groupby("point")["patrons.iskp.constant"].first().tolist() == [-5.0, -4.0, -3.0, -2.0]
    # Each draw has seeds of its own: no run meets the chance of another.
    assert summary["seed"].nunique() == 12
    pooled = results.bands("incumbent_fighters", point=None)
    assert (pooled["runs"] == 12).all()
    apart = [results.bands("incumbent_fighters", point=point) for point in range(4)]
    assert all((one["runs"] == 3).all() for one in apart)
    np.testing.assert_allclose(pooled["mean"], np.mean([one["mean"] for one in apart], axis=0))
    allegiances = results.allegiances(point=None)
    np.testing.assert_allclose(allegiances.sum(axis=1), 1.0)
    np.testing.assert_allclose(
        allegiances, np.mean([results.allegiances(point=point) for point in range(4)], axis=0), atol=1e-12
    )
    # A run is the run that the scenario makes with those numbers and that seed.
    row = summary.iloc[7]
    numbers = {name: float(row[name]) for name in ("weights.b_power", "patrons.iskp.constant")}
    scenario = sim.load("baseline", {**numbers, "weights.clash": 0.1})
    one = sim.run(scenario, seed=int(row["seed"]), until=SHORT)
    shared = [name for name in one.summary.index if name in row]
    assert len(shared) > 10
    np.testing.assert_allclose(one.summary[shared].to_numpy(), row[shared].astype(float))


def test_fewer_runs_than_draws_take_some_of_them_evenly(file: Path) -> None:
    results = sim.ensemble("baseline", runs=2, until=SHORT, parameters=file, progress=False, workers=1)
    assert results.summary["weights.b_power"].tolist() == [0.5, 1.5]
    with pytest.raises(UsageError, match="quantiles are kept by point"):
        sim.ensemble(
            "baseline", runs=2, until=SHORT, parameters=file, trajectories="quantiles", progress=False, workers=1
        ).bands("pledged_units", point=None)  # fmt: skip


def test_what_is_set_holds_in_the_place_of_the_draws(file: Path) -> None:
    results = sim.ensemble(
        "baseline", runs=4, until=SHORT, parameters=file, set={"weights.b_power": 0.25}, progress=False, workers=1
    )  # fmt: skip
    assert "weights.b_power" not in results.summary
    assert results.summary["patrons.iskp.constant"].tolist() == [-5.0, -4.0, -3.0, -2.0]
    assert find_field(load_text(results.plan.scenarios[0].text), "weights.b_power").value == 0.25
    with pytest.raises(UsageError, match="has no values to vary"):
        sim.ensemble("baseline", runs=4, parameters=file, set=dict.fromkeys(DRAWS, 0.1), progress=False)


def test_a_comparison_over_draws_says_so(file: Path) -> None:
    told = sim.compare(
        "baseline", "no-waziristan-operation", runs=8, until="2014-12", parameters=file, progress=False
    )
    assert told.about["face"] == "posterior, 4 draws, 8 pairs"
    assert "posterior, 4 draws, 8 pairs" in " ".join(told.text().split())
    assert {point["weights.b_power"] for point in told.about["points"]} == {0.5, 1.0, 1.5, 2.0}
    # A change of the alternative holds whatever the draws say.
    changed = sim.compare(
        "baseline", set={"patrons.iskp.constant": 8.0}, runs=8, until="2015-06", parameters=file, progress=False
    )  # fmt: skip
    assert changed.difference("pledged_units", "2015-06")["difference"].iloc[0] > 5
    thinned = sim.compare(
        "baseline", "no-waziristan-operation", runs=8, until=SHORT, parameters=file, draws=2, progress=False
    )
    assert thinned.about["face"] == "posterior, 2 draws, 8 pairs"


def test_weights_and_parameters_exclude_each_other(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BayahError, match="weights and parameters exclude each other"):
        sim.compare("baseline", "no-waziristan-operation", weights=DRAWS, parameters=file, runs=8)
    words = ["compare", "baseline", "no-waziristan-operation", "--parameters", str(file)]
    assert main([*words, "--weights", "weights-hypercube"]) == 2
    assert "weights and parameters exclude each other" in capsys.readouterr().err
    assert main(["compare", "baseline", "no-waziristan-operation", "--parameters", "nowhere"]) == 2
    assert "no such file of posterior draws" in capsys.readouterr().err


def test_the_command_line_compares_over_draws(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--parameters", str(file), "--runs", "8", "--until", SHORT, "--no-figures", "--json"]
    assert main(["compare", "baseline", "no-waziristan-operation", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["face"] == "posterior, 4 draws, 8 pairs"


def test_a_path_that_the_scenario_has_not_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.parquet"
    about = {**ABOUT, "free": ["weights.b_pwer"]}
    write_posterior(Posterior(pd.DataFrame({"weights.b_pwer": [1.0, 2.0]}), about), wrong)
    with pytest.raises(BayahError, match=r"b_pwer.*did you mean 'weights.b_power'"):
        sim.compare(
            "baseline", "no-waziristan-operation", runs=4, until=SHORT, parameters=wrong, progress=False
        )
    with pytest.raises(BayahError, match=r"b_pwer.*did you mean '(weights\.)?b_power'"):
        sim.ensemble("baseline", runs=4, until=SHORT, parameters=wrong, progress=False)


def test_the_bundled_posterior_is_of_the_bundled_calibration() -> None:
    assert posterior_file().is_file()
    found, calibration = read_posterior(), bundled()
    assert 200 <= len(found.draws) <= 1000
    assert found.about["scenario"] == calibration.base.name == "baseline"
    assert found.free == calibration.paths
    fixed = found.draws.drop(columns=list(found.free))
    assert (fixed.nunique() == 1).all()
    assert fixed.iloc[0].to_dict() == pytest.approx(dict(calibration.fixed))
    for one in calibration.fields:
        assert one.quantity is not None
        assert one.quantity.prior is not None
        low, high = check_prior(one.quantity.prior, one.within)
        drawn = found.draws[one.path]
        assert drawn.between(low, high).all()
        assert drawn.nunique() > 20
    # Every column is a number of the scenario, and every value may stand there.
    for path, column in found.draws.items():
        field = find_field(calibration.base, str(path))
        for value in {column.min(), column.max()}:
            field.take(float(value))
