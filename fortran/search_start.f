      subroutine search_start(n, l, u, nbd, x, g, d, t, old, dtd, slope,
     &                        largest)
c
c     The direction of the line search and all that goes with it, in one
c     sweep: d = z - x, d'd, g'd; x and g are kept in t and old, and x
c     moves to z, the first trial of nearly every search; the largest step
c     along d that stays in the box.
c
c     On entry  old holds z, the minimum of the subspace.
c     The sums go on from dtd and slope, and the step from largest (no
c     smaller one is looked for where that is 0), so that the caller can
c     take the vectors in blocks.
c
      implicit none

      integer, intent(in) :: n, nbd(n)
      double precision, intent(in) :: l(n), u(n)
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(out) :: d(n), t(n)
      double precision, intent(inout) :: old(n)
      double precision, intent(inout) :: dtd, slope, largest

      integer :: i
      logical :: limited
      double precision :: z, room

      do i = 1, n
         z = old(i)
         d(i) = z - x(i)
         dtd = dtd + d(i)*d(i)
         slope = slope + g(i)*d(i)
         t(i) = x(i)
         x(i) = z
         old(i) = g(i)
      end do

c     One branch, which is seldom taken.
      if (largest <= 0) return
      do i = 1, n
         limited = merge(nbd(i) == 1 .or. nbd(i) == 2, nbd(i) >= 2,
     &                   d(i) < 0) .and. abs(d(i)) > 0
         room = merge(t(i) - l(i), u(i) - t(i), d(i) < 0)
         if (limited .and.
     &       (room <= 0 .or. abs(d(i))*largest > room))
     &      largest = max(room, 0d0)/abs(d(i))
      end do
      end subroutine search_start
