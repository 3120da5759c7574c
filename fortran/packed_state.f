      subroutine advance(reals, integers, text)
c
c     One call of setulb on a state that is packed into three arrays.
c
c     reals     f, factr, pgtol, dsave(29), x(n), l(n), u(n), g(n), wa
c     integers  n, m, maxls, isave(44), lsave(4), nbd(n), iwa(3*n)
c     text      task(60), csave(60)
c
c     lsave is kept as 0 and 1.  python/lbfgsb77/_workspace.py makes
c     named views of the same layout.
c
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text

      integer, parameter :: quiet = -1
      integer, parameter :: repeats = 24, slope = 14  ! of slots.inc
      integer, parameter :: long = selected_int_kind(18)
      integer(long) :: x, l, u, g, wa, nbd, iwa
      integer :: n
      logical :: lsave(4)

      n = integers(1)
      x = 33
      l = x + n
      u = l + n
      g = u + n
      wa = g + n
      nbd = 52
      iwa = nbd + n

      lsave = integers(48:51) /= 0
      call setulb(n, integers(2), reals(x), reals(l), reals(u),
     &            integers(nbd), reals(1), reals(g), reals(2), reals(3),
     &            reals(wa), integers(iwa), text(1:60), quiet,
     &            text(61:120), lsave, integers(4), reals(4),
     &            integers(3))
      integers(48:51) = merge(1, 0, lsave)

c     A trial that is not finite (line_search.f) is answered here.  The
c     slope towards it is not finite either: less itself it makes a NaN.
      if (integers(repeats) == 2) then
         reals(1) = reals(slope) - reals(slope)
         integers(repeats) = 1
      end if
      end subroutine advance
