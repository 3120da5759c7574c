      module shared_passes_mod
      use, intrinsic :: iso_c_binding, only : c_associated, c_f_pointer,
     &  c_funloc, c_int, c_loc, c_null_ptr, c_ptr
      use pair_products_mod, only : pair_products, path_facts
      use reduced_gradient_mod, only : free_facts, reduced_gradient
      use subspace_minimum_mod, only : free_minimum, step_facts,
     &  subspace_minimum
      use sharing_mod, only : team_assemble, team_begin, team_end,
     &  team_size
      implicit none

c     The passes over the pairs, which threads share
      integer, parameter :: no_more = 0, first_pass = 1, free_pass = 2,
     &  last_pass = 3, last_pass_without_bounds = 4

c     What a pass is called with: the vectors of an iteration, under
c     their names there (search_direction.f), and its numbers.
      type :: iteration_data
         type(c_ptr) :: team
         integer :: pass
         integer :: n, m, col, head, slot, lanes
         logical :: arrived, path, finite, compare, stopped
         double precision :: step, rest, theta
         double precision, pointer, contiguous :: x(:), l(:), u(:),
     &     g(:), d(:), z(:), r(:), x_old(:), g_old(:), s(:, :),
     &     y(:, :)
c        What a pass multiplies the pairs by, and the products it takes
         double precision, pointer, contiguous :: w(:), sums(:)
         integer, pointer, contiguous :: nbd(:), side(:), status(:),
     &     order(:)
         type(path_facts) :: path_found
         type(free_facts) :: free_found
         type(step_facts) :: step_found
      end type iteration_data

      contains

      subroutine gather_team(data, threads)
c
c     Get helpers, if there are more threads than one.
c
      type(iteration_data), intent(inout), target :: data
      integer, intent(in) :: threads

      data%team = c_null_ptr
      if (threads > 1) data%team = team_begin(threads, c_funloc(serve),
     &                                        c_loc(data))
      end subroutine gather_team


      subroutine dismiss_team(data)
c
c     Let the helpers go.
c
      type(iteration_data), intent(inout) :: data

      if (.not. c_associated(data%team)) return
      data%pass = no_more
      call team_assemble(data%team, 0)
      call team_end(data%team)
      end subroutine dismiss_team


      subroutine share(data, pass)
c
c     One pass, by all members of the team.
c
      type(iteration_data), intent(inout) :: data
      integer, intent(in) :: pass

      data%pass = pass
      if (.not. c_associated(data%team)) then
         call take_part(data, 0)
         return
      end if
      call team_assemble(data%team, 0)
      call take_part(data, 0)
      call team_assemble(data%team, 0)
      end subroutine share


      subroutine serve(team, job, rank) bind(c)
c
c     What a helper does from beginning to end.
c
      type(c_ptr), value :: team, job
      integer(c_int), value :: rank

      type(iteration_data), pointer :: data

      call c_f_pointer(job, data)
      do
         call team_assemble(team, rank)
         if (data%pass == no_more) exit
         call take_part(data, int(rank))
         call team_assemble(team, rank)
      end do
      end subroutine serve


      subroutine take_part(data, rank)
c
c     One member's part of a pass.
c
      type(iteration_data), intent(inout) :: data
      integer, intent(in) :: rank

      integer :: size

      size = team_size(data%team)
      select case (data%pass)
      case (first_pass)
         call pair_products(data%team, rank, size, data%n, data%m,
     &      data%col, data%slot, data%arrived, data%path, data%finite,
     &      data%lanes, data%step, data%x, data%l, data%u, data%nbd,
     &      data%g,
     &      data%status, data%d, data%z, data%g_old, data%s, data%y,
     &      data%x_old, data%order, data%path_found,
     &      data%sums)
      case (free_pass)
         call reduced_gradient(data%team, rank, size, data%n, data%m,
     &      data%col, data%head, data%compare, data%stopped, data%rest,
     &      data%status, data%side, data%order, data%theta, data%x,
     &      data%z, data%g,
     &      data%s, data%y, data%slot, data%w, data%r, data%d,
     &      data%free_found, data%sums)
      case (last_pass)
         call subspace_minimum(data%team, rank, size, data%n, data%m,
     &      data%col, data%head, data%status, data%order, data%theta,
     &      data%w,
     &      data%s, data%y, data%l, data%u, data%nbd, data%z, data%r,
     &      data%x, data%g, data%d, data%x_old, data%g_old,
     &      data%step_found)
      case (last_pass_without_bounds)
         call free_minimum(data%team, rank, size, data%n, data%m,
     &      data%col, data%head, data%theta, data%w, data%s,
     &      data%y, data%x, data%g, data%d, data%x_old, data%g_old,
     &      data%step_found)
      end select
      end subroutine take_part

      end module shared_passes_mod
