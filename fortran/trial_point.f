      module trial_point_mod
      implicit none

      contains

      subroutine trial_point(n, l, u, nbd, x_old, d, stp, x, repeats)
c
c     x = x_old + stp d, put on a bound where it is at or past it.
c
      integer, intent(in) :: n
      double precision, intent(in) :: l(n), u(n), x_old(n), d(n), stp
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: x(n)
      logical, intent(out) :: repeats      ! x is where it was

      integer :: i
      double precision :: before

      repeats = .true.
      do i = 1, n
         before = x(i)
         x(i) = stp*d(i) + x_old(i)
         if (nbd(i) == 1 .or. nbd(i) == 2) then
            if (x(i) <= l(i)) x(i) = l(i)
         end if
         if (nbd(i) >= 2) then
            if (x(i) >= u(i)) x(i) = u(i)
         end if
         repeats = repeats .and. x(i) == before
      end do
      end subroutine trial_point

      end module trial_point_mod
