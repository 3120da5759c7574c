/* Runs the loops of panel_loops.f with vectors as wide as the processor has them.
 *
 * The build compiles that file twice, for any x86-64 and for AVX2, and this one stands where its
 * routines would be. The results have the same bits: wider vectors hold more sums side by side,
 * and no sum takes its terms in another order. */

#define CHOOSE(routine, parameters, arguments)                                                     \
    void routine##_any_ parameters;                                                                \
    void routine##_avx2_ parameters;                                                               \
    void routine##_ parameters                                                                     \
    {                                                                                              \
        if (__builtin_cpu_supports("avx2"))                                                        \
            routine##_avx2_ arguments;                                                             \
        else                                                                                       \
            routine##_any_ arguments;                                                              \
    }

CHOOSE(tile_sums,
       (const int *rows, const int *lda, const double *a, const double *v, double *sums),
       (rows, lda, a, v, sums))

CHOOSE(add_model_terms,
       (const int *rows, const double *y, const double *s, const double *a, const double *b,
        double *r),
       (rows, y, s, a, b, r))

CHOOSE(add_correction,
       (const int *rows, const double *y, const double *s, const double *a, const double *b,
        const double *theta, double *r),
       (rows, y, s, a, b, theta, r))
