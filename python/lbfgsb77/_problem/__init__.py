"""What is asked: the arguments of a minimization, read once into one `Problem`."""
