      subroutine next_free_rows(n, free, list, first, last, rows, dense)
c
c     The next block of free variables, list(first..last), and how to read
c     their rows of W: dense, as the rows rows of variables list(first),
c     list(first) + 1, ..., where at least half of these are free, so that
c     the few others are cheaper read than left out; else gathered.
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: n, free, first, list(n)
      integer, intent(out) :: last, rows
      logical, intent(out) :: dense

      integer :: k

      last = min(first + block - 1, free)
      rows = list(last) - list(first) + 1
      dense = rows == last - first + 1
      if (dense) return

      do k = first, last
         if (list(k) >= list(first) + block) exit
      end do
      rows = list(k - 1) - list(first) + 1
      dense = 2*(k - first) >= rows
      if (dense) then
         last = k - 1
      else
         rows = last - first + 1
      end if
      end subroutine next_free_rows


      subroutine spread(count, list, dense, r, rows, part)
c
c     Numbers of free variables to the rows of their block; other rows are
c     0 and add nothing to a sum.
c
      implicit none

      integer, intent(in) :: count, list(count), rows
      logical, intent(in) :: dense
      double precision, intent(in) :: r(count)
      double precision, intent(out) :: part(rows)

      integer :: k

      if (.not. dense .or. rows == count) then
         part(1:rows) = r(1:count)
      else
         part(1:rows) = 0
         do k = 1, count
            part(list(k) - list(1) + 1) = r(k)
         end do
      end if
      end subroutine spread


      subroutine collect(count, list, dense, rows, part, r)
c
c     The reverse of spread.
c
      implicit none

      integer, intent(in) :: count, list(count), rows
      logical, intent(in) :: dense
      double precision, intent(in) :: part(rows)
      double precision, intent(out) :: r(count)

      integer :: k

      if (.not. dense .or. rows == count) then
         r(1:count) = part(1:rows)
      else
         do k = 1, count
            r(k) = part(list(k) - list(1) + 1)
         end do
      end if
      end subroutine collect


      subroutine gather(rows, list, a, b)
c
c     b = the entries of a that list names.
c
      implicit none

      integer, intent(in) :: rows, list(rows)
      double precision, intent(in) :: a(*)
      double precision, intent(out) :: b(rows)

      integer :: k

      do k = 1, rows
         b(k) = a(list(k))
      end do
      end subroutine gather


      subroutine free_sums(n, columns, rows, list, dense, a, v, sums)
c
c     two_lane_sums of a block of free variables' rows of a.
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: n, columns, rows, list(*)
      logical, intent(in) :: dense
      double precision, intent(in) :: a(n, columns), v(2, rows)
      double precision, intent(inout) :: sums(2, columns)

      integer, parameter :: wide = 4
      integer :: j, k, width
      double precision :: panel(block, wide)

      if (dense) then
         call two_lane_sums(rows, columns, n, a(list(1), 1), v, sums)
         return
      end if
      do j = 1, columns, wide
         width = min(wide, columns - j + 1)
         do k = 1, width
            call gather(rows, list, a(1, j + k - 1), panel(1, k))
         end do
         call two_lane_sums(rows, width, block, panel, v, sums(1, j))
      end do
      end subroutine free_sums
