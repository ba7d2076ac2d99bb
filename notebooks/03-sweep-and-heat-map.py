# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: -jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A sweep and its heat map
#
# Mullah Omar died in April 2013. It was announced in July 2015, together with the name of a successor whom part of the
# movement refused. How much of what followed hangs, in the model, on *when* the death became known, and how much on
# *how far* the successor was recognised?
#
# A sweep answers by making runs at every pair of the two.

# %%
import os
import tempfile

import sim

place = tempfile.TemporaryDirectory()  # runs are kept in a folder; name one of your own to keep them for good
os.chdir(place.name)

# %% [markdown]
# ## The design
#
# A design says what is varied, over which values, and how many runs are made at each point. It can stand in a YAML file
# (`bayah sweep FILE`), or be given as here. Paths name a value of the scenario; `sim.levers` finds them.

# %%
sim.levers("baseline", search="mansour_succession")[["path", "value", "unit", "kind"]]

# %%
date, recognition = "events.omar_revealed.date", "events.mansour_succession.recognition"
design = {
    "name": "omar-small",
    "meta": {
        "title": "Revelation by recognition, small",
        "question": "Does it matter more when the death became known, or how far the successor was recognised?",
        "schema_version": 1,
    },
    "scenario": "baseline",
    "levers": [
        {
            "grid": {
                date: {"low": "2013-04", "high": "2016-04", "step": 9},  # months
                recognition: [0.3, 0.5, 0.66, 0.8, 1],
            }
        }
    ],
    "replicates": 30,
    "trajectories": "quantiles",
}
results = sim.sweep(design, progress=False)
results

# %% [markdown]
# A row a run: what was varied, the seed, and the outcomes of the run as a whole. `sim.outcomes()` says what they mean.

# %%
results.summary[[date, recognition, "seed", "third_pole_ever", "peak_fighters"]].head()

# %% [markdown]
# ## The heat map
#
# How many factions ever left the Taliban for themselves, on average over the runs of a cell. The frame and the triangles
# mark the values of the baseline.

# %%
results.plot.heat(date, recognition, "third_pole_ever")

# %% [markdown]
# In the model, an early announcement sends more factions off on their own, and the more so the less the successor was
# recognised: there is not yet another patron to turn to. From mid-2014 on there is one. The most men that ISKP had in
# any month:

# %%
results.plot.heat(date, recognition, "peak_fighters")

# %% [markdown]
# This map is brightest where the other is dark. With full recognition the date hardly matters to it.
#
# ## How sure is a cell?
#
# A cell is a mean of 30 runs, so it has a Monte Carlo error. Look at it before you read a pattern into neighbouring
# colours.

# %%
cells = results.summary.groupby([recognition, date])["peak_fighters"]
cells.sem().unstack(date).round(0)

# %% [markdown]
# Differences between cells are known better than the cells, because run *r* has the same seed everywhere. Draws hang on
# seed, month and faction, so two points meet the same chances, and what differs comes from what was varied. Compare
# pairs: here, full recognition against the lowest, by date.

# %%
wide = results.summary.pivot_table(index=[date, "replicate"], columns=recognition, values="peak_fighters")
pairs = (wide[wide.columns[-1]] - wide[wide.columns[0]]).rename("full recognition less lowest")
own = wide[wide.columns[-1]].groupby(date).sem() ** 2 + wide[wide.columns[0]].groupby(date).sem() ** 2
table = pairs.groupby(date).agg(["mean", "sem"])
table.assign(sem_without_pairs=own**0.5).round(0)

# %% [markdown]
# ## Over time
#
# Two points of the sweep against each other: the death known at once, and known in October 2014, both with the lowest
# recognition.

# %%
lowest = results.design[recognition].min()
chosen = results.design.query(f"`{recognition}` == {lowest}")
points = [chosen.index[chosen[date] == month][0] for month in ("2013-04", "2014-10")]
results.plot.bands("focus_fighters", points=[int(point) for point in points])

# %% [markdown]
# Any run of the sweep can be made again with its full record. Take the one in which ISKP grew largest:

# %%
largest = int(results.summary["peak_fighters"].idxmax())
results.replay(largest).plot.timeline()

# %% [markdown]
# ## Larger
#
# This sweep has 25 points and 750 runs. A shorter `step` and more values make the grid finer, `replicates` the cells surer:
# four times the runs halve their error. The bundled design has 104 points with 100 runs each, which two
# processors make in well under a minute:
#
# ```python
# results = sim.sweep("omar-by-successor", out="results/omar-by-successor")
# ```
#
# A sweep that is interrupted goes on where it was when the same call is made again. To see first how large one
# is: `bayah sweep omar-by-successor --dry-run`.
#
# The map shows two values and holds all others at the baseline. Those others are mostly judgement. What the weights might
# be otherwise belongs in a block of `uncertainties` of the same design; `experiments/` has examples.
