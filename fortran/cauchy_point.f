      module cauchy_point_mod
      use block_sizes, only : most_buckets, together, together_pairs
      use breakpoint_heap_mod, only : next_breakpoint, put_in_order
      use middle_matrix_mod, only : middle_matrix
      use row_of_w_mod, only : row_of_w
      implicit none

      contains

      recursive subroutine cauchy_point(n, m, col, head, theta, epsilon,
     &                 x, l, u, s, y, sy, wt, breaks, t, order, free,
     &                 open, slope, status, d, z, listed_t,
     &                 listed_order, c, v, p, w, segments, stopped,
     &                 rest)
c
c     The generalized Cauchy point z: the first local minimum of the
c     quadratic model along the projected gradient path ([BLNZ] section
c     4, algorithm CP), and c = W'(z - x) with it.
c
c     On entry  steepest_path.c has laid out the path; z = x; p = W'd,
c               with S for theta S in W.
c     On exit   c and, for variables that met a bound, z and status.
c               Those that did not are still to go, to z + rest d (d is
c               0 for the others), unless the path has stopped at z.
c
      integer, intent(in) :: n, m, col, head
      double precision, intent(in) :: theta, epsilon
      double precision, intent(in) :: x(n), l(n), u(n)
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(in) :: sy(m, m), wt(m, m)
      integer, intent(in) :: breaks       ! number of breakpoints
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)
      logical, intent(in) :: free, open   ! see steepest_path.c
      double precision, intent(in) :: slope  ! of the path at x
      integer, intent(inout) :: status(n)
      double precision, intent(inout) :: d(n), z(n)
      double precision, intent(inout) :: listed_t(n)
      integer, intent(inout) :: listed_order(n)  ! see next_breakpoint
      double precision, intent(inout) :: c(2*m), p(2*m)
      double precision, intent(out) :: v(2*m), w(2*m)
      integer, intent(inout) :: segments  ! pieces of the path looked at
      logical, intent(out) :: stopped
      double precision, intent(out) :: rest

      integer :: i, k, left, following
      integer :: listed, ordered, bucket, starts(0:most_buckets - 1)
      double precision :: reach           ! see next_breakpoint
c     Variables that the path will meet, their rows of W and M times
c     these; the next one's place.
      integer :: ahead(together), place
      double precision :: rows(together, 2*together_pairs),
     &  products(together, 2*together_pairs)
      double precision :: pmp
      double precision :: f1, f2, f2_start  ! derivatives along the path
      double precision :: t_min, t_sum, t_here, t_last, dt, d_b, gap

      stopped = .true.
      rest = 0
      p(col + 1:2*col) = theta*p(col + 1:2*col)
      if (breaks == 0 .and. .not. free) return

      segments = 1
      c(1:2*col) = 0
      f1 = slope
      f2 = -theta*f1
      f2_start = f2
      if (col > 0) then
         call middle_matrix(col, m, sy, wt, p, v)
         pmp = 0
         do k = 1, 2*col
            pmp = pmp + v(k)*p(k)
         end do
         f2 = f2 - pmp
      end if
      t_min = -f1/f2
      t_sum = 0
      t_last = 0
      reach = -huge(reach)
      listed = 0
      place = together + 1

      do left = breaks, 1, -1
         call next_breakpoint(breaks, left, t_last, t_min, t, order,
     &      reach, listed, ordered, bucket, starts, listed_t,
     &      listed_order, t_here, i)
         following = 0
         if (listed > 0) following = listed_order(listed)
         if (listed < 0 .and. left > 1) following = order(1)
         if (following > 0) call fetch_row(n, col, following, x, l, u,
     &                                     d, z, y, s)
         dt = t_here - t_last
         if (t_min < dt) exit

c        Variable i meets its bound, and the path turns.
         t_sum = t_sum + dt
         d_b = d(i)
         d(i) = 0
         if (d_b > 0) then
            z(i) = u(i)
            status(i) = 2
         else
            z(i) = l(i)
            status(i) = 1
         end if
         gap = z(i) - x(i)
         if (left == 1 .and. breaks == n) then
c           So have all the others: this corner is the Cauchy point.
            c(1:2*col) = c(1:2*col) + dt*p(1:2*col)
            return
         end if

         segments = segments + 1
         f1 = f1 + dt*f2 + d_b*d_b - theta*d_b*gap
         f2 = f2 - theta*(d_b*d_b)
         if (col > 0) then
            c(1:2*col) = c(1:2*col) + dt*p(1:2*col)
            call turn_at_row
         end if
         if (.not. f2 >= epsilon*f2_start) f2 = epsilon*f2_start
         if (left > 1 .or. open) then
            t_min = -f1/f2
         else
            t_min = 0
         end if
         t_last = t_here
      end do

      if (t_min <= 0) t_min = 0
      rest = t_sum + t_min
      stopped = .false.
      c(1:2*col) = c(1:2*col) + t_min*p(1:2*col)

      contains

      subroutine turn_at_row
c
c     Turn, with row i of W and v = M w.  Once the path has met some
c     breakpoints it will meet more, and their products are formed
c     together.
c
      if (segments > 4 .and. col <= together_pairs .and.
     &    (listed > 0 .or. place <= together)) then
         if (place > together) call look_ahead
         if (ahead(place) == i) then
            call turn(col, d_b, together, rows(place, 1),
     &                products(place, 1), c, p, f1, f2)
            place = place + 1
            return
         end if
         place = together + 1
      end if
      call row_of_w(n, m, col, head, i, theta, s, y, w)
      call middle_matrix(col, m, sy, wt, w, v)
      call turn(col, d_b, 1, w, v, c, p, f1, f2)
      end subroutine turn_at_row


      subroutine look_ahead
c
c     The rows of i and of those that are listed next.
c
      integer :: j

      call put_in_order(2*together, listed, ordered, bucket, starts,
     &                  listed_t, listed_order)
      ahead = i
      do j = 1, min(listed, 2*together - 1)
         if (j < together) then
            ahead(j + 1) = listed_order(listed - j + 1)
         else
            call fetch_row(n, col, listed_order(listed - j + 1), x, l,
     &                     u, d, z, y, s)
         end if
      end do
      do j = 1, together
         call row_of_w(n, m, col, head, ahead(j), theta, s, y, w)
         rows(j, 1:2*col) = w(1:2*col)
      end do
      call middle_matrices(together, col, m, sy, wt, rows, products)
      place = 1
      end subroutine look_ahead

      end subroutine cauchy_point


      subroutine turn(col, d_b, ld, w, v, c, p, f1, f2)
c
c     What the stop of one variable changes in p = W'd and in the
c     model's derivatives along the path; w is the variable's row of W,
c     and v = M w.
c
      integer, intent(in) :: col, ld
      double precision, intent(in) :: d_b, w(ld, *), v(ld, *), c(2*col)
      double precision, intent(inout) :: p(2*col)
      double precision, intent(inout) :: f1, f2

      integer :: k
      double precision :: wmc, wmp, wmw

      wmc = 0
      wmp = 0
      wmw = 0
      do k = 1, 2*col
         wmc = wmc + c(k)*v(1, k)
         wmp = wmp + p(k)*v(1, k)
         wmw = wmw + w(1, k)*v(1, k)
         p(k) = p(k) - d_b*w(1, k)
      end do
      f1 = f1 + d_b*wmc
      f2 = f2 + 2*d_b*wmp - d_b*d_b*wmw
      end subroutine turn

      end module cauchy_point_mod
