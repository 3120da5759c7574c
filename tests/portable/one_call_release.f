      subroutine one_call(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                    iwa, task, csave, lsave, isave, dsave)
c
c     One call of the setulb of the authors' release, which takes no
c     maxls.  It needs its workspace cleared: in rare runs it reads what
c     it has not yet set.  A trial point that rounding took past a bound
c     is put on the bound here, which the release leaves to nobody.
c
      implicit none

      integer, intent(in) :: n, m, nbd(n)
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      integer :: i

      if (task == 'START') wa(:2*m*n + 5*n + 11*m*m + 8*m) = 0.0d0
      call setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa,
     &            task, -1, csave, lsave, isave, dsave)
c     dsave(14) is the step; with step 1 the trial is the minimum of the
c     subspace, which is inside.
      if (task(1:5) /= 'FG_LN' .or. dsave(14) == 1) return
      do i = 1, n
         if (nbd(i) == 1 .or. nbd(i) == 2) then
            if (x(i) <= l(i)) x(i) = l(i)
         end if
         if (nbd(i) >= 2) then
            if (x(i) >= u(i)) x(i) = u(i)
         end if
      end do
      end subroutine one_call
