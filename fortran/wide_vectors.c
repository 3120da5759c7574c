/* Runs the loops of panels.c and bound_loops.f with vectors as wide as the processor has them.
 *
 * The build compiles those files twice, for any x86-64 and for AVX2, and this one stands where their
 * routines would be. The results have the same bits: wider vectors hold more sums, or more elements,
 * side by side, and no sum takes its terms in another order. */

#ifdef ANY_PROCESSOR /* for the tests of what other processors run */
#define HAS_AVX2 0
#else
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#endif

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

CHOOSE(fetch_row,
       (Size n, Size col, Size i, In x, In l, In u, In d, In z, In y, In s),
       (n, col, i, x, l, u, d, z, y, s))

CHOOSE(bound_flags, (Size n, Indices nbd, int *flagged_type, Out lower, Out upper),
       (n, nbd, flagged_type, lower, upper))

CHOOSE(path_directions,
       (Size n, In x, In l, In u, In lower, In upper, In g, Out kind, Out d, Out t, Out stops),
       (n, x, l, u, lower, upper, g, kind, d, t, stops))

CHOOSE(find_free, (Size n, In kind, In stops, int *meets, Out without, Out moving),
       (n, kind, stops, meets, without, moving))

CHOOSE(find_within, (Size n, In t, In reach, Out found), (n, t, reach, found))

CHOOSE(projected_norm, (Size n, In x, In l, In u, In lower, In upper, In g, Out norm),
       (n, x, l, u, lower, upper, g, norm))

CHOOSE(project,
       (Size n, In kind, In l, In u, In lower, In upper, In z, In r, Out best, Out on_bound),
       (n, kind, l, u, lower, upper, z, r, best, on_bound))

CHOOSE(find_limits,
       (Size n, In x, In l, In u, In lower, In upper, In d, In largest, Out limits),
       (n, x, l, u, lower, upper, d, largest, limits))

CHOOSE(keep_free, (Size n, In kind, In y, Out y_free, Out r), (n, kind, y, y_free, r))

CHOOSE(find_sides,
       (Size n, Indices status, In step, int *side, int *free, int *entering, int *leaving),
       (n, status, step, side, free, entering, leaving))

CHOOSE(largest_side, (Size n, Indices side, int *largest), (n, side, largest))
