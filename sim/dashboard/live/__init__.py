"""Figures of the page: plain option dictionaries of Apache ECharts, which the browser draws.

They show what :mod:`sim.plots` prints, from the same tables and in the same colours, and are quick enough to follow a
run month by month. Every item that can be clicked carries ``faction`` and, where it has one, ``month``.

Each module has ``draw``, which gives the options, and ``height``, in pixels.
"""
