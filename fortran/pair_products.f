      recursive subroutine pair_products(n, m, col, slot, arrived,
     &                 updated, path, lanes, stp, x, l, u, nbd, g,
     &                 status, d, z, old, s, y, breaks, t, order, free,
     &                 open, f1, rr, sums)
c
c     The one pass over all pairs that an iteration begins with.  It
c
c     - stores the new pair s = stp d, y = g - g_old, with rr = y'y;
c     - lays out the path of steepest descent (steepest_path.f), a = d;
c     - and takes of every pair the products
c
c          y_j's, y_j'a       and       s_j's, s_j'a         (2 lanes)
c
c       where there are bounds.  Where there are none every variable is
c       free and a = -g, and those with the new y come with them:
c
c          y_j's, y_j'a, y_j'y   and   s_j's, s_j'a, s_j'y   (3 lanes)
c
c
c     in blocks, so that what one loop wrote is still in the cache when
c     the next reads it.  Each sum runs over i = 1..n in order.
c
c     (Recursive routines keep their arrays on the stack, so that
c     threads do not share them.)
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: n, m
      integer, intent(in) :: col     ! pairs, a new one included
      integer, intent(in) :: slot    ! of the newest pair
      logical, intent(in) :: arrived ! which is to be stored
      logical, intent(in) :: updated ! its y exists
      logical, intent(in) :: path    ! the path is wanted
      integer, intent(in) :: lanes
      double precision, intent(in) :: stp
      double precision, intent(in) :: x(n), l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      integer, intent(inout) :: status(n)
      double precision, intent(inout) :: d(n), z(n)
      double precision, intent(in) :: old(n)  ! g_old
      double precision, intent(inout) :: s(n, m), y(n, m)
      integer, intent(out) :: breaks
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)
      logical, intent(out) :: free, open
      double precision, intent(out) :: f1, rr
      double precision, intent(out) :: sums(lanes, 2*col)

      integer :: i, first, last, rows
      double precision :: v(4, block)

      breaks = 0
      free = .false.
      open = .false.
      f1 = 0
      rr = 0
      sums = 0

      do first = 1, n, block
         last = first + min(block, n - first + 1) - 1
         rows = last - first + 1

         if (arrived) then
            do i = first, last
               s(i, slot) = stp*d(i)
               y(i, slot) = g(i) - old(i)
               rr = rr + y(i, slot)*y(i, slot)
            end do
         end if
         if (path) call steepest_path(first, last, n, x, l, u, nbd, g,
     &      status, d, z, breaks, t, order, free, open, f1)
         if (col == 0) cycle

         call interleave(rows, lanes, arrived, updated, path,
     &                   s(first, slot), y(first, slot), d(first),
     &                   g(first), v)
         call panel_sums(rows, lanes, col, n, y(first, 1), v, sums)
         call panel_sums(rows, lanes, col, n, s(first, 1), v,
     &                   sums(1, col + 1))
      end do
      end subroutine pair_products


      subroutine interleave(rows, lanes, arrived, updated, path, s, y,
     &                      a, g, v)
c
c     The vectors that the pairs are multiplied with, a variable's
c     entries side by side; 0 for those that there are none of.
c
      implicit none

      integer, intent(in) :: rows, lanes
      logical, intent(in) :: arrived, updated, path
      double precision, intent(in) :: s(rows), y(rows), a(rows), g(rows)
      double precision, intent(out) :: v(4, rows)

      integer :: i

      if (lanes == 2) then
         do i = 1, rows
            v(1, i) = merge(s(i), 0d0, arrived)
            v(2, i) = merge(a(i), 0d0, path)
            v(3, i) = 0
            v(4, i) = 0
         end do
      else
         do i = 1, rows
            v(1, i) = merge(s(i), 0d0, arrived)
            v(2, i) = -g(i)
            v(3, i) = merge(y(i), 0d0, updated)
            v(4, i) = 0
         end do
      end if
      end subroutine interleave
