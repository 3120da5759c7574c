      module free_variables_mod
      implicit none

c     side of a variable: whether it is active, whether that is new, and
c     whether it is active and the last step moved it
      integer, parameter :: stayed_free = 0, stayed_active = 1,
     &  entered = 2, left = 3, moved = 4

      contains

      subroutine free_variables(n, compare, status, step, side, free,
     &                          entering, leaving)
c
c     Which of some variables are free at the Cauchy point.
c
c     status  0 free, has bounds        1 at its lower bound
c            -1 free, has none          2 at its upper bound
c            -3 free, gradient is zero  3 fixed
c
c     side    is that of the last iterate on entry; on exit it says also
c             what has changed: a variable has entered the free ones, or
c             left them, or is active and the last step moved it.
c
      integer, intent(in) :: n
      logical, intent(in) :: compare   ! side holds the last ones
      integer, intent(in) :: status(n)
      double precision, intent(in) :: step(n)  ! the last one
      integer, intent(inout) :: side(n)
      integer, intent(out) :: free, entering, leaving  ! how many

      free = n
      entering = 0
      leaving = 0
      if (.not. compare) side = min(max(status, 0), 1)
      call find_sides(n, status, step, side, free, entering, leaving)
      end subroutine free_variables


      function differs(n, side)
c
c     Whether one of some variables is on another side than before, or
c     active and moved.
c
      integer, intent(in) :: n, side(n)
      logical :: differs

      integer :: largest

      call largest_side(n, side, largest)
      differs = largest >= entered
      end function differs

      end module free_variables_mod
