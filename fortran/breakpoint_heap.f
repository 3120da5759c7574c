      module breakpoint_heap_mod
      use block_sizes, only : block, chunk
      implicit none

      contains

      subroutine next_breakpoint(breaks, left, t_last, t_min, t, order,
     &                           reach, listed, listed_t, listed_order,
     &                           t_next, variable, following)
c
c     The smallest of the breakpoints that the path has not met yet,
c     t_next, and whose it is.  Where the path ends before it meets
c     another, t_min < t - t_last for all that are left, t_next is a
c     number that says so.
c
c     Few paths get far.  So those breakpoints that one may meet are
c     listed and put in order, and all of them only when the list can't
c     tell who comes next: when it would be long, or when some are
c     equal, whose order is that of next_of_all.
c
c     following is the variable that is likely to come after this one.
c
      integer, intent(in) :: breaks       ! how many there were
      integer, intent(in) :: left         ! how many there still are
      double precision, intent(in) :: t_last  ! the last one met, or 0
      double precision, intent(in) :: t_min   ! from there to the
c                                               model's minimum
      double precision, intent(inout) :: t(breaks)
      integer, intent(inout) :: order(breaks)
      double precision, intent(inout) :: reach  ! those up to here were
      integer, intent(inout) :: listed    ! listed, and how many of them
c                                           are left; -1: all are in t
      double precision, intent(inout) :: listed_t(*)
      integer, intent(inout) :: listed_order(*)
      double precision, intent(out) :: t_next
      integer, intent(out) :: variable, following

      integer :: k, from
      double precision :: beyond

      following = 0
      from = breaks
      if (listed < 0) from = left

      do while (listed == 0)
         t_next = reach
         variable = 0
         if (t_min < reach - t_last) return
         beyond = reach
         reach = t_last + 1.5d0*t_min
         call list_breakpoints(breaks, t, order, beyond, reach, listed,
     &                         listed_t, listed_order)
         if (left == breaks .and. listed > 0) then
            call put_first_last(listed, listed_t, listed_order)
            call build_heap(listed - 1, listed_t, listed_order)
         else
            call build_heap(listed, listed_t, listed_order)
         end if
      end do

      if (listed > 0) then
         if (left < breaks) call take_smallest(listed, listed_t,
     &                                         listed_order)
         t_next = listed_t(listed)
         variable = listed_order(listed)
         listed = listed - 1
         if (listed > 0) following = listed_order(1)
         if (left == breaks .or. listed == 0) return
         if (listed_t(1) > t_next) return
         listed = -1
      end if

      do k = from, left, -1
         call next_of_all(breaks, k, t, order)
      end do
      t_next = t(left)
      variable = order(left)
      following = order(1)
      end subroutine next_breakpoint


      recursive subroutine list_breakpoints(breaks, t, order, beyond,
     &                                      reach, listed, listed_t,
     &                                      listed_order)
c
c     List the breakpoints with beyond < t <= reach.  listed is -1 where
c     they are more than a block, or reach is not beyond, or one is NaN.
c
      integer, intent(in) :: breaks, order(breaks)
      double precision, intent(in) :: t(breaks), beyond, reach
      integer, intent(out) :: listed
      double precision, intent(out) :: listed_t(*)
      integer, intent(out) :: listed_order(*)

      integer :: i, first, rows
      double precision :: found

      listed = -1
      if (.not. reach > beyond) return
      listed = 0
      do first = 1, breaks, chunk
         rows = min(chunk, breaks - first + 1)
         call find_within(rows, t(first), reach, found)
         if (found <= 0) cycle
         do i = first, first + rows - 1
            if (t(i) > reach .or. t(i) <= beyond) cycle
            if (listed == block .or. .not. t(i) > beyond) then
               listed = -1
               return
            end if
            listed = listed + 1
            listed_t(listed) = t(i)
            listed_order(listed) = order(i)
         end do
      end do
      end subroutine list_breakpoints


      subroutine next_of_all(breaks, left, t, order)
c
c     Bring the smallest of the breakpoints t(1..left) to t(left), and
c     its variable to order(left), for left = breaks, breaks - 1, ...
c
c     Of equal ones the first comes first.  Then the others become a
c     heap, which decides.
c
      integer, intent(in) :: breaks, left
      double precision, intent(inout) :: t(breaks)
      integer, intent(inout) :: order(breaks)

      if (left == breaks) then
         call put_first_last(breaks, t, order)
      else
         if (left == breaks - 1) call build_heap(left, t, order)
         call take_smallest(left, t, order)
      end if
      end subroutine next_of_all


      subroutine put_first_last(n, t, order)
c
c     Exchange the smallest of t(1..n), the first of equal ones, with
c     the last.
c
      integer, intent(in) :: n
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)

      integer :: i, first, variable
      double precision :: value

      first = 1
      do i = 2, n
         if (t(i) < t(first)) first = i
      end do
      value = t(first)
      variable = order(first)
      t(first) = t(n)
      order(first) = order(n)
      t(n) = value
      order(n) = variable
      end subroutine put_first_last


      subroutine build_heap(n, t, order)
c
c     Arrange t(1..n), and order with it, as a binary heap with its
c     smallest value first.  Elements are inserted one by one: among
c     equal breakpoints, which are common, this decides who comes first.
c
      integer, intent(in) :: n
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)

      integer :: i, k, variable
      double precision :: value

      do k = 2, n
         value = t(k)
         variable = order(k)
         i = k
         do while (i > 1)
            if (.not. value < t(i/2)) exit
            t(i) = t(i/2)
            order(i) = order(i/2)
            i = i/2
         end do
         t(i) = value
         order(i) = variable
      end do
      end subroutine build_heap


      subroutine take_smallest(n, t, order)
c
c     Move the smallest of the heap t(1..n) to t(n) and make a heap of
c     the others: the last element goes to the root and sinks.
c
      integer, intent(in) :: n
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)

      integer :: i, child, variable, smallest_variable
      double precision :: value, smallest

      if (n <= 1) return
      smallest = t(1)
      smallest_variable = order(1)
      value = t(n)
      variable = order(n)

      i = 1
      child = 2
      do while (child <= n - 1)
         if (child < n - 1) then
            if (t(child + 1) < t(child)) child = child + 1
         end if
         if (.not. t(child) < value) exit
         t(i) = t(child)
         order(i) = order(child)
         i = child
         child = 2*i
      end do
      t(i) = value
      order(i) = variable

      t(n) = smallest
      order(n) = smallest_variable
      end subroutine take_smallest

      end module breakpoint_heap_mod
