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


      subroutine interleave(rows, a, scale, b, c, v)
c
c     The vectors a, scale b, c and 0, the entries of a row side by
c     side.
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: a(rows), scale, b(rows), c(rows)
      double precision, intent(out) :: v(4, rows)

      integer :: i

      do i = 1, rows
         v(1, i) = a(i)
         v(2, i) = scale*b(i)
         v(3, i) = c(i)
         v(4, i) = 0
      end do
      end subroutine interleave


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


      subroutine add_five_model_terms(rows, lda, y, s, pairs, a, b,
     &                                r)
c
c     add_model_terms for five pairs, one after the other: r is read
c     and written once.
c
      implicit none

      integer, intent(in) :: rows, lda, pairs(5)
      double precision, intent(in) :: y(lda, *), s(lda, *), a(5), b(5)
      double precision, intent(inout) :: r(rows)

      integer :: i, p1, p2, p3, p4, p5
      double precision :: value

      p1 = pairs(1)
      p2 = pairs(2)
      p3 = pairs(3)
      p4 = pairs(4)
      p5 = pairs(5)
      do i = 1, rows
         value = r(i)
         value = value + y(i, p1)*a(1) + s(i, p1)*b(1)
         value = value + y(i, p2)*a(2) + s(i, p2)*b(2)
         value = value + y(i, p3)*a(3) + s(i, p3)*b(3)
         value = value + y(i, p4)*a(4) + s(i, p4)*b(4)
         value = value + y(i, p5)*a(5) + s(i, p5)*b(5)
         r(i) = value
      end do
      end subroutine add_five_model_terms


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


      subroutine add_five_corrections(rows, lda, y, s, pairs, a, b,
     &                                theta, r)
c
c     add_correction for five pairs, one after the other: r is read
c     and written once.
c
      implicit none

      integer, intent(in) :: rows, lda, pairs(5)
      double precision, intent(in) :: y(lda, *), s(lda, *), a(5), b(5)
      double precision, intent(in) :: theta
      double precision, intent(inout) :: r(rows)

      integer :: i, p1, p2, p3, p4, p5
      double precision :: value

      p1 = pairs(1)
      p2 = pairs(2)
      p3 = pairs(3)
      p4 = pairs(4)
      p5 = pairs(5)
      do i = 1, rows
         value = r(i)
         value = value + y(i, p1)*a(1)/theta + s(i, p1)*b(1)
         value = value + y(i, p2)*a(2)/theta + s(i, p2)*b(2)
         value = value + y(i, p3)*a(3)/theta + s(i, p3)*b(3)
         value = value + y(i, p4)*a(4)/theta + s(i, p4)*b(4)
         value = value + y(i, p5)*a(5)/theta + s(i, p5)*b(5)
         r(i) = value
      end do
      end subroutine add_five_corrections
