      subroutine model_terms(rows, lda, m, col, head, y, s, v,
     &                       theta, r)
c
c     r <- r + W v for W = (Y, theta S), pairs in order of age.
c
c     Five pairs at a time, so that r is read and written a fifth as
c     often.  avx2_panels.c has the same for AVX2.
c
      implicit none

      integer, intent(in) :: rows, lda, m, col, head
      double precision, intent(in) :: y(lda, m), s(lda, m)
      double precision, intent(in) :: v(2*col), theta
      double precision, intent(inout) :: r(rows)

      integer :: j, k, pairs(5)

      do j = 1, col - 4, 5
         pairs = [(mod(head + k - 2, m) + 1, k = j, j + 4)]
         call add_five_model_terms(rows, lda, y, s, pairs, v(j),
     &                             theta*v(col + j:col + j + 4), r)
      end do
      do j = col - mod(col, 5) + 1, col
         k = mod(head + j - 2, m) + 1
         call add_model_terms(rows, y(1, k), s(1, k), v(j),
     &                        theta*v(col + j), r)
      end do
      end subroutine model_terms


      subroutine corrections(rows, lda, m, col, head, y, s, w,
     &                       theta, r)
c
c     r <- r + (1/theta) Y w_1 + S w_2, pairs in order of age.
c
      implicit none

      integer, intent(in) :: rows, lda, m, col, head
      double precision, intent(in) :: y(lda, m), s(lda, m)
      double precision, intent(in) :: w(2*col), theta
      double precision, intent(inout) :: r(rows)

      integer :: j, k, pairs(5)

      do j = 1, col - 4, 5
         pairs = [(mod(head + k - 2, m) + 1, k = j, j + 4)]
         call add_five_corrections(rows, lda, y, s, pairs, w(j),
     &                             w(col + j), theta, r)
      end do
      do j = col - mod(col, 5) + 1, col
         k = mod(head + j - 2, m) + 1
         call add_correction(rows, y(1, k), s(1, k), w(j), w(col + j),
     &                       theta, r)
      end do
      end subroutine corrections


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
