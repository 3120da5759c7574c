      subroutine panel_sums(rows, lanes, pairs, lda, y, s, v, sums)
c
c     The products of the columns of Y and S with up to four vectors at
c     once, i rising:
c
c        sums(:, j)         += sum_i y(i, j) v(:, i)
c        sums(:, pairs + j) += sum_i s(i, j) v(:, i)
c
c     One sum can't run faster than one addition after the other.
c     Forty side by side, of five pairs with four interleaved vectors,
c     keep the adders busy.  The last pairs, where they are less than
c     five, go through together with some that are done.
c
      implicit none

      integer, intent(in) :: rows, lanes, pairs, lda
      double precision, intent(in) :: y(lda, pairs), s(lda, pairs)
      double precision, intent(in) :: v(4, rows)
      double precision, intent(inout) :: sums(lanes, 2*pairs)

      integer, parameter :: wide = 5
      integer :: j, q, done
      double precision :: tile(4, wide, 2)

      tile = 0
      if (pairs < wide) then
         do j = 1, pairs
            tile(1:lanes, 1, 1) = sums(:, j)
            tile(1:lanes, 1, 2) = sums(:, pairs + j)
            call pair_sums(rows, y(1, j), s(1, j), v, tile(1, 1, 1),
     &                     tile(1, 1, 2))
            sums(:, j) = tile(1:lanes, 1, 1)
            sums(:, pairs + j) = tile(1:lanes, 1, 2)
         end do
         return
      end if

      done = 0
      do while (done < pairs)
         j = min(done, pairs - wide)
         tile(1:lanes, :, 1) = sums(:, j + 1:j + wide)
         tile(1:lanes, :, 2) = sums(:, pairs + j + 1:pairs + j + wide)
         call tile_sums(rows, lda, y(1, j + 1), s(1, j + 1), v,
     &                  tile(1, 1, 1), tile(1, 1, 2))
         do q = done + 1, j + wide
            sums(:, q) = tile(1:lanes, q - j, 1)
            sums(:, pairs + q) = tile(1:lanes, q - j, 2)
         end do
         done = j + wide
      end do
      end subroutine panel_sums


      subroutine pair_sums(rows, y, s, v, y_sums, s_sums)
c
c     The products of one pair with four vectors.
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: y(rows), s(rows), v(4, rows)
      double precision, intent(inout) :: y_sums(4), s_sums(4)

      integer :: i
      double precision :: y1, y2, y3, y4, s1, s2, s3, s4

      y1 = y_sums(1)
      y2 = y_sums(2)
      y3 = y_sums(3)
      y4 = y_sums(4)
      s1 = s_sums(1)
      s2 = s_sums(2)
      s3 = s_sums(3)
      s4 = s_sums(4)
!GCC$ novector
      do i = 1, rows
         y1 = y1 + y(i)*v(1, i)
         y2 = y2 + y(i)*v(2, i)
         y3 = y3 + y(i)*v(3, i)
         y4 = y4 + y(i)*v(4, i)
         s1 = s1 + s(i)*v(1, i)
         s2 = s2 + s(i)*v(2, i)
         s3 = s3 + s(i)*v(3, i)
         s4 = s4 + s(i)*v(4, i)
      end do
      y_sums(1) = y1
      y_sums(2) = y2
      y_sums(3) = y3
      y_sums(4) = y4
      s_sums(1) = s1
      s_sums(2) = s2
      s_sums(3) = s3
      s_sums(4) = s4
      end subroutine pair_sums
