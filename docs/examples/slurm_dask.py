"""A sweep on a SLURM cluster through Dask: ``python slurm_dask.py DESIGN FOLDER``, from a login node.

It starts workers as jobs of their own, hands them chunks, and ends the jobs when all is done or it is stopped.
Started again, it goes on where it was.
"""

from __future__ import annotations

import sys

from dask_jobqueue import SLURMCluster

import sim

JOBS = 4


def main(design: str, out: str) -> None:
    """Make a sweep, or go on with one."""
    cluster = SLURMCluster(
        # Of one job: a process with as many threads as cores. For a rule of your own in Python: processes=4.
        cores=4,
        processes=1,
        memory="8GB",
        walltime="04:00:00",
        log_directory="logs",
        # queue="main", account="my-project",
        # Workers leave in good order before their time is up, and not all at once.
        worker_extra_args=["--lifetime", "225m", "--lifetime-stagger", "10m"],
    )
    with cluster:
        # Least and most the same: jobs that end are started anew, which scale(jobs=...) does not do.
        cluster.adapt(minimum_jobs=JOBS, maximum_jobs=JOBS)
        results = sim.sweep(design, out=out, dask=cluster)
    print(results)


# Without this line the workers would start sweeps of their own.
if __name__ == "__main__":
    main(*sys.argv[1:])
