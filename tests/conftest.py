"""Its being here puts this folder on the path, so that tests can share modules such as ``scenarios_tiny``."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are made says how busy the machine is, and nothing of what they show.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# What a script starts in its background is deaf to Ctrl-C, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = (
    "e2e",
    "notebook",
    "document",
    "packaging",
    "survival",
    "cluster",
    "equality",
    "compare",
    "calibration",
)
"""Words in the paths of the modules that take longest: they begin first, so that no worker is left with one."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        path = Path(item.nodeid.partition("::")[0]).as_posix()
        return next((n for n, word in enumerate(LONGEST) if word in path), len(LONGEST))

    items.sort(key=place)
