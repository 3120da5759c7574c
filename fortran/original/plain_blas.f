c     The four BLAS-1 routines that the original calls, as plain loops,
c     for where its own blas.f is missing: every sum takes its terms one
c     at a time, in rising order.  The original's steps are 1.

      double precision function ddot(n, x, step_x, y, step_y)
      implicit none

      integer, intent(in) :: n, step_x, step_y
      double precision, intent(in) :: x(*), y(*)

      integer :: i, j, k

      ddot = 0
      i = 1
      j = 1
      do k = 1, n
         ddot = ddot + x(i)*y(j)
         i = i + step_x
         j = j + step_y
      end do
      end function ddot


      subroutine daxpy(n, a, x, step_x, y, step_y)
c
c     y <- y + a x
c
      implicit none

      integer, intent(in) :: n, step_x, step_y
      double precision, intent(in) :: a, x(*)
      double precision, intent(inout) :: y(*)

      integer :: i, j, k

      if (a == 0) return
      i = 1
      j = 1
      do k = 1, n
         y(j) = y(j) + a*x(i)
         i = i + step_x
         j = j + step_y
      end do
      end subroutine daxpy


      subroutine dcopy(n, x, step_x, y, step_y)
c
c     y <- x
c
      implicit none

      integer, intent(in) :: n, step_x, step_y
      double precision, intent(in) :: x(*)
      double precision, intent(inout) :: y(*)

      integer :: i, j, k

      i = 1
      j = 1
      do k = 1, n
         y(j) = x(i)
         i = i + step_x
         j = j + step_y
      end do
      end subroutine dcopy


      subroutine dscal(n, a, x, step_x)
c
c     x <- a x
c
      implicit none

      integer, intent(in) :: n, step_x
      double precision, intent(in) :: a
      double precision, intent(inout) :: x(*)

      integer :: i, k

      i = 1
      do k = 1, n
         x(i) = a*x(i)
         i = i + step_x
      end do
      end subroutine dscal
