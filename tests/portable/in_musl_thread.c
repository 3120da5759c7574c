/*
 * One run of the kernel in a thread of the C library's default stack, which musl makes 128 KiB.
 *
 * Prints x, f and the number of evaluations in hexadecimal: the sum of (x[i] - x[i-1]^2)^2 and
 * (1 - x[i])^2 in a box, whose operations are + - * alone, so that the bits are the same anywhere.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { N = 25, M = 10 };

/* Fortran passes the lengths of texts last. */
void setulb_(int *n, int *m, double *x, double *l, double *u, int *nbd, double *f, double *g,
             double *factr, double *pgtol, double *wa, int *iwa, char *task, int *iprint,
             char *csave, int *lsave, int *isave, double *dsave, int *maxls, size_t, size_t);

static double evaluate(const double *x, double *g)
{
    double f = 0.0;
    memset(g, 0, N * sizeof *g);
    for (int i = 0; i < N - 1; i++) {
        double bend = x[i + 1] - x[i] * x[i], slope = 1.0 - x[i];
        f += 100.0 * bend * bend;
        f += slope * slope;
        g[i + 1] += 200.0 * bend;
        g[i] -= 400.0 * bend * x[i];
        g[i] -= 2.0 * slope;
    }
    return f;
}

static void *run(void *unused)
{
    static double x[N], l[N], u[N], g[N], dsave[29];
    static double wa[2 * M * N + 5 * N + 11 * M * M + 8 * M];
    static int nbd[N], iwa[3 * N], lsave[4], isave[44];
    int n = N, m = M, iprint = -1, maxls = 20, evaluations = 0;
    double f = 0.0, factr = 10.0, pgtol = 1e-9;
    char task[60], csave[60];
    for (int i = 0; i < N; i++) {
        x[i] = i % 2 ? 1.0 : -1.25;
        l[i] = -1.5;
        u[i] = 0.875;
        nbd[i] = i % 3 ? 2 : 0;
    }
    memset(task, ' ', sizeof task);
    memcpy(task, "START", 5);
    for (;;) {
        setulb_(&n, &m, x, l, u, nbd, &f, g, &factr, &pgtol, wa, iwa, task, &iprint, csave, lsave,
                isave, dsave, &maxls, sizeof task, sizeof csave);
        if (!memcmp(task, "FG", 2)) {
            f = evaluate(x, g);
            evaluations++;
        } else if (memcmp(task, "NEW_X", 5)) {
            break;
        }
    }
    for (int i = 0; i < N; i++)
        printf("%a\n", x[i]);
    printf("%a\n%d\n%.20s\n", f, evaluations, task);
    return unused;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL))
        return 1;
    return pthread_join(thread, NULL);
}
