      module reduced_gradient_mod
      use block_sizes, only : block, chunk, gathered
      use free_rows_mod, only : free_range, gather, gathered_sums,
     &  scatter
      implicit none

      contains

      recursive subroutine reduced_gradient(n, m, col, head, free, list,
     &                 status, theta, x, z, g, s, y, slot, v, r, y_free,
     &                 r_free, sums)
c
c     r = -Z'(g + theta (z - x) - W M c), the negative gradient of the
c     model at the Cauchy point z over the free variables ([BLNZ]
c     (5.4)), v = M c; and, in the same pass over their rows of W, the
c     products of every pair with the newest y (lane 1) and r (lane 2).
c
c     r(i) is variable i's.  Those of active variables may be anything;
c     in the sums they are 0 and add nothing.
c
      integer, intent(in) :: n, m, col, head
      integer, intent(in) :: free, list(n)  ! free ones first, rising
      integer, intent(in) :: status(n)
      double precision, intent(in) :: theta, x(n), z(n), g(n)
      double precision, intent(in) :: s(n, m), y(n, m)
      integer, intent(in) :: slot           ! of the newest pair
      double precision, intent(in) :: v(2*col)
      double precision, intent(inout) :: r(n)
c     Room for the newest y and r of the free variables of a block
      double precision, intent(inout) :: y_free(*), r_free(*)
      double precision, intent(out) :: sums(2, 2*col)

      integer :: i, j, k, k1, k2, first, rows, pair, free1
      logical :: dense
      double precision :: part(gathered, 3)

      sums = 0
      k2 = 0
      do first = 1, n, block
         call free_range(n, free, list, first, rows, k1, k2, dense)
         if (dense) then
            do i = first, first + rows - 1
               r(i) = -theta*(z(i) - x(i)) - g(i)
            end do
            call add_pairs(rows, n, m, col, head, y(first, 1),
     &                     s(first, 1), v, 1d0, theta, r(first))
            call mask(rows, status(first), y(first, slot), r(first),
     &                y_free, r_free)
            call panel_sums(rows, 2, col, 1, 2*col, n, y(first, 1),
     &                      s(first, 1), y_free, r_free, r_free, sums)
         else
            do free1 = k1, k2, gathered
               rows = min(gathered, k2 - free1 + 1)
               do k = 1, rows
                  i = list(free1 + k - 1)
                  part(k, 1) = -theta*(z(i) - x(i)) - g(i)
               end do
               do j = 1, col
                  pair = mod(head + j - 2, m) + 1
                  call gather(rows, list(free1), y(1, pair), part(1, 2))
                  call gather(rows, list(free1), s(1, pair), part(1, 3))
                  call add_pairs(rows, gathered, 1, 1, 1, part(1, 2),
     &                           part(1, 3), [v(j), v(col + j)], 1d0,
     &                           theta, part)
               end do
               call scatter(rows, list(free1), part, r)
               call gather(rows, list(free1), y(1, slot), part(1, 2))
               call gathered_sums(rows, list(free1), col, n, y, s,
     &                            part(1, 2), part, sums)
            end do
         end if
      end do
      end subroutine reduced_gradient


      subroutine mask(rows, status, y, r, y_free, r_free)
c
c     The newest y and r, with 0 for variables that are not free.
c
      integer, intent(in) :: rows, status(rows)
      double precision, intent(in) :: y(rows), r(rows)
      double precision, intent(out) :: y_free(rows), r_free(rows)

      integer :: first, count
      double precision :: kind(chunk)

      do first = 1, rows, chunk
         count = min(chunk, rows - first + 1)
         kind(1:count) = status(first:first + count - 1)
         call keep_free(count, kind, y(first), y_free(first))
         call keep_free(count, kind, r(first), r_free(first))
      end do
      end subroutine mask

      end module reduced_gradient_mod
