"""Weights inferred from patterns: a stored table of draws, acceptance from it, and ABC-SMC."""
