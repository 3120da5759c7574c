c     The two LINPACK routines that the original calls, for where its
c     own linpack.f is missing, in the order that the LINPACK Users'
c     Guide (Dongarra, Bunch, Moler, Stewart, 1979) publishes: column by
c     column.

      subroutine dpofa(a, lda, n, info)
c
c     A = R'R, R upper triangular, in place.  info is 0, or the order of
c     the leading minor that is not positive definite.
c
      implicit none

      integer, intent(in) :: lda, n
      double precision, intent(inout) :: a(lda, n)
      integer, intent(out) :: info

      integer :: i, j, k
      double precision :: product, squares, pivot

      do j = 1, n
         squares = 0
         do k = 1, j - 1
            product = 0
            do i = 1, k - 1
               product = product + a(i, k)*a(i, j)
            end do
            a(k, j) = (a(k, j) - product)/a(k, k)
            squares = squares + a(k, j)*a(k, j)
         end do
         pivot = a(j, j) - squares
         if (pivot <= 0) then
            info = j
            return
         end if
         a(j, j) = sqrt(pivot)
      end do
      info = 0
      end subroutine dpofa


      subroutine dtrsl(t, ldt, n, b, job, info)
c
c     Solve T x = b in place: by the digits of job T is lower (0) or
c     upper (1) triangular, and it itself (0) or its transpose (1) is
c     meant.  info is 0, or the index of a zero on the diagonal.
c
      implicit none

      integer, intent(in) :: ldt, n, job
      double precision, intent(in) :: t(ldt, n)
      double precision, intent(inout) :: b(n)
      integer, intent(out) :: info

      integer :: i, j
      double precision :: product

      do info = 1, n
         if (t(info, info) == 0) return
      end do
      info = 0

      select case (job)
      case (0)
         do j = 1, n
            b(j) = b(j)/t(j, j)
            do i = j + 1, n
               b(i) = b(i) - b(j)*t(i, j)
            end do
         end do
      case (1)
         do j = n, 1, -1
            b(j) = b(j)/t(j, j)
            do i = 1, j - 1
               b(i) = b(i) - b(j)*t(i, j)
            end do
         end do
      case (10)
         do j = n, 1, -1
            product = 0
            do i = j + 1, n
               product = product + t(i, j)*b(i)
            end do
            b(j) = (b(j) - product)/t(j, j)
         end do
      case (11)
         do j = 1, n
            product = 0
            do i = 1, j - 1
               product = product + t(i, j)*b(i)
            end do
            b(j) = (b(j) - product)/t(j, j)
         end do
      end select
      end subroutine dtrsl
