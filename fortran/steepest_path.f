      subroutine steepest_path(first, last, n, x, l, u, nbd, g, status,
     &                         d, z, breaks, t, order, free, open, f1)
c
c     The projected gradient path P(x - t g) ([BLNZ] section 4) for the
c     variables first to last: whether each can move, its direction
c     d = -g, and the breakpoint t at which it meets its bound.
c
c     breaks, free, open and f1 go on from the variables before.
c
      implicit none

      integer, intent(in) :: first, last, n
      double precision, intent(in) :: x(n), l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      integer, intent(inout) :: status(n)  ! see free_variables.f
      double precision, intent(inout) :: d(n), z(n)
      integer, intent(inout) :: breaks     ! breakpoints so far
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)   ! variable of each breakpoint
      logical, intent(inout) :: free       ! some variable has none
      logical, intent(inout) :: open       ! ... and moves
      double precision, intent(inout) :: f1  ! slope of the path, -d'd

      integer :: i
      logical :: lower, upper
      double precision :: a

      do i = first, last
         a = -g(i)
         z(i) = x(i)
         if (status(i) /= 3 .and. status(i) /= -1) then
            lower = .false.
            upper = .false.
            if (nbd(i) <= 2) lower = x(i) - l(i) <= 0
            if (nbd(i) >= 2) upper = u(i) - x(i) <= 0
            status(i) = 0
            if (lower) then
               if (a <= 0) status(i) = 1
            else if (upper) then
               if (a >= 0) status(i) = 2
            else if (abs(a) <= 0) then
               status(i) = -3
            end if
         end if

         if (status(i) /= 0 .and. status(i) /= -1) then
            d(i) = 0
         else
            d(i) = a
            f1 = f1 - a*a
            if (a < 0 .and. (nbd(i) == 1 .or. nbd(i) == 2)) then
               breaks = breaks + 1
               order(breaks) = i
               t(breaks) = (x(i) - l(i))/(-a)
            else if (a > 0 .and. nbd(i) >= 2) then
               breaks = breaks + 1
               order(breaks) = i
               t(breaks) = (u(i) - x(i))/a
            else
               free = .true.
               if (abs(a) > 0) open = .true.
            end if
         end if
      end do
      end subroutine steepest_path
