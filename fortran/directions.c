/* The search directions of several small problems at once, each problem in a lane of its own.
 *
 * One iteration of a small problem is a chain of square roots and divisions, each of which waits for
 * the one before. Those of other problems don't wait for it. So this is search_direction.f once more,
 * for problems that have as many pairs and a new one each, and every lane gets the same bits. A problem
 * in which something is out of the ordinary (equal breakpoints, no free variable, a truncated step, a
 * matrix that isn't positive, a number that isn't finite) is left as it was, for search_direction. */

#include <float.h>
#include <math.h>

#include "group.h"

#include "box.h"

/* The newest pair. */
static void make_pair(struct group *p)
{
    double *const y = newest_y(p), *const s = newest_s(p);
    Vector step = all(0);
    for (int h = 0; h < WIDTH; h++)
        LANE(step, h) = p->of[h]->step;
    for (long i = 0; i < p->n; i++) {
        set(y, i, get(p->g, i) - get(y, i));
        set(s, i, step * get(s, i));
    }
}

/* The path of steepest descent (steepest_path.c). */
static void lay_out(struct group *p)
{
    Mask some_free = not(everywhere());
    Vector slope = all(0);
    p->breaks = all(0);
    p->open = some_free;
    for (long i = 0; i < p->n; i++) {
        const Vector x = get(p->x, i);
        const struct start from =
            start_of_path(get(p->lower, i) != 0, get(p->upper, i) != 0, x, get(p->l, i),
                          get(p->u, i), get(p->g, i), get(p->status, i));
        slope += -(from.d * from.d);
        p->breaks += flag(from.meets);
        p->open |= but_not(from.moves, from.meets);
        some_free |= from.status == NO_BOUNDS;
        p->usual = but_not(p->usual, but_not(from.meets, from.t <= all(DBL_MAX)));
        set(p->status, i, from.status);
        set(p->d, i, from.d);
        set(p->z, i, x);
        set(p->t, i, choose(from.meets, from.t, all(INFINITY)));
    }
    p->path_slope = slope;
    p->usual &= some_free | p->open | (p->breaks > 0);
}

/* with_a[k] = sum_i w_k(i) a(i), and with_b, of `count` columns, a number that the compiler knows, from
 * `first` on. */
INLINE void products_of_columns(const struct group *p, const double *a, const double *b,
                                double *with_a, double *with_b, long first, int count)
{
    const long n = p->n;
    Vector sum_a[ROWS], sum_b[ROWS];
    UNROLLED
    for (int c = 0; c < count; c++)
        sum_a[c] = sum_b[c] = all(0);
    for (long i = 0; i < n; i++) {
        const Vector a_i = get(a, i), b_i = get(b, i);
        UNROLLED
        for (int c = 0; c < count; c++) {
            const Vector w_i = get(p->w, i + n * (first + c));
            sum_a[c] += w_i * a_i;
            sum_b[c] += w_i * b_i;
        }
    }
    UNROLLED
    for (int c = 0; c < count; c++) {
        set(with_a, first + c, sum_a[c]);
        set(with_b, first + c, sum_b[c]);
    }
}

/* The same of all columns of W. */
static void products(const struct group *p, const double *a, const double *b, double *with_a,
                     double *with_b)
{
    BY_ROWS(0, 2 * p->col, products_of_columns, p, a, b, with_a, with_b);
}

/* r += (y_j a_j)/theta + s_j b_j, j rising, for `count` variables, a number that the compiler knows,
 * from i on; with `divided`, whether to divide at all. */
INLINE void add_pairs_to(const struct group *p, const double *a, const double *b, int divided,
                         long i, int count)
{
    const long n = p->n, col = p->col;
    Vector r[ROWS];
    UNROLLED
    for (int c = 0; c < count; c++)
        r[c] = get(p->r, i + c);
    for (long j = 0; j < col; j++) {
        const Vector a_j = get(a, j), b_j = get(b, j);
        UNROLLED
        for (int c = 0; c < count; c++) {
            const Vector term = get(p->w, i + c + n * j) * a_j;
            r[c] += divided ? term / p->theta : term;
            r[c] += get(p->w, i + c + n * (col + j)) * b_j;
        }
    }
    UNROLLED
    for (int c = 0; c < count; c++)
        set(p->r, i + c, r[c]);
}

/* theta, the newest products, and the factor of the middle matrix (new_pair.f, middle_matrix.f), where
 * with_a has the products with the newest s; rr = y'y. */
static void enter_pair(struct group *p, Vector rr)
{
    const long m = p->m, col = p->col, last = col - 1;
    Vector newest = all(0), curvature = all(0);
    for (int h = 0; h < WIDTH; h++) {
        const struct problem *const one = p->of[h];
        LANE(newest, h) = one->step * one->step * one->dtd;
        LANE(curvature, h) = one->curvature;
    }
    p->theta = rr / curvature;
    p->usual &= (rr <= all(DBL_MAX)) & (newest <= all(DBL_MAX));
    for (long j = 0; j < last; j++) {
        set(p->sy, last + m * j, get(p->with_a, j));
        set(p->sy, j + m * last, get(p->with_a, j));
        set(p->ss, j + m * last, get(p->with_a, col + j));
    }
    set(p->sy, last + m * last, curvature);
    set(p->ss, last + m * last, newest);

    for (long j = 0; j < col; j++)
        for (long i = j; i < col; i++) {
            const Vector part = p->theta * get(p->ss, j + m * i);
            Vector sum = all(0);
            for (long k = 0; k < j; k++)
                sum += get(p->sy, i + m * k) * get(p->sy, j + m * k) / get(p->sy, k + m * k);
            set(p->wt, i + m * j, j == 0 ? part : sum + part);
        }
    p->usual &= factor_in_lanes(col, col, m, p->wt);
}

/* Sides, as numbers, and reduced gradients (free_sides.c, reduced_gradient.f), and the products with
 * the newest y and these, over free variables. */
static void reduce_gradient(struct group *p)
{
    const long n = p->n, col = p->col;
    const double *const y = newest_y(p), *const s = newest_s(p);
    times_middle(p, p->c, p->v);
    for (long j = 0; j < col; j++)
        set(p->row, j, p->theta * get(p->v, col + j));
    p->free = p->entering = p->leaving = all(0);
    for (long i = 0; i < n; i++) {
        const Vector z = choose(p->stopped, get(p->z, i), get(p->z, i) + p->rest * get(p->d, i));
        const Vector side = get(p->side, i);
        const Mask active = get(p->status, i) > 0, free = not(active);
        const Mask was = (side == 1) | (side == 3) | (side == 5) | (side == 7);
        const Mask entered = but_not(was, active), left = but_not(active, was);
        p->free += flag(free);
        p->entering += flag(entered);
        p->leaving += flag(left);
        set(p->side, i, flag(active) + only(entered | left, all(2))
                            + only(active & (get(s, i) != 0), all(4)));
        set(p->z, i, z);
        set(p->r, i, -p->theta * (z - get(p->x, i)) - get(p->g, i));
        set(p->y_free, i, only(free, get(y, i)));
    }
    BY_ROWS(0, n, add_pairs_to, p, p->v, p->row, 0);
    for (long i = 0; i < n; i++)
        set(p->r, i, only(get(p->status, i) <= 0, get(p->r, i)));
    p->usual &= p->free > 0;
    products(p, p->y_free, p->r, p->with_a, p->with_b);
}

/* The newest pair's rows and columns of the products that K is made of (free_products.f), from its
 * products over active and over free variables; the mixed one with itself is over the free ones. */
static void enter_rows(struct group *p, const double *active, const double *free)
{
    const long m = p->m, col = p->col, last = col - 1;
    for (long j = 0; j < col; j++) {
        set(p->mixed, last + m * j, get(active, j));
        set(p->ssa, last + m * j, get(active, col + j));
    }
    for (long j = 0; j < col; j++) {
        set(p->yy, last + m * j, get(free, j));
        set(p->mixed, j + m * last, get(free, col + j));
    }
}

/* The same with bounds. */
static void enter_sides(struct group *p)
{
    const long n = p->n, col = p->col;
    const double *const s = newest_s(p);
    for (long k = 0; k < 2 * col; k++)
        set(p->v, k, all(0));
    for (long i = n - 1; i >= 0; i--) {
        const Mask moved = get(p->side, i) >= 4;
        if (!bits(moved))
            continue;
        const Vector step = only(moved, get(s, i));
        for (long k = 0; k < 2 * col; k++)
            set(p->v, k, get(p->v, k) + step * get(p->w, i + n * k));
    }
    enter_rows(p, p->v, p->with_a);
}

/* Products of the older pairs, of variables that have changed sides, go to the other side
 * (move_products). */
static void move_products(struct group *p, int into_free)
{
    const long n = p->n, m = p->m, col = p->col, older = col - 1, size = 2 * older;
    Mask some = not(everywhere());
    if (older == 0)
        return;
    for (long j = 0; j < size; j++)
        for (long i = j; i < size; i++)
            set(p->moved, i + size * j, all(0));
    for (long i = n - 1; i >= 0; i--) {
        const Vector side = get(p->side, i);
        const Mask moves = into_free ? side == 2 : (side == 3) | (side == 7);
        if (!bits(moves))
            continue;
        some |= moves;
        for (long k = 0; k < older; k++) {
            set(p->row, k, only(moves, get(p->w, i + n * k)));
            set(p->row, older + k, only(moves, get(p->w, i + n * (col + k))));
        }
        for (long j = 0; j < size; j++)
            for (long k = j; k < size; k++)
                set(p->moved, k + size * j,
                    get(p->moved, k + size * j) + get(p->row, k) * get(p->row, j));
    }
#define ADD(matrix, i, j, sign, row, column)                                                       \
    set(matrix, (i) + m * (j),                                                                     \
        choose(some, get(matrix, (i) + m * (j)) + all(sign) * get(p->moved, (row) + size * (column)), \
               get(matrix, (i) + m * (j))))
    const double sign = into_free ? 1 : -1;
    for (long j = 0; j < older; j++) {
        for (long i = j; i < older; i++) {
            ADD(p->yy, i, j, sign, i, j);
            ADD(p->ssa, i, j, -sign, older + i, older + j);
        }
        for (long i = 0; i < older; i++)
            ADD(p->mixed, i, j, i <= j ? sign : -sign, older + i, j);
    }
#undef ADD
}

/* The factor of K, and inverse(K) times the products with r (subspace_matrix.f), in row. */
static void solve_subspace(struct group *p)
{
    const long m = p->m, col = p->col, size = 2 * col;
    double *const k_factor = p->k_factor;
    for (long j = 0; j < col; j++) {
        for (long i = j; i < col; i++) {
            const Vector yy = get(p->yy, i + m * j) / p->theta;
            set(k_factor, i + size * j, i == j ? yy + get(p->sy, j + m * j) : yy);
            set(k_factor, col + i + size * (col + j), get(p->ssa, i + m * j) * p->theta);
        }
        for (long i = 0; i < col; i++) {
            const Vector mixed = get(p->mixed, i + m * j);
            set(k_factor, col + i + size * j, i <= j ? mixed : -mixed);
        }
    }
    p->usual &= factor_in_lanes(size, col, size, k_factor);
    p->usual &= factor_in_lanes(col, col, size, k_factor + WIDTH * (col + size * col));
    for (long j = 0; j < col; j++) {
        set(p->row, j, get(p->with_b, j));
        set(p->row, col + j, p->theta * get(p->with_b, col + j));
    }
    solve_transposed_in_lanes(size, size, k_factor, p->row);
    for (long j = 0; j < col; j++)
        set(p->row, j, -get(p->row, j));
    solve_in_lanes(size, size, k_factor, p->row);
}

/* d = minimum - x, and its sums. */
INLINE Vector go_to(struct group *p, long i, Vector minimum, Vector x, Vector g)
{
    const Vector d = minimum - x;
    set(p->minimum, i, minimum);
    set(p->d, i, d);
    p->dtd += d * d;
    p->slope += g * d;
    return d;
}

/* The direction to the minimum over the free variables (subspace_minimum.f, projected_step.c). */
static void go_to_minimum(struct group *p)
{
    const Vector scale = all(1) / p->theta;
    BY_ROWS(0, p->n, add_pairs_to, p, p->row, p->row + WIDTH * p->col, 1);
    for (long i = 0; i < p->n; i++) {
        const Mask free = get(p->status, i) <= 0, lower = get(p->lower, i) != 0,
                   upper = get(p->upper, i) != 0;
        const Vector x = get(p->x, i), l = get(p->l, i), u = get(p->u, i);
        const Vector r = only(free, scale * get(p->r, i));
        const Vector minimum =
            projected(free, lower, upper, l, u, get(p->z, i), r, &p->on_bound);
        const Vector d = go_to(p, i, minimum, x, get(p->g, i));
        Mask bounded;
        const Vector room = room_along(lower, upper, x, l, u, d, &bounded), pace = magnitude(d);
        p->largest = choose(bounded & (pace * p->largest > room), room / pace, p->largest);
        p->largest = choose(bounded & (room <= 0), all(0), p->largest);
    }
    p->usual = but_not(p->usual, p->on_bound & (p->slope > 0));
}

/* The same without bounds. */
static void go_to_free_minimum(struct group *p)
{
    const Vector scale = all(1) / p->theta;
    for (long i = 0; i < p->n; i++)
        set(p->r, i, -get(p->g, i));
    BY_ROWS(0, p->n, add_pairs_to, p, p->row, p->row + WIDTH * p->col, 1);
    for (long i = 0; i < p->n; i++) {
        const Vector x = get(p->x, i), g = get(p->g, i);
        go_to(p, i, x + scale * get(p->r, i), x, g);
    }
}

/* bounded_step of search_direction.f */
static void bounded_steps(struct group *p)
{
    const double *const y = newest_y(p);
    Vector rr = all(0);
    for (long i = 0; i < p->n; i++)
        rr += get(y, i) * get(y, i);
    lay_out(p);
    products(p, newest_s(p), p->d, p->with_a, p->with_b);
    enter_pair(p, rr);
    NAME(cauchy_points)(p);
    reduce_gradient(p);
    enter_sides(p);
    if (bits(p->entering > 0))
        move_products(p, 1);
    if (bits(p->leaving > 0))
        move_products(p, 0);
    solve_subspace(p);
    go_to_minimum(p);
}

/* quasi_newton_step of search_direction.f */
static void quasi_newton_steps(struct group *p)
{
    const long col = p->col;
    products(p, newest_s(p), p->g, p->with_a, p->with_b);
    products(p, newest_y(p), newest_y(p), p->p, p->p);
    for (long k = 0; k < 2 * col; k++) {
        set(p->with_b, k, all(0) - get(p->with_b, k));
        set(p->v, k, all(0)); /* no variable is active */
    }
    enter_pair(p, get(p->p, col - 1));
    enter_rows(p, p->v, p->p);
    solve_subspace(p);
    go_to_free_minimum(p);
}

/* The directions of `count` problems, at most as many as there are lanes; see group.h. */
void NAME(directions)(const int *count, const int *n, const int *m, const int *col,
                      const int *bounded, struct problem *problems, double *scratch)
{
    struct group group, *const p = &group;
    p->count = *count;
    p->bounded = *bounded;
    p->n = *n;
    p->m = *m;
    p->col = *col;
    p->usual = everywhere();
    p->on_bound = not(everywhere());
    p->dtd = p->slope = all(0);
    p->largest = all(1e10);
    NAME(take_in)(p, problems, scratch);
    make_pair(p);
    if (p->bounded)
        bounded_steps(p);
    else
        quasi_newton_steps(p);
    p->usual &= p->dtd <= all(DBL_MAX);
    NAME(give_back)(p);
}
