      subroutine gradient_measures(n, bounded, x, l, u, nbd, g, d,
     &                             slope, norm)
c
c     slope = g'd and the norm of the projected gradient,
c        norm = max |P(x_i - g_i) - x_i|     ([BLNZ] (6.1)),
c     in one sweep, because the sum alone runs at the latency of an
c     addition and leaves the rest of the processor idle.
c
      implicit none

      integer, intent(in) :: n
      logical, intent(in) :: bounded
      double precision, intent(in) :: x(n), l(n), u(n), g(n), d(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(out) :: slope, norm

      integer :: i
      double precision :: p

      slope = 0
      norm = 0
      if (.not. bounded) then
         do i = 1, n
            slope = slope + g(i)*d(i)
            norm = max(norm, abs(g(i)))
         end do
      else
         do i = 1, n
            slope = slope + g(i)*d(i)
            p = g(i)
            if (nbd(i) >= 2) p = merge(max(x(i) - u(i), p), p, p < 0)
            if (nbd(i) == 1 .or. nbd(i) == 2)
     &         p = merge(p, min(x(i) - l(i), p), g(i) < 0)
            norm = max(norm, abs(p))
         end do
      end if
      end subroutine gradient_measures
