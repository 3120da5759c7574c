"""Settings that all tests share."""

import os

from hypothesis import settings

# The original library prints a line where its line search begins upwards.  Unbuffered, the line
# belongs to the test that called it, and not to what follows the summary.
os.environ.setdefault("GFORTRAN_UNBUFFERED_PRECONNECTED", "1")

# No deadline: a machine that is busy is not an error.  The same examples in every run, so that a
# red run can be repeated; `make test PYTEST_ARGS=--hypothesis-profile=explore` looks at others.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("repeatable")
