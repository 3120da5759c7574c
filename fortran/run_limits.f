      module run_limits_mod
      use state_layout
      implicit none

      contains

      subroutine note_limit(reals, integers, task)
c
c     Note the limit that a run has reached, 0 where none is:
c
c        by_iterations   maxiter of them
c        by_evaluations  more than maxfun of them
c        by_time         more than maxtime seconds
c        by_value        f <= ftarget at the iterate
c        by_step         no component of the iterate has changed by more
c                        than xtol max(1, |x|)
c
c     Of several it is the first of value, step, iterations,
c     evaluations, time.
c
      double precision, intent(in) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=60), intent(in) :: task

      integers(k_limit) = 0
      if (reals(r_time) > reals(r_maxtime)) integers(k_limit) = by_time
      if (reals(r_nfev) > reals(r_maxfun))
     &   integers(k_limit) = by_evaluations
      if (integers(k_nit) >= reals(r_maxiter))
     &   integers(k_limit) = by_iterations
      if (task(1:5) == 'NEW_X') then
         if (reals(r_xtol) > 0) then
            if (moved_little(integers(k_n), reals(r_x),
     &                       reals(place_of_x_old(integers)),
     &                       reals(r_xtol))) integers(k_limit) = by_step
         end if
         if (reached(reals(r_f), reals(r_ftarget)))
     &      integers(k_limit) = by_value
      end if
      end subroutine note_limit


      function reached(f, ftarget)
c
c     Whether f is a finite number that is low enough.
c
      double precision, intent(in) :: f, ftarget
      logical :: reached

      reached = f <= ftarget .and. abs(f) <= huge(f)
      end function reached


      function place_of_x_old(integers)
c
c     Where setulb.f keeps the iterate before.
c
      integer, intent(in) :: integers(*)
      integer, parameter :: long = selected_int_kind(18)
      integer(long) :: place_of_x_old

      integer(long) :: n, m

      n = integers(k_n)
      m = integers(k_m)
      place_of_x_old = r_x + 4*n + 2*m*n + 11*m*m + 3*n
      end function place_of_x_old


      function moved_little(n, x, x_old, xtol)
c
c     Whether no component has changed by more than xtol max(1, |x|).
c
      integer, intent(in) :: n
      double precision, intent(in) :: x(n), x_old(n), xtol
      logical :: moved_little

      integer :: i

      moved_little = .true.
      do i = 1, n
         if (abs(x(i) - x_old(i)) > xtol*max(1d0, abs(x(i)))) then
            moved_little = .false.
            return
         end if
      end do
      end function moved_little


      subroutine end_at_limit(reals, integers, task)
c
c     Between two iterations a limit that is reached ends the run.
c
      double precision, intent(in) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=60), intent(inout) :: task

      call note_limit(reals, integers, task)
      call name_limit(integers(k_limit), task)
      end subroutine end_at_limit


      subroutine name_limit(limit, task)
c
c     The task of a run that has ended at a limit.
c
      integer, intent(in) :: limit
      character(len=60), intent(inout) :: task

      select case (limit)
      case (by_iterations)
         task = 'STOP: TOTAL NO. of ITERATIONS REACHED LIMIT'
      case (by_evaluations)
         task = 'STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT'
      case (by_time)
         task = 'STOP: TIME EXCEEDS LIMIT'
      case (by_value)
         task = 'STOP: F REACHED TARGET'
      case (by_step)
         task = 'STOP: CHANGE OF X BELOW TOLERANCE'
      end select
      end subroutine name_limit


      subroutine end_in_search(reals, integers, task)
c
c     In mid-search time alone ends a run; at the start, if that is the
c     target already, the value does.  x stays the trial that comes next,
c     for the case that the run is to go on.
c
      double precision, intent(in) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=60), intent(inout) :: task

      if (integers(k_njev) == 0) return
      if (integers(k_njev) == 1 .and.
     &    reached(reals(r_dsave + d_f_old - 1), reals(r_ftarget))) then
         integers(k_limit) = by_value
      else if (reals(r_time) > reals(r_maxtime)) then
         integers(k_limit) = by_time
      else
         return
      end if
      integers(k_in_search) = 1
      call name_limit(integers(k_limit), task)
      end subroutine end_in_search

      end module run_limits_mod
