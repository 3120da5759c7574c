      subroutine next_breakpoint(breaks, left, t, order)
c
c     Bring the smallest of the breakpoints t(1..left) to t(left), and
c     its variable to order(left).
c
c     Most paths end on their first piece: the first is found by one
c     scan, and only when a second is wanted do the others become a
c     heap.
c
      implicit none

      integer, intent(in) :: breaks       ! how many there were
      integer, intent(in) :: left         ! how many there still are
      double precision, intent(inout) :: t(breaks)
      integer, intent(inout) :: order(breaks)

      integer :: i, first, owner
      double precision :: value

      if (left == breaks) then
         first = 1
         do i = 2, breaks
            if (t(i) < t(first)) first = i
         end do
         value = t(first)
         owner = order(first)
         t(first) = t(left)
         order(first) = order(left)
         t(left) = value
         order(left) = owner
      else
         if (left == breaks - 1) call build_heap(left, t, order)
         call take_smallest(left, t, order)
      end if
      end subroutine next_breakpoint


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
