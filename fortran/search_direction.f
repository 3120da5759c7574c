      module search_direction_mod
      use, intrinsic :: iso_c_binding, only : c_f_pointer, c_loc
      use cauchy_point_mod, only : cauchy_point
      use free_products_mod, only : drop_oldest, enter_active_products,
     &  enter_free_products, move_products
      use middle_matrix_mod, only : middle_factor, middle_matrix
      use new_pair_mod, only : enter_products, lane_by_age
      use search_start_mod, only : search_start
      use shared_passes_mod, only : dismiss_team, first_pass, free_pass,
     &  gather_team, iteration_data, last_pass,
     &  last_pass_without_bounds, share
      use state_layout, only : d_dtd, d_epsilon, d_gradient_norm,
     &  d_largest_step, d_slope, d_step, d_theta, i_active,
     &  i_all_segments, i_entering, i_free, i_given, i_head,
     &  i_infinite, i_iterations, i_leaving, i_pairs, i_segments,
     &  i_subspace_end, i_unfactored, i_updates, l_bounded, l_updated
      use subspace_matrix_mod, only : subspace_matrix, subspace_solve
      use subspace_minimum_mod, only : truncated_step
      use sharing_mod, only : enough_for_team, team_processors,
     &  team_size
      implicit none

      private
      public :: search_direction

      contains

      recursive subroutine search_direction(n, m, x, l, u, nbd, g, s, y,
     &                 sy, ss, wt, k_factor, yy, ssa, mixed, z, r, d,
     &                 x_old, g_old, work, side, status, order, lsave,
     &                 isave, dsave, arrived, dr, threads, ok)
c
c     From the iterate x to the direction d of the next line search:
c
c     1. take in the newest pair, if there is one;
c     2. find the generalized Cauchy point z;
c     3. sort the variables into free and active ones;
c     4. minimize the model over the free ones from z;
c     5. d = that minimum - x.
c
c     On exit   d, and x moved to x + d, the first trial, with x and g
c               of the iterate kept in x_old and g_old (search_start.f).
c
c     Until then two vectors have other roles: x_old holds the
c     breakpoints of the path (t in steps 1 and 2), and g_old, once the
c     new pair has been made of it, the minimum of step 4.
c
c     ok is false where a matrix that should be positive definite is
c     not: the memory is to be dropped and the step to be tried again.
c
      integer, intent(in) :: n, m
      double precision, intent(inout), target :: x(n)
      double precision, intent(in), target :: l(n), u(n), g(n)
      integer, intent(in), target :: nbd(n)
      double precision, intent(inout), target :: s(n, m), y(n, m)
      double precision, intent(inout) :: sy(m, m), ss(m, m), wt(m, m)
      double precision, intent(inout) :: k_factor(2*m, 2*m)
      double precision, intent(inout) :: yy(m, m), ssa(m, m),
     &  mixed(m, m)
      double precision, intent(inout), target :: z(n), r(n), d(n)
      double precision, intent(inout), target :: x_old(n), g_old(n)
      double precision, intent(inout), target :: work(2*m, 4)
      integer, intent(inout), target :: side(n), status(n), order(n)
      logical, intent(in) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)
      logical, intent(in) :: arrived      ! there is a new pair to store
      double precision, intent(in) :: dr   ! its y's
      integer, intent(in) :: threads      ! see setulb.f
      logical, intent(out) :: ok

      integer :: col, head, slot
      integer :: last                 ! rank in the team
      logical :: bounded, updated
      logical :: given                ! the pairs are given_pairs.f's
      logical :: first                ! there are no last sides
      logical :: unfactored           ! the factors are to be made anew
      double precision :: theta
      double precision :: step_limit  ! where the search for the box's
c                                       limit starts; 0: there is none
      type(iteration_data), target :: data

      ok = .true.
      col = isave(i_pairs)
      head = isave(i_head)
      slot = mod(head + col - 2, m) + 1
      bounded = lsave(l_bounded)
      updated = lsave(l_updated)
      given = isave(i_iterations) == 0 .and. isave(i_given) /= 0
      first = isave(i_iterations) == 0 .and. .not. given
      unfactored = isave(i_unfactored) /= 0
      isave(i_unfactored) = 0
      isave(i_subspace_end) = -1

c     How far a search may go: in the first iteration no farther than
c     the model's own minimum, later as far as the box allows.
      dsave(d_largest_step) = 1d10
      step_limit = 0
      if (bounded .and. first) dsave(d_largest_step) = 1
      if (bounded .and. .not. first) step_limit = 1d10

      call name_data
      call gather_team(data, team_wanted())
      last = team_size(data%team) - 1
      if (.not. bounded .and. col > 0) then
         call quasi_newton_step
      else
         call bounded_step
      end if
      call dismiss_team(data)

      contains

      function team_wanted()
c
c     How many threads share the iteration.
c
      integer :: team_wanted

      team_wanted = 1
      if (col == 0) return
      if (threads < 0) team_wanted = -threads
      if (threads > 1 .and. n >= enough_for_team)
     &   team_wanted = min(threads, team_processors())
      end function team_wanted


      subroutine name_data
c
c     What the passes work with.
c
      data%n = n
      data%m = m
      data%col = col
      data%head = head
      data%slot = slot
      data%arrived = arrived
      data%finite = isave(i_infinite) == 0
      data%step = dsave(d_step)
      data%x => x
      data%l => l
      data%u => u
      data%g => g
      data%d => d
      data%z => z
      data%r => r
      data%x_old => x_old
      data%g_old => g_old
      data%s => s
      data%y => y
      data%nbd => nbd
      data%side => side
      data%status => status
      data%order => order
      end subroutine name_data


      subroutine take_products(lanes, path)
c
c     The first pass.
c
      integer, intent(in) :: lanes
      logical, intent(in) :: path

      data%lanes = lanes
      data%path = path
      data%path_found%breaks = 0
      data%path_found%free(0:last) = .false.
      data%path_found%open(0:last) = .false.
      data%path_found%f1 = 0
      data%path_found%rr = 0
      data%sums(1:2*m*lanes) => work(:, 5 - lanes:4)
      data%sums = 0
      call share(data, first_pass)
      end subroutine take_products


      subroutine clear_step
      data%theta = theta
      data%step_found%dtd = 0
      data%step_found%slope = 0
      data%step_found%largest = step_limit
      data%step_found%on_bound(0:last) = .false.
      end subroutine clear_step


      subroutine quasi_newton_step
c
c     Without bounds x is its own Cauchy point and all variables are
c     free: two passes over the pairs are the whole step.
c

c     The columns of work: the products, and what is made of them.  The
c     sums of the pass have three lanes and take three columns.
      integer, parameter :: w = 1, sums = 2

      isave(i_segments) = 0
      call take_products(3, .false.)
      call negate_lane(2*col, work(1, sums))
      if (arrived) then
         call enter_pair(3, work(1, sums), newest_square(work(1, sums)))
         if (.not. ok) return
      end if
      if (updated) then
         if (isave(i_updates) > m) call drop_oldest(m, yy, ssa, mixed)
         call enter_free_products(m, col, head, 3, 3, work(1, sums), yy,
     &                            mixed)
         ssa(col, 1:col) = 0
         mixed(col, 1:col - 1) = 0
      end if

      theta = dsave(d_theta)
      call lane_by_age(m, col, head, 3, 2, work(1, sums), work(1, w))
      work(col + 1:2*col, w) = theta*work(col + 1:2*col, w)
      if (updated .or. given .or. unfactored) then
         call subspace_matrix(m, col, theta, sy, yy, ssa, mixed,
     &                        k_factor, ok)
         if (.not. ok) return
      end if
      call subspace_solve(m, col, k_factor, work(1, w), work(1, sums))
      data%w => work(:, w)
      call clear_step
      call share(data, last_pass_without_bounds)
      dsave(d_dtd) = data%step_found%dtd
      dsave(d_slope) = data%step_found%slope
      isave(i_subspace_end) = 0
      end subroutine quasi_newton_step


      subroutine negate_lane(columns, sums)
c
c     From the products with g to those with -g; from 0, where products
c     with -g would have come to 0 too.
c
      integer, intent(in) :: columns
      double precision, intent(inout) :: sums(3, columns)

      sums(2, :) = 0 - sums(2, :)
      end subroutine negate_lane


      function newest_square(sums)
c
c     y'y of the newest pair.
c
      double precision, intent(in) :: sums(3, 2*col)
      double precision :: newest_square

      newest_square = sums(3, slot)
      end function newest_square


      subroutine bounded_step
c
c     With bounds, or with no pairs yet: to the Cauchy point, and from
c     there to the minimum over the variables that are free at it.
c
      integer :: entering, leaving
      integer, pointer, contiguous :: listed_order(:)

c     The columns of work: c, v, p, w of the Cauchy point.  p and w are
c     also where the sums of a pass arrive.
      integer, parameter :: c = 1, v = 2, p = 3, w = 4

      call take_products(2, dsave(d_gradient_norm) > 0)
      if (arrived) then
         call enter_pair(2, work(1, p), data%path_found%rr)
         if (.not. ok) return
      else if (unfactored) then
         call middle_factor(col, m, dsave(d_theta), sy, ss, wt, ok)
      end if
      theta = dsave(d_theta)

      data%stopped = .true.
      data%rest = 0
      if (data%path) then
         call lane_by_age(m, col, head, 2, 2, work(1, p), work(1, v))
         work(1:2*col, p) = work(1:2*col, v)
         call c_f_pointer(c_loc(g_old), listed_order, [n])
         call cauchy_point(n, m, col, head, theta, dsave(d_epsilon), x,
     &      l, u, s, y, sy, wt, data%path_found%breaks, x_old, order,
     &      any(data%path_found%free(0:last)),
     &      any(data%path_found%open(0:last)),
     &      data%path_found%f1, status, d, z, r, listed_order,
     &      work(1, c), work(1, v), work(1, p), work(1, w),
     &      isave(i_segments), data%stopped, data%rest)
      else
c        x is stationary already; the original counts the last path
c        again.
         z = x
      end if
      isave(i_all_segments) = isave(i_all_segments) + isave(i_segments)

      if (col > 0) call middle_matrix(col, m, sy, wt, work(1, c),
     &                                work(1, v))
      data%theta = theta
      data%compare = bounded .and. .not. first
      data%free_found%free(0:last) = 0
      data%free_found%entering(0:last) = 0
      data%free_found%leaving(0:last) = 0
      data%w => work(:, v)
      data%sums = 0
      call share(data, free_pass)
      entering = sum(data%free_found%entering(0:last))
      leaving = sum(data%free_found%leaving(0:last))
      isave(i_free) = sum(data%free_found%free(0:last))
      isave(i_active) = n - isave(i_free)
      isave(i_entering) = entering
      isave(i_leaving) = n + 1 - leaving

      if (isave(i_free) == 0 .or. col == 0) then
         g_old = z
         call go_to_minimum
         return
      end if

      call lane_by_age(m, col, head, 2, 2, work(1, p), work(1, v))
      work(col + 1:2*col, v) = theta*work(col + 1:2*col, v)
      if (updated .or. given .or. unfactored .or. entering > 0 .or.
     &    leaving > 0) then
         call refactor(entering, leaving, work(1, p))
         if (.not. ok) return
      end if

      call subspace_solve(m, col, k_factor, work(1, v), work(1, p))
      call clear_step
      call share(data, last_pass)
      dsave(d_dtd) = data%step_found%dtd
      dsave(d_slope) = data%step_found%slope
      isave(i_subspace_end) = 0
      if (any(data%step_found%on_bound(0:last)))
     &   isave(i_subspace_end) = 1
      if (isave(i_subspace_end) == 1 .and. dsave(d_slope) > 0) then
         x = x_old
         call truncated_step(n, status, l, u, nbd, z, r, g_old)
         call go_to_minimum
      else if (step_limit > 0) then
         dsave(d_largest_step) = data%step_found%largest
      end if
      end subroutine bounded_step


      subroutine go_to_minimum
c
c     The direction from x to the minimum that g_old holds.
c
      double precision :: limit

      limit = step_limit
      dsave(d_dtd) = 0
      dsave(d_slope) = 0
      call search_start(n, x, g, d, x_old, g_old, dsave(d_dtd),
     &                  dsave(d_slope))
      call limit_step(n, x_old, l, u, nbd, d, limit)
      if (step_limit > 0) dsave(d_largest_step) = limit
      end subroutine go_to_minimum


      subroutine refactor(entering, leaving, sums)
c
c     Bring the inner products of which K is made up to date, with the
c     newest pair and with the variables that entered the free ones or
c     left them, and factor K.  Until then k_factor is a work array.
c
      integer, intent(in) :: entering, leaving  ! numbers of variables
      double precision, intent(inout) :: sums(2*m, 2)  ! of newest pair

      integer :: older

      older = col
      if (updated) then
         older = col - 1
         if (isave(i_updates) > m) call drop_oldest(m, yy, ssa, mixed)
         call enter_active_products(n, m, col, head, slot, side, s, y,
     &                              ssa, mixed, k_factor)
         call enter_free_products(m, col, head, 2, 1, sums, yy, mixed)
      end if
      if (entering > 0) call move_products(n, m, col, head, older, side,
     &   s, y, .true., yy, ssa, mixed, k_factor, sums)
      if (leaving > 0) call move_products(n, m, col, head, older, side,
     &   s, y, .false., yy, ssa, mixed, k_factor, sums)
      call subspace_matrix(m, col, theta, sy, yy, ssa, mixed, k_factor,
     &                     ok)
      end subroutine refactor


      subroutine enter_pair(lanes, sums, rr)
c
c     What follows from the newest pair's products: theta = y'y/y's and
c     the factor of the middle matrix.
c
      integer, intent(in) :: lanes
      double precision, intent(in) :: sums(lanes, 2*col), rr  ! rr = y'y

      dsave(d_theta) = rr/dr
      call enter_products(m, col, head, lanes, sums, dr,
     &   dsave(d_step)*dsave(d_step)*dsave(d_dtd), sy, ss)
      if (.not. (rr <= huge(rr) .and. ss(col, col) <= huge(rr)))
     &   isave(i_infinite) = 1
      call middle_factor(col, m, dsave(d_theta), sy, ss, wt, ok)
      end subroutine enter_pair

      end subroutine search_direction

      end module search_direction_mod
