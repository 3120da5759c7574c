      module free_rows_mod
      use block_sizes, only : block, few, gathered
      implicit none

      contains

      subroutine free_range(n, free, list, first, rows, k1, k2, dense)
c
c     The block of variables first to first + rows - 1: list(k1..k2) are
c     its free ones.  dense says that they are more than a few, so that
c     the rows of all are cheaper read than those of the free ones
c     gathered.
c
c     k2 is that of the block before on entry, 0 at first.
c
      integer, intent(in) :: n, free, first, list(n)
      integer, intent(out) :: rows, k1
      integer, intent(inout) :: k2
      logical, intent(out) :: dense

      integer :: above, middle

      rows = min(block, n - first + 1)
      k1 = k2 + 1
      above = min(k2 + rows, free) + 1
      do while (above - k2 > 1)
         middle = k2 + (above - k2)/2
         if (list(middle) < first + rows) then
            k2 = middle
         else
            above = middle
         end if
      end do
      dense = (block/few)*(k2 - k1 + 1) > rows
      end subroutine free_range


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


      recursive subroutine gathered_sums(rows, list, pairs, n, y, s, v1,
     &                                   v2, sums)
c
c     panel_sums of the rows of Y and S that list names.
c
      integer, intent(in) :: rows  ! at most those gathered at a time
      integer, intent(in) :: list(rows), pairs, n
      double precision, intent(in) :: y(n, pairs), s(n, pairs)
      double precision, intent(in) :: v1(rows), v2(rows)
      double precision, intent(inout) :: sums(2, 2*pairs)

      integer, parameter :: wide = 5
      integer :: j, k, width
      double precision :: panel(gathered, wide, 2), part(2, 2*wide)

      do j = 1, pairs, wide
         width = min(wide, pairs - j + 1)
         do k = 1, width
            call gather(rows, list, y(1, j + k - 1), panel(1, k, 1))
            call gather(rows, list, s(1, j + k - 1), panel(1, k, 2))
            part(:, k) = sums(:, j + k - 1)
            part(:, width + k) = sums(:, pairs + j + k - 1)
         end do
         call panel_sums(rows, 2, width, 1, 2*width, gathered,
     &                   panel(1, 1, 1), panel(1, 1, 2), v1, v2, v2,
     &                   part)
         do k = 1, width
            sums(:, j + k - 1) = part(:, k)
            sums(:, pairs + j + k - 1) = part(:, width + k)
         end do
      end do
      end subroutine gathered_sums

      end module free_rows_mod
