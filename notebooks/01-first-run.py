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
# # A first run
#
# Bayah simulates, month by month from 2013 to 2024, which militant factions of Afghanistan, Pakistan and Central Asia
# stood with the Taliban, which with Islamic State Khorasan (ISKP), and which with nobody. This notebook makes one run
# of the baseline, draws it, asks one faction why it chose as it did, and ends with many runs.
#
# Everything below is said of the model. Its rules come from published articles and its numbers mostly from judgement
# (`bayah evidence baseline --summary` counts them); nothing here is an estimate for the world.

# %%
import sim

run = sim.run("baseline", seed=1)
run

# %% [markdown]
# The table counts men, with factions in brackets. *Core* are a patron's own men, *sworn* those of factions whose oath it
# took, *declared* those of factions that swore and were not answered.
#
# ## Three figures
#
# Who has how many men. Each side has a scale of its own, because the Taliban are several times the size of the others.
# Numbered lines are events that the scenario brings in from outside.

# %%
run.plot.timeline()

# %% [markdown]
# The same run by faction: a row each, coloured by whom it stands with. Narrow bars are oaths that were offered and not
# (yet) taken; the thin rows below a faction are its splinters.

# %%
run.plot.ribbons()

# %% [markdown]
# What the patrons themselves looked like: how legitimate they were, how far their leader was recognised, and how
# well things went for them.

# %%
run.plot.patrons()

# %% [markdown]
# ## Why did the IMU move?
#
# A faction thinks again only when something wakes it: a death, an offer, news of a patron. `explain` lists those
# moments and tells the most important one in full. The numbers are log-odds: how much each reason spoke for the option
# that was taken rather than for the best other one.

# %%
run.explain("imu")

# %% [markdown]
# The same decision as a figure. Orange bars spoke for ISKP, blue ones for staying with the Taliban. The constant is what
# speaks for such an option at large. It was set by hand, so that it weighs most here is a fact about the model.

# %%
run.plot.waterfall("imu")

# %% [markdown]
# ## The tables behind it
#
# All of it stands in six pandas frames: `factions`, `patrons`, `regions`, `events`, `decisions`, `outcomes`.
# `run.columns("factions")` says what each column means and in which unit.

# %%
run.factions.xs("imu", level="faction").loc[
    "2015-05":"2015-10", ["allegiance", "oath", "theatre", "fighters"]
]

# %%
sim.describe("focus_fighters")

# %% [markdown]
# ## One run is one draw
#
# With another seed the IMU may move in another month, or not at all. So make many runs before you say what the model says:
# here 200, in a few seconds.

# %%
many = sim.ensemble("baseline", runs=200, progress=False)
many.plot.bands("focus_fighters")

# %% [markdown]
# The bands show chance alone: all 200 runs have the same weights. They say nothing about whether the weights are right.
#
# In which share of the runs is the IMU with whom, at the end of each year?

# %%
imu = many.allegiances().xs("imu", level="faction")
imu.loc[imu.index.month == 12, imu.max() > 0].round(2)

# %% [markdown]
# Rows add up to 1: a faction that was destroyed, or dissolved, stays in the count. Any of the runs can be made again,
# whole, with `many.replay(17)`, and then be asked for its reasons as above.
#
# What next: `sim.scenarios()` lists what there is to run, `sim.levers("baseline", search="omar")` what can be changed.
