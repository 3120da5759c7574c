      module packed_batch_mod
      use, intrinsic :: iso_c_binding, only : c_f_pointer, c_int, c_ptr
      use state_layout, only : k_m, k_n
      use sharing_mod, only : team_next, team_size
      implicit none

c     A member of a team takes so many runs at a time.  Less work, in
c     numbers that the pairs have, than the least costs more to share
c     than it takes.
      integer, parameter :: runs_at_a_time = 8
      double precision, parameter :: least_work = 25000

c     What advance_batch is called with
      type :: batch
         integer :: count, reals_width, integers_width
         integer, pointer, contiguous :: rows(:)
         double precision, pointer, contiguous :: reals(:)
         integer, pointer, contiguous :: integers(:)
         character(len=120), pointer, contiguous :: text(:)
         character(len=1), pointer, contiguous :: answers(:)
      end type batch

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
c     Runs that nobody has taken, until there are no more.
c
      type(c_ptr), intent(in) :: team
      type(batch), intent(inout) :: data
      integer, intent(in) :: rank

      integer, parameter :: long = selected_int_kind(18)
      integer(long) :: row, r, k
      integer :: i, part, parts, size, each

      size = team_size(team)
      parts = (data%count + runs_at_a_time - 1)/runs_at_a_time
      each = (parts + size - 1)/size
      part = -1
      do
         part = team_next(team, rank, each, part)
         if (part >= size*each) exit
         do i = part*runs_at_a_time + 1,
     &          min((part + 1)*runs_at_a_time, data%count)
            row = data%rows(i)
            r = row*data%reals_width + 1
            k = row*data%integers_width + 1
            call advance_one(data%reals(r:), data%integers(k:),
     &                       data%text(row + 1), data%answers(i))
         end do
      end do
      end subroutine advance_some


      subroutine advance_one(reals, integers, text, answer)
      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text
      character(len=1), intent(out) :: answer

      call advance_to_point(reals, integers, text, 1)
      answer = text(1:1)
      end subroutine advance_one


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


      subroutine advance_batch(count, states, rows, reals_width,
     &                         integers_width, reals, integers, text,
     &                         answers, threads)
c
c     advance_to_point for many runs: row rows(i), from 0, of the three
c     arrays is the packed state (packed_state.f) of one.  The first
c     letter of its task is the answer.
c
c     Threads share the runs; each run has one of them.
c
      use, intrinsic :: iso_c_binding, only : c_funloc, c_loc,
     &  c_null_ptr, c_ptr
      use packed_batch_mod, only : advance_some, batch, least_work,
     &  serve_batch, work_of
      use sharing_mod, only : team_begin, team_end, team_processors
      implicit none

      integer, intent(in) :: count, states
      integer, intent(in), target :: rows(count)
      integer, intent(in) :: reals_width, integers_width  ! of one state
      integer, parameter :: length = selected_int_kind(18)
      double precision, intent(inout), target ::
     &  reals(int(states, length)*reals_width)
      integer, intent(inout), target ::
     &  integers(int(states, length)*integers_width)
      character(len=120), intent(inout), target :: text(states)
      character(len=1), intent(inout), target :: answers(count)
      integer, intent(in) :: threads

      type(batch), target :: data
      type(c_ptr) :: team

      team = c_null_ptr
      data%count = count
      data%reals_width = reals_width
      data%integers_width = integers_width
      data%rows => rows
      data%reals => reals
      data%integers => integers
      data%text => text
      data%answers => answers
      if (threads > 1) then
         if (work_of(count, integers) >= least_work)
     &      team = team_begin(min(threads, team_processors()),
     &                        c_funloc(serve_batch), c_loc(data))
      end if
      call advance_some(team, data, 0)
      call team_end(team)
      end subroutine advance_batch
