      subroutine next_breakpoint(breaks, left, t_last, t_min, t, order,
     &                           near, listed, near_t, near_order, here,
     &                           owner)
c
c     The smallest of the breakpoints that the path has not met yet:
c     its t is here, and its variable owner.  Where the path ends before
c     it meets another, t_min < t - t_last for all that are left, here
c     is a number that says so.
c
c     Few paths get far.  So those breakpoints that one may meet are
c     listed and put in order, and all of them only when the list can't
c     tell who comes next: when it would be long, or when some are
c     equal, whose order is that of next_of_all.
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: breaks       ! how many there were
      integer, intent(in) :: left         ! how many there still are
      double precision, intent(in) :: t_last  ! of the last one met, or 0
      double precision, intent(in) :: t_min   ! from there to the
c                                               model's minimum
      double precision, intent(inout) :: t(breaks)
      integer, intent(inout) :: order(breaks)
      double precision, intent(inout) :: near  ! t up to which they were
      integer, intent(inout) :: listed    ! listed, and how many of them
c                                           are left; -1: all are in t
      double precision, intent(inout) :: near_t(block)
      integer, intent(inout) :: near_order(block)
      double precision, intent(out) :: here
      integer, intent(out) :: owner

      integer :: k, from
      double precision :: beyond

      from = breaks
      if (listed < 0) from = left

      do while (listed == 0)
         here = near
         owner = 0
         if (t_min < near - t_last) return
         beyond = near
         near = t_last + 1.5d0*t_min
         call list_breakpoints(breaks, t, order, beyond, near, listed,
     &                         near_t, near_order)
         if (left == breaks .and. listed > 0) then
            call put_first_last(listed, near_t, near_order)
            call build_heap(listed - 1, near_t, near_order)
         else
            call build_heap(listed, near_t, near_order)
         end if
      end do

      if (listed > 0) then
         if (left < breaks) call take_smallest(listed, near_t,
     &                                         near_order)
         here = near_t(listed)
         owner = near_order(listed)
         listed = listed - 1
         if (left == breaks .or. listed == 0) return
         if (near_t(1) > here) return
         listed = -1
      end if

      do k = from, left, -1
         call next_of_all(breaks, k, t, order)
      end do
      here = t(left)
      owner = order(left)
      end subroutine next_breakpoint


      recursive subroutine list_breakpoints(breaks, t, order, beyond,
     &                                      near, listed, near_t,
     &                                      near_order)
c
c     List the breakpoints with beyond < t <= near.  listed is -1 where
c     they are more than a block, or near is not beyond, or one is NaN.
c
      implicit none

      include 'block.inc'
      include 'chunk.inc'

      integer, intent(in) :: breaks, order(breaks)
      double precision, intent(in) :: t(breaks), beyond, near
      integer, intent(out) :: listed
      double precision, intent(out) :: near_t(block)
      integer, intent(out) :: near_order(block)

      integer :: i, first, rows
      double precision :: found

      listed = -1
      if (.not. near > beyond) return
      listed = 0
      do first = 1, breaks, chunk
         rows = min(chunk, breaks - first + 1)
         call find_near(rows, t(first), near, found)
         if (found <= 0) cycle
         do i = first, first + rows - 1
            if (t(i) > near .or. t(i) <= beyond) cycle
            if (listed == block .or. .not. t(i) > beyond) then
               listed = -1
               return
            end if
            listed = listed + 1
            near_t(listed) = t(i)
            near_order(listed) = order(i)
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
      implicit none

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
      implicit none

      integer, intent(in) :: n
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)

      integer :: i, first, owner
      double precision :: value

      first = 1
      do i = 2, n
         if (t(i) < t(first)) first = i
      end do
      value = t(first)
      owner = order(first)
      t(first) = t(n)
      order(first) = order(n)
      t(n) = value
      order(n) = owner
      end subroutine put_first_last


      subroutine build_heap(n, t, order)
c
c     Arrange t(1..n), and order with it, as a binary heap with its
c     smallest value first.  Elements are inserted one by one: among
c     equal breakpoints, which are common, this decides who comes first.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)

      integer :: i, k, owner
      double precision :: value

      do k = 2, n
         value = t(k)
         owner = order(k)
         i = k
         do while (i > 1)
            if (.not. value < t(i/2)) exit
            t(i) = t(i/2)
            order(i) = order(i/2)
            i = i/2
         end do
         t(i) = value
         order(i) = owner
      end do
      end subroutine build_heap


      subroutine take_smallest(n, t, order)
c
c     Move the smallest of the heap t(1..n) to t(n) and make a heap of
c     the others: the last element goes to the root and sinks.
c
      implicit none

      integer, intent(in) :: n
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)

      integer :: i, child, owner, smallest_owner
      double precision :: value, smallest

      if (n <= 1) return
      smallest = t(1)
      smallest_owner = order(1)
      value = t(n)
      owner = order(n)

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
      order(i) = owner

      t(n) = smallest
      order(n) = smallest_owner
      end subroutine take_smallest
