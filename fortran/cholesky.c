/* The factor R of a small symmetric matrix A = R'R:
 *
 *    r_kj = (a_kj - sum_{i<k} r_ik r_ij)/r_kk,    r_jj = sqrt(a_jj - sum_{k<j} r_kj^2).
 *
 * R' stands in the columns below the diagonal, where the sums of a row's neighbours run down them side
 * by side, each from 0 and i rising. */

#include <stddef.h>

#include "vectors.h"

enum { MOST = 5 }; /* vectors of sums in registers */

/* Of row k of R, from 0, the elements from `first` on, as many as `groups` vectors hold, with the
 * pivots before `last`. The vectors may reach past row n - 1, into the next column, whose numbers mean
 * nothing there. With own_sum it becomes sum r_ik^2. */
INLINE void sum_rows(Vector *sum, double *own_sum, long k, long first, long last, long lda,
                     const double *a, int groups)
{
    double own = 0;
    UNROLLED
    for (int v = 0; v < groups; v++)
        sum[v] = all(0);
    for (long i = 0; i < last; i++) {
        const double r = a[k + i * lda];
        own += r * r;
        UNROLLED
        for (int v = 0; v < groups; v++)
            sum[v] += all(r) * load(a + first + WIDTH * v + i * lda);
    }
    if (own_sum)
        *own_sum = own;
}

/* Row k of R, from `first` on, for the pivot whose diagonal element is known, or, where it is 0, is to
 * be found; what it is. */
INLINE double pivot_row(double diagonal, long n, long k, long first, long lda, double *a, int groups)
{
    Vector row[MOST];
    double own;
    sum_rows(row, &own, k, first, k, lda, a, groups);
    if (diagonal == 0) {
        diagonal = a[k + k * lda] - own;
        if (diagonal <= 0)
            return 0;
        diagonal = __builtin_sqrt(diagonal);
        a[k + k * lda] = diagonal;
    }
    UNROLLED
    for (int v = 0; v < groups; v++)
        row[v] = (load(a + first + WIDTH * v + k * lda) - row[v]) / all(diagonal);
    UNROLLED
    for (int v = 0; v < groups; v++) {
        const long at = first + WIDTH * v;
        const int rows = n - at < WIDTH ? (int)(n - at) : WIDTH;
        store_rows(a + at + k * lda, row[v], rows);
        UNROLLED
        for (int h = 0; h < WIDTH; h++)
            if (h < rows)
                a[k + (at + h) * lda] = LANE(row[v], h);
    }
    return diagonal;
}

/* What the pivots before `last` add to column k below the diagonal, from `first` on. */
INLINE double add_to_row(long n, long k, long first, long last, long lda, double *a, int groups)
{
    Vector sum[MOST];
    sum_rows(sum, NULL, k, first, last, lda, a, groups);
    UNROLLED
    for (int v = 0; v < groups; v++) {
        double *const at = a + first + WIDTH * v + k * lda;
        const long left = n - first - WIDTH * v;
        const int rows = left < WIDTH ? (int)left : WIDTH;
        store_rows(at, load_rows(at, rows) + sum[v], rows);
    }
    return 1;
}

/* work(..., groups) with a number of groups that the compiler knows */
#define BY_GROUPS(groups, work, ...)                                                               \
    ((groups) >= 5   ? work(__VA_ARGS__, 5)                                                        \
     : (groups) == 4 ? work(__VA_ARGS__, 4)                                                        \
     : (groups) == 3 ? work(__VA_ARGS__, 3)                                                        \
     : (groups) == 2 ? work(__VA_ARGS__, 2)                                                        \
     : (groups) == 1 ? work(__VA_ARGS__, 1)                                                        \
                     : work(__VA_ARGS__, 0))

static int groups_of(long rows) { return (int)((rows + WIDTH - 1) / WIDTH); }

/* See below; 0 where a pivot isn't positive. */
static int factor(long n, long pivots, long lda, double *a)
{
    for (long k = 0; k < pivots; k++) {
        double diagonal = 0;
        long first = k + 1;
        do {
            diagonal = BY_GROUPS(groups_of(n - first), pivot_row, diagonal, n, k, first, lda, a);
            if (diagonal == 0)
                return 0;
            first += WIDTH * MOST;
        } while (first < n);
    }
    for (long k = pivots; k < n; k++)
        for (long first = k; first < n; first += WIDTH * MOST)
            BY_GROUPS(groups_of(n - first), add_to_row, n, k, first, pivots, lda, a);
    return 1;
}

/* The first rows, `pivots` in number, of R.
 *
 * On entry  the lower triangle of a holds A.
 * On exit   its first rows hold R and its first columns R', so that both solves of triangular_solve.f
 *           run down columns. To the rest of the lower triangle sum r_ik r_ij over all pivots i has
 *           been added.
 *
 * positive is 0 where a pivot isn't. */
void NAME(cholesky)(const int *n, const int *pivots, const int *lda, double *a, int *positive)
{
    if (*n >= WIDTH) {
        *positive = factor(*n, *pivots, *lda, a);
        return;
    }
    double some[WIDTH * (WIDTH + 1)] = {0}; /* where vectors have room */
    for (int j = 0; j < *n; j++)
        for (int i = j; i < *n; i++)
            some[i + WIDTH * j] = a[i + (long)*lda * j];
    *positive = factor(*n, *pivots, WIDTH, some);
    for (int j = 0; j < *n; j++)
        for (int i = 0; i < *n; i++)
            if (i >= j || i < *pivots)
                a[i + (long)*lda * j] = some[i + WIDTH * j];
}
