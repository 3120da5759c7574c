      module feasible_start_mod
      implicit none

      contains

      subroutine feasible_start(n, l, u, nbd, x, status, projected,
     &                          bounded, boxed)
c
c     Project x into the bounds and classify the variables by them.
c
      integer, intent(in) :: n
      double precision, intent(in) :: l(n), u(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: x(n)
      integer, intent(out) :: status(n)  ! -1 no bounds, 3 fixed, or 0
      logical, intent(out) :: projected     ! x was outside
      logical, intent(out) :: bounded       ! some variable has a bound
      logical, intent(out) :: boxed         ! every variable has both

      integer :: i

      projected = .false.
      bounded = .false.
      boxed = .true.

      do i = 1, n
c        A value equal to its bound stays, -0 against 0 too.
         if (nbd(i) == 1 .or. nbd(i) == 2) then
            if (x(i) < l(i)) then
               x(i) = l(i)
               projected = .true.
            end if
         end if
         if (nbd(i) >= 2) then
            if (x(i) > u(i)) then
               x(i) = u(i)
               projected = .true.
            end if
         end if

         if (nbd(i) /= 2) boxed = .false.
         status(i) = 0
         if (nbd(i) == 0) then
            status(i) = -1
         else
            bounded = .true.
            if (nbd(i) == 2) then
               if (u(i) - l(i) <= 0) status(i) = 3
            end if
         end if
      end do
      end subroutine feasible_start

      end module feasible_start_mod
