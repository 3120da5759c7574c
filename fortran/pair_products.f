      module pair_products_mod
      use block_sizes, only : block
      use steepest_path_mod, only : steepest_path
      implicit none

      contains

      subroutine pair_products(n, m, col, slot, arrived, path, lanes,
     &                         stp, x, l, u, nbd, g, status, d, z,
     &                         g_old, s, y, breaks, t, order, free,
     &                         open, f1, rr, sums)
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
c     (those with the new s or y mean nothing where there is no new
c     pair), in blocks, so that what one loop wrote is still in the
c     cache when the next reads it.  Each sum runs over i = 1..n in
c     order.
c
      integer, intent(in) :: n, m
      integer, intent(in) :: col     ! pairs, a new one included
      integer, intent(in) :: slot    ! of the newest pair
      logical, intent(in) :: arrived ! which is to be stored
      logical, intent(in) :: path    ! the path is wanted
      integer, intent(in) :: lanes
      double precision, intent(in) :: stp
      double precision, intent(in) :: x(n), l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      integer, intent(inout) :: status(n)
      double precision, intent(inout) :: d(n), z(n)
      double precision, intent(in) :: g_old(n)
      double precision, intent(inout) :: s(n, m), y(n, m)
      integer, intent(out) :: breaks
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)
      logical, intent(out) :: free, open
      double precision, intent(out) :: f1, rr
      double precision, intent(out) :: sums(lanes, 2*col)

      integer :: i, first, last, rows

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
               y(i, slot) = g(i) - g_old(i)
            end do
         end if
         if (path) then
            call steepest_path(first, last, n, x, l, u, nbd, g, status,
     &         d, z, breaks, t, order, free, open, f1,
     &         y(1, max(slot, 1)), rr)
         else if (arrived .and. lanes == 2) then
            do i = first, last
               rr = rr + y(i, slot)*y(i, slot)
            end do
         end if
         if (col == 0) cycle

         if (lanes == 2) then
            call panel_sums(rows, 2, col, 1, 2*col, n, y(first, 1),
     &                      s(first, 1), s(first, slot), d(first),
     &                      d(first), sums)
         else
            call panel_sums(rows, 3, col, 1, 2*col, n, y(first, 1),
     &                      s(first, 1), s(first, slot), g(first),
     &                      y(first, slot), sums)
         end if
      end do
      if (lanes == 3) then
         if (arrived) rr = sums(3, slot)
c        From 0, where products with -g would have come to 0 too.
         sums(2, :) = 0 - sums(2, :)
      end if
      end subroutine pair_products

      end module pair_products_mod
