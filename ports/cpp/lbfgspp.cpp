// LBFGSpp as a client of the checker:
//     c++ -O2 -I/usr/include/eigen3 lbfgspp.cpp -o port
//     python -m lbfgsb77 reference check --command ./port
#include <Eigen/Core>
#include <LBFGSB.h>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>

using Vector = Eigen::VectorXd;

static std::string line;

// The numbers of a key in the last line; `none` where there is null.
static Vector numbers(const std::string &key, int count, double none = 0)
{
    Vector values(count);
    size_t at = line.find("\"" + key + "\":") + key.size() + 3;
    for (int i = 0; i < count; i++) {
        at = line.find_first_not_of("[,\"", at);
        values[i] = line[at] == 'n' && line[at + 1] == 'u' ? none : std::strtod(&line[at], nullptr);
        at = line.find_first_of(",]}", at);
    }
    return values;
}

static double number(const std::string &key) { return numbers(key, 1)[0]; }

static std::string shown(const Vector &x)
{
    std::string text;
    char digits[32];
    for (double value : x) {
        std::snprintf(digits, sizeof digits, "%s%.17g", text.empty() ? "" : ",", value);
        text += digits;
    }
    return "[" + text + "]";
}

static double evaluate(const Vector &x, Vector &g)
{
    std::cout << "{\"evaluate\":" << shown(x) << "}" << std::endl;
    if (!std::getline(std::cin, line))
        std::exit(1);
    g = numbers("g", x.size());
    return number("f");
}

static void solve()
{
    const int n = number("n");
    const double infinity = std::numeric_limits<double>::infinity();
    Vector x = numbers("x0", n), lower = numbers("l", n, -infinity), upper = numbers("u", n, infinity);

    // Its tests and constants, as near to the original's as they can be set.
    LBFGSpp::LBFGSBParam<double> param;
    param.m = number("m");
    param.epsilon = number("pgtol");
    param.epsilon_rel = 0;
    param.past = 1;
    param.delta = number("factr") * std::numeric_limits<double>::epsilon();
    param.max_iterations = number("maxiter");
    param.max_linesearch = number("maxls");
    param.ftol = 1e-3;
    param.wolfe = 0.9;

    std::string end = "CONVERGED";
    double f = std::numeric_limits<double>::quiet_NaN();
    int iterations = 0;
    try {
        LBFGSpp::LBFGSBSolver<double> solver(param);
        iterations = solver.minimize(evaluate, x, f, lower, upper);
        if (iterations >= param.max_iterations)
            end = "ITERATION LIMIT";
    } catch (const std::exception &error) {
        end = std::string("ERROR: ") + error.what();
    }
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.17g", f);
    std::cout << "{\"end\":\"" << end << "\",\"nit\":" << iterations << ",\"f\":\"" << digits
              << "\",\"x\":" << shown(x) << "}" << std::endl;
}

int main()
{
    std::cout << "{\"hello\":\"LBFGSpp\"}" << std::endl;
    while (std::getline(std::cin, line))
        solve();
}
