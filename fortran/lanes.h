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

/* sum[c] = sum_p r_kp r_ip of the rows i = first + c of R', p below `last`, for `count` rows, a
 * number that the compiler knows. */
INLINE void sums_of_rows(Vector *sum, long k, long first, long last, long ld,
                         const double *a, int count)
{
    UNROLLED
    for (int c = 0; c < count; c++)
        sum[c] = all(0);
    for (long p = 0; p < last; p++) {
        const Vector r = get(a, k + ld * p);
        UNROLLED
        for (int c = 0; c < count; c++)
            sum[c] += r * get(a, first + c + ld * p);
    }
}

enum { ROWS = 4 }; /* whose sums stay in registers */

/* Column k of R', `count` rows of it from `first` on; with_pivot: the pivot is among them. */
INLINE void rows_of_factor(long ld, long k, long first, double *a, int with_pivot,
                           Vector *root, Mask *positive, int count)
{
    Vector sum[ROWS];
    sums_of_rows(sum, k, first, k, ld, a, count);
    UNROLLED
    for (int c = 0; c < count; c++) {
        const Vector left = get(a, first + c + ld * k) - sum[c];
        if (with_pivot && c == 0) {
            *positive &= left > 0;
            *root = square_root(left);
            set(a, first + ld * k, *root);
        } else {
            set(a, first + c + ld * k, left / *root);
        }
    }
}

/* What the pivots before `last` add to column k. */
INLINE void rows_of_rest(long ld, long k, long first, long last, double *a, int count)
{
    Vector sum[ROWS];
    sums_of_rows(sum, k, first, last, ld, a, count);
    UNROLLED
    for (int c = 0; c < count; c++)
        set(a, first + c + ld * k, get(a, first + c + ld * k) + sum[c]);
}

/* The first rows, `pivots` in number, of the factor R of A = R'R: cholesky.c's, of which R' stands in
 * the lower triangle alone. Returns where all pivots are positive. */
static inline Mask factor_in_lanes(long n, long pivots, long ld, double *a)
{
    Mask positive = all(0) == 0;
    for (long k = 0; k < pivots; k++) {
        Vector root = all(0);
        long i = k;
        if (n - k >= ROWS) {
            rows_of_factor(ld, k, i, a, 1, &root, &positive, ROWS);
            i += ROWS;
        } else {
            rows_of_factor(ld, k, i, a, 1, &root, &positive, 1);
            i += 1;
        }
        for (; i + ROWS <= n; i += ROWS)
            rows_of_factor(ld, k, i, a, 0, &root, &positive, ROWS);
        for (; i < n; i++)
            rows_of_factor(ld, k, i, a, 0, &root, &positive, 1);
    }
    for (long k = pivots; k < n; k++) {
        long i = k;
        for (; i + ROWS <= n; i += ROWS)
            rows_of_rest(ld, k, i, pivots, a, ROWS);
        for (; i < n; i++)
            rows_of_rest(ld, k, i, pivots, a, 1);
    }
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
