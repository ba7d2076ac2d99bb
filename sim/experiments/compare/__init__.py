"""Paired what-ifs: two scenarios under the same chance, what differs, and through which term of a decision."""
