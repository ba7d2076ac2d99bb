"""The notebook API: what ``import sim`` offers, one module a group of functions."""
