c     Loops over the variables and their bounds, n at most chunk.
c
c     Which way a variable goes is as good as random, and a mispredicted
c     branch costs more than a dozen operations.  So these loops choose
c     among values, read all of them first, and have the integers turned
c     into doubles before: masks of one width are what vector
c     instructions work with.

      subroutine bound_flags(n, nbd, flagged_type, lower, upper)
c
c     1 for variables that have a lower, an upper bound, 0 for others.
c
c     flagged_type is the bound type whose flags are already set: most
c     problems have one type alone.  It is -1 initially, and -2 where
c     types are mixed.
c
      use block_sizes, only : chunk
      implicit none

      integer, intent(in) :: n, nbd(n)
      integer, intent(inout) :: flagged_type
      double precision, intent(inout) :: lower(chunk), upper(chunk)

      integer :: i, others

      if (flagged_type /= -2) then
         others = 0
         do i = 1, n
            others = max(others, abs(nbd(i) - nbd(1)))
         end do
         if (others == 0 .and. flagged_type == nbd(1)) return
         flagged_type = -2
         if (others == 0) flagged_type = -1
         if (others == 0 .and. n == chunk) flagged_type = nbd(1)
      end if

      do i = 1, n
         lower(i) = merge(1, 0, nbd(i) == 1 .or. nbd(i) == 2)
      end do
      do i = 1, n
         upper(i) = merge(1, 0, nbd(i) >= 2)
      end do
      end subroutine bound_flags


      subroutine path_directions(n, x, l, u, lower, upper, g, kind,
     &                           d, t, stops)
c
c     Where each variable stands on the path P(x - t g):  kind, which is
c     the status of free_variables.f, its direction d, and the t at
c     which it stops.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: x(n), l(n), u(n), lower(n),
     &  upper(n), g(n)
      double precision, intent(inout) :: kind(n)
      double precision, intent(out) :: d(n), t(n)
      double precision, intent(out) :: stops(n)  ! 1 it meets a bound,
c                                                 -1 it moves for ever,
c                                                  0 it does not move
      integer :: i
      double precision :: a, below, above, old, new, has, at

      do i = 1, n
         a = -g(i)
         below = x(i) - l(i)
         above = u(i) - x(i)
         old = kind(i)

         new = merge(-3d0, 0d0, abs(a) <= 0)
         at = merge(upper(i), 0d0, above <= 0)
         has = merge(2d0, 0d0, a >= 0)
         new = merge(has, new, at > 0)
         at = merge(lower(i), 0d0, below <= 0)
         has = merge(1d0, 0d0, a <= 0)
         new = merge(has, new, at > 0)
c        Fixed variables and those without bounds stay what they are:
c        the odd numbers of size 3 and -1 that are not -3.
         at = abs(old - 1)
         at = merge(at, 0d0, old > -2)
         new = merge(old, new, at >= 2)
         kind(i) = new

         at = abs(new + 0.5d0)
         a = merge(a, 0d0, at < 1)
         d(i) = a
         has = merge(lower(i), upper(i), a < 0)
         has = merge(has, 0d0, abs(a) > 0)
         at = merge(-1d0, 0d0, abs(a) > 0)
         stops(i) = merge(1d0, at, has > 0)
         below = merge(below, above, a < 0)
         above = merge(abs(a), 1d0, has > 0)
         t(i) = below/above
      end do
      end subroutine path_directions


      subroutine find_free(n, kind, stops, meets, without, moving)
c
c     meets is 1 for variables that meet a bound; without becomes 1 if
c     one has no bounds, moving if one moves for ever.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: kind(n), stops(n)
      integer, intent(out) :: meets(n)
      double precision, intent(inout) :: without, moving

      integer :: i

      do i = 1, n
         meets(i) = int(max(stops(i), 0d0))
      end do
      do i = 1, n
         without = max(without, merge(1d0, 0d0, abs(kind(i) + 1) <= 0))
      end do
      do i = 1, n
         moving = max(moving, -stops(i))
      end do
      end subroutine find_free


      subroutine projected_norm(n, x, l, u, lower, upper, g, norm)
c
c     norm <- max(norm, |P(x_i - g_i) - x_i|)     ([BLNZ] (6.1))
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: x(n), l(n), u(n), lower(n),
     &  upper(n), g(n)
      double precision, intent(inout) :: norm

      integer :: i
      double precision :: p, up, down

      do i = 1, n
         p = g(i)
         up = max(x(i) - u(i), p)
         down = min(x(i) - l(i), p)
         up = merge(up, p, upper(i) > 0)
         down = merge(down, p, lower(i) > 0)
         norm = max(norm, abs(merge(up, down, p < 0)))
      end do
      end subroutine projected_norm


      subroutine project(n, kind, l, u, lower, upper, z, r, best,
     &                   on_bound)
c
c     best = P(z + r) for free variables, z for the others; on_bound
c     becomes 1 if one of the free ones ends on a bound.
c
c     Where the step overflowed to a NaN a variable goes to its bound.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: kind(n), l(n), u(n), lower(n),
     &  upper(n), z(n), r(n)
      double precision, intent(out) :: best(n)
      double precision, intent(inout) :: on_bound

      integer :: i
      double precision :: p, q, low, high, has, hit

      do i = 1, n
         low = l(i)
         high = u(i)
         p = z(i)
         q = p + r(i)
         p = merge(q, p, kind(i) <= 0)

         has = merge(lower(i), 0d0, kind(i) <= 0)
         q = merge(p, low, p >= low)
         p = merge(q, p, has > 0)
         hit = merge(has, 0d0, p <= low)
         on_bound = max(on_bound, hit)

         has = merge(upper(i), 0d0, kind(i) <= 0)
         q = merge(p, high, p <= high)
         p = merge(q, p, has > 0)
         hit = merge(has, 0d0, p >= high)
         on_bound = max(on_bound, hit)
         best(i) = p
      end do
      end subroutine project


      subroutine find_limits(n, x, l, u, lower, upper, d, largest,
     &                       limits)
c
c     limits is 1 where a step of largest along d from x leaves the box.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: x(n), l(n), u(n), lower(n),
     &  upper(n), d(n), largest
      double precision, intent(out) :: limits

      integer :: i
      double precision :: a, room, below, above, has, far

      limits = 0
      do i = 1, n
         a = d(i)
         below = x(i) - l(i)
         above = u(i) - x(i)
         room = merge(below, above, a < 0)
         has = merge(lower(i), upper(i), a < 0)
         has = merge(has, 0d0, abs(a) > 0)
         far = merge(has, 0d0, abs(a)*largest > room)
         far = merge(has, far, room <= 0)
         limits = max(limits, far)
      end do
      end subroutine find_limits


      subroutine keep_free(n, kind, y, y_free, r)
c
c     y_free = y and r = r for variables that are free, 0 for the
c     others.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: kind(n), y(n)
      double precision, intent(out) :: y_free(n)
      double precision, intent(inout) :: r(n)

      integer :: i
      double precision :: value

      do i = 1, n
         value = y(i)
         y_free(i) = merge(value, 0d0, kind(i) <= 0)
         value = r(i)
         r(i) = merge(value, 0d0, kind(i) <= 0)
      end do
      end subroutine keep_free


      subroutine find_within(n, t, reach, found)
c
c     found is 1 if one of t is at most reach.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: t(n), reach
      double precision, intent(out) :: found

      integer :: i

      found = 0
      do i = 1, n
         found = max(found, merge(0d0, 1d0, t(i) > reach))
      end do
      end subroutine find_within


      subroutine find_sides(n, status, step, side, free, entering,
     &                      leaving)
c
c     The sides of free_variables.f.
c
      implicit none

      integer, intent(in) :: n, status(n)
      double precision, intent(in) :: step(n)
      integer, intent(inout) :: side(n), free, entering, leaving

      integer :: i, active, was
      double precision :: moves

      do i = 1, n
         moves = merge(0d0, 4d0, abs(step(i)) <= 0)
         active = merge(1, 0, status(i) > 0)
         was = iand(side(i), 1)
         free = free - active
         entering = entering + iand(was, 1 - active)
         leaving = leaving + iand(active, 1 - was)
         side(i) = active + 2*ieor(active, was) + active*int(moves)
      end do
      end subroutine find_sides


      subroutine largest_side(n, side, largest)
c
c     The largest of some sides, or 0.
c
      implicit none

      integer, intent(in) :: n, side(n)
      integer, intent(out) :: largest

      integer :: i

      largest = 0
      do i = 1, n
         largest = max(largest, side(i))
      end do
      end subroutine largest_side
