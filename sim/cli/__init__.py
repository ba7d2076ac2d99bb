"""The command ``bayah``: a thin group whose commands are imported only when they are called."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sim.cli._shared import LazyCommand, LazyGroup, run_group

__all__ = ["cli", "main"]

COMMANDS = {
    "run": LazyCommand("sim.cli.run_commands:run", "Run a scenario once: summary, tables and figures."),
    "explain": LazyCommand("sim.cli.run_commands:explain", "Say why a faction of a run chose as it did."),
    "compare": LazyCommand(
        "sim.cli.compare_commands:compare", "Compare scenarios pair by pair: what if, who moved, and why."
    ),
    "directions": LazyCommand(
        "sim.cli.compare_commands:directions", "Show which stated directions of what-ifs show in the model."
    ),
    "sweep": LazyCommand("sim.cli.sweep_commands:sweep", "Run a design: many runs, kept and resumable."),
    "sensitivity": LazyCommand(
        "sim.cli.sensitivity_commands:sensitivity", "Find out which numbers matter: Morris, Sobol, PAWN."
    ),
    "calibrate": LazyCommand(
        "sim.cli.calibration_commands:calibrate", "Infer weights from patterns of the record."
    ),
    "validate": LazyCommand(
        "sim.cli.calibration_commands:validate",
        "Hold the calibrated model against the record and simple rivals.",
    ),
    "dashboard": LazyCommand(
        "sim.cli.dashboard_commands:dashboard", "Open a page in the browser: levers, histories, reasons."
    ),
    "results": LazyCommand("sim.cli.store_commands:results", "Look after the results of a sweep."),
    "replay": LazyCommand("sim.cli.sweep_commands:replay", "Make one run of a sweep again, whole."),
    "plot": LazyCommand("sim.cli.plot_commands:plot", "Draw the figures of a sweep."),
    "list": LazyCommand(
        "sim.cli.run_commands:list_", "List scenarios, experiments, levers, outcomes and statistics."
    ),
    "check": LazyCommand(
        "sim.cli.scenario_commands:check", "Check scenarios and experiments, tell every problem."
    ),
    "schema": LazyCommand(
        "sim.cli.scenario_commands:schema", "Print the JSON Schema of scenarios or experiments."
    ),
    "data": LazyCommand("sim.cli.data_commands:data", "Read data that you have into patterns."),
    "evidence": LazyCommand("sim.cli.scenario_commands:evidence", "Show every number and its source."),
    "mechanisms": LazyCommand(
        "sim.cli.model_commands:mechanisms", "Show the statements the model is made of."
    ),
    "odd": LazyCommand(
        "sim.cli.odd_commands:odd", "Print the description of the model after the ODD+D protocol."
    ),
    "reference": LazyCommand(
        "sim.cli.reference_commands:reference", "Print pages of the reference: files, mechanisms, evidence."
    ),
    "doctor": LazyCommand(
        "sim.cli.doctor_commands:doctor", "Look after this installation: versions, compiled code, a run."
    ),
    "centre": LazyCommand("sim.cli.model_commands:centre", "Compute the constants the terms are centred on."),
}

EPILOG = """\b
Examples:
  bayah list
  bayah run baseline --out results/baseline
  bayah run baseline --seed 7 --set events.omar_revealed.date=2014-07
  bayah explain results/baseline --faction imu --month 2015-07
  bayah check my-scenario.yaml
  bayah compare baseline omar-hidden-until-2018
  bayah sweep omar-by-successor --out results/omar
  bayah replay results/omar 17
  bayah dashboard
"""


def _print_version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    # Reading the metadata is slow enough to be felt in the help.
    from importlib.metadata import version

    click.echo(f"bayah {version('bayah')}")
    ctx.exit()


@click.group(
    name="bayah",
    cls=LazyGroup,
    commands_by_name=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Simulate which militant factions swear allegiance to which patron, month by month, and why.

    SCENARIO is a YAML file or the name of a bundled scenario.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after ``bayah``; by default those of the process.

    Returns
    -------
    int
        The exit code: 0 done, 1 runs failed or a check was not met, 2 usage or scenario error, 3 incomplete.
    """
    return run_group(cli, arguments)
