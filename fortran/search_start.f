      subroutine search_start(n, x, g, d, t, old, dtd, slope)
c
c     The direction of the line search and all that goes with it, in one
c     sweep: d = z - x, d'd, g'd; x and g are kept in t and old, and x
c     moves to z, the first trial of nearly every search.
c
c     On entry  old holds z, the minimum of the subspace.
c     The sums go on from dtd and slope, so that the caller can take the
c     vectors in blocks.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(out) :: d(n), t(n)
      double precision, intent(inout) :: old(n)
      double precision, intent(inout) :: dtd, slope

      integer :: i
      double precision :: z

      do i = 1, n
         z = old(i)
         d(i) = z - x(i)
         dtd = dtd + d(i)*d(i)
         slope = slope + g(i)*d(i)
         t(i) = x(i)
         x(i) = z
         old(i) = g(i)
      end do
      end subroutine search_start


      subroutine largest_step(n, x, l, u, nbd, d, largest)
c
c     The largest step along d from x that stays in the box, at most what
c     largest holds on entry.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(in) :: x(n), l(n), u(n), d(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: largest

      integer :: i
      double precision :: gap

      do i = 1, n
         if (d(i) < 0) then
            if (nbd(i) == 1 .or. nbd(i) == 2) then
               gap = l(i) - x(i)
               if (gap >= 0) then
                  largest = 0
               else if (d(i)*largest < gap) then
                  largest = gap/d(i)
               end if
            end if
         else if (d(i) > 0) then
            if (nbd(i) >= 2) then
               gap = u(i) - x(i)
               if (gap <= 0) then
                  largest = 0
               else if (d(i)*largest > gap) then
                  largest = gap/d(i)
               end if
            end if
         end if
      end do
      end subroutine largest_step
