      subroutine original_setulb(n, m, x, l, u, nbd, f, g, factr, pgtol,
     &                           wa, iwa, task, iprint, csave, lsave,
     &                           isave, dsave, maxls)
c
c     The original L-BFGS-B 3.0 under the interface of this package: its
c     setulb has no argument maxls, but the number 20 inside.
c
c     This file is linked with the system's liblbfgsb, never with the
c     setulb of the directory above.
c
c     isave(i_repeats), which the original doesn't use, says to advance
c     that no trial repeats the point evaluated last: the original's
c     caller finds that out (python/lbfgsb77/_run/original.py).
c
      use state_layout, only : i_repeats
      implicit none

      integer, intent(in) :: n, m, nbd(n), iprint, maxls
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      if (maxls /= 20) then
         task = 'ERROR: MAXLS .NE. 20'
         return
      end if
      call setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa, task,
     &            iprint, csave, lsave, isave, dsave)
      isave(i_repeats) = 0
      end subroutine original_setulb


      subroutine original_in_threads(n, m, x, l, u, nbd, f, g, factr,
     &                               pgtol, wa, iwa, task, iprint,
     &                               csave, lsave, isave, dsave, maxls,
     &                               threads, stage)
c
c     The same for packed_state.f.  The original has one thread, and
c     never stops before a direction: stage stays as it is.
c
      implicit none

      integer, intent(in) :: n, m, nbd(n), iprint, maxls, threads
      integer, intent(inout) :: stage
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      call original_setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                     iwa, task, iprint, csave, lsave, isave,
     &                     dsave, maxls)
      end subroutine original_in_threads
