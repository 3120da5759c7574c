"""Who looks on: callbacks, the display of progress, the history of a run."""
