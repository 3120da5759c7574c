      module subspace_minimum_mod
      use block_sizes, only : block, chunk, gathered
      use free_rows_mod, only : free_range, gather, scatter
      use search_start_mod, only : search_start
      implicit none

      contains

      recursive subroutine free_minimum(n, m, col, head, theta, w, s, y,
     &                                  x, g, d, x_old, g_old, dtd,
     &                                  slope)
c
c     Without bounds the subspace is the whole space and the step a
c     quasi-Newton step: d = -H g, with the products w of
c     subspace_solve,
c
c        d = (1/theta) (-g + (1/theta) Y w_1 + S w_2)  ([BLNZ] (5.11)),
c
c     and in the flagged_type blocks the start of the line search.
c
      integer, intent(in) :: n, m, col, head
      double precision, intent(in) :: theta, w(2*col)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(out) :: d(n), x_old(n), g_old(n)
      double precision, intent(out) :: dtd, slope

      integer :: i, first, rows
      double precision :: minimum

      dtd = 0
      slope = 0
      do first = 1, n, block
         rows = min(block, n - first + 1)
         do i = first, first + rows - 1
            d(i) = -g(i)
         end do
         call add_pairs(rows, n, m, col, head, y(first, 1),
     &                  s(first, 1), w, theta, 1d0, d(first))
c        search_start, with the minimum that d leads to
         do i = first, first + rows - 1
            minimum = x(i) + (1/theta)*d(i)
            d(i) = minimum - x(i)
            dtd = dtd + d(i)*d(i)
            slope = slope + g(i)*d(i)
            x_old(i) = x(i)
            x(i) = minimum
            g_old(i) = g(i)
         end do
      end do
      end subroutine free_minimum


      recursive subroutine subspace_minimum(n, m, col, head, free, list,
     &                 status, theta, w, s, y, l, u, nbd, z, r, x, g, d,
     &                 x_old, g_old, dtd, slope, largest, on_bound)
c
c     The minimum of the model over the free variables, projected into
c     the bounds ([MN]):  r becomes the direction from the Cauchy point
c     z,
c
c        r <- (1/theta) (r + (1/theta) Y w_1 + S w_2)   ([BLNZ] (5.11)),
c
c     and P(z + r) the point to which the line search starts, in the
c     flagged_type blocks.
c
      integer, intent(in) :: n, m, col, head
      integer, intent(in) :: free, list(n)  ! free ones first, rising
      integer, intent(in) :: status(n)
      double precision, intent(in) :: theta, w(2*col)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(in) :: l(n), u(n), z(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! of the free variables
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(out) :: d(n), x_old(n), g_old(n)
      double precision, intent(out) :: dtd, slope
      double precision, intent(inout) :: largest
      logical, intent(out) :: on_bound      ! some variable ended on one

      integer :: i, j, k, first, rows, count, pair, k1, k2
      logical :: dense
      double precision :: part(gathered, 3)

      dtd = 0
      slope = 0
      on_bound = .false.
      k2 = 0
      do first = 1, n, block
         call free_range(n, free, list, first, rows, k1, k2, dense)
         if (dense) then
            call add_pairs(rows, n, m, col, head, y(first, 1),
     &                     s(first, 1), w, theta, 1d0, r(first))
            do i = first, first + rows - 1
               r(i) = (1/theta)*r(i)
            end do
         else
            do k = k1, k2, gathered
               count = min(gathered, k2 - k + 1)
               call gather(count, list(k), r, part)
               do j = 1, col
                  pair = mod(head + j - 2, m) + 1
                  call gather(count, list(k), y(1, pair), part(1, 2))
                  call gather(count, list(k), s(1, pair), part(1, 3))
                  call add_pairs(count, gathered, 1, 1, 1, part(1, 2),
     &                           part(1, 3), [w(j), w(col + j)], theta,
     &                           1d0, part)
               end do
               part(1:count, 1) = (1/theta)*part(1:count, 1)
               call scatter(count, list(k), part, r)
            end do
         end if
         call project_free(rows, status(first), l(first), u(first),
     &                     nbd(first), z(first), r(first), g_old(first),
     &                     on_bound)
         call search_start(rows, l(first), u(first), nbd(first),
     &                     x(first), g(first), d(first), x_old(first),
     &                     g_old(first), dtd, slope, largest)
      end do
      end subroutine subspace_minimum


      subroutine project_free(n, status, l, u, nbd, z, r, best,
     &                        on_bound)
c
c     best = P(z + r) for free variables, z for the others.
c
      integer, intent(in) :: n, status(n), nbd(n)
      double precision, intent(in) :: l(n), u(n), z(n), r(n)
      double precision, intent(out) :: best(n)
      logical, intent(inout) :: on_bound  ! one of the free ends so

      integer :: first, rows, flagged_type
      double precision :: lower(chunk), upper(chunk), kind(chunk), hit

      flagged_type = -1
      hit = 0
      do first = 1, n, chunk
         rows = min(chunk, n - first + 1)
         call bound_flags(rows, nbd(first), flagged_type, lower, upper)
         kind(1:rows) = status(first:first + rows - 1)
         call project(rows, kind, l(first), u(first), lower, upper,
     &                z(first), r(first), best(first), hit)
      end do
      on_bound = on_bound .or. hit > 0
      end subroutine project_free


      subroutine truncated_step(n, free, list, l, u, nbd, z, r, best)
c
c     The projected point was no descent from the iterate: go from the
c     Cauchy point towards the subspace minimum only as far as the box
c     allows ([BLNZ] (5.8)).
c
      integer, intent(in) :: n, free, list(n)
      double precision, intent(in) :: l(n), u(n), z(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! of the free variables
      double precision, intent(out) :: best(n)

      integer :: i, k, blocking
      double precision :: alpha, candidate, gap

      alpha = 1
      candidate = 1
      blocking = 0
      do k = 1, free
         i = list(k)
         if (r(i) < 0 .and. (nbd(i) == 1 .or. nbd(i) == 2)) then
            gap = l(i) - z(i)
            if (gap >= 0) then
               candidate = 0
            else if (r(i)*alpha < gap) then
               candidate = gap/r(i)
            end if
         else if (r(i) > 0 .and. nbd(i) >= 2) then
            gap = u(i) - z(i)
            if (gap <= 0) then
               candidate = 0
            else if (r(i)*alpha > gap) then
               candidate = gap/r(i)
            end if
         end if
         if (candidate < alpha) then
            alpha = candidate
            blocking = i
         end if
      end do

      best = z
      if (blocking > 0) then
         i = blocking
         if (r(i) > 0) then
            best(i) = u(i)
            r(i) = 0
         else if (r(i) < 0) then
            best(i) = l(i)
            r(i) = 0
         end if
      end if
      do k = 1, free
         i = list(k)
         best(i) = best(i) + alpha*r(i)
      end do
      end subroutine truncated_step

      end module subspace_minimum_mod
