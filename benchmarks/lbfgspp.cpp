// LBFGSpp behind one C function, for ctypes: solvers.py compiles it where the headers are.

#include <LBFGS.h>
#include <LBFGSB.h>

typedef double Objective(const double *x, double *g);
typedef Eigen::VectorXd Vector;

struct Function {
    Objective *objective;
    double operator()(const Vector &x, Vector &g) { return objective(x.data(), g.data()); }
};

// Both tests of convergence off, so that a run ends at the iteration asked for.
template <class Settings> Settings settings_of(int m, int iterations)
{
    Settings settings;
    settings.m = m;
    settings.max_iterations = iterations;
    settings.epsilon = settings.epsilon_rel = settings.delta = 0;
    settings.past = 0;
    return settings;
}

// x becomes the last iterate; returns the number of iterations, -1 where the search failed.
extern "C" int minimize(int n, double *x, const double *lower, const double *upper, int m,
                        int iterations, Objective *objective, double *f)
{
    Vector point = Eigen::Map<Vector>(x, n);
    Function function{objective};
    int done = -1;
    try {
        if (lower) {
            const auto settings = settings_of<LBFGSpp::LBFGSBParam<double>>(m, iterations);
            LBFGSpp::LBFGSBSolver<double> solver(settings);
            done = solver.minimize(function, point, *f, Eigen::Map<const Vector>(lower, n),
                                   Eigen::Map<const Vector>(upper, n));
        } else {
            const auto settings = settings_of<LBFGSpp::LBFGSParam<double>>(m, iterations);
            LBFGSpp::LBFGSSolver<double> solver(settings);
            done = solver.minimize(function, point, *f);
        }
    } catch (const std::exception &) {
    }
    Eigen::Map<Vector>(x, n) = point;
    return done;
}
