      subroutine reduced_gradient(n, m, col, head, free, list, theta, x,
     &                            z, g, s, y, slot, updated, v, r, sums)
c
c     r = -Z'(g + theta (z - x) - W M c), the negative gradient of the
c     model at the Cauchy point z over the free variables ([BLNZ] (5.4)),
c     v = M c; and in the same pass over their rows of W the products of
c     every pair with the newest y (lane 1) and with r (lane 2).
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: n, m, col, head
      integer, intent(in) :: free, list(n)  ! free ones first, rising
      double precision, intent(in) :: theta, x(n), z(n), g(n)
      double precision, intent(in) :: s(n, m), y(n, m)
      integer, intent(in) :: slot           ! of the newest pair
      logical, intent(in) :: updated          ! its products are wanted
      double precision, intent(in) :: v(2*col)
      double precision, intent(out) :: r(n)  ! r(k) is variable list(k)'s
      double precision, intent(out) :: sums(2, 2*col)

      integer :: i, j, k, first, last, rows, pair
      logical :: dense
      double precision :: part(block), lanes(2, block), column(block, 2)

      sums = 0
      last = 0
      do while (last < free)
         first = last + 1
         call next_free_rows(n, free, list, first, last, rows, dense)
         do k = first, last
            i = list(k)
            r(k) = -theta*(z(i) - x(i)) - g(i)
         end do

         call spread(last - first + 1, list(first), dense, r(first),
     &               rows, part)
         i = list(first)
         do j = 1, col
            pair = mod(head + j - 2, m) + 1
            if (dense) then
               call add_model_terms(rows, y(i, pair), s(i, pair), v(j),
     &                              theta*v(col + j), part)
            else
               call gather(rows, list(first), y(1, pair), column)
               call gather(rows, list(first), s(1, pair), column(1, 2))
               call add_model_terms(rows, column, column(1, 2), v(j),
     &                              theta*v(col + j), part)
            end if
         end do
         call collect(last - first + 1, list(first), dense, rows, part,
     &                r(first))

         call free_lanes(last - first + 1, list(first), dense, updated,
     &                   y(1, slot), r(first), rows, part,
     &                   column, lanes)
         call free_sums(n, col, rows, list(first), dense, y, lanes,
     &                  sums)
         call free_sums(n, col, rows, list(first), dense, s, lanes,
     &                  sums(1, col + 1))
      end do
      end subroutine reduced_gradient


      subroutine add_model_terms(rows, y, s, a, b, r)
c
c     r <- r + y a + s b
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: y(rows), s(rows), a, b
      double precision, intent(inout) :: r(rows)

      integer :: i

      do i = 1, rows
         r(i) = r(i) + y(i)*a + s(i)*b
      end do
      end subroutine add_model_terms


      subroutine free_lanes(count, list, dense, updated, y, r, rows,
     &                      part, column, lanes)
c
c     Interleave the free rows of the newest y, if there is one, and r.
c
      implicit none

      integer, intent(in) :: count, list(count), rows
      logical, intent(in) :: dense, updated
      double precision, intent(in) :: y(*), r(count)
      double precision, intent(out) :: part(rows), column(count)
      double precision, intent(out) :: lanes(2, rows)

      lanes(1, :) = 0
      if (updated) then
         call gather(count, list, y, column)
         call spread(count, list, dense, column, rows, part)
         lanes(1, :) = part
      end if
      call spread(count, list, dense, r, rows, part)
      lanes(2, :) = part
      end subroutine free_lanes
