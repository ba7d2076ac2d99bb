"""The model held against the record: scores, nulls, held-out outcomes, ablations, placebos."""
