      module search_start_mod
      use block_sizes, only : chunk
      implicit none

      contains

      subroutine search_start(n, x, g, d, x_old, g_old, dtd, slope)
c
c     The direction of the line search and what goes with it, in one
c     sweep: d = minimum - x, d'd, g'd; x and g are kept in x_old and
c     g_old, and x moves to the minimum, the first trial of nearly every
c     search.
c
c     On entry  g_old holds the minimum of the subspace.
c     The sums go on from dtd and slope, so that the caller can take the
c     vectors in pieces.
c
      integer, intent(in) :: n
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(out) :: d(n), x_old(n)
      double precision, intent(inout) :: g_old(n)
      double precision, intent(inout) :: dtd, slope

      integer :: i
      double precision :: minimum

      do i = 1, n
         minimum = g_old(i)
         d(i) = minimum - x(i)
         dtd = dtd + d(i)*d(i)
         slope = slope + g(i)*d(i)
         x_old(i) = x(i)
         x(i) = minimum
         g_old(i) = g(i)
      end do
      end subroutine search_start


      subroutine search_sums(n, g, d, dtd, slope)
c
c     The sums of search_start alone.
c
      integer, intent(in) :: n
      double precision, intent(in) :: g(n), d(n)
      double precision, intent(inout) :: dtd, slope

      integer :: i

      do i = 1, n
         dtd = dtd + d(i)*d(i)
         slope = slope + g(i)*d(i)
      end do
      end subroutine search_sums


      subroutine limit_step(n, x, l, u, nbd, d, largest)
c
c     Shorten the step largest so that x + largest d stays in the box,
c     one variable after the other; chunks that don't shorten it are
c     passed over.  Where largest is 0 no smaller one is looked for.
c
      integer, intent(in) :: n, nbd(n)
      double precision, intent(in) :: x(n), l(n), u(n), d(n)
      double precision, intent(inout) :: largest

      integer :: i, k, first, rows, flagged_type
      double precision :: lower(chunk), upper(chunk), limits, room

      if (largest <= 0) return
      flagged_type = -1
      do first = 1, n, chunk
         rows = min(chunk, n - first + 1)
         call bound_flags(rows, nbd(first), flagged_type, lower, upper)
         call find_limits(rows, x(first), l(first), u(first), lower,
     &                    upper, d(first), largest, limits)
         if (limits <= 0) cycle
         do k = 1, rows
            i = first + k - 1
            if (d(i) < 0 .and. lower(k) > 0) then
               room = x(i) - l(i)
            else if (d(i) > 0 .and. upper(k) > 0) then
               room = u(i) - x(i)
            else
               cycle
            end if
            if (room <= 0) then
               largest = 0
            else if (abs(d(i))*largest > room) then
               largest = room/abs(d(i))
            end if
         end do
      end do
      end subroutine limit_step

      end module search_start_mod
