      subroutine one_call(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                    iwa, task, csave, lsave, isave, dsave)
c
c     One call of this project's setulb, in three threads however small
c     the problem.
c
      use state_layout, only : all_the_way
      implicit none

      integer, intent(in) :: n, m, nbd(n)
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      integer :: stage

      stage = all_the_way
      call setulb_in_threads(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                       iwa, task, -1, csave, lsave, isave, dsave,
     &                       20, -3, stage)
      end subroutine one_call
