"""What is installed, and which of its tests run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Environment:
    """Packages in a virtual environment, and their tests that minimize by L-BFGS-B."""

    name: str
    packages: tuple[str, ...]
    suites: dict[str, tuple[str, ...]]
    """The files of each suite below the folder of the tests, or tests in them."""
    newest_python: tuple[int, int] = (3, 14)
    options: tuple[str, ...] = ()
    """More options of pytest's."""
    late: bool = False
    """Whether the switch comes after the imports, to find the names that are bound by then."""
    source: tuple[str, ...] = ()
    """Folders of the first package's source distribution, where the tests are in no wheel.

    Otherwise they are in site-packages, or in ``uses`` beside this file.
    """


def _scipy(name: str, requirement: str, newest_python: tuple[int, int] = (3, 14)) -> Environment:
    tests = "scipy/optimize/tests/"
    return Environment(
        name,
        (requirement, "hypothesis", "pytest", "pytest-timeout"),
        {
            "minimize, fmin_l_bfgs_b": (f"{tests}test_optimize.py",),
            "hess_inv": (f"{tests}test_lbfgsb_hessinv.py",),
            "setulb": (f"{tests}test_lbfgsb_setulb.py",),
            "basinhopping": (f"{tests}test__basinhopping.py",),
            "differential_evolution": (f"{tests}test__differential_evolution.py",),
            "dual_annealing": (f"{tests}test__dual_annealing.py",),
            "elsewhere": (
                f"{tests}test__shgo.py::TestShgoArguments",
                f"{tests}test_minimize_constrained.py::TestTrustRegionConstr::test_no_constraints",
                "scipy/linalg/tests/test_matfuncs.py::TestExpmConditionNumber",
            ),
        },
        newest_python,
    )


ENVIRONMENTS = (
    _scipy("scipy-1.14.1", "scipy==1.14.1", newest_python=(3, 13)),
    _scipy("scipy-1.17.1", "scipy==1.17.1"),
    _scipy("scipy-newest", "scipy"),
    Environment(
        "scikit-learn",
        ("scikit-learn", "pytest", "pytest-timeout"),
        {
            "LogisticRegression": ("sklearn/linear_model/tests/test_logistic.py",),
            "GaussianProcess": (
                "sklearn/gaussian_process/tests/test_gpr.py",
                "sklearn/gaussian_process/tests/test_gpc.py",
            ),
            "MLP": ("sklearn/neural_network/tests/test_mlp.py",),
            "Huber, GLM, NCA": (
                "sklearn/linear_model/tests/test_huber.py",
                "sklearn/linear_model/_glm/tests/test_glm.py",
                "sklearn/neighbors/tests/test_nca.py",
            ),
            "calibration": ("sklearn/tests/test_calibration.py",),
        },
        late=True,
    ),
    Environment(
        "statsmodels",
        ("statsmodels", "pytest", "pytest-timeout"),
        {
            "optimizers": ("statsmodels/base/tests/test_optimize.py",),
            "multinomial logit": (
                "statsmodels/discrete/tests/test_discrete.py::TestMNLogitLBFGSBaseZero",
            ),
            "mixed linear models": ("statsmodels/regression/tests/test_lme.py",),
            "exponential smoothing": (
                "statsmodels/tsa/tests/test_exponential_smoothing.py",
                "statsmodels/tsa/statespace/tests/test_exponential_smoothing.py",
            ),
            "ARIMA": (
                "statsmodels/tsa/arima/tests/test_model.py",
                "statsmodels/tsa/statespace/tests/test_sarimax.py",
            ),
        },
    ),
    Environment(
        "lmfit",
        ("lmfit", "pandas", "pytest", "pytest-timeout"),
        {"all": ("tests/",)},
        late=True,
        source=("tests", "NIST_STRD", "examples"),
    ),
    Environment(
        "refnx",
        ("refnx", "pytest", "pytest-timeout"),
        {"fits": ("refnx/analysis/tests/",)},
    ),
    Environment(
        "GPy",
        ("GPy", "matplotlib", "pytest", "pytest-timeout"),
        {"all": ("GPy/testing/",)},
    ),
    Environment(
        "glum",
        # It gives iprint, which SciPy 1.18 no longer takes.
        ("glum", "scipy<1.18", "pytest", "pytest-timeout", "polars", "statsmodels"),
        {
            "GLM": (
                "tests/glm/test_glm_base.py",
                "tests/glm/test_glm_regressor.py",
                "tests/glm/test_glm_cv.py",
            )
        },
        late=True,
        source=("tests",),
    ),
    Environment(
        "dask-glm",
        ("dask-glm", "pytest", "pytest-timeout"),
        {"all": ("dask_glm/tests/",)},
    ),
    Environment(
        "optuna",
        ("optuna", "torch", "greenlet", "scipy", "pytest", "pytest-timeout"),
        {
            "Gaussian processes": ("tests/gp_tests/",),
            "GPSampler": ("tests/samplers_tests/test_gp.py",),
        },
        source=("tests",),
    ),
    Environment(
        "botorch",
        ("botorch", "scipy<1.18", "pytest", "pytest-timeout"),
        {"uses": ("uses/with_botorch.py",)},
    ),
    Environment(
        "botorch-scipy-newest",
        ("botorch", "scipy", "pytest", "pytest-timeout"),
        {"uses": ("uses/with_botorch.py",)},
    ),
    Environment(
        "scikit-optimize",
        ("scikit-optimize", "pytest", "pytest-timeout"),
        {"uses": ("uses/with_skopt.py",)},
    ),
)
