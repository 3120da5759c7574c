/* panel_sums.f and pair_terms.f once more, for x86-64 with AVX2.
 *
 * These two routines read the pairs, which is where the time goes, and what makes them fast can't
 * be said in Fortran: fetching what is read a little later, and turning four rows of four columns
 * around in registers, so that a vector holds the sums of four columns. Every sum, and every
 * element, has the same operations in the same order as there. wide_vectors.c calls them. */

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

enum {
    AHEAD = 192, /* rows from the one that is read to the one that is fetched into the L2 cache */
    LINE = 8,    /* numbers in a cache line */
    GROUPS = 3,  /* of four columns, that go through together: twelve streams */
    PAIRS = 5    /* that are added to a vector together: ten streams */
};

typedef const double *Column;

static Column column_of(const double *panel, int lda, int j) { return panel + (long)lda * j; }

/* Rows i to i + 3 of four columns, each row as a vector. */
INLINE void four_rows(__m256d row[4], const Column *column, long i)
{
#define HALVES(a, b)                                                                               \
    _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(a)), _mm_loadu_pd(b), 1)
    __m256d first = HALVES(column[0] + i, column[2] + i);
    __m256d second = HALVES(column[1] + i, column[3] + i);
    __m256d third = HALVES(column[0] + i + 2, column[2] + i + 2);
    __m256d fourth = HALVES(column[1] + i + 2, column[3] + i + 2);
    row[0] = _mm256_unpacklo_pd(first, second);
    row[1] = _mm256_unpackhi_pd(first, second);
    row[2] = _mm256_unpacklo_pd(third, fourth);
    row[3] = _mm256_unpackhi_pd(third, fourth);
}

/* sums[k][lane] += sum_i column[k][i] v[lane][i] for 4 groups columns, with `groups` and `lanes`
 * known to the compiler. */
INLINE void tile(long rows, const Column *column, const Column *v, double *const *sums, int groups,
                 int lanes)
{
    __m256d sum[GROUPS][3];
    long i = 0;

#pragma GCC unroll 3
    for (int k = 0; k < groups; k++)
#pragma GCC unroll 3
        for (int lane = 0; lane < lanes; lane++)
            sum[k][lane] = _mm256_set_pd(sums[4 * k + 3][lane], sums[4 * k + 2][lane],
                                         sums[4 * k + 1][lane], sums[4 * k][lane]);

    for (; i + 4 <= rows; i += 4) {
        if (i % LINE == 0)
#pragma GCC unroll 12
            for (int k = 0; k < 4 * groups; k++)
                _mm_prefetch((const char *)(column[k] + i + AHEAD), _MM_HINT_T1);
#pragma GCC unroll 3
        for (int k = 0; k < groups; k++) {
            __m256d row[4];
            four_rows(row, column + 4 * k, i);
#pragma GCC unroll 4
            for (int h = 0; h < 4; h++)
#pragma GCC unroll 3
                for (int lane = 0; lane < lanes; lane++)
                    sum[k][lane] = _mm256_add_pd(
                        sum[k][lane],
                        _mm256_mul_pd(row[h], _mm256_broadcast_sd(v[lane] + i + h)));
        }
    }

    for (int k = 0; k < groups; k++)
        for (int lane = 0; lane < lanes; lane++) {
            double four[4];
            _mm256_storeu_pd(four, sum[k][lane]);
            for (int h = 0; h < 4; h++) {
                for (long last = i; last < rows; last++)
                    four[h] += column[4 * k + h][last] * v[lane][last];
                sums[4 * k + h][lane] = four[h];
            }
        }
}

typedef void Tile(long, const Column *, const Column *, double *const *);

#define TILE(groups, lanes)                                                                        \
    AVX2 static void tile_##groups##_##lanes(long rows, const Column *column, const Column *v,     \
                                             double *const *sums)                                  \
    {                                                                                              \
        tile(rows, column, v, sums, groups, lanes);                                                \
    }

TILE(1, 2)
TILE(2, 2)
TILE(3, 2)
TILE(1, 3)
TILE(2, 3)
TILE(3, 3)

void panel_sums_avx2_(const int *rows, const int *lanes, const int *pairs, const int *lda,
                      const double *y, const double *s, const double *v1, const double *v2,
                      const double *v3, double *sums)
{
    static Tile *const tiles[2][GROUPS] = {{tile_1_2, tile_2_2, tile_3_2},
                                           {tile_1_3, tile_2_3, tile_3_3}};
    const Column v[3] = {v1, v2, v3};
    const int columns = 2 * *pairs;
    double spare[3] = {0}; /* for what repeats the last column, where a group isn't full */

#define COLUMN(j) ((j) < *pairs ? column_of(y, *lda, j) : column_of(s, *lda, (j) - *pairs))
    if (*rows < 4) { /* no vector of rows */
        for (int j = 0; j < columns; j++) {
            const Column column = COLUMN(j);
            for (int lane = 0; lane < *lanes; lane++)
                for (int i = 0; i < *rows; i++)
                    sums[(long)*lanes * j + lane] += column[i] * v[lane][i];
        }
        return;
    }
    for (int done = 0; done < columns;) {
        Column column[4 * GROUPS];
        double *out[4 * GROUPS];
        int groups = (columns - done + 3) / 4;
        if (groups == GROUPS + 1)
            groups = 2; /* twice, rather than three and one */
        if (groups > GROUPS)
            groups = GROUPS;
        for (int k = 0; k < 4 * groups; k++) {
            const int asked = done + k, j = asked < columns ? asked : columns - 1;
            column[k] = COLUMN(j);
            out[k] = asked < columns ? sums + (long)*lanes * j : spare;
        }
        tiles[*lanes == 3][groups - 1](*rows, column, v, out);
        done += 4 * groups;
    }
}

/* r += y[j] a[j] / divisor + s[j] b[j], j rising, with `count` and `divided`, whether to divide at
 * all, known to the compiler. */
INLINE void add(long rows, const Column *y, const Column *s, const double *a, const double *b,
                double divisor, double *r, int count, int divided)
{
    const __m256d divisors = _mm256_set1_pd(divisor);
    long i = 0;

    for (; i + LINE <= rows; i += LINE) {
        __m256d low = _mm256_loadu_pd(r + i), high = _mm256_loadu_pd(r + i + 4);
#pragma GCC unroll 5
        for (int j = 0; j < count; j++) {
            const __m256d a_j = _mm256_set1_pd(a[j]), b_j = _mm256_set1_pd(b[j]);
            __m256d y_low = _mm256_mul_pd(_mm256_loadu_pd(y[j] + i), a_j);
            __m256d y_high = _mm256_mul_pd(_mm256_loadu_pd(y[j] + i + 4), a_j);
            _mm_prefetch((const char *)(y[j] + i + AHEAD), _MM_HINT_T1);
            _mm_prefetch((const char *)(s[j] + i + AHEAD), _MM_HINT_T1);
            if (divided) {
                y_low = _mm256_div_pd(y_low, divisors);
                y_high = _mm256_div_pd(y_high, divisors);
            }
            low = _mm256_add_pd(low, y_low);
            high = _mm256_add_pd(high, y_high);
            low = _mm256_add_pd(low, _mm256_mul_pd(_mm256_loadu_pd(s[j] + i), b_j));
            high = _mm256_add_pd(high, _mm256_mul_pd(_mm256_loadu_pd(s[j] + i + 4), b_j));
        }
        _mm256_storeu_pd(r + i, low);
        _mm256_storeu_pd(r + i + 4, high);
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
    AVX2 static void add_##count##_##divided(long rows, const Column *y, const Column *s,          \
                                             const double *a, const double *b, double divisor,     \
                                             double *r)                                            \
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

void add_pairs_avx2_(const int *rows, const int *lda, const int *m, const int *col,
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
