"""What BoTorch's users do: its releases contain no tests.

BoTorch keeps away from SciPy's private calls where it doesn't know the SciPy; its batched optimizer
is called here whatever the SciPy.
"""

import numpy as np
import pytest
import torch
from botorch.acquisition import LogExpectedImprovement, PosteriorMean, qLogExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.optim import optimize_acqf
from botorch.optim.batched_lbfgs_b import fmin_l_bfgs_b_batched
from gpytorch.mlls import ExactMarginalLogLikelihood

SQUARE = torch.tensor([[0.0, 0.0], [1.0, 1.0]], dtype=torch.float64)


def bowl(points):
    """Its maximum 0 is at (0.3, 0.6)."""
    center = torch.tensor([0.3, 0.6], dtype=torch.float64)
    return -((points - center) ** 2).sum(dim=-1, keepdim=True)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    points = torch.rand(12, 2, dtype=torch.float64)
    values = bowl(points)
    model = SingleTaskGP(points, values)
    likelihood = ExactMarginalLogLikelihood(model.likelihood, model)
    before = likelihood(model(*model.train_inputs), model.train_targets).item()
    fit_gpytorch_mll(likelihood)
    model.train()
    assert likelihood(model(*model.train_inputs), model.train_targets).item() > before
    model.eval()
    return model, values.max()


def test_a_fitted_model_finds_the_maximum(model):
    model, _ = model
    torch.manual_seed(1)
    point, _ = optimize_acqf(PosteriorMean(model), SQUARE, q=1, num_restarts=8, raw_samples=32)
    # 12 samples of a parabola: the model's maximum is the function's to a few hundredths.
    np.testing.assert_allclose(point.numpy(), [[0.3, 0.6]], atol=0.05)


def test_one_feature_is_held_fixed(model):
    model, best = model
    torch.manual_seed(2)
    point, _ = optimize_acqf(
        qLogExpectedImprovement(model, best), SQUARE, q=1, num_restarts=4, raw_samples=32,
        fixed_features={0: 0.25},
    )  # fmt: skip
    assert point[0, 0] == 0.25
    assert 0 <= point[0, 1] <= 1


def test_a_time_limit_ends_the_minimizations(model):
    model, best = model
    torch.manual_seed(3)
    point, _ = optimize_acqf(
        LogExpectedImprovement(model, best), SQUARE, q=1, num_restarts=4, raw_samples=32,
        timeout_sec=20.0,
    )  # fmt: skip
    assert bool(((point >= 0) & (point <= 1)).all())


def test_the_batched_optimizer_minimizes_every_start():
    starts = np.linspace(-3, 3, 14).reshape(7, 2)

    def parabola(points, **_):
        error = points - 0.5
        return (error**2).sum(axis=-1), 2 * error

    points, values, endings = fmin_l_bfgs_b_batched(parabola, starts, bounds=[(1, 4), (-4, 4)])
    np.testing.assert_allclose(points, np.tile([1, 0.5], (7, 1)), atol=1e-5)
    np.testing.assert_allclose(values, 0.25, atol=1e-8)
    assert all(ending["success"] for ending in endings)
