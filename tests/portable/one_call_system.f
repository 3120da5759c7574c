      subroutine one_call(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                    iwa, task, csave, lsave, isave, dsave)
c
c     One call of the original's setulb, which takes no maxls.  It needs its
c     workspace cleared: in rare runs it reads what it has not yet set.
c
      implicit none

      integer, intent(in) :: n, m, nbd(n)
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      if (task == 'START') wa(:2*m*n + 5*n + 11*m*m + 8*m) = 0.0d0
      call setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa,
     &            task, -1, csave, lsave, isave, dsave)
      end subroutine one_call
