      module more_thuente_mod
      use safeguarded_step_mod, only : safeguarded_step
      implicit none

      contains

      subroutine more_thuente(f, slope, stp, largest, csave, bracketed,
     &                        stage, state)
c
c     A step that satisfies the sufficient decrease and the curvature
c     condition ([MT] (1.1), (1.2)),
c
c        f(stp) <= f(0) + ftol stp f'(0),   |f'(stp)| <= gtol |f'(0)|,
c
c     by reverse communication.
c
c     On entry  f, slope are those at stp; csave is START with those at
c               0 and a first trial in stp.
c     On exit   csave is FG and stp the next trial, or csave begins with
c               CONVERGENCE or WARNING and stp is the step to take.
c
      double precision, intent(in) :: f, slope, largest
      double precision, intent(inout) :: stp
      character(len=60), intent(inout) :: csave
      logical, intent(inout) :: bracketed
      integer, intent(inout) :: stage
      double precision, intent(inout) :: state(13)

      double precision, parameter :: ftol = 1d-3, gtol = 0.9d0,
     &  xtol = 0.1d0, smallest = 0

      integer, parameter :: slope0 = 1, slope_test = 2, slope_x = 3,
     &  slope_y = 4, f0 = 5, f_x = 6, f_y = 7, st_x = 8, st_y = 9,
     &  st_min = 10, st_max = 11, width = 12, width1 = 13

      double precision :: f_test, shift

      if (csave(1:5) == 'START') then
c        Rounding can put the first trial just past the largest step.
c        The original calls that an error and goes on regardless, with
c        whatever the search before this one left in its state.
         if (stp < smallest) then
            csave = 'ERROR: STP .LT. STPMIN'
            return
         else if (stp > largest) then
            csave = 'ERROR: STP .GT. STPMAX'
            return
         end if
         bracketed = .false.
         stage = 1
         state(f0) = f
         state(slope0) = slope
         state(slope_test) = ftol*slope
         state(width) = largest - smallest
         state(width1) = state(width)/0.5d0
         state(st_x) = 0
         state(f_x) = f
         state(slope_x) = slope
         state(st_y) = 0
         state(f_y) = f
         state(slope_y) = slope
         state(st_min) = 0
         state(st_max) = stp + 4*stp
         csave = 'FG'
         return
      end if

      f_test = state(f0) + stp*state(slope_test)
      if (stage == 1 .and. f <= f_test .and. slope >= 0) stage = 2

c     Is this step the last?  A later reason overwrites an earlier one.
      csave = 'FG'
      if (bracketed .and.
     &    (stp <= state(st_min) .or. stp >= state(st_max)))
     &   csave = 'WARNING: ROUNDING ERRORS PREVENT PROGRESS'
      if (bracketed) then
         if (state(st_max) - state(st_min) <= xtol*state(st_max))
     &      csave = 'WARNING: XTOL TEST SATISFIED'
      end if
      if (stp == largest .and. f <= f_test .and.
     &    slope <= state(slope_test)) csave = 'WARNING: STP = STPMAX'
      if (stp == smallest .and.
     &    (f > f_test .or. slope >= state(slope_test)))
     &   csave = 'WARNING: STP = STPMIN'
      if (f <= f_test .and. abs(slope) <= gtol*(-state(slope0)))
     &   csave = 'CONVERGENCE'
      if (csave(1:2) /= 'FG') return

c     Until a lower point with a rising slope is seen, the step is
c     chosen for the function f(st) - ftol st f'(0)  ([MT] section 3).
      if (stage == 1 .and. f <= state(f_x) .and. f > f_test) then
         shift = state(slope_test)
         state(f_x) = state(f_x) - state(st_x)*shift
         state(f_y) = state(f_y) - state(st_y)*shift
         state(slope_x) = state(slope_x) - shift
         state(slope_y) = state(slope_y) - shift
         call safeguarded_step(state(st_x), state(f_x), state(slope_x),
     &      state(st_y), state(f_y), state(slope_y), stp,
     &      f - stp*shift, slope - shift, bracketed, state(st_min),
     &      state(st_max))
         state(f_x) = state(f_x) + state(st_x)*shift
         state(f_y) = state(f_y) + state(st_y)*shift
         state(slope_x) = state(slope_x) + shift
         state(slope_y) = state(slope_y) + shift
      else
         call safeguarded_step(state(st_x), state(f_x), state(slope_x),
     &      state(st_y), state(f_y), state(slope_y), stp, f, slope,
     &      bracketed, state(st_min), state(st_max))
      end if

c     Bisect where the interval has not shrunk enough in two steps.
      if (bracketed) then
         if (abs(state(st_y) - state(st_x)) >= 0.66d0*state(width1))
     &      stp = state(st_x) + 0.5d0*(state(st_y) - state(st_x))
         state(width1) = state(width)
         state(width) = abs(state(st_y) - state(st_x))
         state(st_min) = min(state(st_x), state(st_y))
         state(st_max) = max(state(st_x), state(st_y))
      else
         state(st_min) = stp + 1.1d0*(stp - state(st_x))
         state(st_max) = stp + 4*(stp - state(st_x))
      end if

c     Not min and max: what they make of a NaN depends on the compiler.
      if (.not. stp >= smallest) stp = smallest
      if (.not. stp <= largest) stp = largest

c     No further progress is possible: back to the best step so far.
      if (bracketed) then
         if (stp <= state(st_min) .or. stp >= state(st_max) .or.
     &       state(st_max) - state(st_min) <= xtol*state(st_max))
     &      stp = state(st_x)
      end if
      end subroutine more_thuente

      end module more_thuente_mod
