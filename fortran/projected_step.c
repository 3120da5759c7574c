/* From the minimum over the free variables to the line search. */

#include "box.h"
#include "vectors.h"

/* Variables whose room is compared at once. */
enum { CHUNK = 64 };

/* Whether a step of `largest` along d leaves the box, by lane. */
INLINE Mask leaves(Mask lower, Mask upper, Vector x, Vector l, Vector u, Vector d, double largest)
{
    Mask bounded;
    const Vector room = room_along(lower, upper, x, l, u, d, &bounded);
    return bounded & ((room <= 0) | (magnitude(d) * largest > room));
}

struct limits {
    const double *x, *l, *u, *d;
    const int *nbd;
    double largest;
    Mask exceeded;
};

INLINE void compare_room(struct limits *p, long i, int rows)
{
    const Ints type = load_int_rows(p->nbd + i, rows);
    p->exceeded |= leaves(has_lower(type), has_upper(type), load_rows(p->x + i, rows),
                          load_rows(p->l + i, rows), load_rows(p->u + i, rows),
                          load_rows(p->d + i, rows), p->largest);
}

/* Where rows have exceeded it, shorten it, one variable after the other. */
static void shorten(struct limits *p, long from, long to)
{
    if (!bits(p->exceeded))
        return;
    p->exceeded = (Mask){0};
    for (long i = from; i < to && p->largest > 0; i++) {
        const double d = p->d[i], pace = d < 0 ? -d : d;
        double room;
        if (d < 0 && (p->nbd[i] == 1 || p->nbd[i] == 2))
            room = p->x[i] - p->l[i];
        else if (d > 0 && p->nbd[i] >= 2)
            room = p->u[i] - p->x[i];
        else
            continue;
        if (room <= 0)
            p->largest = 0;
        else if (pace * p->largest > room)
            p->largest = room / pace;
    }
}

/* Shorten the step `largest` so that x + largest d stays in the box; rows that don't shorten it are
 * passed over. Where largest is 0 no smaller one is looked for. */
void NAME(limit_step)(const int *n, const double *x, const double *l, const double *u,
                      const int *nbd, const double *d, double *largest)
{
    struct limits p = {.x = x, .l = l, .u = u, .d = d, .nbd = nbd, .largest = *largest};
    for (long from = 0; from < *n && p.largest > 0; from += CHUNK) {
        const long to = from + CHUNK < *n ? from + CHUNK : *n;
        FOR_ROWS(compare_room, &p, from, to);
        shorten(&p, from, to);
    }
    *largest = p.largest;
}

/* From the reduced gradient's step r at the Cauchy point z to the start of the line search:
 *
 *    r <- scale r,   x_new = P(z + r) for free variables, z for the others   ([MN]),
 *    d = x_new - x,   x_old = x,   g_old = g,
 *
 * and, where they are wanted, dtd = d'd and slope = g'd, which go on from the variables before, and the
 * largest step within the box as limit_step has it. on_bound becomes 1 if one of the free variables
 * ends on a bound. Where r overflowed to a NaN a variable goes to its bound. */

struct step {
    struct limits box; /* with x_old for x */
    const double *z, *g;
    const int *status;
    double *r, *x, *d, *x_old, *g_old, scale;
    int with_sums;
    double dtd, slope;
    Mask on_bound;
};

INLINE void go(struct step *p, long i, int rows)
{
    const Ints type = load_int_rows(p->box.nbd + i, rows);
    const Mask lower = has_lower(type), upper = has_upper(type);
    const Mask free = mask_of(load_int_rows(p->status + i, rows) <= 0);
    const Vector l = load_rows(p->box.l + i, rows), u = load_rows(p->box.u + i, rows);
    const Vector x = load_rows(p->x + i, rows), g = load_rows(p->g + i, rows);
    const Vector z = load_rows(p->z + i, rows);
    const Vector r = only(free, p->scale * load_rows(p->r + i, rows));

    const Vector at = projected(free, lower, upper, l, u, z, r, &p->on_bound);
    const Vector d = at - x;
    store_rows(p->r + i, r, rows);
    store_rows(p->d + i, d, rows);
    store_rows(p->x_old + i, x, rows);
    store_rows(p->x + i, at, rows);
    store_rows(p->g_old + i, g, rows);
    if (p->with_sums) {
        p->dtd = add_up(p->dtd, d * d, rows);
        p->slope = add_up(p->slope, g * d, rows);
        p->box.exceeded |= leaves(lower, upper, x, l, u, d, p->box.largest);
    }
}

void NAME(projected_step)(const int *n, const int *with_sums, const int *status, const double *scale,
                          const double *l, const double *u, const int *nbd, const double *z,
                          const double *g, double *r, double *x, double *d, double *x_old,
                          double *g_old, double *dtd, double *slope, double *largest, int *on_bound)
{
    struct step p = {.z = z, .g = g, .status = status, .r = r, .x = x, .d = d, .x_old = x_old,
                     .g_old = g_old, .scale = *scale, .with_sums = *with_sums, .dtd = *dtd,
                     .slope = *slope,
                     .box = {.x = x_old, .l = l, .u = u, .d = d, .nbd = nbd, .largest = *largest}};
    for (long from = 0; from < *n; from += CHUNK) {
        const long to = from + CHUNK < *n ? from + CHUNK : *n;
        FOR_ROWS_KNOWING(p.with_sums, go, &p, from, to);
        shorten(&p.box, from, to);
    }
    *dtd = p.dtd;
    *slope = p.slope;
    *largest = p.box.largest;
    *on_bound |= bits(p.on_bound) != 0;
}
