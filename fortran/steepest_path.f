      module steepest_path_mod
      use block_sizes, only : chunk
      implicit none

      contains

      subroutine steepest_path(n, x, l, u, nbd, g, status, d, z, first,
     &                         t, order, breaks, free, open, f1, y,
     &                         rr)
c
c     The projected gradient path P(x - t g) ([BLNZ] section 4) of some
c     variables: whether each can move, its direction d = -g, and the
c     breakpoint t at which it meets its bound.
c
c     f1 goes on from the variables before; and so does rr = y'y of the
c     newest pair, which costs nothing here, where the sum f1 leaves the
c     processor idle.
c
      integer, intent(in) :: n
      double precision, intent(in) :: x(n), l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      integer, intent(inout) :: status(n)  ! see free_variables.f
      double precision, intent(out) :: d(n), z(n)
      integer, intent(in) :: first         ! number of the first one
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)   ! variable of each breakpoint
      integer, intent(out) :: breaks       ! how many there are
      logical, intent(out) :: free         ! some variable has none
      logical, intent(out) :: open         ! ... and moves
      double precision, intent(inout) :: f1  ! slope of the path, -d'd
      double precision, intent(in) :: y(n)
      double precision, intent(inout) :: rr

      integer :: i, k, rows, from, flagged_type, meets(chunk)
      double precision :: lower(chunk), upper(chunk), kind(chunk),
     &  stop_at(chunk), stops(chunk), without, moving

      flagged_type = -1
      breaks = 0
      without = 0
      moving = 0
      do from = 1, n, chunk
         rows = min(chunk, n - from + 1)
         call bound_flags(rows, nbd(from), flagged_type, lower, upper)
         kind(1:rows) = status(from:from + rows - 1)
         call path_directions(rows, x(from), l(from), u(from), lower,
     &                        upper, g(from), kind, d(from), stop_at,
     &                        stops)
         call find_free(rows, kind, stops, meets, without, moving)
         status(from:from + rows - 1) = int(kind(1:rows))
         z(from:from + rows - 1) = x(from:from + rows - 1)

c        An entry that is no breakpoint is written over by the next.
         do k = 1, rows
            i = from + k - 1
            f1 = f1 - d(i)*d(i)
            rr = rr + y(i)*y(i)
            t(breaks + 1) = stop_at(k)
            order(breaks + 1) = first + i - 1
            breaks = breaks + meets(k)
         end do
      end do
      open = moving > 0
      free = open .or. without > 0
      end subroutine steepest_path

      end module steepest_path_mod
