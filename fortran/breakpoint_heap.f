      module breakpoint_heap_mod
      use block_sizes, only : chunk, most_buckets
      implicit none

      contains

      subroutine next_breakpoint(breaks, left, t_last, t_min,
     &                 t, order, reach, listed, ordered, bucket, starts,
     &                 listed_t, listed_order, t_next, variable)
c
c     The smallest of the breakpoints that the path has not met yet,
c     t_next, and whose it is.  Where the path ends before it meets
c     another, t_min < t - t_last for all that are left, t_next is a
c     number that says so.
c
c     Few paths get far.  So those breakpoints that one may meet are
c     listed, by buckets, and put in order bucket by bucket; all of them
c     only when the list can't tell who comes next, which is when some
c     are equal, whose order is that of next_of_all.
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
c     For put_in_order:
      integer, intent(inout) :: ordered, bucket
      integer, intent(inout) :: starts(0:most_buckets - 1)
      double precision, intent(inout) :: listed_t(breaks)
      integer, intent(inout) :: listed_order(breaks)
      double precision, intent(out) :: t_next
      integer, intent(out) :: variable

      integer :: k, from
      double precision :: beyond

      from = breaks
      if (listed < 0) from = left

      do while (listed == 0)
         t_next = reach
         variable = 0
         if (t_min < reach - t_last) return
         beyond = reach
         reach = t_last + 1.5d0*t_min
         call list_breakpoints(breaks, t, order, beyond, max(beyond,
     &      t_last), reach, listed, starts, listed_t, listed_order)
         ordered = listed + 1
         bucket = -1
         if (listed > 0 .and. left == breaks) call begin_with_first(
     &      listed, ordered, bucket, starts, listed_t, listed_order)
      end do

      if (listed > 0) then
         call put_in_order(2, listed, ordered, bucket, starts, listed_t,
     &                     listed_order)
         t_next = listed_t(listed)
         variable = listed_order(listed)
         listed = listed - 1
         if (left == breaks .or. listed == 0) return
         if (listed_t(listed) > t_next) return
         listed = -1
      end if

      do k = from, left, -1
         call next_of_all(breaks, k, t, order)
      end do
      t_next = t(left)
      variable = order(left)
      end subroutine next_breakpoint


      subroutine put_in_order(wanted, listed, ordered, bucket, starts,
     &                        listed_t, listed_order)
c
c     Put the nearest of the listed breakpoints in falling order, as
c     many as wanted or all: these are listed_t(ordered..listed).  Those
c     before them in the same bucket are a heap.
c
      integer, intent(in) :: wanted, listed
      integer, intent(inout) :: ordered
      integer, intent(inout) :: bucket    ! -1 at first
      integer, intent(in) :: starts(0:most_buckets - 1)
      double precision, intent(inout) :: listed_t(*)
      integer, intent(inout) :: listed_order(*)

      integer :: from, last

      last = max(1, listed - wanted + 1)
      do while (ordered > last)
         if (bucket >= 0) then
            from = starts(bucket)
            if (from < ordered) then
               call take_smallest(ordered - from, listed_t(from),
     &                            listed_order(from))
               ordered = ordered - 1
               cycle
            end if
         end if
         bucket = bucket + 1
         from = starts(bucket)
         call build_heap(ordered - from, listed_t(from),
     &                   listed_order(from))
      end do
      end subroutine put_in_order


      subroutine begin_with_first(listed, ordered, bucket, starts,
     &                            listed_t, listed_order)
c
c     Of the smallest of all breakpoints the first comes first, as in
c     next_of_all.
c
      integer, intent(in) :: listed
      integer, intent(inout) :: ordered, bucket
      integer, intent(in) :: starts(0:most_buckets - 1)
      double precision, intent(inout) :: listed_t(listed)
      integer, intent(inout) :: listed_order(listed)

      integer :: from

      bucket = 0
      do while (starts(bucket) > listed)
         bucket = bucket + 1
      end do
      from = starts(bucket)
      call put_first_last(listed - from + 1, listed_t(from),
     &                    listed_order(from))
      ordered = listed
      call build_heap(listed - from, listed_t(from), listed_order(from))
      end subroutine begin_with_first


      subroutine list_breakpoints(breaks, t, order, beyond, low, reach,
     &                            listed, starts, listed_t,
     &                            listed_order)
c
c     List the breakpoints with beyond < t <= reach, none of which is
c     below low, in buckets: the nearest, bucket 0, last, and each in
c     the order of t.  listed is -1 where reach is not beyond, or one is
c     NaN.
c
      integer, intent(in) :: breaks, order(breaks)
      double precision, intent(in) :: t(breaks), beyond, low, reach
      integer, intent(out) :: listed
      integer, intent(out) :: starts(0:most_buckets - 1)
      double precision, intent(out) :: listed_t(breaks)
      integer, intent(out) :: listed_order(breaks)

      integer :: i, k, first, rows, number, found
      double precision :: middle

      listed = -1
      if (.not. reach > beyond) return

      number = max(1, min(most_buckets, breaks/4))
      middle = middle_of(breaks, t, low, reach)
      starts(0:number - 1) = 0
      do first = 1, breaks, chunk
         rows = min(chunk, breaks - first + 1)
         call find_within(rows, t(first), reach, found)
         if (found <= 0) cycle
         do i = first, first + rows - 1
            if (t(i) > reach .or. t(i) <= beyond) cycle
            if (.not. t(i) > beyond) return
            k = bucket_of(t(i) - low, middle, number)
            starts(k) = starts(k) + 1
         end do
      end do

      listed = 0
      do k = number - 1, 0, -1
         listed = listed + starts(k)
         starts(k) = listed + 1
      end do
      if (listed == 0) return
      do first = 1 + (breaks - 1)/chunk*chunk, 1, -chunk
         rows = min(chunk, breaks - first + 1)
         call find_within(rows, t(first), reach, found)
         if (found <= 0) cycle
         do i = first + rows - 1, first, -1
            if (t(i) > reach .or. t(i) <= beyond) cycle
            k = bucket_of(t(i) - low, middle, number)
            starts(k) = starts(k) - 1
            listed_t(starts(k)) = t(i)
            listed_order(starts(k)) = order(i)
         end do
      end do
      end subroutine list_breakpoints


      pure function bucket_of(distance, middle, number)
c
c     Half of the buckets are for breakpoints nearer than the middle.
c     A farther one is never in a nearer bucket, whatever is rounded or
c     overflows: each operation keeps the order.
c
      double precision, intent(in) :: distance, middle
      integer, intent(in) :: number
      integer :: bucket_of

      double precision :: place

      place = number*(1 - middle/(middle + distance))
      bucket_of = number - 1
      if (place < number) bucket_of = int(place)
      end function bucket_of


      function middle_of(breaks, t, low, reach)
c
c     About how far from low half of the breakpoints within reach are.
c
      integer, intent(in) :: breaks
      double precision, intent(in) :: t(breaks), low, reach
      double precision :: middle_of

      integer, parameter :: most = 25
      integer :: i, k, count
      double precision :: sample(0:most)

      count = 0
      sample(0) = low
      do i = 1, breaks, 1 + (breaks - 1)/most
         if (.not. (t(i) > low .and. t(i) <= reach)) cycle
         k = count
         do while (sample(k) > t(i))
            sample(k + 1) = sample(k)
            k = k - 1
         end do
         sample(k + 1) = t(i)
         count = count + 1
      end do
      middle_of = reach - low
      if (count > 0) middle_of = sample((count + 1)/2) - low
      end function middle_of


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
