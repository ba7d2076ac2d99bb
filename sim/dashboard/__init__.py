"""The page in the browser: ``bayah dashboard``. Needs the extra ``viz``.

:mod:`~sim.dashboard.setup` says what is run, :mod:`~sim.dashboard.stage` runs it as Mesa agents, :mod:`~sim.dashboard.live`
draws it, :mod:`~sim.dashboard.page` puts it on the page, :mod:`~sim.dashboard.server` serves that.
"""
