"""Where chunks are made: threads, processes, a cluster. Nothing here knows what a run means."""
