      module search_start_mod
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

      end module search_start_mod
