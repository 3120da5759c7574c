      module free_rows_mod
      use block_sizes, only : block, few, gathered, gathered_columns
      implicit none

      contains

      function dense(rows, free)
c
c     Whether so many of some variables are free that the rows of all
c     are cheaper read than those of the free ones gathered.
c
      integer, intent(in) :: rows, free
      logical :: dense

      dense = (block/few)*free > rows
      end function dense


      subroutine gather(rows, list, a, b)
c
c     b = the entries of a that list names.
c
      integer, intent(in) :: rows, list(rows)
      double precision, intent(in) :: a(*)
      double precision, intent(out) :: b(rows)

      integer :: k

      do k = 1, rows
         b(k) = a(list(k))
      end do
      end subroutine gather


      subroutine scatter(rows, list, b, a)
c
c     The reverse of gather.
c
      integer, intent(in) :: rows, list(rows)
      double precision, intent(in) :: b(rows)
      double precision, intent(inout) :: a(*)

      integer :: k

      do k = 1, rows
         a(list(k)) = b(k)
      end do
      end subroutine scatter


      recursive subroutine add_gathered(rows, list, n, m, col, head, y,
     &                                  s, w, divisor, scale, r)
c
c     add_pairs for the rows of Y and S that list names; r holds theirs.
c
      integer, intent(in) :: rows, list(rows), n, m, col, head
      double precision, intent(in) :: y(n, m), s(n, m), w(2*col),
     &  divisor, scale
      double precision, intent(inout) :: r(rows)

      integer, parameter :: most = gathered_columns/2
      integer :: j, k, pair, pairs
      double precision :: part(gathered, most, 2), weights(2*most)

      do j = 1, col, most
         pairs = min(most, col - j + 1)
         do k = 1, pairs
            pair = mod(head + j + k - 3, m) + 1
            call gather(rows, list, y(1, pair), part(1, k, 1))
            call gather(rows, list, s(1, pair), part(1, k, 2))
            weights(k) = w(j + k - 1)
            weights(pairs + k) = w(col + j + k - 1)
         end do
         call add_pairs(rows, gathered, pairs, pairs, 1, part,
     &                  part(1, 1, 2), weights, divisor, scale, r)
      end do
      end subroutine add_gathered


      recursive subroutine gathered_sums(rows, list, first, last, pairs,
     &                                   n, y, s, v1, v2, sums)
c
c     panel_sums of the rows of Y and S that list names, and of the
c     vectors, for the columns first to last.
c
      integer, intent(in) :: rows, list(rows), first, last, pairs, n
      double precision, intent(in) :: y(n, pairs), s(n, pairs)
      double precision, intent(in) :: v1(n), v2(n)
      double precision, intent(inout) :: sums(2, 2*pairs)

      integer :: j, k, width
      double precision :: panel(gathered, gathered_columns),
     &  v(gathered, 2)

      call gather(rows, list, v1, v)
      call gather(rows, list, v2, v(1, 2))
      do j = first, last, gathered_columns
         width = min(gathered_columns, last - j + 1)
         do k = 1, width
            if (j + k - 1 <= pairs) then
               call gather(rows, list, y(1, j + k - 1), panel(1, k))
            else
               call gather(rows, list, s(1, j + k - 1 - pairs),
     &                     panel(1, k))
            end if
         end do
c        As if the panel were all of Y.
         call panel_sums(rows, 2, width, 1, width, gathered, panel,
     &                   panel, v, v(1, 2), v, sums(1, j))
      end do
      end subroutine gathered_sums

      end module free_rows_mod
