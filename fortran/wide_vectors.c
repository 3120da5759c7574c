/* Runs the loops that are written with vectors.h with vectors as wide as the processor has them.
 *
 * The build compiles their files twice, for any x86-64 and for AVX2, those of several problems once
 * more for AVX-512, and this one stands where their routines would be. The results have the same bits: wider vectors hold more sums, or more elements,
 * side by side, and no sum takes its terms in another order. */

/* Tests have libraries that choose as another processor's would: 0 any, 1 with AVX2. */
#ifndef MOST
#define MOST 2
#endif
#define HAS_AVX2 (MOST >= 1 && __builtin_cpu_supports("avx2"))
#define HAS_AVX512                                                                                 \
    (MOST >= 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")         \
     && __builtin_cpu_supports("avx512vl"))

#define CHOOSE(routine, parameters, arguments)                                                     \
    void routine##_any_ parameters;                                                                \
    void routine##_avx2_ parameters;                                                               \
    void routine##_ parameters                                                                     \
    {                                                                                              \
        if (HAS_AVX2)                                                                              \
            routine##_avx2_ arguments;                                                             \
        else                                                                                       \
            routine##_any_ arguments;                                                              \
    }

typedef const int *Size;
typedef const int *Indices;
typedef const double *In;
typedef double *Out;

CHOOSE(panel_sums,
       (Size rows, Size lanes, Size pairs, Size first, Size last, Size lda, In y, In s, In v1,
        In v2, In v3, Out sums),
       (rows, lanes, pairs, first, last, lda, y, s, v1, v2, v3, sums))

CHOOSE(add_pairs,
       (Size rows, Size lda, Size m, Size col, Size head, In y, In s, In w, In divisor, In scale,
        Out r),
       (rows, lda, m, col, head, y, s, w, divisor, scale, r))

CHOOSE(fetch_pairs, (Size n, Size col, Size i, In y, In s), (n, col, i, y, s))

CHOOSE(fetch_row,
       (Size n, Size col, Size i, In x, In l, In u, In d, In z, In y, In s),
       (n, col, i, x, l, u, d, z, y, s))

CHOOSE(steepest_path,
       (Size n, Size first, Size with_sums, Size arrived, In x, In l, In u, Indices nbd, In g, In s,
        In y, int *status, Out d, Out z, Out t, int *order, int *breaks, int *moving, int *some_free,
        int *some_open, Out f1, Out rr),
       (n, first, with_sums, arrived, x, l, u, nbd, g, s, y, status, d, z, t, order, breaks, moving,
        some_free, some_open, f1, rr))

CHOOSE(list_moving, (Size n, In s, In d, int *list, int *found), (n, s, d, list, found))

CHOOSE(find_within, (Size n, In t, In reach, int *found), (n, t, reach, found))

CHOOSE(find_sides,
       (Size n, Size compare, Size stopped, In rest, Indices status, In step, In d, Out z, int *side,
        int *free, int *entering, int *leaving),
       (n, compare, stopped, rest, status, step, d, z, side, free, entering, leaving))

CHOOSE(list_sides,
       (Size first, Size last, Indices side, Size mask, Size value, int *list, int *found),
       (first, last, side, mask, value, list, found))

CHOOSE(begin_reduced_gradient,
       (Size n, Indices status, In theta, In x, In z, In g, In y, Out y_free, Out r),
       (n, status, theta, x, z, g, y, y_free, r))

CHOOSE(keep_free, (Size n, Indices status, Out r), (n, status, r))

CHOOSE(projected_step,
       (Size n, Size with_sums, Indices status, In scale, In l, In u, Indices nbd, In z, In g, Out r,
        Out x, Out d, Out x_old, Out g_old, Out dtd, Out slope, Out largest, int *on_bound),
       (n, with_sums, status, scale, l, u, nbd, z, g, r, x, d, x_old, g_old, dtd, slope, largest,
        on_bound))

CHOOSE(limit_step,
       (Size n, In x, In l, In u, Indices nbd, In d, Out largest), (n, x, l, u, nbd, d, largest))

CHOOSE(gradient_measures,
       (Size n, Size bounded, In x, In l, In u, Indices nbd, In g, In d, Out slope, Out norm),
       (n, bounded, x, l, u, nbd, g, d, slope, norm))

CHOOSE(cholesky, (Size n, Size pivots, Size lda, Out a, int *positive),
       (n, pivots, lda, a, positive))

CHOOSE(middle_matrices, (Size count, Size col, Size ld, In sy, In wt, In w, Out v),
       (count, col, ld, sy, wt, w, v))

/* The same with AVX-512, whose vectors are worth their time where `many` is true. */
#define CHOOSE_OF_THREE(routine, many, parameters, arguments)                                      \
    void routine##_any_ parameters;                                                                \
    void routine##_avx2_ parameters;                                                               \
    void routine##_avx512_ parameters;                                                             \
    void routine##_ parameters                                                                     \
    {                                                                                              \
        if (HAS_AVX512 && (many))                                                                  \
            routine##_avx512_ arguments;                                                           \
        else if (HAS_AVX2)                                                                         \
            routine##_avx2_ arguments;                                                             \
        else                                                                                       \
            routine##_any_ arguments;                                                              \
    }

CHOOSE_OF_THREE(direction_lanes, 1, (Size n, Size m, int *lanes, int *scratch),
                (n, m, lanes, scratch))

CHOOSE_OF_THREE(directions, *count > 4,
                (Size count, Size n, Size m, Size col, Size bounded, void *problems, Out scratch),
                (count, n, m, col, bounded, problems, scratch))
