      module cauchy_point_mod
      use block_sizes, only : most_buckets
      use breakpoint_heap_mod, only : next_breakpoint
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

      integer :: i, k, left, listed, following, bucket,
     &  starts(0:most_buckets - 1)
      double precision :: reach           ! see next_breakpoint
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
      bucket = -1

      do left = breaks, 1, -1
         call next_breakpoint(breaks, left, t_last, t_min, t, order,
     &      reach, listed, bucket, starts, listed_t, listed_order,
     &      t_here, i, following)
         if (following > 0 .and. following /= i) call fetch_row(n, col,
     &      following, x, l, u, d, z, y, s)
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
            call row_of_w(n, m, col, head, i, theta, s, y, w)
            call turn(m, col, sy, wt, d_b, w, c, p, v, f1, f2)
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
      end subroutine cauchy_point


      subroutine turn(m, col, sy, wt, d_b, w, c, p, v, f1, f2)
c
c     What the stop of one variable changes in p = W'd and in the
c     model's derivatives along the path; w is the variable's row of W.
c
      integer, intent(in) :: m, col
      double precision, intent(in) :: sy(m, m), wt(m, m)
      double precision, intent(in) :: d_b, w(2*col), c(2*col)
      double precision, intent(inout) :: p(2*col)
      double precision, intent(out) :: v(2*col)
      double precision, intent(inout) :: f1, f2

      integer :: k
      double precision :: wmc, wmp, wmw

      call middle_matrix(col, m, sy, wt, w, v)
      wmc = 0
      wmp = 0
      wmw = 0
      do k = 1, 2*col
         wmc = wmc + c(k)*v(k)
         wmp = wmp + p(k)*v(k)
         wmw = wmw + w(k)*v(k)
         p(k) = p(k) - d_b*w(k)
      end do
      f1 = f1 + d_b*wmc
      f2 = f2 + 2*d_b*wmp - d_b*d_b*wmw
      end subroutine turn

      end module cauchy_point_mod
