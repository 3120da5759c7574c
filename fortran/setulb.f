      subroutine setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa,
     &                  task, iprint, csave, lsave, isave, dsave, maxls)
c
c     L-BFGS-B by reverse communication: minimize f(x), l <= x <= u,
c     with at most m pairs (s, y) of memory.
c
c     On entry  task is START, or what the last return left there with f
c               and g evaluated at x where it began with FG.
c     On exit   task says what is wanted or why the run ended:
c               FG...  evaluate f and g at x;  NEW_X  an iteration
c               ended; CONV..., ABNO..., ERROR...  the run is over.
c
c     Everything that lives from one call to the next is in the caller's
c     arrays: wa is divided here, state_layout.f names the rest.
c
      implicit none

      integer, intent(in) :: n, m, iprint, maxls
      double precision, intent(inout) :: x(n)    ! the point
      double precision, intent(in) :: l(n), u(n)  ! bounds, see nbd
      integer, intent(in) :: nbd(n)    ! 0 none 1 lower 2 both 3 upper
      double precision, intent(inout) :: f, g(n)
      double precision, intent(in) :: factr, pgtol
      double precision, intent(inout) :: wa(*)   ! 2mn + 5n + 11m^2 + 8m
      integer, intent(inout) :: iwa(*)           ! 3n
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

      call setulb_in_threads(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                       iwa, task, iprint, csave, lsave, isave,
     &                       dsave, maxls, 1)
      end subroutine setulb


      subroutine setulb_in_threads(n, m, x, l, u, nbd, f, g, factr,
     &                             pgtol, wa, iwa, task, iprint, csave,
     &                             lsave, isave, dsave, maxls, threads)
c
c     The same, where threads may share an iteration (team.c): at most
c     so many as asked for, and only of a large problem; or, for tests,
c     -threads of any.
c
      use check_input_mod, only : check_input
      use iteration_mod, only : iteration
      implicit none

      integer, intent(in) :: n, m, iprint, maxls, threads
      double precision, intent(inout) :: x(n)    ! the point
      double precision, intent(in) :: l(n), u(n)  ! bounds, see nbd
      integer, intent(in) :: nbd(n)    ! 0 none 1 lower 2 both 3 upper
      double precision, intent(inout) :: f, g(n)
      double precision, intent(in) :: factr, pgtol
      double precision, intent(inout) :: wa(*)   ! 2mn + 5n + 11m^2 + 8m
      integer, intent(inout) :: iwa(*)           ! 3n
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

c     m*n passes 2**31 on problems that fit in memory.
      integer, parameter :: long = selected_int_kind(18)
      integer(long) :: mn, mm, s, y, sy, ss, wt, k_factor, products, z,
     &  r, d, x_old, g_old, work, side, status, order

      if (task(1:5) == 'START') then
         call check_input(n, m, l, u, nbd, factr, task)
         if (task(1:5) == 'ERROR') return
      end if

      mn = int(m, long)*n
      mm = int(m, long)*m
      s = 1
      y = s + mn
      sy = y + mn
      ss = sy + mm
      wt = ss + mm
      k_factor = wt + mm
      products = k_factor + 4*mm
      z = products + 4*mm
      r = z + n
      d = r + n
      x_old = d + n
      g_old = x_old + n
      work = g_old + n

      side = 1
      status = side + n
      order = status + n

      call iteration(n, m, x, l, u, nbd, f, g, factr, pgtol, wa(s),
     &               wa(y), wa(sy), wa(ss), wa(wt), wa(k_factor),
     &               wa(products), wa(z), wa(r), wa(d), wa(x_old),
     &               wa(g_old), wa(work), iwa(side), iwa(status),
     &               iwa(order), task, csave, lsave, isave, dsave,
     &               maxls, threads)
      end subroutine setulb_in_threads
