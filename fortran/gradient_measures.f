      module gradient_measures_mod
      use block_sizes, only : chunk
      implicit none

      contains

      subroutine gradient_measures(n, bounded, x, l, u, nbd, g, d,
     &                             slope, norm)
c
c     slope = g'd and the norm of the projected gradient,
c        norm = max |P(x_i - g_i) - x_i|     ([BLNZ] (6.1)),
c     in one sweep, because the sum alone runs at the latency of an
c     addition and leaves the rest of the processor idle.
c
      integer, intent(in) :: n
      logical, intent(in) :: bounded
      double precision, intent(in) :: x(n), l(n), u(n), g(n), d(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(out) :: slope, norm

      integer :: i, first, rows, flagged_type
      double precision :: lower(chunk), upper(chunk)

      slope = 0
      norm = 0
      flagged_type = -1
      do first = 1, n, chunk
         rows = min(chunk, n - first + 1)
         if (bounded) then
            call bound_flags(rows, nbd(first), flagged_type, lower,
     &                       upper)
            call projected_norm(rows, x(first), l(first), u(first),
     &                          lower, upper, g(first), norm)
         else
            do i = first, first + rows - 1
               norm = max(norm, abs(g(i)))
            end do
         end if
         do i = first, first + rows - 1
            slope = slope + g(i)*d(i)
         end do
      end do
      end subroutine gradient_measures

      end module gradient_measures_mod
