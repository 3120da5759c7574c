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
      logical :: has_lower, has_upper, lower, upper, moves, stops
      double precision :: a

c     Which way a variable goes is as good as random, so the loop chooses
c     among values and has no branch to mispredict.
      do i = first, last
         a = -g(i)
         z(i) = x(i)
         has_lower = nbd(i) == 1 .or. nbd(i) == 2
         has_upper = nbd(i) >= 2

         lower = has_lower .and. x(i) - l(i) <= 0
         upper = has_upper .and. u(i) - x(i) <= 0 .and. .not. lower
         if (status(i) /= 3 .and. status(i) /= -1)
     &      status(i) = merge(1, 0, lower .and. a <= 0)
     &                  + merge(2, 0, upper .and. a >= 0)
     &                  + merge(-3, 0, .not. (lower .or. upper)
     &                                 .and. abs(a) <= 0)

         moves = status(i) == 0 .or. status(i) == -1
         d(i) = merge(a, 0d0, moves)
         f1 = f1 - d(i)*d(i)

         lower = moves .and. a < 0 .and. has_lower
         upper = moves .and. a > 0 .and. has_upper
         stops = lower .or. upper
         t(breaks + 1) = merge(x(i) - l(i), u(i) - x(i), lower)
     &                   /merge(abs(a), 1d0, stops)
         order(breaks + 1) = i
         breaks = breaks + merge(1, 0, stops)
         free = free .or. (moves .and. .not. stops)
         open = open .or. (moves .and. .not. stops .and. abs(a) > 0)
      end do
      end subroutine steepest_path
