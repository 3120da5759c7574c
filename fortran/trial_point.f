      subroutine trial_point(n, l, u, nbd, t, d, stp, x)
c
c     x = t + stp d, put on a bound where it is at or past it.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: l(n), u(n), t(n), d(n), stp
      integer, intent(in) :: nbd(n)
      double precision, intent(out) :: x(n)

      integer :: i

      do i = 1, n
         x(i) = stp*d(i) + t(i)
         if (nbd(i) == 1 .or. nbd(i) == 2) then
            if (x(i) <= l(i)) x(i) = l(i)
         end if
         if (nbd(i) >= 2) then
            if (x(i) >= u(i)) x(i) = u(i)
         end if
      end do
      end subroutine trial_point
