"""The record as patterns: what is told of a run is told of history too, by the same named functions."""
