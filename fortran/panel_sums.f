      recursive subroutine panel_sums(rows, lanes, pairs, lda, y, s,
     &                                v1, v2, v3, sums)
c
c     The products of the columns of Y and S with two or three vectors
c     (lanes) at once, i rising:
c
c        sums(k, j)         += sum_i y(i, j) vk(i)
c        sums(k, pairs + j) += sum_i s(i, j) vk(i)
c
c     One sum can't run faster than one addition after the other.
c     Forty side by side, of five pairs with four interleaved vectors,
c     keep the adders busy.  The last pairs, where they are less than
c     five, go through together with some that are done.
c
c     avx2_panels.c has the same for AVX2.
c
      use block_sizes, only : interleaved
      implicit none

      integer, intent(in) :: rows, lanes, pairs, lda
      double precision, intent(in) :: y(lda, pairs), s(lda, pairs)
      double precision, intent(in) :: v1(rows), v2(rows)
      double precision, intent(in) :: v3(rows)  ! not read for two lanes
      double precision, intent(inout) :: sums(lanes, 2*pairs)

      integer :: first, count, i, k
      double precision :: v(4, interleaved)

      v = 0
      do first = 1, rows, interleaved
         count = min(interleaved, rows - first + 1)
         do k = 1, count
            i = first + k - 1
            v(1, k) = v1(i)
            v(2, k) = v2(i)
         end do
         if (lanes == 3) v(3, 1:count) = v3(first:first + count - 1)
         call tiles(count, lanes, pairs, lda, y(first, 1), s(first, 1),
     &              v, sums)
      end do
      end subroutine panel_sums


      subroutine tiles(rows, lanes, pairs, lda, y, s, v, sums)
c
c     The products of all pairs with four interleaved vectors.
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
      end subroutine tiles


      subroutine tile_sums(rows, lda, y, s, v, y_sums, s_sums)
c
c     The products of five pairs, ten columns, with four interleaved
c     vectors.
c
c     Written out, and not to be vectorized along i, so that compilers
c     put the four sums of a column, s1_ to s4_, into one or two
c     registers and leave them there.
c
      implicit none

      integer, intent(in) :: rows, lda
      double precision, intent(in) :: y(lda, 5), s(lda, 5), v(4, rows)
      double precision, intent(inout) :: y_sums(4, 5), s_sums(4, 5)

      integer :: i
      double precision :: s1a, s2a, s3a, s4a
      double precision :: s1b, s2b, s3b, s4b
      double precision :: s1c, s2c, s3c, s4c
      double precision :: s1d, s2d, s3d, s4d
      double precision :: s1e, s2e, s3e, s4e
      double precision :: s1f, s2f, s3f, s4f
      double precision :: s1g, s2g, s3g, s4g
      double precision :: s1h, s2h, s3h, s4h
      double precision :: s1i, s2i, s3i, s4i
      double precision :: s1j, s2j, s3j, s4j

      s1a = y_sums(1, 1)
      s2a = y_sums(2, 1)
      s3a = y_sums(3, 1)
      s4a = y_sums(4, 1)
      s1b = y_sums(1, 2)
      s2b = y_sums(2, 2)
      s3b = y_sums(3, 2)
      s4b = y_sums(4, 2)
      s1c = y_sums(1, 3)
      s2c = y_sums(2, 3)
      s3c = y_sums(3, 3)
      s4c = y_sums(4, 3)
      s1d = y_sums(1, 4)
      s2d = y_sums(2, 4)
      s3d = y_sums(3, 4)
      s4d = y_sums(4, 4)
      s1e = y_sums(1, 5)
      s2e = y_sums(2, 5)
      s3e = y_sums(3, 5)
      s4e = y_sums(4, 5)
      s1f = s_sums(1, 1)
      s2f = s_sums(2, 1)
      s3f = s_sums(3, 1)
      s4f = s_sums(4, 1)
      s1g = s_sums(1, 2)
      s2g = s_sums(2, 2)
      s3g = s_sums(3, 2)
      s4g = s_sums(4, 2)
      s1h = s_sums(1, 3)
      s2h = s_sums(2, 3)
      s3h = s_sums(3, 3)
      s4h = s_sums(4, 3)
      s1i = s_sums(1, 4)
      s2i = s_sums(2, 4)
      s3i = s_sums(3, 4)
      s4i = s_sums(4, 4)
      s1j = s_sums(1, 5)
      s2j = s_sums(2, 5)
      s3j = s_sums(3, 5)
      s4j = s_sums(4, 5)
!GCC$ novector
      do i = 1, rows
         s1a = s1a + y(i, 1)*v(1, i)
         s2a = s2a + y(i, 1)*v(2, i)
         s3a = s3a + y(i, 1)*v(3, i)
         s4a = s4a + y(i, 1)*v(4, i)
         s1b = s1b + y(i, 2)*v(1, i)
         s2b = s2b + y(i, 2)*v(2, i)
         s3b = s3b + y(i, 2)*v(3, i)
         s4b = s4b + y(i, 2)*v(4, i)
         s1c = s1c + y(i, 3)*v(1, i)
         s2c = s2c + y(i, 3)*v(2, i)
         s3c = s3c + y(i, 3)*v(3, i)
         s4c = s4c + y(i, 3)*v(4, i)
         s1d = s1d + y(i, 4)*v(1, i)
         s2d = s2d + y(i, 4)*v(2, i)
         s3d = s3d + y(i, 4)*v(3, i)
         s4d = s4d + y(i, 4)*v(4, i)
         s1e = s1e + y(i, 5)*v(1, i)
         s2e = s2e + y(i, 5)*v(2, i)
         s3e = s3e + y(i, 5)*v(3, i)
         s4e = s4e + y(i, 5)*v(4, i)
         s1f = s1f + s(i, 1)*v(1, i)
         s2f = s2f + s(i, 1)*v(2, i)
         s3f = s3f + s(i, 1)*v(3, i)
         s4f = s4f + s(i, 1)*v(4, i)
         s1g = s1g + s(i, 2)*v(1, i)
         s2g = s2g + s(i, 2)*v(2, i)
         s3g = s3g + s(i, 2)*v(3, i)
         s4g = s4g + s(i, 2)*v(4, i)
         s1h = s1h + s(i, 3)*v(1, i)
         s2h = s2h + s(i, 3)*v(2, i)
         s3h = s3h + s(i, 3)*v(3, i)
         s4h = s4h + s(i, 3)*v(4, i)
         s1i = s1i + s(i, 4)*v(1, i)
         s2i = s2i + s(i, 4)*v(2, i)
         s3i = s3i + s(i, 4)*v(3, i)
         s4i = s4i + s(i, 4)*v(4, i)
         s1j = s1j + s(i, 5)*v(1, i)
         s2j = s2j + s(i, 5)*v(2, i)
         s3j = s3j + s(i, 5)*v(3, i)
         s4j = s4j + s(i, 5)*v(4, i)
      end do
      y_sums(1, 1) = s1a
      y_sums(2, 1) = s2a
      y_sums(3, 1) = s3a
      y_sums(4, 1) = s4a
      y_sums(1, 2) = s1b
      y_sums(2, 2) = s2b
      y_sums(3, 2) = s3b
      y_sums(4, 2) = s4b
      y_sums(1, 3) = s1c
      y_sums(2, 3) = s2c
      y_sums(3, 3) = s3c
      y_sums(4, 3) = s4c
      y_sums(1, 4) = s1d
      y_sums(2, 4) = s2d
      y_sums(3, 4) = s3d
      y_sums(4, 4) = s4d
      y_sums(1, 5) = s1e
      y_sums(2, 5) = s2e
      y_sums(3, 5) = s3e
      y_sums(4, 5) = s4e
      s_sums(1, 1) = s1f
      s_sums(2, 1) = s2f
      s_sums(3, 1) = s3f
      s_sums(4, 1) = s4f
      s_sums(1, 2) = s1g
      s_sums(2, 2) = s2g
      s_sums(3, 2) = s3g
      s_sums(4, 2) = s4g
      s_sums(1, 3) = s1h
      s_sums(2, 3) = s2h
      s_sums(3, 3) = s3h
      s_sums(4, 3) = s4h
      s_sums(1, 4) = s1i
      s_sums(2, 4) = s2i
      s_sums(3, 4) = s3i
      s_sums(4, 4) = s4i
      s_sums(1, 5) = s1j
      s_sums(2, 5) = s2j
      s_sums(3, 5) = s3j
      s_sums(4, 5) = s4j
      end subroutine tile_sums


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
