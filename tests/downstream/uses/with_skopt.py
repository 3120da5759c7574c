"""What scikit-optimize's users do: its releases contain no tests."""

import numpy as np
import pytest
from skopt import gp_minimize
from skopt.benchmarks import branin
from skopt.learning import GaussianProcessRegressor


@pytest.mark.parametrize("function", ["EI", "LCB", "PI"])
def test_branins_minimum_is_found_by_a_gaussian_process(function):
    result = gp_minimize(
        branin, [(-5.0, 10.0), (0.0, 15.0)], acq_func=function, acq_optimizer="lbfgs",
        n_calls=35, n_initial_points=10, random_state=1,
    )  # fmt: skip
    # The minimum is 0.397887 (Branin 1972); one in the valley is below 1.
    assert 0.397887 <= result.fun < 1


def test_a_gaussian_process_is_fitted():
    x = np.linspace(0, 6, 25)[:, None]
    model = GaussianProcessRegressor(random_state=0, n_restarts_optimizer=3).fit(x, np.sin(x[:, 0]))
    # Between samples a quarter apart, a smooth kernel is good to a thousandth.
    np.testing.assert_allclose(model.predict(x + 0.1)[:-1], np.sin(x[:-1, 0] + 0.1), atol=1e-3)
