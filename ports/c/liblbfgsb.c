/* The Fortran library of Debian, liblbfgsb, driven from C, as a client of the checker:
 *     cc liblbfgsb.c -o port -llbfgsb
 *     python -m lbfgsb77 reference check --command ./port
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void setulb_(int *n, int *m, double *x, double *l, double *u, int *nbd, double *f, double *g,
             double *factr, double *pgtol, double *wa, int *iwa, char *task, int *iprint,
             char *csave, int *lsave, int *isave, double *dsave, size_t, size_t);

static char *line = NULL;
static size_t size = 0;

static void *zeros(size_t count, size_t width)
{
    void *memory = calloc(count ? count : 1, width);
    if (!memory)
        exit(1);
    return memory;
}

/* The numbers of a key in the last line: `count` of them into `values`; null is left as it is. */
static void numbers(const char *key, double *values, int count)
{
    char name[32];
    snprintf(name, sizeof name, "\"%s\":", key);
    char *at = strstr(line, name) + strlen(name);
    for (int i = 0; i < count; i++) {
        at += strspn(at, "[,\"");
        values[i] = strncmp(at, "null", 4) ? strtod(at, NULL) : values[i];
        at += strcspn(at, ",]");
    }
}

static double number(const char *key)
{
    double value = 0;
    numbers(key, &value, 1);
    return value;
}

static void print(const char *key, const double *x, int n)
{
    printf("\"%s\":[", key);
    for (int i = 0; i < n; i++)
        printf("%s%.17g", i ? "," : "", x[i]);
    printf("]");
}

static void solve(void)
{
    int n = number("n"), m = number("m"), iprint = -1, iterations = 0, evaluations = 0;
    int maxiter = number("maxiter"), maxfun = number("maxfun");
    double f = 0, factr = number("factr"), pgtol = number("pgtol"), dsave[29] = {0};
    double *x = zeros(n, 8), *l = zeros(n, 8), *u = zeros(n, 8), *g = zeros(n, 8);
    double *types = zeros(n, 8), *wa = zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m, 8);
    int *nbd = zeros(n, 4), *iwa = zeros(3 * n, 4), lsave[4] = {0}, isave[44] = {0};
    char task[61] = "START", csave[61] = "";

    numbers("x0", x, n), numbers("l", l, n), numbers("u", u, n), numbers("nbd", types, n);
    for (int i = 0; i < n; i++)
        nbd[i] = types[i];
    memset(task + 5, ' ', 55), memset(csave, ' ', 60);
    for (;;) {
        setulb_(&n, &m, x, l, u, nbd, &f, g, &factr, &pgtol, wa, iwa, task, &iprint, csave, lsave,
                isave, dsave, 60, 60);
        if (!strncmp(task, "FG", 2)) {
            printf("{"), print("evaluate", x, n), printf("}\n"), fflush(stdout);
            if (getline(&line, &size, stdin) < 0)
                exit(1);
            f = number("f"), numbers("g", g, n), evaluations++;
        } else if (!strncmp(task, "NEW_X", 5)) {
            printf("{\"iteration\":%d}\n", ++iterations);
            if (iterations >= maxiter || evaluations > maxfun)
                strcpy(task, iterations >= maxiter ? "STOP: ITERATION LIMIT" : "STOP: EVALUATION LIMIT");
        }
        if (strncmp(task, "FG", 2) && strncmp(task, "NEW_X", 5))
            break;
    }
    printf("{\"end\":\"%.60s\",\"f\":%.17g,\"nit\":%d,\"nfev\":%d,", task, f, iterations, evaluations);
    print("x", x, n), printf("}\n"), fflush(stdout);
    free(x), free(l), free(u), free(g), free(types), free(wa), free(nbd), free(iwa);
}

int main(void)
{
    printf("{\"hello\":\"liblbfgsb\",\"version\":\"3.0\"}\n"), fflush(stdout);
    while (getline(&line, &size, stdin) >= 0)
        solve();
    free(line);
}
