/* What is looked at after each evaluation. */

#include "vectors.h"

/* slope = g'd and the norm of the projected gradient, max |P(x_i - g_i) - x_i|    ([BLNZ] (6.1)). */

struct measures {
    const double *x, *l, *u, *g, *d;
    const int *nbd;
    int bounded;
    double slope;
    Vector norm;
};

INLINE void measure(struct measures *p, long i, int rows)
{
    const Vector g = load_rows(p->g + i, rows);
    Vector move = g;
    if (p->bounded) {
        const Ints type = load_int_rows(p->nbd + i, rows);
        const Vector x = load_rows(p->x + i, rows);
        const Vector down = x - load_rows(p->l + i, rows), up = x - load_rows(p->u + i, rows);
        const Mask falls = g < 0;
        move = choose(falls & has_upper(type) & (up > g), up, g);
        move = choose(but_not(has_lower(type) & (down < g), falls), down, move);
    }
    move = magnitude(move);
    p->norm = choose(move > p->norm, move, p->norm);
    p->slope = add_up(p->slope, g * load_rows(p->d + i, rows), rows);
}

void NAME(gradient_measures)(const int *n, const int *bounded, const double *x, const double *l,
                             const double *u, const int *nbd, const double *g, const double *d,
                             double *slope, double *norm)
{
    struct measures p = {.x = x, .l = l, .u = u, .g = g, .d = d, .nbd = nbd, .bounded = *bounded};
    FOR_ROWS_KNOWING(p.bounded, measure, &p, 0, *n);
    *slope = p.slope;
    *norm = 0;
    for (int h = 0; h < WIDTH; h++)
        if (LANE(p.norm, h) > *norm)
            *norm = LANE(p.norm, h);
}
