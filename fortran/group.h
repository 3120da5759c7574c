/* A group of small problems whose search directions are found together, one in each lane: what group.c
 * brings from their states and takes back, and what directions.c and cauchy_points.c make of it. */

#ifndef GROUP_H
#define GROUP_H

#ifdef EIGHT_LANES /* of AVX-512, from which other loops gain nothing */
#define WIDTH 8
#endif
#include "lanes.h"

/* One problem: its arrays, by the names of search_direction.f, and what changes besides.
 * packed_directions.f has the same. */
struct problem {
    double *x, *l, *u, *g, *s, *y, *sy, *ss, *yy, *ssa, *mixed, *z, *d, *x_old, *g_old, *c;
    int *nbd, *side, *status;
    double step, dtd, curvature; /* of the last step; on exit dtd is d'd of the next */
    double theta, slope, largest;
    int head;  /* slot of the oldest pair, from 0 */
    int full;  /* the pair before it has been dropped */
    int found; /* whether the direction is there */
    int segments, free, entering, leaving, on_bound;
};

/* The problems of a group: n variables and col pairs each, the newest one included, with room for m,
 * and all with bounds or all without. Arrays are those of lanes.h; status, side, lower and upper hold
 * integers as numbers; w = (Y, S) by age, column by column. */
struct group {
    struct problem *of[WIDTH];
    int count, bounded;
    long n, m, col;
    Mask usual; /* lanes in which nothing is out of the ordinary */
    double *x, *l, *u, *g, *z, *d, *r, *t, *minimum, *status, *side, *lower, *upper, *y_free;
    double *sy, *ss, *wt, *yy, *ssa, *mixed, *k_factor, *moved, *w;
    double *p, *c, *v, *row, *with_a, *with_b;
    Vector theta, path_slope, breaks, segments, rest, free, entering, leaving;
    Vector dtd, slope, largest;
    Mask open, stopped, on_bound;
};

/* The columns of w that the newest pair has. */
INLINE double *newest_y(const struct group *p) { return p->w + WIDTH * p->n * (p->col - 1); }
INLINE double *newest_s(const struct group *p) { return p->w + WIDTH * p->n * (2 * p->col - 1); }

INLINE Mask everywhere(void) { return all(0) == 0; }
INLINE Mask not(Mask m) { return but_not(everywhere(), m); }
INLINE Vector flag(Mask m) { return only(m, all(1)); }

/* v = M w */
INLINE void times_middle(const struct group *p, const double *w, double *v)
{
    middle_product(p->col, p->m, p->sy, p->wt, w, v, WIDTH, 1);
}

void NAME(take_in)(struct group *p, struct problem *problems, double *scratch);
void NAME(cauchy_points)(struct group *p);
void NAME(give_back)(struct group *p);

#endif
