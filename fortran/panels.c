/* The two loops that read the pairs, which is where the time of large problems goes:
 *
 *     panel_sums  sums of columns of Y and S with two or three vectors;
 *     add_pairs   pairs added to a vector;
 *
 * and fetch_pairs and fetch_row, which have a variable's row brought to the cache.
 *
 * One text for every processor: WIDTH numbers make a vector, and the build compiles the file once
 * for the narrowest and, on x86-64, once more for AVX2 (wide_vectors.c chooses). A vector holds
 * neighbouring rows when it is read; of sums it holds those of neighbouring columns, so WIDTH rows
 * of WIDTH columns are turned around in registers. No sum is split, so the width changes no bit. */

#include "vectors.h"

enum {
    AHEAD = 192, /* rows from the one that is read to the one that is fetched into the L2 cache */
    FAR = 1 << 22, /* numbers; of fewer pairs the processor itself fetches the columns as fast */
    LINE = 8,    /* numbers in a cache line */
    PAGE = 512,  /* columns a multiple of so many numbers apart have the same places in the caches, */
    CROWD = 4,   /* or nearly so: then few columns are read side by side */
    GROUPS = 3,  /* of WIDTH columns, whose sums go side by side */
    PAIRS = 5    /* that are added to a vector together: ten streams */
};

typedef const double *Column;

/* Rows i and i + 1 of WIDTH columns, each row as a vector. */
enum { ROWS = WIDTH == 1 ? 1 : 2 };
#if WIDTH == 1
INLINE void turn(Vector row[ROWS], const Column *column, long i) { row[0] = column[0][i]; }
#else
typedef double Pair __attribute__((vector_size(16)));
typedef Pair AnyPair __attribute__((aligned(8), may_alias));

INLINE void turn(Vector row[ROWS], const Column *column, long i)
{
#if WIDTH == 2
    const Vector a = load(column[0] + i), b = load(column[1] + i);
    row[0] = __builtin_shufflevector(a, b, 0, 2);
    row[1] = __builtin_shufflevector(a, b, 1, 3);
#else
    /* two rows of one column beside two of another */
#define BESIDE(p, q)                                                                               \
    __builtin_shufflevector(*(const AnyPair *)((p) + i), *(const AnyPair *)((q) + i), 0, 1, 2, 3)
    const Vector a = BESIDE(column[0], column[2]), b = BESIDE(column[1], column[3]);
    row[0] = __builtin_shufflevector(a, b, 0, 4, 2, 6);
    row[1] = __builtin_shufflevector(a, b, 1, 5, 3, 7);
#endif
}
#endif

static Column column_of(const double *panel, int lda, int j) { return panel + (long)lda * j; }

/* sums[k][lane] += sum_i column[k][i] v[lane][i] for WIDTH groups columns, with `groups` and
 * `lanes` known to the compiler. */
INLINE void tile(long rows, int far, const Column *column, const Column *v, double *const *sums,
                 int groups, int lanes)
{
    Vector sum[GROUPS][3];
    double one[WIDTH];
    long i = 0;

    for (int k = 0; k < groups; k++)
        for (int lane = 0; lane < lanes; lane++) {
            for (int h = 0; h < WIDTH; h++)
                one[h] = sums[WIDTH * k + h][lane];
            sum[k][lane] = load(one);
        }

    for (; i + LINE <= rows; i += LINE) {
        if (far) {
            UNROLLED
            for (int k = 0; k < WIDTH * groups; k++)
                FETCH(column[k] + i + AHEAD);
        }
        for (long at = i; at < i + LINE; at += ROWS) {
            UNROLLED
            for (int k = 0; k < groups; k++) {
                Vector row[ROWS];
                turn(row, column + WIDTH * k, at);
                UNROLLED
                for (int h = 0; h < ROWS; h++) {
                    UNROLLED
                    for (int lane = 0; lane < lanes; lane++)
                        sum[k][lane] += row[h] * all(v[lane][at + h]);
                }
            }
        }
    }

    for (int k = 0; k < groups; k++)
        for (int lane = 0; lane < lanes; lane++) {
            store(one, sum[k][lane]);
            for (int h = 0; h < WIDTH; h++) {
                for (long last = i; last < rows; last++)
                    one[h] += column[WIDTH * k + h][last] * v[lane][last];
                sums[WIDTH * k + h][lane] = one[h];
            }
        }
}

typedef void Tile(long, int, const Column *, const Column *, double *const *);

#define TILE(groups, lanes)                                                                        \
    static void tile_##groups##_##lanes(long rows, int far, const Column *column, const Column *v, \
                                        double *const *sums)                                       \
    {                                                                                              \
        tile(rows, far, column, v, sums, groups, lanes);                                                \
    }

TILE(1, 2)
TILE(2, 2)
TILE(3, 2)
TILE(1, 3)
TILE(2, 3)
TILE(3, 3)

/* sums(k, j) += sum_i w(i, j) vk(i), i rising, of the columns first to last, from 1, of
 * W = (Y, S). */
void NAME(panel_sums)(const int *rows, const int *lanes, const int *pairs, const int *first,
                      const int *last, const int *lda, const double *y, const double *s,
                      const double *v1, const double *v2, const double *v3, double *sums)
{
    static Tile *const tiles[2][GROUPS] = {{tile_1_2, tile_2_2, tile_3_2},
                                           {tile_1_3, tile_2_3, tile_3_3}};
    const Column v[3] = {v1, v2, v3};
    const int far = 2L * *pairs * *lda > FAR;
    const int crowded = (*lda + CROWD) % PAGE <= 2 * CROWD;
    double spare[3] = {0}; /* for what repeats the last column, where a group isn't full */

#define COLUMN(j) ((j) < *pairs ? column_of(y, *lda, j) : column_of(s, *lda, (j) - *pairs))
    if (*rows < WIDTH) { /* no vector of rows */
        for (int j = *first - 1; j < *last; j++) {
            const Column column = COLUMN(j);
            for (int lane = 0; lane < *lanes; lane++)
                for (int i = 0; i < *rows; i++)
                    sums[(long)*lanes * j + lane] += column[i] * v[lane][i];
        }
        return;
    }
    for (int done = *first - 1; done < *last;) {
        Column column[WIDTH * GROUPS];
        double *out[WIDTH * GROUPS];
        int groups = (*last - done + WIDTH - 1) / WIDTH;
        if (groups == GROUPS + 1)
            groups = 2; /* twice, rather than three and one */
        if (groups > GROUPS)
            groups = GROUPS;
        if (crowded)
            groups = 1;
        for (int k = 0; k < WIDTH * groups; k++) {
            const int asked = done + k, j = asked < *last ? asked : *last - 1;
            column[k] = COLUMN(j);
            out[k] = asked < *last ? sums + (long)*lanes * j : spare;
        }
        tiles[*lanes == 3][groups - 1](*rows, far, column, v, out);
        done += WIDTH * groups;
    }
}

/* r += y[j] a[j] / divisor + s[j] b[j], j rising, with `count` and `divided`, whether to divide at
 * all, known to the compiler. */
INLINE void add(long rows, const Column *y, const Column *s, const double *a, const double *b,
                double divisor, double *r, int count, int divided)
{
    enum { PARTS = LINE / WIDTH };
    long i = 0;

    for (; i + LINE <= rows; i += LINE) {
        Vector value[PARTS];
        UNROLLED
        for (int k = 0; k < PARTS; k++)
            value[k] = load(r + i + WIDTH * k);
        UNROLLED
        for (int j = 0; j < count; j++) {
            FETCH(y[j] + i + AHEAD);
            FETCH(s[j] + i + AHEAD);
            UNROLLED
            for (int k = 0; k < PARTS; k++) {
                const Vector term = load(y[j] + i + WIDTH * k) * all(a[j]);
                value[k] += divided ? term / all(divisor) : term;
                value[k] += load(s[j] + i + WIDTH * k) * all(b[j]);
            }
        }
        UNROLLED
        for (int k = 0; k < PARTS; k++)
            store(r + i + WIDTH * k, value[k]);
    }

    for (; i < rows; i++) {
        double value = r[i];
        for (int j = 0; j < count; j++) {
            const double term = y[j][i] * a[j];
            value += divided ? term / divisor : term;
            value += s[j][i] * b[j];
        }
        r[i] = value;
    }
}

typedef void Add(long, const Column *, const Column *, const double *, const double *, double,
                 double *);

#define ADD(count, divided)                                                                        \
    static void add_##count##_##divided(long rows, const Column *y, const Column *s,               \
                                        const double *a, const double *b, double divisor,          \
                                        double *r)                                                 \
    {                                                                                              \
        add(rows, y, s, a, b, divisor, r, count, divided);                                         \
    }

ADD(1, 0)
ADD(2, 0)
ADD(3, 0)
ADD(4, 0)
ADD(5, 0)
ADD(1, 1)
ADD(2, 1)
ADD(3, 1)
ADD(4, 1)
ADD(5, 1)

/* r <- r + Y w_1/divisor + scale S w_2, pairs in order of age. */
void NAME(add_pairs)(const int *rows, const int *lda, const int *m, const int *col,
                     const int *head, const double *y, const double *s, const double *w,
                     const double *divisor, const double *scale, double *r)
{
    static Add *const adds[2][PAIRS] = {{add_1_0, add_2_0, add_3_0, add_4_0, add_5_0},
                                        {add_1_1, add_2_1, add_3_1, add_4_1, add_5_1}};

    for (int done = 0; done < *col;) {
        Column y_j[PAIRS], s_j[PAIRS];
        double b[PAIRS];
        const int count = *col - done < PAIRS ? *col - done : PAIRS;
        for (int j = 0; j < count; j++) {
            const int slot = (*head - 1 + done + j) % *m;
            y_j[j] = column_of(y, *lda, slot);
            s_j[j] = column_of(s, *lda, slot);
            b[j] = *scale * w[*col + done + j];
        }
        adds[*divisor != 1][count - 1](*rows, y_j, s_j, w + done, b, *divisor, r);
        done += count;
    }
}

/* Have variable i, from 1, of the first col pairs fetched into the cache: it will soon be wanted. */
void NAME(fetch_pairs)(const int *n, const int *col, const int *i, const double *y,
                       const double *s)
{
    for (int j = 0; j < *col; j++) {
        FETCH(column_of(y, *n, j) + *i - 1);
        FETCH(column_of(s, *n, j) + *i - 1);
    }
}

/* The same of what the path needs too. */
void NAME(fetch_row)(const int *n, const int *col, const int *i, const double *x, const double *l,
                     const double *u, const double *d, const double *z, const double *y,
                     const double *s)
{
    const Column vectors[] = {x, l, u, d, z};
    for (int k = 0; k < 5; k++)
        FETCH(vectors[k] + *i - 1);
    NAME(fetch_pairs)(n, col, i, y, s);
}
