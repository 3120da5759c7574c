      module run_limits_mod
      use state_layout, only : k_limit, k_nit, r_maxfun, r_maxiter,
     &  r_nfev
      implicit none

      contains

      subroutine note_limit(reals, integers)
c
c     Note the limit that a run has reached, 0 where none is: maxiter
c     iterations, or more than maxfun evaluations.
c
      double precision, intent(in) :: reals(*)    ! see state_layout.f
      integer, intent(inout) :: integers(*)

      integers(k_limit) = 0
      if (reals(r_nfev) > reals(r_maxfun)) integers(k_limit) = 2
      if (integers(k_nit) >= reals(r_maxiter)) integers(k_limit) = 1
      end subroutine note_limit


      subroutine end_at_limit(reals, integers, task)
c
c     Between two iterations a limit that is reached ends the run.
c
      double precision, intent(in) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=60), intent(inout) :: task

      call note_limit(reals, integers)
      select case (integers(k_limit))
      case (1)
         task = 'STOP: TOTAL NO. of ITERATIONS REACHED LIMIT'
      case (2)
         task = 'STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT'
      end select
      end subroutine end_at_limit

      end module run_limits_mod
