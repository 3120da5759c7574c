      module state_layout
c
c     Where the state of a run is kept between calls: the one place of
c     all slot numbers.  Slots of isave, dsave and lsave that callers
c     read have the numbers of the original; the others are ours.
c     python/lbfgsb77/_run/layout.py has the numbers that Python needs,
c     and tests/test_layout.py compares the two.
c
      implicit none

c     isave
c     (1 to 6 and 8 to 19 hold doubles, bit by bit: no dsave slot is
c     free; 7 is 1 as long as the pairs that a run was given are not
c     dropped; 20 is 1 where a pair may have a number that is not finite;
c     25 is 1 where the state has the products of the newest pair, but
c     not the factors made of them)
      integer, parameter ::
     &  i_told = 1, i_given = 7, i_jump = 8,
     &  i_infinite = 20, i_repeats = 21, i_all_segments = 22,
     &  i_not_finite = 23, i_not_finite_kind = 24, i_unfactored = 25,
     &  i_skipped = 26,
     &  i_head = 27, i_pairs = 28, i_iterations = 30, i_updates = 31,
     &  i_segments = 33, i_all_evaluations = 34, i_earlier = 35,
     &  i_evaluations = 36, i_subspace_end = 37, i_free = 38,
     &  i_active = 39, i_leaving = 40, i_entering = 41,
     &  i_x_is_minimum = 42, i_bracketed = 43, i_stage = 44

c     dsave; slots 17 to 29 belong to the search of more_thuente.f
c     (its state's places 3, 4, 6, 7, 8, 9 are the slopes, values and
c     steps of the ends of its interval)
      integer, parameter ::
     &  d_theta = 1, d_f_old = 2, d_factr_epsilon = 3, d_norm_d = 4,
     &  d_epsilon = 5, d_slope = 11, d_largest_step = 12,
     &  d_gradient_norm = 13, d_step = 14, d_first_slope = 15,
     &  d_dtd = 16, d_search = 17,
     &  d_best_slope = 19, d_other_slope = 20,
     &  d_best_f = 22, d_other_f = 23, d_best_end = 24, d_other_end = 25

c     lsave
      integer, parameter :: l_projected = 1, l_bounded = 2, l_boxed = 3,
     &  l_updated = 4

c     The packed state (packed_state.f), reals: single numbers, then
c     dsave(29) and x, l, u, g (n each) and wa
      integer, parameter ::
     &  r_f = 1, r_factr = 2, r_pgtol = 3,
     &  r_maxfun = 4, r_maxiter = 5, r_maxtime = 6, r_ftarget = 7,
     &  r_xtol = 8,       ! limits, see run_limits.f
     &  r_time = 9,       ! since the run began or went on
     &  r_cost = 10,      ! evaluations of the answer that is told
     &  r_nfev = 11,      ! and of all
     &  r_last_step = 12, ! that led to the last iterate
     &  r_dsave = 13, r_x = 42

c     integers: single numbers, then isave(44), lsave(4), nbd(n) and
c     iwa(3*n)
      integer, parameter ::
     &  k_n = 1, k_m = 2, k_maxls = 3,
     &  k_answered = 4,   ! 1: f and g at x are there
     &  k_njev = 5,       ! how often they were
     &  k_nit = 6,        ! how many iterations have ended
     &  k_limit = 7,      ! that is reached, by its number below; or 0
     &  k_in_search = 8,  ! 1: at the end x is a trial, not the iterate
     &  k_isave = 9, k_lsave = 53, k_nbd = 57

c     The limits
      integer, parameter :: by_iterations = 1, by_evaluations = 2,
     &  by_time = 3, by_value = 4, by_step = 5

c     How far an iteration goes (iteration.f): all the way, or to where a
c     direction is wanted that a new pair goes into; and where it goes on.
      integer, parameter :: all_the_way = 0, to_direction = 1,
     &  direction_wanted = 2, direction_found = 3

      end module state_layout
