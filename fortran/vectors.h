/* Vectors of WIDTH numbers, which the processor works on at once, and what is done with them.
 *
 * The files that include this are compiled for the narrowest vectors of the machine and, on x86-64,
 * once more for AVX2 (wide_vectors.c chooses). Arithmetic and comparisons are C's own operators, by
 * the vector extensions of gcc and clang; without them a vector holds one number.
 *
 * Masks choose among values, because which way a variable goes is as good as random, and a branch
 * that is predicted wrongly costs more than a dozen operations. */

#ifndef VECTORS_H
#define VECTORS_H

#if defined(__has_builtin) && !defined(WIDTH)
#if __has_builtin(__builtin_shufflevector) && __has_builtin(__builtin_convertvector)
#if defined(__AVX2__)
#define WIDTH 4
#include <immintrin.h>
#elif defined(__SSE2__) || defined(__aarch64__)
#define WIDTH 2
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#endif
#endif
#endif
#ifndef WIDTH
#define WIDTH 1
#endif

#ifndef NAME
#define NAME(routine) routine##_
#endif

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("GCC unroll 16")
#define FETCH(address) __builtin_prefetch(address, 0, 2)
#else
#define INLINE static inline
#define UNROLLED
#define FETCH(address)
#endif

/* load, store     WIDTH numbers, or integers, in memory
 * all             one number in every lane
 * choose          a where m is true, else b
 * but_not         where a is true and b is not
 * tally           counts, lane by lane, where m is true
 * bits            a bit for each lane: whether m is true there
 * mask_of         a mask for numbers, of one for integers; ints_of: the reverse
 * numbers         integers as numbers; whole: the reverse
 * transpose       WIDTH vectors as columns in place of rows
 * LANE            the number in one lane */

#if WIDTH == 1
typedef double Vector;
typedef int Mask, Ints;
INLINE Vector load(const double *a) { return *a; }
INLINE void store(double *a, Vector v) { *a = v; }
INLINE Ints load_ints(const int *a) { return *a; }
INLINE void store_ints(int *a, Ints v) { *a = v; }
INLINE Vector all(double a) { return a; }
INLINE Vector choose(Mask m, Vector a, Vector b) { return m ? a : b; }
INLINE Mask mask_of(Ints m) { return m; }
INLINE Ints ints_of(Mask m) { return m; }
INLINE Mask but_not(Mask a, Mask b) { return a && !b; }
INLINE Mask tally(Mask sum, Mask m) { return sum + m; }
INLINE Vector numbers(Ints v) { return v; }
INLINE Ints whole(Vector v) { return (int)v; }
INLINE int bits(Mask m) { return m; }
INLINE Vector magnitude(Vector v) { return __builtin_fabs(v); }
INLINE Vector square_root(Vector v) { return __builtin_sqrt(v); }
INLINE void transpose(Vector block[WIDTH]) { (void)block; }
#define LANE(v, h) (v)
#else
typedef double Vector __attribute__((vector_size(8 * WIDTH)));
typedef long long Mask __attribute__((vector_size(8 * WIDTH)));
typedef Vector AnyVector __attribute__((aligned(8), may_alias));

INLINE Vector load(const double *a) { return *(const AnyVector *)a; }
INLINE void store(double *a, Vector v) { *(AnyVector *)a = v; }
INLINE Mask but_not(Mask a, Mask b) { return a & ~b; }
INLINE Mask tally(Mask sum, Mask m) { return sum - m; } /* true is -1 */
INLINE Vector magnitude(Vector v) { return (Vector)((Mask)v & 0x7fffffffffffffffLL); }
#define LANE(v, h) ((v)[h])

#if WIDTH == 8 /* AVX-512 */
#include <immintrin.h>
typedef int Ints __attribute__((vector_size(32)));
INLINE Vector all(double a) { return (Vector)_mm512_set1_pd(a); }
INLINE Vector choose(Mask m, Vector a, Vector b)
{
    return (Vector)_mm512_mask_blend_pd(_mm512_movepi64_mask((__m512i)m), (__m512d)b, (__m512d)a);
}
INLINE int bits(Mask m) { return _mm512_movepi64_mask((__m512i)m); }
INLINE Vector square_root(Vector v) { return (Vector)_mm512_sqrt_pd((__m512d)v); }
INLINE Ints load_ints(const int *a) { return (Ints)_mm256_loadu_si256((const __m256i *)a); }
INLINE void store_ints(int *a, Ints v) { _mm256_storeu_si256((__m256i *)a, (__m256i)v); }
INLINE Mask mask_of(Ints m) { return (Mask)_mm512_cvtepi32_epi64((__m256i)m); }
INLINE Ints ints_of(Mask m) { return (Ints)_mm512_cvtepi64_epi32((__m512i)m); }
INLINE Vector numbers(Ints v) { return (Vector)_mm512_cvtepi32_pd((__m256i)v); }
INLINE Ints whole(Vector v) { return (Ints)_mm512_cvttpd_epi32((__m512d)v); }
INLINE void transpose(Vector block[WIDTH])
{
    Vector pair[8], four[8];
    UNROLLED
    for (int h = 0; h < 8; h += 2) {
        pair[h] = __builtin_shufflevector(block[h], block[h + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        pair[h + 1] = __builtin_shufflevector(block[h], block[h + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    UNROLLED
    for (int h = 0; h < 8; h += 4)
        for (int k = 0; k < 2; k++) {
            const Vector a = pair[h + k], b = pair[h + k + 2];
            four[h + k] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
            four[h + k + 2] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
        }
    UNROLLED
    for (int k = 0; k < 4; k++) {
        block[k] = __builtin_shufflevector(four[k], four[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        block[k + 4] = __builtin_shufflevector(four[k], four[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}
#elif defined(__AVX2__)
typedef int Ints __attribute__((vector_size(16)));
INLINE Vector all(double a) { return (Vector){a, a, a, a}; }
INLINE Vector choose(Mask m, Vector a, Vector b)
{
    return (Vector)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)m);
}
INLINE Ints load_ints(const int *a) { return (Ints)_mm_loadu_si128((const __m128i *)a); }
INLINE void store_ints(int *a, Ints v) { _mm_storeu_si128((__m128i *)a, (__m128i)v); }
INLINE Mask mask_of(Ints m) { return (Mask)_mm256_cvtepi32_epi64((__m128i)m); }
INLINE Ints ints_of(Mask m)
{
    return (Ints)_mm256_castsi256_si128(_mm256_permutevar8x32_epi32(
        (__m256i)m, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6)));
}
INLINE Vector numbers(Ints v) { return (Vector)_mm256_cvtepi32_pd((__m128i)v); }
INLINE Ints whole(Vector v) { return (Ints)_mm256_cvttpd_epi32((__m256d)v); }
INLINE int bits(Mask m) { return _mm256_movemask_pd((__m256d)m); }
INLINE Vector square_root(Vector v) { return (Vector)_mm256_sqrt_pd((__m256d)v); }
INLINE void transpose(Vector block[WIDTH])
{
    const Vector a = __builtin_shufflevector(block[0], block[1], 0, 4, 2, 6);
    const Vector b = __builtin_shufflevector(block[0], block[1], 1, 5, 3, 7);
    const Vector c = __builtin_shufflevector(block[2], block[3], 0, 4, 2, 6);
    const Vector d = __builtin_shufflevector(block[2], block[3], 1, 5, 3, 7);
    block[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    block[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    block[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    block[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}
#else
INLINE Vector all(double a) { return (Vector){a, a}; }
INLINE Vector choose(Mask m, Vector a, Vector b)
{
    return (Vector)((m & (Mask)a) | (~m & (Mask)b));
}
INLINE void transpose(Vector block[WIDTH])
{
    const Vector a = block[0], b = block[1];
    block[0] = __builtin_shufflevector(a, b, 0, 2);
    block[1] = __builtin_shufflevector(a, b, 1, 3);
}
#if defined(__SSE2__)
typedef int Ints __attribute__((vector_size(16))); /* of which the first two count */
INLINE Ints load_ints(const int *a) { return (Ints)_mm_loadl_epi64((const __m128i *)a); }
INLINE void store_ints(int *a, Ints v) { _mm_storel_epi64((__m128i *)a, (__m128i)v); }
INLINE Mask mask_of(Ints m) { return (Mask)_mm_unpacklo_epi32((__m128i)m, (__m128i)m); }
INLINE Ints ints_of(Mask m) { return (Ints)_mm_shuffle_epi32((__m128i)m, 0x88); }
INLINE Vector numbers(Ints v) { return (Vector)_mm_cvtepi32_pd((__m128i)v); }
INLINE Ints whole(Vector v) { return (Ints)_mm_cvttpd_epi32((__m128d)v); }
INLINE int bits(Mask m) { return _mm_movemask_pd((__m128d)m); }
INLINE Vector square_root(Vector v) { return (Vector)_mm_sqrt_pd((__m128d)v); }
#else
typedef int Ints __attribute__((vector_size(8)));
typedef Ints AnyInts __attribute__((aligned(4), may_alias));
INLINE Ints load_ints(const int *a) { return *(const AnyInts *)a; }
INLINE void store_ints(int *a, Ints v) { *(AnyInts *)a = v; }
INLINE Mask mask_of(Ints m) { return __builtin_convertvector(m, Mask); }
INLINE Ints ints_of(Mask m) { return __builtin_convertvector(m, Ints); }
INLINE Vector numbers(Ints v) { return __builtin_convertvector(v, Vector); }
INLINE Ints whole(Vector v) { return __builtin_convertvector(v, Ints); }
INLINE int bits(Mask m) { return (m[0] & 1) | (m[1] & 2); }
INLINE Vector square_root(Vector v)
{
    return (Vector){__builtin_sqrt(v[0]), __builtin_sqrt(v[1])};
}
#endif
#endif
#endif

/* a where m, else 0. */
INLINE Vector only(Mask m, Vector a) { return choose(m, a, all(0)); }

#if WIDTH == 4
INLINE __m128i first_lanes(int rows)
{
    return _mm_cmpgt_epi32(_mm_set1_epi32(rows), _mm_setr_epi32(0, 1, 2, 3));
}
#endif

/* The first `rows` numbers, WIDTH at most, zeros after them; and back. Where the compiler knows that
 * rows is WIDTH this is load and store: so one text serves the last rows too, which may be fewer. */
INLINE Vector load_rows(const double *a, int rows)
{
    if (rows == WIDTH)
        return load(a);
#if WIDTH == 8
    return (Vector)_mm512_maskz_loadu_pd((1 << rows) - 1, a);
#elif WIDTH == 4
    return (Vector)_mm256_maskload_pd(a, _mm256_cvtepi32_epi64(first_lanes(rows)));
#endif
    double some[WIDTH];
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        some[h] = h < rows ? a[h] : 0;
    return load(some);
}

INLINE void store_rows(double *a, Vector v, int rows)
{
    if (rows == WIDTH) {
        store(a, v);
        return;
    }
#if WIDTH == 8
    _mm512_mask_storeu_pd(a, (1 << rows) - 1, (__m512d)v);
    return;
#endif
    double some[WIDTH];
    store(some, v);
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        if (h < rows)
            a[h] = some[h];
}

INLINE Ints load_int_rows(const int *a, int rows)
{
    if (rows == WIDTH)
        return load_ints(a);
#if WIDTH == 8
    return (Ints)_mm256_maskz_loadu_epi32((1 << rows) - 1, a);
#elif WIDTH == 4
    return (Ints)_mm_maskload_epi32(a, first_lanes(rows));
#endif
    int some[WIDTH < 4 ? 4 : WIDTH];
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        some[h] = h < rows ? a[h] : 0;
    return load_ints(some);
}

INLINE void store_int_rows(int *a, Ints v, int rows)
{
    if (rows == WIDTH) {
        store_ints(a, v);
        return;
    }
#if WIDTH == 8
    _mm256_mask_storeu_epi32(a, (1 << rows) - 1, (__m256i)v);
    return;
#endif
    int some[WIDTH < 4 ? 4 : WIDTH];
    store_ints(some, v);
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        if (h < rows)
            a[h] = some[h];
}

/* work(data, i, rows) for the rows i from `from` to `to` - 1, WIDTH at a time and then those that are
 * left. */
#define FOR_ROWS(work, data, from, to)                                                             \
    do {                                                                                           \
        const long rows_end = (to);                                                                \
        long row = (from);                                                                         \
        for (; row + WIDTH <= rows_end; row += WIDTH)                                              \
            work(data, row, WIDTH);                                                                \
        if (row < rows_end)                                                                        \
            work(data, row, (int)(rows_end - row));                                                \
    } while (0)

/* The same with a flag of data that the compiler knows to be 1, or else 0, in each of two loops. */
#define FOR_ROWS_KNOWING(flag, work, data, from, to)                                               \
    do {                                                                                           \
        if (flag) {                                                                                \
            (flag) = 1;                                                                            \
            FOR_ROWS(work, data, from, to);                                                        \
        } else {                                                                                   \
            (flag) = 0;                                                                            \
            FOR_ROWS(work, data, from, to);                                                        \
        }                                                                                          \
    } while (0)

/* Which variables have a lower and an upper bound, by the types of setulb.f. */
INLINE Mask has_lower(Ints nbd) { return mask_of((nbd == 1) | (nbd == 2)); }
INLINE Mask has_upper(Ints nbd) { return mask_of(nbd >= 2); }

/* Write to `numbers` from + h for each lane h below `rows` whose bit is set, and to `values`, unless it
 * is NULL, that lane of v; how many these are. What stands behind them, up to as many as lanes, may be
 * anything then. */
INLINE int list_lanes(int which, int rows, int from, Vector v, int *numbers, double *values)
{
#if WIDTH == 4
    static const int lanes[16][4] = {{0},    {0},       {1},       {0, 1},      {2}, {0, 2},
                                     {1, 2}, {0, 1, 2}, {3},       {0, 3},      {1, 3}, {0, 1, 3},
                                     {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3}};
    if (rows == WIDTH) {
        const Ints lane = load_ints(lanes[which]);
        store_ints(numbers, from + lane);
        if (values) {
            const Mask halves = mask_of(lane) * 0x200000002 + 0x100000000;
            store(values, (Vector)_mm256_permutevar8x32_epi32((__m256i)v, (__m256i)halves));
        }
        return __builtin_popcount(which);
    }
#endif
    int found = 0;
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        if (h < rows) { /* what isn't listed is written over by the next */
            numbers[found] = from + h;
            if (values)
                values[found] = LANE(v, h);
            found += which >> h & 1;
        }
    return found;
}

/* sum + a_0 + a_1 + ..., one after the other. */
INLINE double add_up(double sum, Vector a, int rows)
{
    UNROLLED
    for (int h = 0; h < WIDTH; h++)
        if (h < rows)
            sum += LANE(a, h);
    return sum;
}

#endif
