c     The passes that threads share, for the tests in tests/kernels: each
c     with arguments that f2py understands, and with as many threads as
c     are asked for, however few the variables are.

      module kernel_passes_mod
      use shared_passes_mod, only : dismiss_team, gather_team,
     &  iteration_data, share
      implicit none

      contains

      subroutine run(threads, data, pass)
      integer, intent(in) :: threads, pass
      type(iteration_data), intent(inout), target :: data

      call gather_team(data, threads)
      call share(data, pass)
      call dismiss_team(data)
      end subroutine run

      end module kernel_passes_mod


      subroutine shared_products(threads, n, m, col, slot, arrived,
     &                           path, lanes, step, x, l, u, nbd, g,
     &                           status, d, z, g_old, s, y, t, order,
     &                           breaks, free, open, f1, rr, sums)
      use kernel_passes_mod, only : run
      use shared_passes_mod, only : first_pass, iteration_data
      implicit none

      integer, intent(in) :: threads, n, m, col, slot, lanes
      logical, intent(in) :: arrived, path
      double precision, intent(in) :: step
      double precision, intent(in), target :: x(n), l(n), u(n), g(n),
     &  g_old(n)
      integer, intent(in), target :: nbd(n)
      integer, intent(inout), target :: status(n), order(n)
      double precision, intent(inout), target :: d(n), z(n), s(n, m),
     &  y(n, m), t(n)
      integer, intent(out) :: breaks
      logical, intent(out) :: free, open
      double precision, intent(out) :: f1, rr
      double precision, intent(out), target :: sums(2*m*lanes)

      type(iteration_data), target :: data

      data%n = n
      data%m = m
      data%col = col
      data%slot = slot
      data%arrived = arrived
      data%path = path
      data%finite = .true.
      data%lanes = lanes
      data%step = step
      data%x => x
      data%l => l
      data%u => u
      data%nbd => nbd
      data%g => g
      data%g_old => g_old
      data%status => status
      data%order => order
      data%d => d
      data%z => z
      data%s => s
      data%y => y
      data%x_old => t
      data%sums => sums
      sums = 0
      data%path_found%breaks = 0
      data%path_found%free = .false.
      data%path_found%open = .false.
      data%path_found%f1 = 0
      data%path_found%rr = 0
      call run(threads, data, first_pass)
      breaks = data%path_found%breaks
      free = any(data%path_found%free)
      open = any(data%path_found%open)
      f1 = data%path_found%f1
      rr = data%path_found%rr
      end subroutine shared_products


      subroutine shared_gradient(threads, n, m, col, head, compare,
     &                           stopped, rest, status, side, list,
     &                           theta, x, z, g, s, y, slot, v, r, d,
     &                           free, entering, leaving, sums)
      use kernel_passes_mod, only : run
      use shared_passes_mod, only : free_pass, iteration_data
      implicit none

      integer, intent(in) :: threads, n, m, col, head, slot
      logical, intent(in) :: compare, stopped
      double precision, intent(in) :: rest, theta
      integer, intent(in), target :: status(n)
      integer, intent(inout), target :: side(n)
      integer, intent(out), target :: list(n)
      double precision, intent(in), target :: x(n), g(n), s(n, m),
     &  y(n, m), v(2*col)
      double precision, intent(inout), target :: z(n), r(n), d(n)
      integer, intent(out) :: free, entering, leaving
      double precision, intent(out), target :: sums(4*col)

      type(iteration_data), target :: data

      data%n = n
      data%m = m
      data%col = col
      data%head = head
      data%slot = slot
      data%compare = compare
      data%stopped = stopped
      data%rest = rest
      data%theta = theta
      data%status => status
      data%side => side
      data%order => list
      data%x => x
      data%g => g
      data%s => s
      data%y => y
      data%w => v
      data%z => z
      data%r => r
      data%d => d
      data%sums => sums
      sums = 0
      data%free_found%free = 0
      data%free_found%entering = 0
      data%free_found%leaving = 0
      call run(threads, data, free_pass)
      free = sum(data%free_found%free)
      entering = sum(data%free_found%entering)
      leaving = sum(data%free_found%leaving)
      end subroutine shared_gradient


      subroutine shared_minimum(threads, n, m, col, head, bounded,
     &                          status, list, theta, w, s, y, l, u, nbd,
     &                          z, r, x, g, d, x_old, g_old, largest,
     &                          dtd, slope, on_bound)
      use kernel_passes_mod, only : run
      use shared_passes_mod, only : iteration_data, last_pass,
     &  last_pass_without_bounds
      implicit none

      integer, intent(in) :: threads, n, m, col, head
      logical, intent(in) :: bounded
      integer, intent(in), target :: status(n), list(n), nbd(n)
      double precision, intent(in) :: theta
      double precision, intent(in), target :: w(2*col), s(n, m),
     &  y(n, m), l(n), u(n), z(n), g(n)
      double precision, intent(inout), target :: r(n), x(n)
      double precision, intent(out), target :: d(n), x_old(n), g_old(n)
      double precision, intent(inout) :: largest
      double precision, intent(out) :: dtd, slope
      logical, intent(out) :: on_bound

      type(iteration_data), target :: data

      data%n = n
      data%m = m
      data%col = col
      data%head = head
      data%theta = theta
      data%status => status
      data%order => list
      data%nbd => nbd
      data%w => w
      data%s => s
      data%y => y
      data%l => l
      data%u => u
      data%z => z
      data%g => g
      data%r => r
      data%x => x
      data%d => d
      data%x_old => x_old
      data%g_old => g_old
      data%step_found%dtd = 0
      data%step_found%slope = 0
      data%step_found%largest = largest
      data%step_found%on_bound = .false.
      call run(threads, data, merge(last_pass, last_pass_without_bounds,
     &                              bounded))
      dtd = data%step_found%dtd
      slope = data%step_found%slope
      largest = data%step_found%largest
      on_bound = any(data%step_found%on_bound)
      end subroutine shared_minimum


      subroutine answered_in_lanes(count, reals_width, integers_width,
     &                             reals, integers, text, found)
c
c     Runs whose states are packed and answered, each to its next point,
c     and directions, where they are wanted, found together, of those
c     that are like the first, at most as many as there are lanes.
c     found: 1 where it was, 0 where it was not, -1 where none was
c     wanted together.
c
      use, intrinsic :: iso_fortran_env, only : int64
      use packed_batch_mod, only : of_packed
      use problems_mod, only : is_usual, note_direction, problem
      use state_layout
      implicit none

      integer, intent(in) :: count, reals_width, integers_width
      double precision, intent(inout) :: reals(reals_width, count)
      integer, intent(inout) :: integers(integers_width, count)
      character(len=120), intent(inout) :: text(count)
      integer, intent(out) :: found(count)

      integer :: k, h, n, m, bounded, waiting, lanes, size,
     &  stage(count), who(count)
      double precision, allocatable :: scratch(:)
      type(problem) :: problems(count)

      n = integers(k_n, 1)
      m = integers(k_m, 1)
      waiting = 0
      found = -1
      do k = 1, count
         stage(k) = to_direction
         call advance_to_point_by_stages(reals(1, k), integers(1, k),
     &      text(k), 1, stage(k))
         if (stage(k) /= direction_wanted) cycle
         if (waiting > 0) then
            if (kind(k) /= kind(who(1))) cycle
         end if
         found(k) = 0
         if (.not. is_usual(integers(k_isave:k_isave + 43, k),
     &                      reals(r_dsave:r_dsave + 28, k))) cycle
         waiting = waiting + 1
         who(waiting) = k
         problems(waiting) = of_packed(reals(:, k), integers(:, k))
      end do
      if (waiting > 0) then
         call direction_lanes(n, m, lanes, size)
         allocate (scratch(size), stat=h)
c        A number that nobody has set spoils what it comes into.
         scratch = transfer(-1_int64, 0d0)
         k = who(1)
         bounded = modulo(kind(k), 2)
         call directions(min(waiting, lanes), n, m,
     &                   integers(k_isave + i_pairs - 1, k), bounded,
     &                   problems, scratch)
      end if
      do k = 1, waiting
         if (problems(k)%found == 0) cycle
         found(who(k)) = 1
         stage(who(k)) = direction_found
         call note_direction(problems(k), n, bounded,
     &      integers(k_isave:k_isave + 43, who(k)),
     &      reals(r_dsave:r_dsave + 28, who(k)))
      end do
      do k = 1, count
         if (stage(k) >= direction_wanted)
     &      call advance_to_point_by_stages(reals(1, k), integers(1, k),
     &      text(k), 1, stage(k))
      end do

      contains

      function kind(k)
c
c     How many pairs, twice, and one more where there are bounds.
c
      integer, intent(in) :: k
      integer :: kind

      kind = 2*integers(k_isave + i_pairs - 1, k)
     &       + integers(k_lsave + l_bounded - 1, k)
      end function kind

      end subroutine answered_in_lanes
