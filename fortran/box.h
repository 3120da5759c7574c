/* What bounds make of a variable, for each lane: of neighbouring variables (steepest_path.c,
 * projected_step.c) or of the same variable of several problems (directions.c). */

#ifndef BOX_H
#define BOX_H

#include "vectors.h"

/* status, see free_variables.f */
enum { NO_SLOPE = -3, NO_BOUNDS = -1, FREE = 0, AT_LOWER = 1, AT_UPPER = 2, FIXED = 3 };

/* Where the projected path P(x - t g) starts ([BLNZ] section 4): its direction, whether a bound stops
 * it, and then at which t. */
struct start {
    Vector status, d, t;
    Mask moves, meets;
};

INLINE struct start start_of_path(Mask lower, Mask upper, Vector x, Vector l, Vector u, Vector g,
                                  Vector old_status)
{
    const Vector a = -g, below = x - l, above = u - x;
    Vector status = choose(a == 0, all(NO_SLOPE), all(FREE));
    status = choose(upper & (above <= 0), choose(a >= 0, all(AT_UPPER), all(FREE)), status);
    status = choose(lower & (below <= 0), choose(a <= 0, all(AT_LOWER), all(FREE)), status);
    status = choose((old_status == NO_BOUNDS) | (old_status == FIXED), old_status, status);

    const Vector d = only((status == FREE) | (status == NO_BOUNDS), a);
    const Mask down = d < 0, up = d > 0, meets = (down & lower) | (up & upper);
    const Vector t = choose(down, below, above) / choose(meets, magnitude(d), all(1));
    return (struct start){status, d, t, down | up, meets};
}

/* The subspace minimum z + r, or z where a variable isn't free, projected into the bounds; on_bound
 * becomes true where it is on one. */
INLINE Vector projected(Mask free, Mask lower, Mask upper, Vector l, Vector u, Vector z, Vector r,
                        Mask *on_bound)
{
    const Mask from = free & lower, to = free & upper;
    Vector at = choose(free, z + r, z);
    at = choose(but_not(from, at >= l), l, at);
    *on_bound |= from & (at <= l);
    at = choose(but_not(to, at <= u), u, at);
    *on_bound |= to & (at >= u);
    return at;
}

/* How far x is from the bound that d leads to, and whether there is one. */
INLINE Vector room_along(Mask lower, Mask upper, Vector x, Vector l, Vector u, Vector d, Mask *bounded)
{
    const Mask down = d < 0;
    *bounded = (down & lower) | ((d > 0) & upper);
    return choose(down, x - l, u - x);
}

#endif
