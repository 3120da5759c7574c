/* The path of steepest descent and its breakpoints. */

#include <stddef.h>

#include "box.h"
#include "vectors.h"

/* The projected gradient path P(x - t g) ([BLNZ] section 4) of some variables, of which `first` is the
 * number of the first: whether each can move, its direction d = -g, and the breakpoints t at which
 * variables (order) meet their bounds. z = x.
 *
 * some_free: some variable meets no bound; some_open: ... and moves; moving: how many d or the newest
 * step moves, or all of them where the newest y isn't finite. Where the sums are wanted, f1, which is
 * -d'd, and rr, which is y'y of the newest pair, go on from the variables before. */

struct path {
    const double *x, *l, *u, *g, *s, *y;
    const int *nbd;
    int *status, *order;
    double *d, *z, *t;
    int first, breaks, with_sums, arrived;
    double f1, rr;
    Mask without, open, moving, infinite;
};

INLINE void lay_out(struct path *p, long i, int rows)
{
    const Ints type = load_int_rows(p->nbd + i, rows);
    const Mask lower = has_lower(type), upper = has_upper(type);
    const Vector x = load_rows(p->x + i, rows);
    const struct start from =
        start_of_path(lower, upper, x, load_rows(p->l + i, rows), load_rows(p->u + i, rows),
                      load_rows(p->g + i, rows), numbers(load_int_rows(p->status + i, rows)));

    p->without |= from.status == NO_BOUNDS;
    p->open |= but_not(from.moves, from.meets);
    store_int_rows(p->status + i, whole(from.status), rows);
    store_rows(p->d + i, from.d, rows);
    store_rows(p->z + i, x, rows);
    const Vector y = load_rows(p->y + i, rows);
    Mask moves = from.moves;
    if (p->arrived) {
        moves |= load_rows(p->s + i, rows) != 0;
        p->infinite |= (y - y) != 0;
    }
    p->moving = tally(p->moving, moves);
    if (p->with_sums) {
        p->f1 = add_up(p->f1, -(from.d * from.d), rows);
        p->rr = add_up(p->rr, y * y, rows);
    }
    p->breaks += list_lanes(bits(from.meets), rows, p->first + (int)i, from.t,
                            p->order + p->breaks, p->t + p->breaks);
}

void NAME(steepest_path)(const int *n, const int *first, const int *with_sums, const int *arrived,
                         const double *x, const double *l, const double *u, const int *nbd,
                         const double *g, const double *s, const double *y, int *status, double *d,
                         double *z, double *t, int *order, int *breaks, int *moving, int *some_free,
                         int *some_open, double *f1, double *rr)
{
    struct path p = {.x = x, .l = l, .u = u, .g = g, .s = s, .y = y, .nbd = nbd, .status = status,
                     .order = order, .d = d, .z = z, .t = t, .first = *first, .arrived = *arrived,
                     .with_sums = *with_sums, .f1 = *f1, .rr = *rr};
    FOR_ROWS_KNOWING(p.with_sums, lay_out, &p, 0, *n);
    *breaks = p.breaks;
    *moving = *n;
    if (!bits(p.infinite)) {
        *moving = 0;
        for (int h = 0; h < WIDTH; h++)
            *moving += (int)LANE(p.moving, h);
    }
    *some_open = bits(p.open) != 0;
    *some_free = bits(p.open | p.without) != 0;
    *f1 = p.f1;
    *rr = p.rr;
}

/* Whether one of the breakpoints t is at most reach. */
void NAME(find_within)(const int *n, const double *t, const double *reach, int *found)
{
    Mask within = {0};
    long i = 0;
    for (; i + WIDTH <= *n; i += WIDTH)
        within |= (load(t + i) > *reach) == 0;
    *found = bits(within) != 0;
    for (; i < *n; i++)
        *found |= !(t[i] > *reach);
}

/* List the variables, from 1, that d or s moves. */

struct movers {
    const double *s, *d;
    int found, *list;
};

INLINE void list_movers(struct movers *p, long i, int rows)
{
    const int which = bits((load_rows(p->d + i, rows) != 0) | (load_rows(p->s + i, rows) != 0));
    if (which)
        p->found += list_lanes(which, rows, (int)i + 1, all(0), p->list + p->found, NULL);
}

void NAME(list_moving)(const int *n, const double *s, const double *d, int *list, int *found)
{
    struct movers p = {.s = s, .d = d, .list = list};
    FOR_ROWS(list_movers, &p, 0, *n);
    *found = p.found;
}
