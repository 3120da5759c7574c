      subroutine add_pairs(rows, lda, m, col, head, y, s, w,
     &                     divisor, scale, r)
c
c     r <- r + Y w_1/divisor + scale S w_2, pairs in order of age.
c
c     Five pairs at a time, so that r is read and written a fifth as
c     often.  avx2_panels.c has the same for AVX2.
c
      implicit none

      integer, intent(in) :: rows, lda, m, col, head
      double precision, intent(in) :: y(lda, m), s(lda, m)
      double precision, intent(in) :: w(2*col), divisor, scale
      double precision, intent(inout) :: r(rows)

      integer :: j, k, pairs(5)
      logical :: divided  ! by 1 nothing is
      double precision :: b(5)

      divided = divisor /= 1
      do j = 1, col - 4, 5
         pairs = [(mod(head + k - 2, m) + 1, k = j, j + 4)]
         b = scale*w(col + j:col + j + 4)
         if (divided) then
            call add_five_divided(rows, lda, y, s, pairs, w(j), b,
     &                            divisor, r)
         else
            call add_five_pairs(rows, lda, y, s, pairs, w(j), b, r)
         end if
      end do
      do j = col - mod(col, 5) + 1, col
         k = mod(head + j - 2, m) + 1
         b(1) = scale*w(col + j)
         if (divided) then
            call add_divided(rows, y(1, k), s(1, k), w(j), b(1),
     &                       divisor, r)
         else
            call add_pair(rows, y(1, k), s(1, k), w(j), b(1), r)
         end if
      end do
      end subroutine add_pairs


      subroutine add_pair(rows, y, s, a, b, r)
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
      end subroutine add_pair


      subroutine add_five_pairs(rows, lda, y, s, pairs, a, b, r)
c
c     add_pair for five pairs, one after the other: r is read
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
      end subroutine add_five_pairs


      subroutine add_divided(rows, y, s, a, b, divisor, r)
c
c     r <- r + (y a)/divisor + s b
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: y(rows), s(rows), a, b, divisor
      double precision, intent(inout) :: r(rows)

      integer :: i

      do i = 1, rows
         r(i) = r(i) + y(i)*a/divisor + s(i)*b
      end do
      end subroutine add_divided


      subroutine add_five_divided(rows, lda, y, s, pairs, a, b,
     &                            divisor, r)
c
c     add_divided for five pairs, one after the other: r is read
c     and written once.
c
      implicit none

      integer, intent(in) :: rows, lda, pairs(5)
      double precision, intent(in) :: y(lda, *), s(lda, *), a(5), b(5)
      double precision, intent(in) :: divisor
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
         value = value + y(i, p1)*a(1)/divisor + s(i, p1)*b(1)
         value = value + y(i, p2)*a(2)/divisor + s(i, p2)*b(2)
         value = value + y(i, p3)*a(3)/divisor + s(i, p3)*b(3)
         value = value + y(i, p4)*a(4)/divisor + s(i, p4)*b(4)
         value = value + y(i, p5)*a(5)/divisor + s(i, p5)*b(5)
         r(i) = value
      end do
      end subroutine add_five_divided
