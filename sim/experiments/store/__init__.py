"""What is kept of a sweep: a folder of Parquet parts, which is its own ledger."""
