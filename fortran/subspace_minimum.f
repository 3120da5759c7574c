      module subspace_minimum_mod
      use, intrinsic :: iso_c_binding, only : c_ptr
      use block_sizes, only : gathered
      use free_rows_mod, only : add_gathered, dense, gather, scatter
      use search_start_mod, only : search_sums
      use sharing_mod, only : largest_team, next_part, stretch_of,
     &  team_meet
      implicit none

c     What goes with the direction
      type :: step_facts
         double precision :: dtd, slope   ! d'd, g'd
         double precision :: largest      ! step within the box
         logical :: on_bound(0:largest_team - 1)  ! by rank: some
c                                           variable ended on a bound
      end type step_facts

      contains

      recursive subroutine free_minimum(team, rank, size, n, m, col,
     &                                  head, theta, w, s, y, x, g, d,
     &                                  x_old, g_old, facts)
c
c     Without bounds the subspace is the whole space and the step a
c     quasi-Newton step: d = -H g, with the products w of
c     subspace_solve,
c
c        d = (1/theta) (-g + (1/theta) Y w_1 + S w_2)  ([BLNZ] (5.11)),
c
c     and in the same blocks the start of the line search.
c
c     Members of a team take parts of the variables, in any order, so
c     the sums that a thread alone takes on the way mean nothing there;
c     the last member takes them.
c
      type(c_ptr), intent(in) :: team
      integer, intent(in) :: rank, size
      integer, intent(in) :: n, m, col, head
      double precision, intent(in) :: theta, w(2*col)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(inout) :: d(n), x_old(n), g_old(n)
      type(step_facts), intent(inout) :: facts

      integer :: i, first, from, count, number, stretch, part
      double precision :: minimum, dtd, slope

      dtd = 0
      slope = 0
      call stretch_of(size, stretch, part)
      do first = 1, n, stretch
         number = -1
         do
            call next_part(team, rank, size, n, first, stretch, part,
     &                     number, from, count)
            if (count == 0) exit
            do i = from, from + count - 1
               d(i) = -g(i)
            end do
            call add_pairs(count, n, m, col, head, y(from, 1),
     &                     s(from, 1), w, theta, 1d0, d(from))
c           search_start, with the minimum that d leads to
            do i = from, from + count - 1
               minimum = x(i) + (1/theta)*d(i)
               d(i) = minimum - x(i)
               dtd = dtd + d(i)*d(i)
               slope = slope + g(i)*d(i)
               x_old(i) = x(i)
               x(i) = minimum
               g_old(i) = g(i)
            end do
         end do
         if (size > 1) call team_meet(team, rank)
         if (size > 1 .and. rank == size - 1) call search_sums(
     &      min(stretch, n - first + 1), g(first), d(first), facts%dtd,
     &      facts%slope)
      end do
      if (size == 1) then
         facts%dtd = dtd
         facts%slope = slope
      end if
      end subroutine free_minimum


      recursive subroutine subspace_minimum(team, rank, size, n, m, col,
     &                 head, status, list, theta, w, s, y, l, u, nbd, z,
     &                 r, x, g, d, x_old, g_old, facts)
c
c     The minimum of the model over the free variables, projected into
c     the bounds ([MN]):  r becomes the direction from the Cauchy point
c     z,
c
c        r <- (1/theta) (r + (1/theta) Y w_1 + S w_2)   ([BLNZ] (5.11)),
c
c     and P(z + r) the point to which the line search starts, in the
c     same blocks.
c
c     Members of a team share it as they do free_minimum.
c
      type(c_ptr), intent(in) :: team
      integer, intent(in) :: rank, size
      integer, intent(in) :: n, m, col, head
      integer, intent(in) :: status(n)
      integer, intent(in) :: list(n)       ! see reduced_gradient
      double precision, intent(in) :: theta, w(2*col)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(in) :: l(n), u(n), z(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! of the free variables
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(inout) :: d(n), x_old(n), g_old(n)
      type(step_facts), intent(inout) :: facts

      integer :: first, from, rows, count, number, stretch, part,
     &  on_bound
      double precision :: dtd, slope, largest

      dtd = 0
      slope = 0
      largest = facts%largest
      on_bound = 0
      call stretch_of(size, stretch, part)
      do first = 1, n, stretch
         number = -1
         do
            call next_part(team, rank, size, n, first, stretch, part,
     &                     number, from, count)
            if (count == 0) exit
            call go(from, count)
            call projected_step(count, merge(1, 0, size == 1),
     &         status(from), 1/theta, l(from), u(from), nbd(from),
     &         z(from), g(from), r(from), x(from), d(from),
     &         x_old(from), g_old(from), dtd, slope, largest, on_bound)
         end do
         if (size > 1) call team_meet(team, rank)
         if (size == 1 .or. rank < size - 1) cycle
         rows = min(stretch, n - first + 1)
         call search_sums(rows, g(first), d(first), dtd, slope)
         call limit_step(rows, x_old(first), l(first), u(first),
     &                   nbd(first), d(first), largest)
      end do
      facts%on_bound(rank) = on_bound > 0
      if (rank == size - 1) then
         facts%dtd = dtd
         facts%slope = slope
         facts%largest = largest
      end if

      contains

      subroutine go(first, rows)
c
c     theta r of a part of the variables; of the free ones alone where
c     these are few.
c
      integer, intent(in) :: first, rows

      integer :: free, at, found
      double precision :: some(gathered)

      free = free_among(rows, status(first))
      if (dense(rows, free)) then
         call add_pairs(rows, n, m, col, head, y(first, 1), s(first, 1),
     &                  w, theta, 1d0, r(first))
         return
      end if
      do at = first, first + free - 1, gathered
         found = min(gathered, first + free - at)
         call gather(found, list(at), r(first), some)
         call add_gathered(found, list(at), n, m, col, head,
     &                     y(first, 1), s(first, 1), w, theta, 1d0,
     &                     some)
         call scatter(found, list(at), some, r(first))
      end do
      end subroutine go

      end subroutine subspace_minimum


      function free_among(n, status)
c
c     How many of some variables are free.
c
      integer, intent(in) :: n, status(n)
      integer :: free_among

      free_among = count(status <= 0)
      end function free_among


      subroutine truncated_step(n, status, l, u, nbd, z, r, best)
c
c     The projected point was no descent from the iterate: go from the
c     Cauchy point towards the subspace minimum only as far as the box
c     allows ([BLNZ] (5.8)).
c
      integer, intent(in) :: n, status(n)
      double precision, intent(in) :: l(n), u(n), z(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! of the free variables
      double precision, intent(out) :: best(n)

      integer :: i, blocking
      double precision :: alpha, candidate, gap

      alpha = 1
      candidate = 1
      blocking = 0
      do i = 1, n
         if (status(i) > 0) cycle
         if (r(i) < 0 .and. (nbd(i) == 1 .or. nbd(i) == 2)) then
            gap = l(i) - z(i)
            if (gap >= 0) then
               candidate = 0
            else if (r(i)*alpha < gap) then
               candidate = gap/r(i)
            end if
         else if (r(i) > 0 .and. nbd(i) >= 2) then
            gap = u(i) - z(i)
            if (gap <= 0) then
               candidate = 0
            else if (r(i)*alpha > gap) then
               candidate = gap/r(i)
            end if
         end if
         if (candidate < alpha) then
            alpha = candidate
            blocking = i
         end if
      end do

      best = z
      if (blocking > 0) then
         i = blocking
         if (r(i) > 0) then
            best(i) = u(i)
            r(i) = 0
         else if (r(i) < 0) then
            best(i) = l(i)
            r(i) = 0
         end if
      end if
      do i = 1, n
         if (status(i) > 0) cycle
         best(i) = best(i) + alpha*r(i)
      end do
      end subroutine truncated_step

      end module subspace_minimum_mod
