/*
 * The four BLAS-1 routines and the two LAPACK routines that Debian's liblbfgsb takes from the
 * system, as plain loops in the published order: every sum takes its terms one at a time in
 * rising index order, and the factorization and the solves go column by column as LINPACK's do.
 *
 * A tuned BLAS rounds the same sums in another order, so two machines would not even agree
 * with themselves.  Loaded with RTLD_GLOBAL before the library, these take precedence.
 * Compile with -ffp-contract=off.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

long plain_calls = 0; /* lets the harness see that the library really calls these */

static long first(int n, int step) { return step < 0 ? (long)(1 - n) * step : 0; }

double ddot_(const int *n, const double *x, const int *incx, const double *y, const int *incy)
{
    double sum = 0.0;
    long i = first(*n, *incx), j = first(*n, *incy);
    plain_calls++;
    for (int k = 0; k < *n; k++, i += *incx, j += *incy)
        sum += x[i] * y[j];
    return sum;
}

void daxpy_(const int *n, const double *a, const double *x, const int *incx, double *y,
            const int *incy)
{
    long i = first(*n, *incx), j = first(*n, *incy);
    plain_calls++;
    if (*a == 0.0)
        return;
    for (int k = 0; k < *n; k++, i += *incx, j += *incy)
        y[j] += *a * x[i];
}

void dcopy_(const int *n, const double *x, const int *incx, double *y, const int *incy)
{
    long i = first(*n, *incx), j = first(*n, *incy);
    plain_calls++;
    for (int k = 0; k < *n; k++, i += *incx, j += *incy)
        y[j] = x[i];
}

void dscal_(const int *n, const double *a, double *x, const int *incx)
{
    plain_calls++;
    for (long k = 0, i = 0; k < *n; k++, i += *incx)
        x[i] *= *a;
}

static void only(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "plain_blas: %s is not provided\n", what);
        abort();
    }
}

/* A = R'R, R upper triangular, in place; *info is the column whose pivot is not positive. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info)
{
    const long ld = *lda;
    plain_calls++;
    only(*uplo == 'U' || *uplo == 'u', "dpotrf with a lower triangle");
    for (int j = 0; j < *n; j++) {
        double squares = 0.0;
        for (int k = 0; k < j; k++) {
            double sum = 0.0;
            for (int i = 0; i < k; i++)
                sum += a[i + k * ld] * a[i + j * ld];
            double t = (a[k + j * ld] - sum) / a[k + k * ld];
            a[k + j * ld] = t;
            squares += t * t;
        }
        double pivot = a[j + j * ld] - squares;
        if (pivot <= 0.0) {
            *info = j + 1;
            return;
        }
        a[j + j * ld] = sqrt(pivot);
    }
    *info = 0;
}

/* R'x = b or Rx = b, R upper triangular; *info is the first zero on the diagonal. */
void dtrtrs_(const char *uplo, const char *trans, const char *diag, const int *n,
             const int *nrhs, const double *a, const int *lda, double *b, const int *ldb,
             int *info)
{
    const long ld = *lda;
    plain_calls++;
    only(*uplo == 'U' || *uplo == 'u', "dtrtrs with a lower triangle");
    only(*diag == 'N' || *diag == 'n', "dtrtrs with a unit diagonal");
    for (int j = 0; j < *n; j++)
        if (a[j + j * ld] == 0.0) {
            *info = j + 1;
            return;
        }
    *info = 0;
    for (int c = 0; c < *nrhs; c++, b += *ldb) {
        if (*trans == 'N' || *trans == 'n') {
            for (int j = *n - 1; j >= 0; j--) {
                b[j] /= a[j + j * ld];
                if (b[j] != 0.0)
                    for (int i = 0; i < j; i++)
                        b[i] += -b[j] * a[i + j * ld];
            }
        } else {
            for (int j = 0; j < *n; j++) {
                double sum = 0.0;
                for (int i = 0; i < j; i++)
                    sum += a[i + j * ld] * b[i];
                b[j] = (b[j] - sum) / a[j + j * ld];
            }
        }
    }
}
