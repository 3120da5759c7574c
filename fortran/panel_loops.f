      subroutine tile_sums(rows, lda, a, v, sums)
c
c     The products of five columns with four interleaved vectors.
c
c     Written out, and not to be vectorized along i, so that compilers
c     put the four sums of a column, s1_ to s4_, into one or two
c     registers and leave them there.
c
      implicit none

      integer, intent(in) :: rows, lda
      double precision, intent(in) :: a(lda, 5), v(4, rows)
      double precision, intent(inout) :: sums(4, 5)

      integer :: i
      double precision :: s1a, s2a, s3a, s4a
      double precision :: s1b, s2b, s3b, s4b
      double precision :: s1c, s2c, s3c, s4c
      double precision :: s1d, s2d, s3d, s4d
      double precision :: s1e, s2e, s3e, s4e

      s1a = sums(1, 1)
      s2a = sums(2, 1)
      s3a = sums(3, 1)
      s4a = sums(4, 1)
      s1b = sums(1, 2)
      s2b = sums(2, 2)
      s3b = sums(3, 2)
      s4b = sums(4, 2)
      s1c = sums(1, 3)
      s2c = sums(2, 3)
      s3c = sums(3, 3)
      s4c = sums(4, 3)
      s1d = sums(1, 4)
      s2d = sums(2, 4)
      s3d = sums(3, 4)
      s4d = sums(4, 4)
      s1e = sums(1, 5)
      s2e = sums(2, 5)
      s3e = sums(3, 5)
      s4e = sums(4, 5)
!GCC$ novector
      do i = 1, rows
         s1a = s1a + a(i, 1)*v(1, i)
         s2a = s2a + a(i, 1)*v(2, i)
         s3a = s3a + a(i, 1)*v(3, i)
         s4a = s4a + a(i, 1)*v(4, i)
         s1b = s1b + a(i, 2)*v(1, i)
         s2b = s2b + a(i, 2)*v(2, i)
         s3b = s3b + a(i, 2)*v(3, i)
         s4b = s4b + a(i, 2)*v(4, i)
         s1c = s1c + a(i, 3)*v(1, i)
         s2c = s2c + a(i, 3)*v(2, i)
         s3c = s3c + a(i, 3)*v(3, i)
         s4c = s4c + a(i, 3)*v(4, i)
         s1d = s1d + a(i, 4)*v(1, i)
         s2d = s2d + a(i, 4)*v(2, i)
         s3d = s3d + a(i, 4)*v(3, i)
         s4d = s4d + a(i, 4)*v(4, i)
         s1e = s1e + a(i, 5)*v(1, i)
         s2e = s2e + a(i, 5)*v(2, i)
         s3e = s3e + a(i, 5)*v(3, i)
         s4e = s4e + a(i, 5)*v(4, i)
      end do
      sums(1, 1) = s1a
      sums(2, 1) = s2a
      sums(3, 1) = s3a
      sums(4, 1) = s4a
      sums(1, 2) = s1b
      sums(2, 2) = s2b
      sums(3, 2) = s3b
      sums(4, 2) = s4b
      sums(1, 3) = s1c
      sums(2, 3) = s2c
      sums(3, 3) = s3c
      sums(4, 3) = s4c
      sums(1, 4) = s1d
      sums(2, 4) = s2d
      sums(3, 4) = s3d
      sums(4, 4) = s4d
      sums(1, 5) = s1e
      sums(2, 5) = s2e
      sums(3, 5) = s3e
      sums(4, 5) = s4e
      end subroutine tile_sums


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


      subroutine add_correction(rows, y, s, a, b, theta, r)
c
c     r <- r + (y a)/theta + s b
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: y(rows), s(rows), a, b, theta
      double precision, intent(inout) :: r(rows)

      integer :: i

      do i = 1, rows
         r(i) = r(i) + y(i)*a/theta + s(i)*b
      end do
      end subroutine add_correction
