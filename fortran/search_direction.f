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
c     ok is false where a matrix that should be positive definite is not:
c     the memory is to be dropped and the step to be tried again.
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
      logical, intent(inout) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      logical, intent(in) :: arrived       ! there is a new pair to store
      double precision, intent(in) :: dr   ! its y's
      logical, intent(out) :: ok

      logical :: bounded, updated, whole, path, free_path, open_path,
     &  rebuild, on_bound, limited, first, given
      integer :: col, head, breaks, entering, leaving,
     &  older, slot
      double precision :: theta, slope, rr, most, limit

c     The columns of work: c, v, p, w of the Cauchy point.  p and w are
c     also where the sums of a pass arrive; one that has three lanes takes
c     v too, and then no Cauchy point needs any of them.
      integer, parameter :: c = 1, v = 2, p = 3, w = 4

      col = isave(i_pairs)
      head = isave(i_head)
      slot = mod(head + col - 2, m) + 1
      bounded = lsave(l_bounded)
      updated = lsave(l_updated)
      whole = .not. bounded .and. col > 0
      path = .not. whole .and. dsave(d_gradient_norm) > 0
      isave(i_subspace_end) = -1
      ok = .true.
      given = isave(i_iterations) == 0 .and. col > 0

c     How far a search may go: up to the box, but in the first iteration
c     no farther than the model's own minimum.
      dsave(d_largest_step) = 1d10
      first = isave(i_iterations) == 0 .and. col == 0
      limited = bounded .and. .not. first
      if (bounded .and. .not. limited) dsave(d_largest_step) = 1
      most = merge(1d10, 0d0, limited)

      if (whole) then
         isave(i_segments) = 0
         call pair_products(n, m, col, slot, arrived, updated, .false.,
     &      3, dsave(d_step), x, l, u, nbd, g, status, d, z, old, s, y,
     &      breaks, t, order, free_path, open_path, slope, rr,
     &      work(1, v))
         if (arrived) then
            call enter_pair(m, col, head, 3, work(1, v), dr, rr, dsave,
     &                      sy, ss, wt, work(1, c), ok)
            if (.not. ok) return
         end if
         if (updated) then
            if (isave(i_updates) > m) call drop_oldest(m, yy, ssa,
     &         mixed)
            call enter_free_products(m, col, head, 3, 3, work(1, v),
     &                               yy, mixed)
            ssa(col, 1:col) = 0
            mixed(col, 1:col - 1) = 0
         end if
         theta = dsave(d_theta)
         call lane_by_age(m, col, head, 3, 2, work(1, v), work(1, c))
         work(col + 1:2*col, c) = theta*work(col + 1:2*col, c)
         if (updated .or. given) then
            call subspace_matrix(m, col, theta, sy, yy, ssa, mixed, k,
     &                           work(1, v), ok)
            if (.not. ok) return
         end if
         call subspace_solve(m, col, k, work(1, c), work(1, v))
         call free_minimum(n, m, col, head, theta, work(1, c), s, y, l,
     &      u, nbd, x, g, d, t, old, dsave(d_dtd), dsave(d_slope))
         isave(i_subspace_end) = 0
         return
      end if

      call pair_products(n, m, col, slot, arrived, updated, path, 2,
     &   dsave(d_step), x, l, u, nbd, g, status, d, z, old, s, y,
     &   breaks, t, order, free_path, open_path, slope, rr, work(1, p))
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
     &      l, u, s, y, sy, wt, breaks, t, order, free_path, open_path,
     &      slope, status, d, z, work(1, c), work(1, v), work(1, p),
     &      work(1, w), isave(i_segments))
      else
c        x is stationary already; the original counts the last path again.
         z = x
      end if
      isave(i_all_segments) = isave(i_all_segments) + isave(i_segments)

      call free_variables(n, bounded .and. .not. first, status,
     &   list, isave(i_free), order, entering, leaving)
      isave(i_active) = n - isave(i_free)
      isave(i_entering) = entering
      isave(i_leaving) = n + 1 - leaving
      rebuild = updated .or. given .or. entering > 0 .or. leaving > 0

      limit = most
      if (isave(i_free) == 0 .or. col == 0) then
         old = z
         dsave(d_dtd) = 0
         dsave(d_slope) = 0
         call search_start(n, l, u, nbd, x, g, d, t, old, dsave(d_dtd),
     &                     dsave(d_slope), limit)
         if (limited) dsave(d_largest_step) = limit
         return
      end if

      call middle_matrix(col, m, sy, wt, work(1, c), work(1, v))
      call reduced_gradient(n, m, col, head, isave(i_free), list,
     &   status, theta, x, z, g, s, y, slot, updated, work(1, v), r,
     &   work(1, p))
      if (updated) then
         if (isave(i_updates) > m) call drop_oldest(m, yy, ssa, mixed)
         call enter_active_products(n, m, col, head, slot,
     &      n - isave(i_free), list(min(isave(i_free) + 1, n)), s, y,
     &      ssa, mixed, work(1, v))
         call enter_free_products(m, col, head, 2, 1, work(1, p), yy,
     &                            mixed)
      end if
      call lane_by_age(m, col, head, 2, 2, work(1, p), work(1, v))
      work(col + 1:2*col, v) = theta*work(col + 1:2*col, v)
      if (rebuild) then
         older = merge(col - 1, col, updated)
         call move_products(n, m, col, head, older, entering, order,
     &      s, y, .true., yy, ssa, mixed, k, work(1, p))
         call move_products(n, m, col, head, older, leaving,
     &      order(min(n - leaving + 1, n)), s, y, .false., yy, ssa,
     &      mixed, k, work(1, p))
         call subspace_matrix(m, col, theta, sy, yy, ssa, mixed, k,
     &                        work(1, p), ok)
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
      if (limited) dsave(d_largest_step) = limit
      end subroutine search_direction


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
