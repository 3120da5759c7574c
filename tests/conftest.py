"""Settings that all tests share."""

from hypothesis import settings

# No deadline: a machine that is busy is not an error.  The same examples in every run, so that a
# red run can be repeated; `make test PYTEST_ARGS=--hypothesis-profile=explore` looks at others.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("repeatable")
