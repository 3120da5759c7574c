/* The product of middle_matrix.f for several vectors at once.
 *
 * It is a chain of divisions, each of which waits for the one before, and the rows of W that the path
 * turns at don't wait for each other. */

#include "lanes.h"

/* v(k, :) = M w(k, :) for each k; count is a multiple of four. */
void NAME(middle_matrices)(const int *count, const int *col, const int *ld, const double *sy,
                           const double *wt, const double *w, double *v)
{
    for (int k = 0; k < *count; k += WIDTH)
        middle_product(*col, *ld, sy, wt, w + k, v + k, *count, 0);
}
