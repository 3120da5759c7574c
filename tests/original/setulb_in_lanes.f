      subroutine setulb_in_lanes(n, m, x, l, u, nbd, f, g, factr, pgtol,
     &                           wa, iwa, task, iprint, csave, lsave,
     &                           isave, dsave, maxls)
c
c     setulb, with each direction that can be found in lanes found
c     there, as in a batch (directions.c): all lanes have the same
c     problem.
c
      use, intrinsic :: iso_fortran_env, only : int64
      use problems_mod, only : is_usual, note_direction, problem,
     &  problem_of
      use state_layout, only : direction_found, direction_wanted,
     &  i_pairs, l_bounded, to_direction
      implicit none

      integer, intent(in) :: n, m, nbd(n), iprint, maxls
      double precision, intent(inout) :: x(n), f, g(n)
      double precision, intent(in) :: l(n), u(n), factr, pgtol
      double precision, intent(inout) :: wa(*), dsave(29)
      integer, intent(inout) :: iwa(*), isave(44)
      character(len=60), intent(inout) :: task, csave
      logical, intent(inout) :: lsave(4)

      integer :: stage, bounded, lanes, size
      double precision, allocatable :: scratch(:)
      type(problem) :: one(1)

      stage = to_direction
      call go_on
      if (stage /= direction_wanted) return
      if (is_usual(isave, dsave)) then
         bounded = merge(1, 0, lsave(l_bounded))
         call direction_lanes(n, m, lanes, size)
         allocate (scratch(size))
c        A number that nobody has set spoils what it comes into.
         scratch = transfer(-1_int64, 0d0)
         one(1) = problem_of(n, m, x, l, u, nbd, g, wa, iwa, isave,
     &                       dsave)
         call directions(1, n, m, isave(i_pairs), bounded, one, scratch)
         if (one(1)%found /= 0) then
            call note_direction(one(1), n, bounded, isave, dsave)
            stage = direction_found
         end if
      end if
      call go_on

      contains

      subroutine go_on
      call setulb_in_threads(n, m, x, l, u, nbd, f, g, factr, pgtol, wa,
     &                       iwa, task, iprint, csave, lsave, isave,
     &                       dsave, maxls, 1, stage)
      end subroutine go_on

      end subroutine setulb_in_lanes
