      module packed_batch_mod
      use, intrinsic :: iso_c_binding, only : c_f_pointer, c_int, c_ptr
      use problems_mod, only : is_usual, note_direction, problem,
     &  problem_of
      use sharing_mod, only : team_next, team_size
      use state_layout, only : all_the_way, direction_found,
     &  direction_wanted, i_pairs, k_isave, k_lsave, k_m, k_n, k_nbd,
     &  l_bounded, r_dsave, r_x, to_direction
      implicit none

c     A member of a team takes so many runs at a time.  Less work, in
c     numbers that the pairs have, than the least costs more to share
c     than it takes.
      integer, parameter :: runs_at_a_time = 8
      double precision, parameter :: least_work = 60000

c     What tell_batch is called with: states are columns.
      type :: batch
         integer :: count
         integer, pointer, contiguous :: rows(:)
         logical :: told
         double precision, pointer, contiguous :: values(:),
     &     gradients(:, :)
         double precision, pointer, contiguous :: reals(:, :)
         integer, pointer, contiguous :: integers(:, :)
         character(len=120), pointer, contiguous :: text(:)
      end type batch

c     Directions are found together of problems of at most so many pairs
c     and variables; larger ones gain little.  One of few variables that
c     is alone is found so too.
      integer, parameter :: most_pairs = 40, most_variables = 200,
     &  few_variables = 20
      integer, parameter :: most_lanes = 8

c     Runs that want a direction, by how many pairs they have and
c     whether they have bounds, 1, or none, 0
      type :: waiting_runs
         integer :: lanes              ! so many are served together
         integer :: count(most_pairs, 0:1)
         integer :: rows(most_lanes, most_pairs, 0:1)
         double precision, allocatable :: scratch(:)
      end type waiting_runs

      contains

      subroutine serve_batch(team, job, rank) bind(c)
c
c     What each helper does.
c
      type(c_ptr), value :: team, job
      integer(c_int), value :: rank

      type(batch), pointer :: data

      call c_f_pointer(job, data)
      call advance_some(team, data, int(rank))
      end subroutine serve_batch


      subroutine advance_some(team, data, rank)
c
c     Runs that nobody has taken, until there are no more.  Those that
c     want a direction wait until others want one too.
c
      type(c_ptr), intent(in) :: team
      type(batch), intent(inout), target :: data
      integer, intent(in) :: rank

      integer :: i, part, parts, size, each
      type(waiting_runs) :: waiting

      call begin_waiting(data, waiting)
      size = team_size(team)
      parts = (data%count + runs_at_a_time - 1)/runs_at_a_time
      each = (parts + size - 1)/size
      part = -1
      do
         part = team_next(team, rank, each, part)
         if (part >= size*each) exit
         do i = part*runs_at_a_time + 1,
     &          min((part + 1)*runs_at_a_time, data%count)
            call advance_one(data, i, waiting)
         end do
      end do
      call go_on_with_all(data, waiting)
      end subroutine advance_some


      subroutine begin_waiting(data, waiting)
c
c     Nobody waits yet.  Where there are no lanes, or the problems are
c     too large, nobody is to.
c
      type(batch), intent(in) :: data
      type(waiting_runs), intent(out) :: waiting

      integer :: n, m, lanes, scratch, status

      waiting%lanes = 1
      if (data%count == 0) return
      n = data%integers(k_n, data%rows(1) + 1)
      m = data%integers(k_m, data%rows(1) + 1)
      if (m > most_pairs .or. n > most_variables) return
      call direction_lanes(n, m, lanes, scratch)
      if (lanes == 1) return
      allocate (waiting%scratch(scratch), stat=status)
      if (status /= 0) return
      waiting%lanes = lanes
      waiting%count = 0
      end subroutine begin_waiting


      subroutine advance_one(data, i, waiting)
c
c     Take run i to its next point, or to where it waits.
c
      type(batch), intent(inout), target :: data
      integer, intent(in) :: i
      type(waiting_runs), intent(inout) :: waiting

      integer :: stage, col, bounded, h, row

      row = data%rows(i) + 1
      if (data%told) call answer(data%reals(:, row),
     &   data%integers(:, row), data%values(i), data%gradients(:, i),
     &   1d0)
      stage = all_the_way
      if (waiting%lanes > 1) stage = to_direction
      call go_on(data, row, stage)
      if (stage /= direction_wanted) return

      if (.not. is_usual(data%integers(k_isave:k_isave + 43, row),
     &                   data%reals(r_dsave:r_dsave + 28, row))) then
         call go_on(data, row, stage)
         return
      end if
      col = data%integers(k_isave + i_pairs - 1, row)
      bounded = data%integers(k_lsave + l_bounded - 1, row)
      h = waiting%count(col, bounded) + 1
      waiting%count(col, bounded) = h
      waiting%rows(h, col, bounded) = row
      if (h == waiting%lanes)
     &   call go_on_with(data, col, bounded, waiting)
      end subroutine advance_one


      subroutine go_on_with_all(data, waiting)
c
c     There are no more that would join those who wait.
c
      type(batch), intent(inout), target :: data
      type(waiting_runs), intent(inout) :: waiting

      integer :: col, bounded

      if (waiting%lanes == 1) return
      do bounded = 0, 1
         do col = 1, most_pairs
            if (waiting%count(col, bounded) > 0)
     &         call go_on_with(data, col, bounded, waiting)
         end do
      end do
      end subroutine go_on_with_all


      subroutine go_on_with(data, col, bounded, waiting)
c
c     Find the directions of those that wait with col pairs, together,
c     and go on.
c
      type(batch), intent(inout), target :: data
      integer, intent(in) :: col, bounded
      type(waiting_runs), intent(inout) :: waiting

      integer :: h, count, row, stage
      type(problem) :: problems(most_lanes)

      count = waiting%count(col, bounded)
      waiting%count(col, bounded) = 0
      problems%found = 0
      row = waiting%rows(1, col, bounded)
      if (count > 1 .or. data%integers(k_n, row) <= few_variables) then
         do h = 1, count
            row = waiting%rows(h, col, bounded)
            problems(h) = of_packed(data%reals(:, row),
     &                              data%integers(:, row))
         end do
         call directions(count, data%integers(k_n, row),
     &                   data%integers(k_m, row), col, bounded,
     &                   problems, waiting%scratch)
      end if
      do h = 1, count
         row = waiting%rows(h, col, bounded)
         stage = direction_wanted
         if (problems(h)%found /= 0) then
            call note_direction(problems(h),
     &         data%integers(k_n, row), bounded,
     &         data%integers(k_isave:k_isave + 43, row),
     &         data%reals(r_dsave:r_dsave + 28, row))
            stage = direction_found
         end if
         call go_on(data, row, stage)
      end do
      end subroutine go_on_with


      function of_packed(reals, integers) result(one)
c
c     The problem of a packed state.
c
      double precision, intent(in), target :: reals(*)
      integer, intent(in), target :: integers(*)
      type(problem) :: one

      integer :: n

      n = integers(k_n)
      one = problem_of(n, integers(k_m), reals(r_x), reals(r_x + n),
     &   reals(r_x + 2*n), integers(k_nbd), reals(r_x + 3*n),
     &   reals(r_x + 4*n), integers(k_nbd + n), integers(k_isave),
     &   reals(r_dsave))
      end function of_packed


      subroutine go_on(data, row, stage)
c
c     To the point, or to where a direction is wanted.
c
      type(batch), intent(inout), target :: data
      integer, intent(in) :: row
      integer, intent(inout) :: stage

      call advance_to_point_by_stages(data%reals(:, row),
     &   data%integers(:, row), data%text(row), 1, stage)
      end subroutine go_on


      function work_of(count, integers)
c
c     How much there is to do for some runs, each like the first.
c
      integer, intent(in) :: count, integers(*)
      double precision :: work_of

      double precision, parameter :: beside_pairs = 300

      work_of = count*(beside_pairs
     &                 + dble(integers(k_n))*integers(k_m))
      end function work_of

      end module packed_batch_mod


      subroutine tell_batch(count, n, states, reals_width,
     &                      integers_width, reals, integers, text,
     &                      threads, rows, told, values, gradients,
     &                      points, left)
c
c     Answer the evaluations that many runs want and take each to its
c     next one, or to its end: rows(i), from 0, is the row of the three
c     arrays that is the packed state (packed_state.f) of one.  Those
c     that want another, left in number, stand first in rows then, and
c     where in points.
c
c     Threads share the runs; each run has one of them.
c
      use, intrinsic :: iso_c_binding, only : c_funloc, c_loc,
     &  c_null_ptr, c_ptr
      use packed_batch_mod, only : advance_some, batch, least_work,
     &  serve_batch, work_of
      use sharing_mod, only : team_begin, team_end, team_processors
      use state_layout, only : r_x
      implicit none

      integer, intent(in) :: count, n, states
      integer, intent(in) :: reals_width, integers_width  ! of one state
      double precision, intent(inout), target ::
     &  reals(reals_width, states)
      integer, intent(inout), target :: integers(integers_width, states)
      character(len=120), intent(inout), target :: text(states)
      integer, intent(in) :: threads
      integer, intent(inout), target :: rows(count)
      integer, intent(in) :: told  ! 0: the runs are to begin
      double precision, intent(in), target :: values(count),
     &  gradients(n, count)
      double precision, intent(out) :: points(n, count)
      integer, intent(out) :: left

      integer :: i, row
      type(batch), target :: data
      type(c_ptr) :: team

      team = c_null_ptr
      data%count = count
      data%rows => rows
      data%told = told /= 0
      data%values => values
      data%gradients => gradients
      data%reals => reals
      data%integers => integers
      data%text => text
      if (threads > 1 .and. count > 0) then
         if (work_of(count, integers(1, 1)) >= least_work)
     &      team = team_begin(min(threads, team_processors()),
     &                        c_funloc(serve_batch), c_loc(data))
      end if
      call advance_some(team, data, 0)
      call team_end(team)

      left = 0
      do i = 1, count
         row = rows(i) + 1
         if (text(row)(1:1) /= 'F') cycle
         left = left + 1
         rows(left) = row - 1
         points(:, left) = reals(r_x:r_x + n - 1, row)
      end do
      end subroutine tell_batch
