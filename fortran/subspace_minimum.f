      subroutine free_minimum(n, m, col, head, theta, w, s, y, x, g, d,
     &                        t, old, dtd, slope)
c
c     Without bounds the subspace is the whole space and the step a
c     quasi-Newton step: d = -H g, with the products w of subspace_solve,
c
c        d = (1/theta) (-g + (1/theta) Y w_1 + S w_2)  ([BLNZ] (5.11)),
c
c     and in the same blocks the start of the line search.
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: n, m, col, head
      double precision, intent(in) :: theta, w(2*col)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(inout) :: x(n)
      double precision, intent(in) :: g(n)
      double precision, intent(out) :: d(n), t(n), old(n)
      double precision, intent(out) :: dtd, slope

      integer :: i, j, first, rows, pair
      double precision :: part(block)

      dtd = 0
      slope = 0
      do first = 1, n, block
         rows = min(block, n - first + 1)
         do i = 1, rows
            part(i) = -g(first + i - 1)
         end do
         do j = 1, col
            pair = mod(head + j - 2, m) + 1
            call add_correction(rows, y(first, pair), s(first, pair),
     &                          w(j), w(col + j), theta, part)
         end do
         do i = 1, rows
            old(first + i - 1) = x(first + i - 1)
     &                           + (1/theta)*part(i)
         end do
         call search_start(rows, x(first), g(first), d(first), t(first),
     &                     old(first), dtd, slope)
      end do
      end subroutine free_minimum


      subroutine subspace_minimum(n, m, col, head, free, list, theta, w,
     &                            s, y, l, u, nbd, z, r, best, on_bound)
c
c     The minimum of the model over the free variables, projected into the
c     bounds ([MN]): r becomes the direction from the Cauchy point z,
c
c        r <- (1/theta) (r + (1/theta) Y w_1 + S w_2)   ([BLNZ] (5.11))
c
c     and best = P(z + r).
c
      implicit none

      include 'block.inc'

      integer, intent(in) :: n, m, col, head
      integer, intent(in) :: free, list(n)  ! free ones first, rising
      double precision, intent(in) :: theta, w(2*col)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(in) :: l(n), u(n), z(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! r(k) is list(k)'s
      double precision, intent(out) :: best(n)
      logical, intent(out) :: on_bound       ! some variable ended on one

      integer :: i, j, k, first, last, rows, pair
      logical :: dense
      double precision :: part(block), column(block, 2)

      last = 0
      do while (last < free)
         first = last + 1
         call next_free_rows(n, free, list, first, last, rows, dense)
         call spread(last - first + 1, list(first), dense, r(first),
     &               rows, part)
         i = list(first)
         do j = 1, col
            pair = mod(head + j - 2, m) + 1
            if (dense) then
               call add_correction(rows, y(i, pair), s(i, pair), w(j),
     &                             w(col + j), theta, part)
            else
               call gather(rows, list(first), y(1, pair), column)
               call gather(rows, list(first), s(1, pair), column(1, 2))
               call add_correction(rows, column, column(1, 2), w(j),
     &                             w(col + j), theta, part)
            end if
         end do
         part(1:rows) = (1/theta)*part(1:rows)
         call collect(last - first + 1, list(first), dense, rows, part,
     &                r(first))
      end do

c     Of a step that overflowed to a NaN, too, a bounded variable ends on
c     its bound.
      best = z
      on_bound = .false.
      do k = 1, free
         i = list(k)
         best(i) = z(i) + r(k)
         if (nbd(i) == 1 .or. nbd(i) == 2) then
            if (.not. best(i) >= l(i)) best(i) = l(i)
            if (best(i) == l(i)) on_bound = .true.
         end if
         if (nbd(i) >= 2) then
            if (.not. best(i) <= u(i)) best(i) = u(i)
            if (best(i) == u(i)) on_bound = .true.
         end if
      end do
      end subroutine subspace_minimum


      subroutine add_correction(rows, y, s, a, b, theta, r)
c
c     r <- r + (y a)/theta + s b
c
      implicit none

      integer, intent(in) :: rows
      double precision, intent(in) :: y(rows), s(rows), a, b, theta
      double precision, intent(inout) :: r(rows)

      integer :: i

      do i = 1, rows
         r(i) = r(i) + y(i)*a/theta + s(i)*b
      end do
      end subroutine add_correction


      subroutine truncated_step(n, free, list, l, u, nbd, z, r, best)
c
c     The projected point was no descent from the iterate: go from the
c     Cauchy point towards the subspace minimum only as far as the box
c     allows ([BLNZ] (5.8)).
c
      implicit none

      integer, intent(in) :: n, free, list(n)
      double precision, intent(in) :: l(n), u(n), z(n)
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: r(n)  ! r(k) is list(k)'s
      double precision, intent(out) :: best(n)

      integer :: i, k, blocking
      double precision :: alpha, candidate, gap

      alpha = 1
      candidate = 1
      blocking = 0
      do k = 1, free
         i = list(k)
         if (r(k) < 0 .and. (nbd(i) == 1 .or. nbd(i) == 2)) then
            gap = l(i) - z(i)
            if (gap >= 0) then
               candidate = 0
            else if (r(k)*alpha < gap) then
               candidate = gap/r(k)
            end if
         else if (r(k) > 0 .and. nbd(i) >= 2) then
            gap = u(i) - z(i)
            if (gap <= 0) then
               candidate = 0
            else if (r(k)*alpha > gap) then
               candidate = gap/r(k)
            end if
         end if
         if (candidate < alpha) then
            alpha = candidate
            blocking = k
         end if
      end do

      best = z
      if (blocking > 0) then
         i = list(blocking)
         if (r(blocking) > 0) then
            best(i) = u(i)
            r(blocking) = 0
         else if (r(blocking) < 0) then
            best(i) = l(i)
            r(blocking) = 0
         end if
      end if
      do k = 1, free
         best(list(k)) = best(list(k)) + alpha*r(k)
      end do
      end subroutine truncated_step
