/* The product of middle_matrix.f for several vectors at once.
 *
 * It is a chain of divisions, each of which waits for the one before, and the rows of W that the path
 * turns at don't wait for each other. */

#include "vectors.h"

/* The vectors whose numbers are the first WIDTH of w(count, 2 col), each sum as in middle_matrix.f. */
static void multiply(long count, long col, long ld, const double *sy, const double *wt,
                     const double *w, double *v)
{
#define OF(matrix, i, j) all(matrix[(i) + (j)*ld])
#define W(i) load(w + count * (i))
#define V(i) load(v + count * (i))
#define Q(i) load(v + count * (col + (i)))
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
            sum += OF(wt, k, i) * Q(k);
        store(v + count * (col + i), (q - sum) / OF(wt, i, i));
    }
    /* J' q <- q */
    for (long i = col - 1; i >= 0; i--) {
        Vector q = Q(i);
        for (long k = col - 1; k > i; k--)
            q += -Q(k) * OF(wt, k, i);
        store(v + count * (col + i), q / OF(wt, i, i));
    }
    /* -D^(1/2) p + D^(-1/2) L' q = D^(-1/2) w_1 */
    for (long i = 0; i < col; i++) {
        Vector sum = all(0);
        for (long k = i + 1; k < col; k++)
            sum += OF(sy, k, i) * Q(k) / OF(sy, i, i);
        const Vector root = all(__builtin_sqrt(sy[i + i * ld]));
        store(v + count * i, -W(i) / root / root + sum);
    }
}

/* v(k, :) = M w(k, :) for each k; count is a multiple of four. */
void NAME(middle_matrices)(const int *count, const int *col, const int *ld, const double *sy,
                           const double *wt, const double *w, double *v)
{
    for (int k = 0; k < *count; k += WIDTH)
        multiply(*count, *col, *ld, sy, wt, w + k, v + k);
}
