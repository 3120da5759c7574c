/* Small matrices of WIDTH problems at once, those of each problem in a lane of its own.
 *
 * Element k of a vector is the WIDTH numbers from WIDTH k on, element (i, j) of a matrix of n rows
 * those from WIDTH (i + n j) on. What one problem's square roots and divisions wait for, the others'
 * do meanwhile. */

#ifndef LANES_H
#define LANES_H

#include "vectors.h"

INLINE Vector get(const double *a, long k) { return load(a + WIDTH * k); }
INLINE void set(double *a, long k, Vector v) { store(a + WIDTH * k, v); }

enum { ROWS = WIDTH == 8 ? 8 : 4 }; /* whose sums stay in registers; AVX-512 has twice as many */

/* sum[c] = sum_p r_kp r_ip of the rows i = first + c of R', p below `last`, for `count` rows, a
 * number that the compiler knows. */
INLINE void sums_of_rows(Vector *sum, long k, long first, long last, long ld, const double *a,
                         int count)
{
    UNROLLED
    for (int c = 0; c < count; c++)
        sum[c] = all(0);
    for (const double *column = a; last > 0; last--, column += WIDTH * ld) {
        const Vector r = get(column, k);
        UNROLLED
        for (int c = 0; c < count; c++)
            sum[c] += r * get(column, first + c);
    }
}

INLINE void find_pivot(long ld, long k, double *a, Vector *root, Mask *positive)
{
    Vector sum[1];
    sums_of_rows(sum, k, k, k, ld, a, 1);
    const Vector left = get(a, k + ld * k) - sum[0];
    *positive &= left > 0;
    *root = square_root(left);
    set(a, k + ld * k, *root);
}

/* Some rows of column k of R'. */
INLINE void rows_of_factor(long ld, long k, double *a, Vector root, long first, int count)
{
    Vector sum[ROWS];
    sums_of_rows(sum, k, first, k, ld, a, count);
    UNROLLED
    for (int c = 0; c < count; c++)
        set(a, first + c + ld * k, (get(a, first + c + ld * k) - sum[c]) / root);
}

/* What the pivots before `last` add to some rows of column k. */
INLINE void rows_of_rest(long ld, long k, long last, double *a, long first, int count)
{
    Vector sum[ROWS];
    sums_of_rows(sum, k, first, last, ld, a, count);
    UNROLLED
    for (int c = 0; c < count; c++)
        set(a, first + c + ld * k, get(a, first + c + ld * k) + sum[c]);
}

/* work(..., at, count) for the elements from `from` to `to` - 1, `count` of them at a time: as many as
 * have room in registers, and then fewer. */
#define BY_ROWS(from, to, work, ...)                                                               \
    do {                                                                                           \
        long at = (from);                                                                          \
        for (; at + ROWS <= (to); at += ROWS)                                                      \
            work(__VA_ARGS__, at, ROWS);                                                           \
        if (ROWS > 4 && at + 4 <= (to)) {                                                          \
            work(__VA_ARGS__, at, 4);                                                              \
            at += 4;                                                                               \
        }                                                                                          \
        if (at + 2 <= (to)) {                                                                      \
            work(__VA_ARGS__, at, 2);                                                              \
            at += 2;                                                                               \
        }                                                                                          \
        if (at < (to))                                                                             \
            work(__VA_ARGS__, at, 1);                                                              \
    } while (0)

/* The first rows, `pivots` in number, of the factor R of A = R'R: cholesky.c's, of which R' stands in
 * the lower triangle alone. Returns where all pivots are positive. */
static inline Mask factor_in_lanes(long n, long pivots, long ld, double *a)
{
    Mask positive = all(0) == 0;
    for (long k = 0; k < pivots; k++) {
        Vector root;
        find_pivot(ld, k, a, &root, &positive);
        BY_ROWS(k + 1, n, rows_of_factor, ld, k, a, root);
    }
    for (long k = pivots; k < n; k++)
        BY_ROWS(k, n, rows_of_rest, ld, k, pivots, a);
    return positive;
}

/* b <- inverse(R') b and b <- inverse(R) b, the first n unknowns, as in triangular_solve.f; with
 * R' of ld rows. */
INLINE void solve_transposed_in_lanes(long n, long ld, const double *a, double *b)
{
    for (long j = 0; j < n; j++) {
        Vector sum = all(0);
        for (long i = 0; i < j; i++)
            sum += get(a, j + ld * i) * get(b, i);
        set(b, j, (get(b, j) - sum) / get(a, j + ld * j));
    }
}

INLINE void solve_in_lanes(long n, long ld, const double *a, double *b)
{
    for (long i = n - 1; i >= 0; i--) {
        Vector x = get(b, i);
        for (long j = n - 1; j > i; j--)
            x += -get(b, j) * get(a, j + ld * i);
        set(b, i, x / get(a, i + ld * i));
    }
}

/* v = M w, as in middle_matrix.f: with matrices in lanes, or, for several vectors, with the same one
 * in all. Elements of w and v are `stride` numbers apart. */
INLINE void middle_product(long col, long ld, const double *sy, const double *wt, const double *w,
                           double *v, long stride, int in_lanes)
{
#define OF(matrix, i, j)                                                                           \
    (in_lanes ? get(matrix, (i) + (j)*ld) : all((matrix)[(i) + (j)*ld]))
#define W(i) load(w + stride * (i))
#define V(i) load(v + stride * (i))
#define Q(i) V(col + (i))
    /* J q = w_2 + L D^(-1) w_1 */
    for (long i = 0; i < col; i++) {
        Vector q = W(col + i), sum = all(0);
        if (i > 0) {
            for (long k = 0; k < i; k++)
                sum += OF(sy, k, i) * W(k) / OF(sy, k, k);
            q += sum;
        }
        sum = all(0);
        for (long k = 0; k < i; k++)
            sum += OF(wt, i, k) * Q(k);
        store(v + stride * (col + i), (q - sum) / OF(wt, i, i));
    }
    /* J' q <- q */
    for (long i = col - 1; i >= 0; i--) {
        Vector q = Q(i);
        for (long k = col - 1; k > i; k--)
            q += -Q(k) * OF(wt, k, i);
        store(v + stride * (col + i), q / OF(wt, i, i));
    }
    /* -D^(1/2) p + D^(-1/2) L' q = D^(-1/2) w_1 */
    for (long i = 0; i < col; i++) {
        Vector sum = all(0);
        for (long k = i + 1; k < col; k++)
            sum += OF(sy, k, i) * Q(k) / OF(sy, i, i);
        const Vector root = square_root(OF(sy, i, i));
        store(v + stride * i, -W(i) / root / root + sum);
    }
#undef OF
#undef W
#undef V
#undef Q
}

#endif
