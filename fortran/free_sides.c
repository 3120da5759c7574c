/* Which variables are free at the Cauchy point, and where the reduced gradient begins. */

#include <stddef.h>

#include "vectors.h"

/* At the Cauchy point z <- z + rest d, where the path has not stopped at z: the sides of
 * free_variables.f, and how many variables are free, have entered the free ones and have left them.
 * step is the last one. */

struct sides {
    const int *status;
    const double *step, *d;
    double *z, rest;
    int *side;
    int stopped, compare;
    Ints active, entering, leaving;
};

INLINE void take_side(struct sides *p, long i, int rows)
{
    if (!p->stopped) {
        const Vector z = load_rows(p->z + i, rows);
        store_rows(p->z + i, z + p->rest * load_rows(p->d + i, rows), rows);
    }
    const Ints is_active = load_int_rows(p->status + i, rows) > 0, active = is_active & 1;
    const Ints was = p->compare ? load_int_rows(p->side + i, rows) & 1 : active;
    const Ints moves = ints_of(load_rows(p->step + i, rows) != 0) & active;
    p->active += active;
    p->entering += was & (active ^ 1);
    p->leaving += active & (was ^ 1);
    store_int_rows(p->side + i, active | (active ^ was) << 1 | moves << 2, rows);
}

void NAME(find_sides)(const int *n, const int *compare, const int *stopped, const double *rest,
                      const int *status, const double *step, const double *d, double *z, int *side,
                      int *free, int *entering, int *leaving)
{
    struct sides p = {.status = status, .step = step, .d = d, .z = z, .rest = *rest, .side = side,
                      .stopped = *stopped, .compare = *compare};
    FOR_ROWS(take_side, &p, 0, *n);
    *free = *n;
    *entering = *leaving = 0;
    for (int h = 0; h < WIDTH; h++) {
        *free -= LANE(p.active, h);
        *entering += LANE(p.entering, h);
        *leaving += LANE(p.leaving, h);
    }
}

/* List those of the variables first to last, from 1, whose side, as far as `mask` goes, is `value`. */

struct listed {
    const int *side;
    int mask, value, found;
    int *list;
};

INLINE void list_rows(struct listed *p, long i, int rows)
{
    const Ints is = (load_int_rows(p->side + i, rows) & p->mask) == p->value;
    const int which = bits(mask_of(is));
    if (which)
        p->found += list_lanes(which, rows, (int)i + 1, all(0), p->list + p->found, NULL);
}

void NAME(list_sides)(const int *first, const int *last, const int *side, const int *mask,
                      const int *value, int *list, int *found)
{
    struct listed p = {.side = side, .mask = *mask, .value = *value, .list = list};
    FOR_ROWS(list_rows, &p, *first - 1, *last);
    *found = p.found;
}

/* r = -theta (z - x) - g, and the newest y, with 0 for variables that are not free. */

struct gradient {
    const int *status;
    const double *x, *z, *g, *y;
    double *y_free, *r, theta;
};

INLINE void begin_gradient(struct gradient *p, long i, int rows)
{
    const Mask free = mask_of(load_int_rows(p->status + i, rows) <= 0);
    const Vector away = load_rows(p->z + i, rows) - load_rows(p->x + i, rows);
    store_rows(p->r + i, -p->theta * away - load_rows(p->g + i, rows), rows);
    store_rows(p->y_free + i, only(free, load_rows(p->y + i, rows)), rows);
}

void NAME(begin_reduced_gradient)(const int *n, const int *status, const double *theta,
                                  const double *x, const double *z, const double *g,
                                  const double *y, double *y_free, double *r)
{
    struct gradient p = {.status = status, .x = x, .z = z, .g = g, .y = y, .y_free = y_free,
                         .r = r, .theta = *theta};
    FOR_ROWS(begin_gradient, &p, 0, *n);
}

/* r, with 0 for variables that are not free. */

struct kept {
    const int *status;
    double *r;
};

INLINE void keep(struct kept *p, long i, int rows)
{
    const Mask free = mask_of(load_int_rows(p->status + i, rows) <= 0);
    store_rows(p->r + i, only(free, load_rows(p->r + i, rows)), rows);
}

void NAME(keep_free)(const int *n, const int *status, double *r)
{
    struct kept p = {.status = status, .r = r};
    FOR_ROWS(keep, &p, 0, *n);
}
