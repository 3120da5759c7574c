      module iteration_mod
      use feasible_start_mod, only : feasible_start
      use given_pairs_mod, only : given_pairs
      use line_search_mod, only : continue_search, note_not_finite,
     &  start_search
      use new_pair_mod, only : curvature, new_pair
      use search_direction_mod, only : search_direction
      use search_outcomes, only : accepted, out_of_steps, trial
      use state_layout, only : all_the_way, d_epsilon, d_f_old,
     &  d_factr_epsilon, d_first_slope, d_gradient_norm, d_slope,
     &  d_step, d_theta, direction_found, direction_wanted,
     &  i_all_evaluations, i_earlier, i_evaluations, i_free, i_given,
     &  i_head, i_infinite, i_iterations, i_pairs, i_skipped,
     &  i_unfactored, i_updates, l_bounded, l_boxed, l_projected,
     &  l_updated, to_direction
      implicit none

      contains

      subroutine iteration(n, m, x, l, u, nbd, f, g, factr, pgtol, s, y,
     &                     sy, ss, wt, k_factor, products, z, r, d,
     &                     x_old, g_old, work, side, status, order,
     &                     task, csave, lsave, isave, dsave, maxls,
     &                     threads, stage)
c
c     From one wanted evaluation, or finished iteration, to the next.
c
c        START      project x into the bounds          -> FG_START
c        FG_START   converged, or a first direction    -> FG_LNSRCH
c        FG_LNSRCH  the next trial of the line search  -> FG_LNSRCH
c                   or its end                         -> NEW_X
c        NEW_X      converged, or the next direction   -> FG_LNSRCH
c
c     and, not in the original, between START and the first evaluation
c
c        PAIRS      begin with the pairs in s and y    -> FG_START
c
c     With stage to_direction a call returns, with task as it was and
c     stage direction_wanted, where NEW_X wants a direction that a new
c     pair goes into.  A call with this stage goes on from there, one
c     with direction_found from behind it.
c
c     STOP ends a run that its caller ends; with CPU in characters 7 to
c     9 x, f and g go back to the last iterate.  Any other task asks for
c     the first evaluation and changes nothing.
c
      integer, intent(in) :: n, m, maxls, threads
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: l(n), u(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: f, g(n)
      double precision, intent(in) :: factr, pgtol
      double precision, intent(inout) :: s(n, m), y(n, m)  ! the pairs
      double precision, intent(inout) :: sy(m, m), ss(m, m) ! S'Y, S'S
      double precision, intent(inout) :: wt(m, m)    ! middle_matrix.f
      double precision, intent(inout) :: k_factor(2*m, 2*m)  ! of K,
      double precision, intent(inout) :: products(m, m, 4)  ! from these
c     A line search begins where the next four change their roles:
      double precision, intent(inout) :: z(n)      ! Cauchy point, then
c                                                    subspace minimum
      double precision, intent(inout) :: r(n)      ! reduced gradient,
c                                                    then x_not_finite
      double precision, intent(inout) :: x_old(n)  ! breakpoints, then
c                                                    x of the iterate
      double precision, intent(inout) :: g_old(n)  ! g of the iterate
c                                                    (search_direction)
      double precision, intent(inout) :: d(n)      ! path, then search
      double precision, intent(inout) :: work(2*m, 4)
      integer, intent(inout) :: side(n), status(n), order(n)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      integer, intent(inout) :: stage

      integer :: outcome
      double precision :: dr
      logical :: arrived, converged, ok

      arrived = .false.
      dr = 0

      if (task(1:5) == 'FG_ST') then
         call look_at_start(n, x, l, u, nbd, f, g, pgtol, r, task,
     &                      lsave, isave, dsave)
         if (task(1:2) /= 'FG') return

      else if (task(1:5) == 'FG_LN') then
         call continue_search(n, maxls, x, l, u, nbd, f, g, x_old, d, z,
     &                        r, csave, lsave, isave, dsave, outcome)
         if (outcome == trial) return
         if (outcome == accepted) then
            isave(i_iterations) = isave(i_iterations) + 1
            task = 'NEW_X'
            return
         end if
         call abandon_search(n, outcome, x, f, g, x_old, g_old, task,
     &                       lsave, isave, dsave)
         if (task(1:4) == 'ABNO') return

      else if (task(1:5) == 'NEW_X') then
         if (stage <= to_direction) then
            call test_convergence(factr, pgtol, f, dsave, task,
     &                            converged)
            if (converged) return
            call new_pair(m, dsave(d_slope), dsave(d_first_slope),
     &         dsave(d_step), dsave(d_epsilon), isave(i_head),
     &         isave(i_pairs), isave(i_updates), isave(i_skipped),
     &         lsave(l_updated), dr, sy, ss)
         else
            dr = curvature(dsave(d_slope), dsave(d_first_slope),
     &                     dsave(d_step))
         end if
         arrived = lsave(l_updated)
         if (stage == to_direction .and. arrived) then
            stage = direction_wanted
            return
         end if

      else if (task(1:5) == 'PAIRS') then
         call given_pairs(n, m, isave(i_pairs), lsave(l_bounded), s, y,
     &      sy, ss, wt, products(1, 1, 1), products(1, 1, 2),
     &      products(1, 1, 3), side, dsave(d_theta), ok)
         isave(i_updates) = isave(i_pairs)
         isave(i_given) = 1
         if (.not. all(abs(s(:, 1:isave(i_pairs))) <= huge(dr)))
     &      isave(i_infinite) = 1
         if (lsave(l_bounded)) isave(i_free) = 0
         task = 'FG_START'
         if (.not. ok) task = 'ERROR: PAIRS NOT POSITIVE DEFINITE'
         return

      else if (task(1:4) == 'STOP') then
         if (task(7:9) == 'CPU') then
            x = x_old
            g = g_old
            f = dsave(d_f_old)
         end if
         return

      else
         if (task(1:5) == 'START') then
            call clear_state(n, m, factr, products, work, csave, lsave,
     &                       isave, dsave)
            call feasible_start(n, l, u, nbd, x, status,
     &         lsave(l_projected), lsave(l_bounded), lsave(l_boxed))
         end if
         task = 'FG_START'
         return
      end if

      do
         ok = stage == direction_found
         if (.not. ok) call search_direction(n, m, x, l, u, nbd, g, s,
     &      y, sy, ss, wt, k_factor, products(1, 1, 1),
     &      products(1, 1, 2), products(1, 1, 3), z, r, d, x_old, g_old,
     &      work, side, status, order, lsave, isave, dsave, arrived, dr,
     &      threads, ok)
         stage = all_the_way
         arrived = .false.
         if (.not. ok) then
            call drop_memory(lsave, isave, dsave)
            cycle
         end if
         call start_search(n, maxls, x, l, u, nbd, f, x_old, d, z,
     &                     csave, lsave, isave, dsave, outcome)
         if (outcome == trial) then
            task = 'FG_LNSRCH'
            return
         end if
         call abandon_search(n, outcome, x, f, g, x_old, g_old, task,
     &                       lsave, isave, dsave)
         if (task(1:4) == 'ABNO') return
      end do
      end subroutine iteration


      subroutine look_at_start(n, x, l, u, nbd, f, g, pgtol, r, task,
     &                         lsave, isave, dsave)
c
c     The start may be a minimum already, or a point where there is
c     nothing to go on from.
c
      integer, intent(in) :: n
      double precision, intent(in) :: x(n), l(n), u(n), f, g(n), pgtol
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! see note_not_finite
      character(len=60), intent(inout) :: task
      logical, intent(in) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

      double precision :: gg

      isave(i_all_evaluations) = 1
      call gradient_measures(n, merge(1, 0, lsave(l_bounded)), x, l, u,
     &                       nbd, g, g, gg, dsave(d_gradient_norm))
      if (.not. (abs(f) <= huge(f) .and. all(abs(g) <= huge(f)))) then
         call note_not_finite(n, x, f, g, r, isave)
         task = 'ABNORMAL_TERMINATION_IN_LNSRCH'
      else if (dsave(d_gradient_norm) <= pgtol) then
         task = 'CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL'
      end if
      end subroutine look_at_start


      subroutine clear_state(n, m, factr, products, work, csave, lsave,
     &                       isave, dsave)
c
c     The state before the first iteration.
c
      integer, intent(in) :: n, m
      double precision, intent(in) :: factr
      double precision, intent(out) :: products(m, m, 4), work(2*m, 4)
      character(len=60), intent(out) :: csave
      logical, intent(out) :: lsave(4)
      integer, intent(out) :: isave(44)
      double precision, intent(out) :: dsave(29)

      products = 0
      work = 0
      csave = ' '
      lsave = .false.
      isave = 0
      isave(i_free) = n
      dsave = 0
      dsave(d_epsilon) = epsilon(factr)
      dsave(d_factr_epsilon) = factr*epsilon(factr)
      call drop_memory(lsave, isave, dsave)
      end subroutine clear_state


      subroutine drop_memory(lsave, isave, dsave)
c
c     Forget all pairs.
c
      logical, intent(inout) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

      isave(i_pairs) = 0
      isave(i_head) = 1
      isave(i_updates) = 0
      isave(i_given) = 0
      isave(i_infinite) = 0
      isave(i_unfactored) = 0
      dsave(d_theta) = 1
      lsave(l_updated) = .false.
      end subroutine drop_memory


      subroutine test_convergence(factr, pgtol, f, dsave, task,
     &                            converged)
c
c     The two tests that end a run well.
c
      double precision, intent(in) :: factr, pgtol, f, dsave(29)
      character(len=60), intent(inout) :: task
      logical, intent(out) :: converged

      double precision :: f_old

      f_old = dsave(d_f_old)
      converged = .true.
      if (dsave(d_gradient_norm) <= pgtol) then
         task = 'CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL'
      else if (f_old - f
     &         <= factr*dsave(d_epsilon)*max(abs(f_old), abs(f), 1d0))
     &then
         task = 'CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH'
      else
         converged = .false.
      end if
      end subroutine test_convergence


      subroutine abandon_search(n, outcome, x, f, g, x_old, g_old, task,
     &                          lsave, isave, dsave)
c
c     The line search failed: back to the iterate.  With pairs in memory
c     these are to blame, and the next direction is that of steepest
c     descent; without, the run ends.
c
      integer, intent(in) :: n, outcome
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: x_old(n), g_old(n)
      character(len=60), intent(inout) :: task
      logical, intent(inout) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

c     The trial that was one too many has been counted, but not
c     evaluated.
      if (outcome == out_of_steps)
     &   isave(i_all_evaluations) = isave(i_all_evaluations) - 1

      x = x_old
      g = g_old
      f = dsave(d_f_old)
      if (isave(i_pairs) > 0) then
         call drop_memory(lsave, isave, dsave)
         return
      end if

      if (outcome == out_of_steps) then
         isave(i_evaluations) = isave(i_evaluations) - 1
         isave(i_earlier) = isave(i_earlier) - 1
      end if
      isave(i_iterations) = isave(i_iterations) + 1
      task = 'ABNORMAL_TERMINATION_IN_LNSRCH'
      end subroutine abandon_search

      end module iteration_mod
