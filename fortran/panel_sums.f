      subroutine panel_sums(rows, lanes, columns, lda, a, v, sums)
c
c     sums(:, j) += sum_i a(i, j) v(:, i), i rising: the products of
c     every column of a panel with up to four vectors at once.
c
c     One sum can't run faster than one addition after the other.
c     Twenty side by side, of five columns with four interleaved
c     vectors, keep the adders busy.  The last columns, where they are
c     less than five, go through together with some that are done.
c
      implicit none

      integer, intent(in) :: rows, lanes, columns, lda
      double precision, intent(in) :: a(lda, *), v(4, rows)
      double precision, intent(inout) :: sums(lanes, columns)

      integer, parameter :: wide = 5
      integer :: j, q, done
      double precision :: tile(4, wide)

      tile = 0
      if (columns < wide) then
         do j = 1, columns
            tile(1:lanes, 1) = sums(:, j)
            call column_sums(rows, a(1, j), v, tile)
            sums(:, j) = tile(1:lanes, 1)
         end do
         return
      end if

      done = 0
      do while (done < columns)
         j = min(done, columns - wide)
         tile(1:lanes, :) = sums(:, j + 1:j + wide)
         call tile_sums(rows, lda, a(1, j + 1), v, tile)
         do q = done + 1, j + wide
            sums(:, q) = tile(1:lanes, q - j)
         end do
         done = j + wide
      end do
      end subroutine panel_sums


      subroutine column_sums(rows, a, v, sums)
c
c     The products of one column with four vectors.
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: a(rows), v(4, rows)
      double precision, intent(inout) :: sums(4)

      integer :: i
      double precision :: s1, s2, s3, s4

      s1 = sums(1)
      s2 = sums(2)
      s3 = sums(3)
      s4 = sums(4)
!GCC$ novector
      do i = 1, rows
         s1 = s1 + a(i)*v(1, i)
         s2 = s2 + a(i)*v(2, i)
         s3 = s3 + a(i)*v(3, i)
         s4 = s4 + a(i)*v(4, i)
      end do
      sums(1) = s1
      sums(2) = s2
      sums(3) = s3
      sums(4) = s4
      end subroutine column_sums
