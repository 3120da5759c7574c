      subroutine search_direction(n, m, x, l, u, nbd, g, s, y, sy, ss,
     &                            wt, k, yy, ssa, mixed, z, r, d, t,
     &                            old, work, list, status, order, lsave,
     &                            isave, dsave, arrived, dr, ok)
c
c     From the iterate x to the direction d of the next line search:
c
c     1. take in the newest pair, if there is one;
c     2. find the generalized Cauchy point z;
c     3. sort the variables into free and active ones;
c     4. minimize the model over the free ones from z;
c     5. d = that minimum - x.
c
c     On exit   d, and x moved to x + d, the first trial, with x and g
c               of the iterate kept in t and old (search_start.f).
c
c     ok is false where a matrix that should be positive definite is
c     not: the memory is to be dropped and the step to be tried again.
c
      implicit none

      include 'slots.inc'

      integer, intent(in) :: n, m
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: s(n, m), y(n, m)
      double precision, intent(inout) :: sy(m, m), ss(m, m), wt(m, m)
      double precision, intent(inout) :: k(2*m, 2*m)
      double precision, intent(inout) :: yy(m, m), ssa(m, m),
     &  mixed(m, m)
      double precision, intent(inout) :: z(n), r(n), d(n), t(n), old(n)
      double precision, intent(inout) :: work(2*m, 4)
      integer, intent(inout) :: list(n), status(n), order(n)
      logical, intent(in) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      logical, intent(in) :: arrived      ! there is a new pair to store
      double precision, intent(in) :: dr   ! its y's
      logical, intent(out) :: ok

      integer :: col
      logical :: bounded, first, given
      double precision :: most

      col = isave(i_pairs)
      bounded = lsave(l_bounded)
      given = isave(i_iterations) == 0 .and. isave(i_given) /= 0
      first = isave(i_iterations) == 0 .and. .not. given
      isave(i_subspace_end) = -1

c     How far a search may go: in the first iteration no farther than
c     the model's own minimum, later as far as the box allows.  most is
c     where the search for the box's limit starts, 0 where there is
c     none.
      dsave(d_largest_step) = 1d10
      most = 0
      if (bounded .and. first) dsave(d_largest_step) = 1
      if (bounded .and. .not. first) most = 1d10

      if (.not. bounded .and. col > 0) then
         call quasi_newton_step(n, m, x, l, u, nbd, g, s, y, sy, ss, wt,
     &      k, yy, ssa, mixed, z, d, t, old, work, status, order,
     &      lsave(l_updated), isave, dsave, arrived, given, dr, ok)
      else
         call bounded_step(n, m, x, l, u, nbd, g, s, y, sy, ss, wt, k,
     &      yy, ssa, mixed, z, r, d, t, old, work, list, status, order,
     &      bounded, lsave(l_updated), isave, dsave, arrived, first,
     &      given, most, dr, ok)
      end if
      end subroutine search_direction


      subroutine quasi_newton_step(n, m, x, l, u, nbd, g, s, y, sy, ss,
     &                             wt, k, yy, ssa, mixed, z, d, t, old,
     &                             work, status, order, updated, isave,
     &                             dsave, arrived, given, dr, ok)
c
c     Without bounds x is its own Cauchy point and all variables are
c     free: two passes over the pairs are the whole step.
c
      implicit none

      include 'slots.inc'

      integer, intent(in) :: n, m
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: s(n, m), y(n, m)
      double precision, intent(inout) :: sy(m, m), ss(m, m), wt(m, m)
      double precision, intent(inout) :: k(2*m, 2*m)
      double precision, intent(inout) :: yy(m, m), ssa(m, m),
     &  mixed(m, m)
      double precision, intent(inout) :: z(n), d(n), t(n), old(n)
      double precision, intent(inout) :: work(2*m, 4)
      integer, intent(inout) :: status(n), order(n)
      logical, intent(in) :: updated
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      logical, intent(in) :: arrived  ! there is a new pair to store
      logical, intent(in) :: given    ! the pairs are given_pairs.f's
      double precision, intent(in) :: dr  ! the new pair's y's
      logical, intent(out) :: ok

      integer :: col, head, slot, breaks
      logical :: free, open
      double precision :: theta, slope, rr

c     The columns of work: the products, and what is made of them.  The
c     sums of the pass have three lanes and take three columns.
      integer, parameter :: w = 1, sums = 2

      ok = .true.
      col = isave(i_pairs)
      head = isave(i_head)
      slot = mod(head + col - 2, m) + 1
      isave(i_segments) = 0

      call pair_products(n, m, col, slot, arrived, .false., 3,
     &   dsave(d_step), x, l, u, nbd, g, status, d, z, old, s, y,
     &   breaks, t, order, free, open, slope, rr, work(1, sums))
      if (arrived) then
         call enter_pair(m, col, head, 3, work(1, sums), dr, rr, dsave,
     &                   sy, ss, wt, work(1, w), ok)
         if (.not. ok) return
      end if
      if (updated) then
         if (isave(i_updates) > m) call drop_oldest(m, yy, ssa, mixed)
         call enter_free_products(m, col, head, 3, 3, work(1, sums), yy,
     &                            mixed)
         ssa(col, 1:col) = 0
         mixed(col, 1:col - 1) = 0
      end if

      theta = dsave(d_theta)
      call lane_by_age(m, col, head, 3, 2, work(1, sums), work(1, w))
      work(col + 1:2*col, w) = theta*work(col + 1:2*col, w)
      if (updated .or. given) then
         call subspace_matrix(m, col, theta, sy, yy, ssa, mixed, k,
     &                        work(1, sums), ok)
         if (.not. ok) return
      end if
      call subspace_solve(m, col, k, work(1, w), work(1, sums))
      call free_minimum(n, m, col, head, theta, work(1, w), s, y, x, g,
     &   d, t, old, dsave(d_dtd), dsave(d_slope))
      isave(i_subspace_end) = 0
      end subroutine quasi_newton_step


      subroutine bounded_step(n, m, x, l, u, nbd, g, s, y, sy, ss, wt,
     &                        k, yy, ssa, mixed, z, r, d, t, old, work,
     &                        list, status, order, bounded, updated,
     &                        isave, dsave, arrived, first, given, most,
     &                        dr, ok)
c
c     With bounds, or with no pairs yet: to the Cauchy point, and from
c     there to the minimum over the variables that are free at it.
c
      implicit none

      include 'slots.inc'

      integer, intent(in) :: n, m
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: s(n, m), y(n, m)
      double precision, intent(inout) :: sy(m, m), ss(m, m), wt(m, m)
      double precision, intent(inout) :: k(2*m, 2*m)
      double precision, intent(inout) :: yy(m, m), ssa(m, m),
     &  mixed(m, m)
      double precision, intent(inout) :: z(n), r(n), d(n), t(n), old(n)
      double precision, intent(inout) :: work(2*m, 4)
      integer, intent(inout) :: list(n), status(n), order(n)
      logical, intent(in) :: bounded, updated
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      logical, intent(in) :: arrived  ! there is a new pair to store
      logical, intent(in) :: first    ! there is no last free_variables
      logical, intent(in) :: given    ! the pairs are given_pairs.f's
      double precision, intent(in) :: most  ! largest step to look at
      double precision, intent(in) :: dr    ! the new pair's y's
      logical, intent(out) :: ok

      integer :: col, head, slot, breaks, entering, leaving
      logical :: path, free, open, on_bound
      double precision :: theta, slope, rr, limit

c     The columns of work: c, v, p, w of the Cauchy point.  p and w are
c     also where the sums of a pass arrive.
      integer, parameter :: c = 1, v = 2, p = 3, w = 4

      ok = .true.
      col = isave(i_pairs)
      head = isave(i_head)
      slot = mod(head + col - 2, m) + 1
      path = dsave(d_gradient_norm) > 0

      call pair_products(n, m, col, slot, arrived, path, 2,
     &   dsave(d_step), x, l, u, nbd, g, status, d, z, old, s, y,
     &   breaks, t, order, free, open, slope, rr, work(1, p))
      if (arrived) then
         call enter_pair(m, col, head, 2, work(1, p), dr, rr, dsave, sy,
     &                   ss, wt, work(1, v), ok)
         if (.not. ok) return
      end if
      theta = dsave(d_theta)

      if (path) then
         call lane_by_age(m, col, head, 2, 2, work(1, p), work(1, v))
         work(1:2*col, p) = work(1:2*col, v)
         call cauchy_point(n, m, col, head, theta, dsave(d_epsilon), x,
     &      l, u, s, y, sy, wt, breaks, t, order, free, open, slope,
     &      status, d, z, work(1, c), work(1, v), work(1, p),
     &      work(1, w), isave(i_segments))
      else
c        x is stationary already; the original counts the last path
c        again.
         z = x
      end if
      isave(i_all_segments) = isave(i_all_segments) + isave(i_segments)

      call free_variables(n, bounded .and. .not. first, status, list,
     &                    isave(i_free), order, entering, leaving)
      isave(i_active) = n - isave(i_free)
      isave(i_entering) = entering
      isave(i_leaving) = n + 1 - leaving

      limit = most
      if (isave(i_free) == 0 .or. col == 0) then
         old = z
         dsave(d_dtd) = 0
         dsave(d_slope) = 0
         call search_start(n, l, u, nbd, x, g, d, t, old, dsave(d_dtd),
     &                     dsave(d_slope), limit)
         if (most > 0) dsave(d_largest_step) = limit
         return
      end if

      call middle_matrix(col, m, sy, wt, work(1, c), work(1, v))
      call reduced_gradient(n, m, col, head, isave(i_free), list,
     &   status, theta, x, z, g, s, y, slot, work(1, v), r, work(1, p))
      call lane_by_age(m, col, head, 2, 2, work(1, p), work(1, v))
      work(col + 1:2*col, v) = theta*work(col + 1:2*col, v)
      if (updated .or. given .or. entering > 0 .or. leaving > 0) then
         call refactor(n, m, col, head, theta, s, y, sy, k, yy, ssa,
     &      mixed, isave(i_free), list, entering, leaving, order,
     &      updated, isave(i_updates), work(1, p), ok)
         if (.not. ok) return
      end if

      call subspace_solve(m, col, k, work(1, v), work(1, p))
      call subspace_minimum(n, m, col, head, isave(i_free), list,
     &   status, theta, work(1, v), s, y, l, u, nbd, z, r, x, g, d, t,
     &   old, dsave(d_dtd), dsave(d_slope), limit, on_bound)
      isave(i_subspace_end) = merge(1, 0, on_bound)
      if (on_bound .and. dsave(d_slope) > 0) then
         x = t
         call truncated_step(n, isave(i_free), list, l, u, nbd, z, r,
     &                       old)
         dsave(d_dtd) = 0
         dsave(d_slope) = 0
         limit = most
         call search_start(n, l, u, nbd, x, g, d, t, old, dsave(d_dtd),
     &                     dsave(d_slope), limit)
      end if
      if (most > 0) dsave(d_largest_step) = limit
      end subroutine bounded_step


      subroutine refactor(n, m, col, head, theta, s, y, sy, k, yy, ssa,
     &                    mixed, free, list, entering, leaving, change,
     &                    updated, updates, work, ok)
c
c     Bring the inner products of which K is made up to date, with the
c     newest pair and with the variables that entered the free ones or
c     left them, and factor K.  Until then k is a work array.
c
      implicit none

      integer, intent(in) :: n, m, col, head
      double precision, intent(in) :: theta, s(n, m), y(n, m)
      double precision, intent(in) :: sy(m, m)
      double precision, intent(inout) :: k(2*m, 2*m)
      double precision, intent(inout) :: yy(m, m), ssa(m, m),
     &  mixed(m, m)
      integer, intent(in) :: free, list(n), entering, leaving
      integer, intent(in) :: change(n)  ! see free_variables.f
      logical, intent(in) :: updated    ! there is a newest pair
      integer, intent(in) :: updates
      double precision, intent(inout) :: work(2*m, 2)  ! its sums
      logical, intent(out) :: ok

      integer :: slot, older

      older = col
      if (updated) then
         older = col - 1
         slot = mod(head + col - 2, m) + 1
         if (updates > m) call drop_oldest(m, yy, ssa, mixed)
         call enter_active_products(n, m, col, head, slot, n - free,
     &                              list(min(free + 1, n)), s, y, ssa,
     &                              mixed, k)
         call enter_free_products(m, col, head, 2, 1, work, yy, mixed)
      end if
      call move_products(n, m, col, head, older, entering, change, s, y,
     &                   .true., yy, ssa, mixed, k, work)
      call move_products(n, m, col, head, older, leaving,
     &                   change(min(n - leaving + 1, n)), s, y, .false.,
     &                   yy, ssa, mixed, k, work)
      call subspace_matrix(m, col, theta, sy, yy, ssa, mixed, k, work,
     &                     ok)
      end subroutine refactor


      subroutine enter_pair(m, col, head, lanes, sums, dr, rr, dsave,
     &                      sy, ss, wt, work, ok)
c
c     What follows from the newest pair's products: theta = y'y/y's and
c     the factor of the middle matrix.
c
      implicit none

      include 'slots.inc'

      integer, intent(in) :: m, col, head, lanes
      double precision, intent(in) :: sums(lanes, 2*col), dr, rr
      double precision, intent(inout) :: dsave(29)
      double precision, intent(inout) :: sy(m, m), ss(m, m), wt(m, m)
      double precision, intent(out) :: work(m)
      logical, intent(out) :: ok

      dsave(d_theta) = rr/dr
      call enter_products(m, col, head, lanes, sums, dr,
     &   dsave(d_step)*dsave(d_step)*dsave(d_dtd), sy, ss)
      call middle_factor(col, m, dsave(d_theta), sy, ss, wt, work, ok)
      end subroutine enter_pair
