      subroutine two_lane_sums(rows, columns, lda, a, v, sums)
c
c     sums(:, j) += sum_i a(i, j) v(:, i), i rising: the products of every
c     column of a panel of pairs with two vectors at once.
c
c     One sum can't run faster than one addition after the other.  Eight
c     side by side, the vectors interleaved so that a lane pair is one
c     register, keep the adders busy.
c
      implicit none

      integer, intent(in) :: rows, columns, lda
      double precision, intent(in) :: a(lda, *), v(2, rows)
      double precision, intent(inout) :: sums(2, columns)

      integer :: i, j
      double precision :: a11, a21, a12, a22, a13, a23, a14, a24

      do j = 1, columns - 3, 4
         a11 = sums(1, j)
         a21 = sums(2, j)
         a12 = sums(1, j + 1)
         a22 = sums(2, j + 1)
         a13 = sums(1, j + 2)
         a23 = sums(2, j + 2)
         a14 = sums(1, j + 3)
         a24 = sums(2, j + 3)
         do i = 1, rows
            a11 = a11 + a(i, j)*v(1, i)
            a21 = a21 + a(i, j)*v(2, i)
            a12 = a12 + a(i, j + 1)*v(1, i)
            a22 = a22 + a(i, j + 1)*v(2, i)
            a13 = a13 + a(i, j + 2)*v(1, i)
            a23 = a23 + a(i, j + 2)*v(2, i)
            a14 = a14 + a(i, j + 3)*v(1, i)
            a24 = a24 + a(i, j + 3)*v(2, i)
         end do
         sums(1, j) = a11
         sums(2, j) = a21
         sums(1, j + 1) = a12
         sums(2, j + 1) = a22
         sums(1, j + 2) = a13
         sums(2, j + 2) = a23
         sums(1, j + 3) = a14
         sums(2, j + 3) = a24
      end do
      do j = columns - mod(columns, 4) + 1, columns
         a11 = sums(1, j)
         a21 = sums(2, j)
         do i = 1, rows
            a11 = a11 + a(i, j)*v(1, i)
            a21 = a21 + a(i, j)*v(2, i)
         end do
         sums(1, j) = a11
         sums(2, j) = a21
      end do
      end subroutine two_lane_sums


      subroutine three_lane_sums(rows, columns, lda, a, v, sums)
c
c     As two_lane_sums, with three vectors; a fourth lane only fills the
c     register.
c
      implicit none

      integer, intent(in) :: rows, columns, lda
      double precision, intent(in) :: a(lda, *), v(4, rows)
      double precision, intent(inout) :: sums(3, columns)

      integer :: i, j
      double precision :: a11, a21, a31, a12, a22, a32

      do j = 1, columns - 1, 2
         a11 = sums(1, j)
         a21 = sums(2, j)
         a31 = sums(3, j)
         a12 = sums(1, j + 1)
         a22 = sums(2, j + 1)
         a32 = sums(3, j + 1)
         do i = 1, rows
            a11 = a11 + a(i, j)*v(1, i)
            a21 = a21 + a(i, j)*v(2, i)
            a31 = a31 + a(i, j)*v(3, i)
            a12 = a12 + a(i, j + 1)*v(1, i)
            a22 = a22 + a(i, j + 1)*v(2, i)
            a32 = a32 + a(i, j + 1)*v(3, i)
         end do
         sums(1, j) = a11
         sums(2, j) = a21
         sums(3, j) = a31
         sums(1, j + 1) = a12
         sums(2, j + 1) = a22
         sums(3, j + 1) = a32
      end do
      if (mod(columns, 2) == 1) then
         j = columns
         a11 = sums(1, j)
         a21 = sums(2, j)
         a31 = sums(3, j)
         do i = 1, rows
            a11 = a11 + a(i, j)*v(1, i)
            a21 = a21 + a(i, j)*v(2, i)
            a31 = a31 + a(i, j)*v(3, i)
         end do
         sums(1, j) = a11
         sums(2, j) = a21
         sums(3, j) = a31
      end if
      end subroutine three_lane_sums
