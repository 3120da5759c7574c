/* The generalized Cauchy points of a group of problems: what cauchy_point.f does for one. */

#include <float.h>
#include <math.h>

#include "group.h"

#include "box.h"

/* Where each path is. */
struct progress {
    Mask on; /* it still goes on */
    Vector f1, f2, least; /* the model's derivatives; the second is at least so large */
    Vector t_min, t_sum, t_last, left;
};

/* The nearest of the breakpoints that are left, the first of equal ones; tied: it has an equal. */
INLINE Vector nearest(const struct group *p, Vector *variable, Mask *tied)
{
    Vector t = all(INFINITY), which = all(0);
    Mask equal = not(everywhere());
    for (long i = 0; i < p->n; i++) {
        const Vector t_i = get(p->t, i);
        const Mask nearer = t_i < t;
        equal = but_not(equal | (t_i == t), nearer);
        t = choose(nearer, t_i, t);
        which = choose(nearer, all((double)i), which);
    }
    *variable = which;
    *tied = equal;
    return t;
}

/* Variables that meet their bounds, one of each path that is on; their directions and ways. */
static void meet(struct group *p, Mask on, Vector variable, Vector *d_b, Vector *gap)
{
    const int which = bits(on);
    double met[WIDTH] = {0}, way[WIDTH] = {0};
    for (int h = 0; h < WIDTH; h++)
        if (which >> h & 1) {
            const long at = WIDTH * (long)LANE(variable, h) + h;
            met[h] = p->d[at];
            p->d[at] = 0;
            p->z[at] = met[h] > 0 ? p->u[at] : p->l[at];
            p->status[at] = met[h] > 0 ? AT_UPPER : AT_LOWER;
            p->t[at] = INFINITY;
            way[h] = p->z[at] - p->x[at];
        }
    *d_b = load(met);
    *gap = load(way);
}

/* The paths that are on turn at their variables: turn and turn_at_row of cauchy_point.f. */
static void turn(struct group *p, struct progress *path, Vector variable, Vector d_b)
{
    const long n = p->n, col = p->col;
    double row[WIDTH];
    for (long k = 0; k < 2 * col; k++) {
        for (int h = 0; h < WIDTH; h++)
            row[h] = p->w[WIDTH * ((long)LANE(variable, h) + n * k) + h];
        set(p->row, k, k < col ? load(row) : p->theta * load(row));
    }
    times_middle(p, p->row, p->v);
    Vector wmc = all(0), wmp = all(0), wmw = all(0);
    for (long k = 0; k < 2 * col; k++) {
        const Vector w = get(p->row, k), v = get(p->v, k), along = get(p->p, k);
        wmc += get(p->c, k) * v;
        wmp += along * v;
        wmw += w * v;
        set(p->p, k, choose(path->on, along - d_b * w, along));
    }
    path->f1 += d_b * wmc;
    path->f2 = path->f2 + all(2) * d_b * wmp - d_b * d_b * wmw;
}

/* c += t p on some paths. */
static void go_along(struct group *p, Mask on, Vector t)
{
    for (long k = 0; k < 2 * p->col; k++)
        set(p->c, k, choose(on, get(p->c, k) + t * get(p->p, k), get(p->c, k)));
}

/* The next breakpoint of every path that is still on. */
static void pass_breakpoint(struct group *p, struct progress *path, int is_first)
{
    Vector variable, d_b, gap;
    Mask tied;
    const Vector t = nearest(p, &variable, &tied), dt = t - path->t_last;
    path->on &= path->left > 0;
    path->on = but_not(path->on, path->t_min < dt);
    if (!is_first) { /* whose turn it is a heap would say */
        p->usual = but_not(p->usual, path->on & tied);
        path->on &= p->usual;
    }
    if (!bits(path->on))
        return;

    path->t_sum = choose(path->on, path->t_sum + dt, path->t_sum);
    meet(p, path->on, variable, &d_b, &gap);
    go_along(p, path->on, dt);
    const Mask corner = path->on & (path->left == 1) & (p->breaks == all((double)p->n));
    p->stopped |= corner;
    path->on = but_not(path->on, corner);
    if (!bits(path->on))
        return;

    const struct progress before = *path;
    p->segments += flag(path->on);
    path->f1 = path->f1 + dt * path->f2 + d_b * d_b - p->theta * d_b * gap;
    path->f2 = path->f2 - p->theta * (d_b * d_b);
    turn(p, path, variable, d_b);
    path->f2 = choose(path->f2 >= path->least, path->f2, path->least);
    path->t_min = only((path->left > 1) | p->open, -path->f1 / path->f2);
    path->t_last = t;
    path->left -= all(1);
    path->f1 = choose(path->on, path->f1, before.f1);
    path->f2 = choose(path->on, path->f2, before.f2);
    path->t_min = choose(path->on, path->t_min, before.t_min);
    path->t_last = choose(path->on, path->t_last, before.t_last);
    path->left = choose(path->on, path->left, before.left);
}

/* The generalized Cauchy points (cauchy_point.f), up to the last pieces of the paths. */
void NAME(cauchy_points)(struct group *p)
{
    const long col = p->col;
    for (long k = 0; k < col; k++) {
        set(p->p, k, get(p->with_b, k));
        set(p->p, col + k, p->theta * get(p->with_b, col + k));
    }
    times_middle(p, p->p, p->v);
    Vector pmp = all(0);
    for (long k = 0; k < 2 * col; k++) {
        pmp += get(p->v, k) * get(p->p, k);
        set(p->c, k, all(0));
    }
    struct progress path = {.on = p->usual, .f1 = p->path_slope, .left = p->breaks};
    const Vector f2 = -p->theta * p->path_slope;
    path.f2 = f2 - pmp;
    path.least = all(DBL_EPSILON) * f2;
    path.t_min = -path.f1 / path.f2;
    path.t_sum = path.t_last = all(0);
    p->segments = all(1);
    p->stopped = not(everywhere());
    for (int is_first = 1; bits(path.on); is_first = 0)
        pass_breakpoint(p, &path, is_first);

    path.t_min = choose(path.t_min <= 0, all(0), path.t_min);
    p->rest = path.t_sum + path.t_min;
    go_along(p, not(p->stopped), path.t_min);
}

