      module jump_mod
      use rounding_mod, only : rounding_of
      use state_layout, only : d_best_end, d_best_f, d_best_slope,
     &  d_other_end, d_other_f, d_other_slope, d_step, i_bracketed,
     &  i_jump
      implicit none

      private
      public :: forget_jump, note_jump

c     What is kept, as doubles in isave(i_jump) and following: the two
c     steps, how f changes between them and what its slopes predict; the
c     largest disagreement so far, and the width of the first.
      integer, parameter :: numbers = 6, places = 2*numbers
      integer, parameter :: from = 1, to = 2, largest = 5, width = 6

      contains

      subroutine forget_jump(isave)
c
c     A search begins.
c
      integer, intent(inout) :: isave(44)

      isave(i_jump:i_jump + places - 1) = 0
      end subroutine forget_jump


      subroutine note_jump(n, f, slope, isave, dsave)
c
c     For failure messages: where f and its slopes disagree most in this
c     search, with f and slope at the newest trial.
c
      integer, intent(in) :: n
      double precision, intent(in) :: f, slope, dsave(29)
      integer, intent(inout) :: isave(44)

      double precision :: kept(numbers)

      kept = transfer(isave(i_jump:i_jump + places - 1), kept)
      call compare(n, dsave(d_best_end), dsave(d_best_f),
     &             dsave(d_best_slope), dsave(d_step), f, slope, kept)
      if (isave(i_bracketed) /= 0)
     &   call compare(n, dsave(d_other_end), dsave(d_other_f),
     &                dsave(d_other_slope), dsave(d_step), f, slope,
     &                kept)
      isave(i_jump:i_jump + places - 1) = transfer(kept, isave)
      end subroutine note_jump


      subroutine compare(n, step1, f1, slope1, step2, f2, slope2, kept)
c
c     Between two steps f changes by about what its mean slope predicts.
c     A smooth f is no farther from that than the slopes differ; the
c     disagreement is what goes beyond that and beyond rounding.
c
c     What disagrees because the gradient is wrong shrinks with the
c     interval, and a jump does not: near the largest disagreement, an
c     interval of less than a quarter is kept instead.
c
      integer, intent(in) :: n
      double precision, intent(in) :: step1, f1, slope1
      double precision, intent(in) :: step2, f2, slope2
      double precision, intent(inout) :: kept(numbers)

      double precision :: step, change, predicted, disagreement

      step = step2 - step1
      if (step == 0) return
      change = (f2 - f1)*sign(1d0, step)
      predicted = 0.5d0*(slope1 + slope2)*abs(step)
      disagreement = abs(change - predicted)
     &   - abs((slope2 - slope1)*step) - rounding_of(n, f1, f2)
      if (.not. disagreement > 0.5d0*kept(largest)) return
      if (kept(width) == 0) kept(width) = abs(step)
      if (disagreement > 2*kept(largest) .or.
     &    abs(step) < 0.25d0*(kept(to) - kept(from)))
     &   kept(from:to + 2) = [min(step1, step2), max(step1, step2),
     &                        change, predicted]
      if (disagreement > kept(largest)) kept(largest) = disagreement
      end subroutine compare

      end module jump_mod
