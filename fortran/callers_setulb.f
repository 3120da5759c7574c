      module callers_state_mod
      use state_layout, only : i_all_evaluations, i_all_segments,
     &  i_evaluations, i_free, i_given, i_head, i_iterations, i_pairs,
     &  i_skipped, i_updates, l_bounded
      implicit none

      contains

      subroutine check_state(n, m, nbd, side, status, lsave, isave,
     &                       task)
c
c     Whether the numbers that are used as places are such, and those
c     that count can go on counting.  START makes them all, and its
c     input is looked at by check_input.f.
c
      integer, intent(in) :: n, m, nbd(n), side(n), status(n), isave(44)
      logical, intent(in) :: lsave(4)
      character(len=60), intent(inout) :: task

      integer, parameter :: counts(6) = [i_all_segments, i_skipped,
     &  i_iterations, i_updates, i_all_evaluations, i_evaluations]
      logical :: is_state

      is_state = isave(i_head) >= 1 .and. isave(i_head) <= m .and.
     &   isave(i_pairs) >= 0 .and. isave(i_pairs) <= m .and.
     &   isave(i_free) >= 0 .and. isave(i_free) <= n .and.
     &   minval(isave(counts)) >= 0 .and.
     &   maxval(isave(counts)) < huge(n) - n
c     The sides of variables are known from the first iteration on.
      if (is_state .and. lsave(l_bounded) .and.
     &    (isave(i_iterations) /= 0 .or. isave(i_given) /= 0))
     &   is_state = within(n, side, 0, 7) .and. within(n, status, -3, 3)
      if (.not. is_state) task = 'ERROR: INVALID STATE'
      if (.not. within(n, nbd, 0, 3)) task = 'ERROR: INVALID NBD'
      if (m <= 0) task = 'ERROR: M .LE. 0'
      if (n <= 0) task = 'ERROR: N .LE. 0'
      end subroutine check_state


      function within(n, numbers, least, most)
      integer, intent(in) :: n, numbers(n), least, most
      logical :: within

      within = minval(numbers) >= least .and. maxval(numbers) <= most
      end function within

      end module callers_state_mod


      subroutine callers_setulb(n, m, x, l, u, nbd, f, g, factr, pgtol,
     &                          wa, iwa, task, iprint, csave, lsave,
     &                          isave, dsave, maxls)
c
c     setulb for callers whose arrays may hold anything: what can't be a
c     state becomes an ERROR task, and never an index out of range.
c
      use callers_state_mod, only : check_state
      implicit none

      integer, intent(in) :: n, m, iprint, maxls
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      integer, intent(in) :: nbd(n)
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      integer, intent(inout) :: lsave(4)  ! a logical has two values
      character(len=60), intent(inout) :: task, csave

      logical :: flags(4)

      flags = lsave /= 0
      if (task(1:5) /= 'START') then
         call check_state(n, m, nbd, iwa, iwa(n + 1), flags, isave,
     &                    task)
         if (task(1:5) == 'ERROR') return
      end if
      call setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa, task,
     &            iprint, csave, flags, isave, dsave, maxls)
      lsave = merge(1, 0, flags)
      end subroutine callers_setulb
