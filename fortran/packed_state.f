      subroutine advance(reals, integers, text)
c
c     Take a run, whose state is packed into three arrays, to its next
c     wanted evaluation, or to the end of its iteration or of the run.
c
c     reals     see state_layout.f: single numbers, dsave(29), x(n),
c               l(n), u(n), g(n), wa
c     integers  single numbers, isave(44), lsave(4) as 0 and 1, nbd(n),
c               iwa(3*n)
c     text      task(60), csave(60)
c
c     Evaluations and iterations are counted here, and their limits
c     looked at where an iteration has ended: all that a call changes, it
c     changes between the same two moments, so that an interruption
c     finds the state before the call or the state after it.
c
c     A line search that has come down to rounding asks again for the
c     point evaluated last: f and g are there already.
c
      use state_layout
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text

      integer, parameter :: quiet = -1
      integer, parameter :: repeats = k_isave + i_repeats - 1,
     &  slope = r_dsave + d_slope - 1, step = r_dsave + d_step - 1
      integer, parameter :: long = selected_int_kind(18)
      integer(long) :: x, l, u, g, wa, nbd, iwa
      integer :: n
      logical :: lsave(4)

      n = integers(k_n)
      x = r_x
      l = x + n
      u = l + n
      g = u + n
      wa = g + n
      nbd = k_nbd
      iwa = nbd + n

      if (text(1:5) == 'NEW_X') then
         integers(k_limit) = limit()
         if (integers(k_limit) == 1) text(1:60) =
     &      'STOP: TOTAL NO. of ITERATIONS REACHED LIMIT'
         if (integers(k_limit) == 2) text(1:60) =
     &      'STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT'
         if (integers(k_limit) /= 0) return
      end if
      if (integers(k_answered) /= 0) then
         integers(k_answered) = 0
         integers(k_njev) = integers(k_njev) + 1
         reals(r_nfev) = reals(r_nfev) + reals(r_cost)
      end if

      lsave = integers(k_lsave:k_lsave + 3) /= 0
      do
         call setulb(
     &      n, integers(k_m), reals(x), reals(l), reals(u),
     &      integers(nbd), reals(r_f), reals(g), reals(r_factr),
     &      reals(r_pgtol), reals(wa), integers(iwa), text(1:60), quiet,
     &      text(61:120), lsave, integers(k_isave), reals(r_dsave),
     &      integers(k_maxls))
         if (text(1:1) /= 'F' .or. integers(repeats) == 0) exit
c        A trial that is not finite (line_search.f) is answered here.
c        The slope towards it is not finite either: less itself it makes
c        a NaN.
         if (integers(repeats) == 2)
     &      reals(r_f) = reals(slope) - reals(slope)
      end do
      integers(k_lsave:k_lsave + 3) = merge(1, 0, lsave)

      if (text(1:5) == 'NEW_X') then
         integers(k_nit) = integers(k_nit) + 1
         reals(r_last_step) = reals(step)
      end if
      integers(k_limit) = limit()

      contains

      integer function limit()
c
c     The limit that is reached, 0 where none is.
c
      limit = 0
      if (reals(r_nfev) > reals(r_maxfun)) limit = 2
      if (integers(k_nit) >= reals(r_maxiter)) limit = 1
      end function limit

      end subroutine advance
