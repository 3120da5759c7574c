/* Between the states of problems and the lanes of a group. */

#include <stdint.h>

#include "group.h"

enum { VECTORS = 14, MATRICES = 6, LARGE_MATRICES = 2, PAIR_VECTORS = 6 };

/* Divide the group's scratch. */
static void divide(struct group *p, double *scratch)
{
    double **const vectors[VECTORS] = {&p->x, &p->l, &p->u, &p->g, &p->z, &p->d, &p->r, &p->t,
                                       &p->minimum, &p->status, &p->side, &p->lower, &p->upper,
                                       &p->y_free};
    double **const matrices[MATRICES] = {&p->sy, &p->ss, &p->wt, &p->yy, &p->ssa, &p->mixed};
    double **const large[LARGE_MATRICES] = {&p->k_factor, &p->moved};
    double **const pairs[PAIR_VECTORS] = {&p->p, &p->c, &p->v, &p->row, &p->with_a, &p->with_b};
    const long n = WIDTH * p->n, m = p->m;
    const uintptr_t vector = sizeof(Vector);
    double *at = (double *)(((uintptr_t)scratch + vector - 1) / vector * vector);
    for (int k = 0; k < VECTORS; k++, at += n)
        *vectors[k] = at;
    for (int k = 0; k < MATRICES; k++, at += WIDTH * m * m)
        *matrices[k] = at;
    for (int k = 0; k < LARGE_MATRICES; k++, at += WIDTH * 4 * m * m)
        *large[k] = at;
    for (int k = 0; k < PAIR_VECTORS; k++, at += WIDTH * 2 * m)
        *pairs[k] = at;
    p->w = at;
}

/* How many problems make a group, 1 where there are no lanes, and how many numbers of scratch it
 * needs. */
void NAME(direction_lanes)(const int *n, const int *m, int *lanes, int *scratch)
{
    *lanes = WIDTH;
    *scratch = WIDTH * ((VECTORS + 2 * *m) * *n + (MATRICES + 4 * LARGE_MATRICES) * *m * *m
                        + 2 * PAIR_VECTORS * *m + 1);
}

/* The first numbers of each problem, or integers, and where they are in the lanes; `which` has a bit
 * for each problem to which they go back. */
struct transfer {
    double *const *numbers;
    int *const *integers;
    double *lanes;
    int which;
};

INLINE void bring_rows(struct transfer *t, long k, int rows)
{
    Vector block[WIDTH];
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        block[h] = t->integers ? numbers(load_int_rows(t->integers[h] + k, rows))
                               : load_rows(t->numbers[h] + k, rows);
    transpose(block);
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        if (h < rows)
            set(t->lanes, k + h, block[h]);
}

INLINE void take_rows_back(struct transfer *t, long k, int rows)
{
    Vector block[WIDTH];
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        block[h] = h < rows ? get(t->lanes, k + h) : all(0);
    transpose(block);
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        if (t->which >> h & 1) {
            if (t->integers)
                store_int_rows(t->integers[h] + k, whole(block[h]), rows);
            else
                store_rows(t->numbers[h] + k, block[h], rows);
        }
}

static void bring(long count, double *const *from, double *to)
{
    struct transfer t = {.numbers = from, .lanes = to};
    FOR_ROWS(bring_rows, &t, 0, count);
}

static void bring_ints(long count, int *const *from, double *to)
{
    struct transfer t = {.integers = from, .lanes = to};
    FOR_ROWS(bring_rows, &t, 0, count);
}

static void take_back(long count, double *from, double *const *to, int which)
{
    struct transfer t = {.numbers = to, .lanes = from, .which = which};
    FOR_ROWS(take_rows_back, &t, 0, count);
}

static void take_ints_back(long count, double *from, int *const *to, int which)
{
    struct transfer t = {.integers = to, .lanes = from, .which = which};
    FOR_ROWS(take_rows_back, &t, 0, count);
}

/* The same array of each problem, as `name`. */
#define EACH(type, name, expression)                                                               \
    type *name[WIDTH];                                                                             \
    for (int h = 0; h < WIDTH; h++)                                                                \
    name[h] = p->of[h]->expression

static void take_in_bounds(struct group *p)
{
    const long n = p->n;
    EACH(double, l, l);
    EACH(double, u, u);
    EACH(int, status, status);
    EACH(int, side, side);
    EACH(int, nbd, nbd);
    bring(n, l, p->l);
    bring(n, u, p->u);
    bring_ints(n, status, p->status);
    bring_ints(n, side, p->side);
    bring_ints(n, nbd, p->upper);
    for (long i = 0; i < n; i++) {
        const Ints type = whole(get(p->upper, i));
        set(p->lower, i, flag(has_lower(type)));
        set(p->upper, i, flag(has_upper(type)));
    }
}

/* Matrices of the older pairs; of those that still have the pair that was dropped what lies behind
 * it. With them come the rows of pairs that are not there yet, because they go back too: a pair that
 * enters where no variable is free has no row, and what stands there counts. */
static void take_in_matrices(struct group *p)
{
    const long m = p->m, older = p->col - 1;
    const long count = p->col < m ? m * older : m * (older - 1) + older;
    if (older == 0)
        return;
    EACH(double, sy, sy);
    EACH(double, ss, ss);
    EACH(double, yy, yy + (p->of[h]->full ? m + 1 : 0));
    EACH(double, ssa, ssa + (p->of[h]->full ? m + 1 : 0));
    EACH(double, mixed, mixed + (p->of[h]->full ? m + 1 : 0));
    bring(count, sy, p->sy);
    bring(count, ss, p->ss);
    bring(count, yy, p->yy);
    bring(count, ssa, p->ssa);
    bring(count, mixed, p->mixed);
}

/* What the direction needs of the problems' states; d and g_old where the newest pair will be made of
 * them. A lane without a problem has the first one again. */
void NAME(take_in)(struct group *p, struct problem *problems, double *scratch)
{
    const long n = p->n;
    for (int h = 0; h < WIDTH; h++)
        p->of[h] = problems + (h < p->count ? h : 0);
    divide(p, scratch);
    EACH(double, x, x);
    EACH(double, g, g);
    EACH(double, d, d);
    EACH(double, g_old, g_old);
    bring(n, x, p->x);
    bring(n, g, p->g);
    bring(n, d, newest_s(p));
    bring(n, g_old, newest_y(p));
    EACH(double, y, y + n * p->of[h]->head);
    EACH(double, s, s + n * p->of[h]->head);
    for (long j = 0; j < p->col - 1; j++) {
        bring(n, y, p->w + WIDTH * n * j);
        bring(n, s, p->w + WIDTH * n * (p->col + j));
        for (int h = 0; h < WIDTH; h++) {
            const int last = p->of[h]->head + j + 1 == p->m; /* slot of the store */
            y[h] += last ? n - n * p->m : n;
            s[h] += last ? n - n * p->m : n;
        }
    }
    take_in_matrices(p);
    if (p->bounded)
        take_in_bounds(p);
}

static void give_back_bounded(struct group *p, int which)
{
    EACH(double, z, z);
    EACH(double, c, c);
    EACH(int, status, status);
    EACH(int, side, side);
    take_back(p->n, p->z, z, which);
    take_back(2 * p->col, p->c, c, which);
    take_ints_back(p->n, p->status, status, which);
    take_ints_back(p->n, p->side, side, which);
}

static void give_back_matrices(struct group *p, int which)
{
    const long m = p->m, last = p->col - 1, count = m * last + p->col;
    EACH(double, yy, yy);
    EACH(double, ssa, ssa);
    EACH(double, mixed, mixed);
    take_back(count, p->yy, yy, which);
    take_back(count, p->ssa, ssa, which);
    take_back(count, p->mixed, mixed, which);
    for (int h = 0; h < WIDTH; h++)
        for (long j = 0; j <= last && which >> h & 1; j++) {
            double *const sy = p->of[h]->sy, *const ss = p->of[h]->ss;
            sy[last + m * j] = sy[j + m * last] = p->sy[WIDTH * (j + m * last) + h];
            ss[j + m * last] = p->ss[WIDTH * (j + m * last) + h];
        }
}

static void give_back_numbers(const struct group *p, struct problem *one, int h)
{
    one->theta = LANE(p->theta, h);
    one->dtd = LANE(p->dtd, h);
    one->slope = LANE(p->slope, h);
    one->largest = LANE(p->largest, h);
    one->on_bound = bits(p->on_bound) >> h & 1;
    if (p->bounded) {
        one->segments = (int)LANE(p->segments, h);
        one->free = (int)LANE(p->free, h);
        one->entering = (int)LANE(p->entering, h);
        one->leaving = (int)LANE(p->leaving, h);
    }
    one->found = 1;
}

/* To the states of those problems whose directions are known what search_direction.f leaves there, but
 * for factors, which are made of the products where they are wanted. */
void NAME(give_back)(struct group *p)
{
    const long n = p->n;
    const int which = bits(p->usual) & ((1 << p->count) - 1);
    EACH(double, y, y + n * ((p->of[h]->head + p->col - 1) % p->m));
    EACH(double, s, s + n * ((p->of[h]->head + p->col - 1) % p->m));
    EACH(double, x, x);
    EACH(double, d, d);
    EACH(double, x_old, x_old);
    EACH(double, g_old, g_old);
    take_back(n, newest_y(p), y, which);
    take_back(n, newest_s(p), s, which);
    take_back(n, p->minimum, x, which);
    take_back(n, p->d, d, which);
    take_back(n, p->x, x_old, which);
    take_back(n, p->g, g_old, which);
    give_back_matrices(p, which);
    if (p->bounded)
        give_back_bounded(p, which);
    for (int h = 0; h < WIDTH; h++)
        if (which >> h & 1)
            give_back_numbers(p, p->of[h], h);
}
