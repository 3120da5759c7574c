      subroutine one_call(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                    iwa, task, csave, lsave, isave, dsave)
c
c     One call of this project's setulb, with directions found as in a
c     batch.
c
      implicit none

      integer, intent(in) :: n, m, nbd(n)
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      call setulb_in_lanes(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                     iwa, task, -1, csave, lsave, isave, dsave,
     &                     20)
      end subroutine one_call
