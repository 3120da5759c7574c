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
c     arrays: workspace.f divides wa, state_layout.f names the rest.
c
      use state_layout, only : all_the_way
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

      integer :: stage

      stage = all_the_way
      call setulb_in_threads(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                       iwa, task, iprint, csave, lsave, isave,
     &                       dsave, maxls, 1, stage)
      end subroutine setulb


      subroutine setulb_in_threads(n, m, x, l, u, nbd, f, g, factr,
     &                             pgtol, wa, iwa, task, iprint, csave,
     &                             lsave, isave, dsave, maxls, threads,
     &                             stage)
c
c     The same, where threads may share an iteration (team.c): at most
c     so many as asked for, and only of a large problem; or, for tests,
c     -threads of any.  stage says how far it goes (iteration.f).
c
      use check_input_mod, only : check_input
      use iteration_mod, only : iteration
      use workspace_mod, only : places, places_of
      implicit none

      integer, intent(in) :: n, m, iprint, maxls, threads
      integer, intent(inout) :: stage
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

      type(places) :: at

      if (task(1:5) == 'START') then
         call check_input(n, m, l, u, nbd, factr, task)
         if (task(1:5) == 'ERROR') return
      end if

      at = places_of(n, m)
      call iteration(n, m, x, l, u, nbd, f, g, factr, pgtol, wa(at%s),
     &               wa(at%y), wa(at%sy), wa(at%ss), wa(at%wt),
     &               wa(at%k_factor), wa(at%products), wa(at%z),
     &               wa(at%r), wa(at%d), wa(at%x_old), wa(at%g_old),
     &               wa(at%work), iwa(at%side), iwa(at%status),
     &               iwa(at%order), task, csave, lsave, isave, dsave,
     &               maxls, threads, stage)
      end subroutine setulb_in_threads
