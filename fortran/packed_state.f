      subroutine advance(reals, integers, text, threads)
c
c     advance_by_stages, all the way.
c
      use state_layout, only : all_the_way
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      integer, intent(in) :: threads

      integer :: stage

      stage = all_the_way
      call advance_by_stages(reals, integers, text, threads, stage)
      end subroutine advance


      subroutine advance_by_stages(reals, integers, text, threads,
     &                             stage)
c
c     Take a run, whose state is packed into three arrays, to its next
c     wanted evaluation, or to the end of its iteration or of the run.
c
c     reals     see state_layout.f: single numbers, dsave(29), x(n),
c               l(n), u(n), g(n), wa
c     integers  single numbers, isave(44), lsave(4) as 0 and 1, nbd(n),
c               iwa(3*n)
c     text      task(60), csave(60)
c     threads   how many may share a large problem's iteration
c     stage     how far it goes, see iteration.f
c
c     Evaluations and iterations are counted here, and their limits
c     looked at where an iteration has ended: all that a call changes, it
c     changes between the same two moments, so that an interruption
c     finds the state before the call or the state after it.
c
c     A line search that has come down to rounding asks again for the
c     point evaluated last: f and g are there already.
c
c     An f that turns out not to be a function of x ends the run, at the
c     lower of the two values (noise.f).
c
      use noise_mod, only : look_for_noise
      use run_limits_mod, only : end_at_limit, end_in_search, note_limit
      use state_layout
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      integer, intent(in) :: threads
      integer, intent(inout) :: stage

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

      if (stage > to_direction) then
         continue
      else if (text(1:5) == 'NEW_X') then
         call end_at_limit(reals, integers, text(1:60))
         if (text(1:4) == 'STOP') return
      else if (text(1:2) == 'FG' .and. integers(k_answered) /= 0) then
         integers(k_njev) = integers(k_njev) + 1
         reals(r_nfev) = reals(r_nfev) + reals(r_cost)
      end if
      integers(k_answered) = 0

      lsave = integers(k_lsave:k_lsave + 3) /= 0
      do
         call kernel
         if (text(1:1) /= 'F' .or. integers(repeats) == 0) exit
c        A trial that is not finite (line_search.f) is answered here.
c        The slope towards it is not finite either: less itself it makes
c        a NaN.
         if (integers(repeats) == 2)
     &      reals(r_f) = reals(slope) - reals(slope)
      end do
      if (stage == direction_wanted) then
         integers(k_lsave:k_lsave + 3) = merge(1, 0, lsave)
         return
      end if
      if (text(1:5) == 'NEW_X') call end_at_noise
      integers(k_lsave:k_lsave + 3) = merge(1, 0, lsave)

      if (text(1:5) == 'NEW_X') then
         integers(k_nit) = integers(k_nit) + 1
         reals(r_last_step) = reals(step)
      end if
      call note_limit(reals, integers, text(1:60))
      if (text(1:2) == 'FG') call end_in_search(reals, integers,
     &                                          text(1:60))

      contains

      subroutine kernel
      call setulb_in_threads(
     &   n, integers(k_m), reals(x), reals(l), reals(u), integers(nbd),
     &   reals(r_f), reals(g), reals(r_factr), reals(r_pgtol),
     &   reals(wa), integers(iwa), text(1:60), quiet, text(61:120),
     &   lsave, integers(k_isave), reals(r_dsave), integers(k_maxls),
     &   threads, stage)
      end subroutine kernel


      subroutine end_at_noise
c
c     dsave(d_f_old) is left with the value that f has not.
c
      double precision :: f
      logical :: lower_before, is_noise

      f = reals(r_f)
      call look_for_noise(n, f, reals(r_dsave), lower_before, is_noise)
      if (lower_before) then
         text(1:60) = 'STOP: CPU'
         call kernel
         text(1:60) = 'CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH'
      end if
      if (is_noise) then
         if (lower_before) reals(r_dsave + d_f_old - 1) = f
         text(1:60) = 'ABNORMAL: F IS NOT A FUNCTION OF X'
      end if
      end subroutine end_at_noise

      end subroutine advance_by_stages


      subroutine advance_to_point(reals, integers, text, threads)
c
c     advance, past the end of an iteration: to the next wanted
c     evaluation or the end of the run.  For a caller that doesn't look
c     at iterates.
c
      use state_layout, only : all_the_way
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      integer, intent(in) :: threads

      integer :: stage

      stage = all_the_way
      call advance_to_point_by_stages(reals, integers, text, threads,
     &                                stage)
      end subroutine advance_to_point


      subroutine advance_to_point_by_stages(reals, integers, text,
     &                                      threads, stage)
c
c     The same from one stage (iteration.f) to the point, or, with
c     to_direction, to the first direction that is wanted.
c
      use state_layout, only : all_the_way, direction_wanted,
     &  to_direction
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      integer, intent(in) :: threads
      integer, intent(inout) :: stage

      integer :: next

      next = all_the_way
      if (stage == to_direction) next = to_direction
      do
         call advance_by_stages(reals, integers, text, threads, stage)
         if (stage == direction_wanted) return
         if (text(1:5) /= 'NEW_X') return
         stage = next
      end do
      end subroutine advance_to_point_by_stages


      subroutine answer(reals, integers, f, g, cost)
c
c     Give a run the f and g that it wants.
c
      use state_layout, only : k_answered, k_n, r_cost, r_f, r_x
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      double precision, intent(in) :: f, g(*)
      double precision, intent(in) :: cost   ! in evaluations

      integer, parameter :: long = selected_int_kind(18)
      integer :: n
      integer(long) :: from

      n = integers(k_n)
      from = r_x + 3_long*n
      reals(from:from + n - 1) = g(1:n)
      reals(r_f) = f
      reals(r_cost) = cost
      integers(k_answered) = 1
      end subroutine answer


      subroutine tell(reals, integers, text, to_point, threads, f, g,
     &                length, cost, ended)
c
c     Answer a wanted evaluation and advance, to_point or not.
c
c     ended     1 where the iteration has ended here, 0 where it has
c               not; -1 where nothing was done: no evaluation is wanted,
c               or g is of another length
c
      use state_layout, only : k_n
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      integer, intent(in) :: to_point, threads
      integer, intent(in) :: length
      double precision, intent(in) :: f, g(length)
      double precision, intent(in) :: cost   ! in evaluations
      integer, intent(out) :: ended

      ended = -1
      if (length /= integers(k_n) .or. text(1:2) /= 'FG') return
      call answer(reals, integers, f, g, cost)
      if (to_point > 0) then
         call advance_to_point(reals, integers, text, threads)
      else
         call advance(reals, integers, text, threads)
      end if
      ended = merge(1, 0, text(1:5) == 'NEW_X')
      end subroutine tell


      subroutine halt(reals, integers, text, message)
c
c     End a run whose caller wants it to, in one step: with x, f and g of
c     the last iterate where it was at a trial, and with its own limit
c     where it has just reached one.
c
      use run_limits_mod, only : end_at_limit
      use state_layout
      implicit none

      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      character(len=60), intent(in) :: message  ! begins with STOP

      if (text(1:5) == 'NEW_X') then
         call end_at_limit(reals, integers, text(1:60))
         if (text(1:4) == 'STOP') return
      else if (text(1:2) == 'FG' .and. integers(k_njev) > 0) then
         text(1:60) = 'STOP: CPU'
         call advance(reals, integers, text, 1)
      else if (text(1:2) /= 'FG') then
         return
      end if
      text(1:60) = message
      end subroutine halt
