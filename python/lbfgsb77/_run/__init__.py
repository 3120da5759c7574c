"""A run: a kernel and its workspace, the loop of asking and telling, the ending, the result."""
