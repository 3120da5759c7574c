      module line_search_mod
      use jump_mod, only : forget_jump, note_jump
      use more_thuente_mod, only : more_thuente
      use rounding_mod, only : rounding_of
      use search_outcomes, only : accepted, failed, out_of_steps,
     &  trial
      use state_layout, only : d_best_end, d_dtd, d_f_old,
     &  d_first_slope, d_gradient_norm, d_largest_step, d_norm_d,
     &  d_search, d_slope, d_step, i_all_evaluations, i_bracketed,
     &  i_earlier, i_evaluations, i_given, i_iterations, i_not_finite,
     &  i_not_finite_kind, i_repeats, i_stage, i_told, i_x_is_minimum,
     &  l_bounded, l_boxed
      use trial_point_mod, only : trial_point
      implicit none

      contains

      subroutine start_search(n, maxls, x, l, u, nbd, f, x_old, d,
     &                        minimum, csave, lsave, isave, dsave,
     &                        outcome)
c
c     Begin the search along d from the iterate x_old.  outcome as in
c     next_trial.
c
      integer, intent(in) :: n, maxls
      double precision, intent(inout) :: x(n)   ! at x_old + d
      double precision, intent(in) :: l(n), u(n), f, x_old(n), d(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: minimum(n)
      character(len=60), intent(inout) :: csave
      logical, intent(in) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      integer, intent(out) :: outcome

      dsave(d_norm_d) = sqrt(dsave(d_dtd))
      if (isave(i_iterations) == 0 .and. isave(i_given) == 0 .and.
     &    .not. lsave(l_boxed)) then
         dsave(d_step) = dsave(d_largest_step)
         if (dsave(d_norm_d) > 0) then
            if (1/dsave(d_norm_d) < dsave(d_step))
     &         dsave(d_step) = 1/dsave(d_norm_d)
         end if
      else
         dsave(d_step) = 1
      end if

      dsave(d_f_old) = f
      dsave(d_first_slope) = dsave(d_slope)
      isave(i_evaluations) = 0
      isave(i_earlier) = 0
      isave(i_x_is_minimum) = 1
      isave(i_not_finite_kind) = 0
      call forget_jump(isave)
      csave = 'START'
      if (dsave(d_slope) >= 0) then
         outcome = failed
         return
      end if
      call search_step(f, csave, isave, dsave)
      call next_trial(n, maxls, x, l, u, nbd, x_old, d, minimum, isave,
     &                dsave, outcome)
      end subroutine start_search


      subroutine continue_search(n, maxls, x, l, u, nbd, f, g, x_old, d,
     &                           minimum, x_not_finite, csave, lsave,
     &                           isave, dsave, outcome)
c
c     Go on with f and g at the trial x.
c
c     Where they are not all finite they say nothing about the step but
c     that it is too long: it goes half of its way back to the best end
c     of the interval, and the search's own state stays as it is.
c
      integer, intent(in) :: n, maxls
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: l(n), u(n), f, g(n), x_old(n),
     &  d(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: minimum(n), x_not_finite(n)
      character(len=60), intent(inout) :: csave
      logical, intent(in) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      integer, intent(out) :: outcome

      double precision :: slope, norm, best
      logical :: finite

      call gradient_measures(n, merge(1, 0, lsave(l_bounded)), x, l, u,
     &                       nbd, g, d, slope, norm)

c     A finite slope proves a finite gradient, and costs nothing.
      finite = abs(f) <= huge(f)
      if (finite .and. .not. abs(slope) <= huge(f))
     &   finite = all(abs(g) <= huge(f))
      if (.not. finite) then
         call note_not_finite(n, x, f, g, x_not_finite, isave)
         best = 0
         if (csave(1:5) /= 'ERROR') best = dsave(d_best_end)
         dsave(d_step) = best + 0.5d0*(dsave(d_step) - best)
         call next_trial(n, maxls, x, l, u, nbd, x_old, d, minimum,
     &                   isave, dsave, outcome)
         return
      end if

      dsave(d_slope) = slope
      call note_trial(n, f, slope, isave, dsave)
      if (csave(1:2) == 'FG') call note_jump(n, f, slope, isave, dsave)
      call search_step(f, csave, isave, dsave)
      if (csave(1:4) == 'CONV' .or. csave(1:4) == 'WARN') then
         dsave(d_gradient_norm) = norm
         outcome = accepted
      else
         call next_trial(n, maxls, x, l, u, nbd, x_old, d, minimum,
     &                   isave, dsave, outcome)
      end if
      end subroutine continue_search


      subroutine note_trial(n, f, slope, isave, dsave)
c
c     For failure messages: keep the last trial whose predicted change
c     of f is well above rounding, else the first.
c
      integer, intent(in) :: n
      double precision, intent(in) :: f, slope
      integer, intent(inout) :: isave(44)
      double precision, intent(in) :: dsave(29)

      double precision :: predicted

      predicted = abs(dsave(d_step)*dsave(d_first_slope))
      if (predicted > 1024*rounding_of(n, dsave(d_f_old), f) .or.
     &    isave(i_evaluations) == 1)
     &   isave(i_told:i_told + 5) =
     &      transfer([dsave(d_step), f, slope], isave)
      end subroutine note_trial


      subroutine note_not_finite(n, x, f, g, x_not_finite, isave)
c
c     Keep what was not finite for callers that explain how a run ended:
c     x_not_finite = x, i_not_finite = 0 for f, else the gradient's
c     component, and i_not_finite_kind = 1 for NaN, 2 for +Inf, 3 for
c     -Inf.  The next search starts with i_not_finite_kind = 0.
c
      integer, intent(in) :: n
      double precision, intent(in) :: x(n), f, g(n)
      double precision, intent(out) :: x_not_finite(n)
      integer, intent(inout) :: isave(44)

      integer :: i
      double precision :: culprit

      x_not_finite = x
      culprit = f
      i = 0
      do while (abs(culprit) <= huge(f) .and. i < n)
         i = i + 1
         culprit = g(i)
      end do
      isave(i_not_finite) = i
      isave(i_not_finite_kind) = 1
      if (culprit > huge(f)) isave(i_not_finite_kind) = 2
      if (culprit < -huge(f)) isave(i_not_finite_kind) = 3
      end subroutine note_not_finite


      subroutine search_step(f, csave, isave, dsave)
c
c     more_thuente on the saved state.
c
      double precision, intent(in) :: f
      character(len=60), intent(inout) :: csave
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

      logical :: bracketed

      bracketed = isave(i_bracketed) /= 0
      call more_thuente(f, dsave(d_slope), dsave(d_step),
     &                  dsave(d_largest_step), csave, bracketed,
     &                  isave(i_stage), dsave(d_search))
      isave(i_bracketed) = merge(1, 0, bracketed)
      end subroutine search_step


      subroutine next_trial(n, maxls, x, l, u, nbd, x_old, d, minimum,
     &                      isave, dsave, outcome)
c
c     Count an evaluation and put x where it is wanted.  outcome is
c     trial, or out_of_steps when the search has had maxls of them.
c
c     A trial with step 1 is the minimum of the subspace itself, not
c     x_old + d, which rounds differently.  x starts there; the first
c     time it leaves, minimum keeps that point, in case the search comes
c     back.
c
c     Where rounding leaves x at the point evaluated last, i_repeats is
c     1: a caller that remembers its values need not evaluate again.
c     Where the direction overflowed, so that x is not finite, it is 2:
c     a caller need not evaluate there at all, but can say f = NaN.
c
      integer, intent(in) :: n, maxls
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: l(n), u(n), x_old(n), d(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: minimum(n)
      integer, intent(inout) :: isave(44)
      double precision, intent(in) :: dsave(29)
      integer, intent(out) :: outcome

      logical :: repeats

      isave(i_earlier) = isave(i_evaluations)
      isave(i_evaluations) = isave(i_evaluations) + 1
      isave(i_all_evaluations) = isave(i_all_evaluations) + 1
      if (isave(i_earlier) >= maxls) then
         outcome = out_of_steps
         return
      end if

      outcome = trial
      repeats = .false.
      if (dsave(d_step) /= 1) then
         if (isave(i_x_is_minimum) /= 0) minimum = x
         isave(i_x_is_minimum) = 0
         call trial_point(n, l, u, nbd, x_old, d, dsave(d_step), x,
     &                    repeats)
         if (isave(i_evaluations) == 1) repeats = all(x == x_old)
      else if (isave(i_x_is_minimum) == 0) then
         repeats = all(x == minimum)
         x = minimum
      end if
      isave(i_repeats) = merge(1, 0, repeats)
      if (.not. abs(dsave(d_slope)) <= huge(1d0)) then
         if (.not. all(abs(x) <= huge(1d0))) isave(i_repeats) = 2
      end if
      end subroutine next_trial

      end module line_search_mod
