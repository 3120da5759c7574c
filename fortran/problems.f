      module problems_mod
      use, intrinsic :: iso_c_binding, only : c_double, c_int, c_loc,
     &  c_ptr
      use new_pair_mod, only : curvature
      use state_layout, only : d_dtd, d_first_slope, d_gradient_norm,
     &  d_largest_step, d_slope, d_step, d_theta, i_active,
     &  i_all_segments, i_entering, i_free, i_head, i_infinite,
     &  i_leaving, i_segments, i_subspace_end, i_unfactored, i_updates
      use workspace_mod, only : long, places, places_of
      implicit none

c     What directions.c has of each problem: group.h has the same.
      type, bind(c) :: problem
         type(c_ptr) :: x, l, u, g, s, y, sy, ss, yy, ssa, mixed, z, d,
     &     x_old, g_old, c
         type(c_ptr) :: nbd, side, status
         real(c_double) :: step, dtd, curvature
         real(c_double) :: theta, slope, largest
         integer(c_int) :: head, full, found
         integer(c_int) :: segments, free, entering, leaving, on_bound
      end type problem

      contains

      pure function is_usual(isave, dsave)
c
c     Whether directions.c may find the direction that a run wants.
c
      integer, intent(in) :: isave(44)
      double precision, intent(in) :: dsave(29)
      logical :: is_usual

      is_usual = isave(i_infinite) == 0 .and. dsave(d_gradient_norm) > 0
      end function is_usual


      function problem_of(n, m, x, l, u, nbd, g, wa, iwa, isave, dsave)
     &  result(one)
c
c     The problem of a run that wants a direction; arguments as in
c     setulb.
c
      integer, intent(in) :: n, m, isave(44)
      double precision, intent(in), target :: x(n), l(n), u(n), g(n),
     &  wa(*)
      integer, intent(in), target :: nbd(n), iwa(*)
      double precision, intent(in) :: dsave(29)
      type(problem) :: one

      type(places) :: at
      integer(long) :: mm

      mm = int(m, long)*m
      at = places_of(n, m)
      one%x = c_loc(x)
      one%l = c_loc(l)
      one%u = c_loc(u)
      one%g = c_loc(g)
      one%s = c_loc(wa(at%s))
      one%y = c_loc(wa(at%y))
      one%sy = c_loc(wa(at%sy))
      one%ss = c_loc(wa(at%ss))
      one%yy = c_loc(wa(at%products))
      one%ssa = c_loc(wa(at%products + mm))
      one%mixed = c_loc(wa(at%products + 2*mm))
      one%z = c_loc(wa(at%z))
      one%d = c_loc(wa(at%d))
      one%x_old = c_loc(wa(at%x_old))
      one%g_old = c_loc(wa(at%g_old))
      one%c = c_loc(wa(at%work))
      one%nbd = c_loc(nbd)
      one%side = c_loc(iwa(at%side))
      one%status = c_loc(iwa(at%status))

      one%step = dsave(d_step)
      one%dtd = dsave(d_dtd)
      one%curvature = curvature(dsave(d_slope), dsave(d_first_slope),
     &                          dsave(d_step))
      one%head = isave(i_head) - 1
      one%full = merge(1, 0, isave(i_updates) > m)
      one%found = 0
      end function problem_of


      subroutine note_direction(one, n, bounded, isave, dsave)
c
c     What search_direction leaves in isave and dsave.
c
      type(problem), intent(in) :: one
      integer, intent(in) :: n, bounded
      integer, intent(inout) :: isave(44)
      double precision, intent(inout) :: dsave(29)

      dsave(d_theta) = one%theta
      dsave(d_dtd) = one%dtd
      dsave(d_slope) = one%slope
      dsave(d_largest_step) = one%largest
      isave(i_unfactored) = 1
      isave(i_subspace_end) = one%on_bound
      isave(i_segments) = 0
      if (bounded == 0) return
      isave(i_segments) = one%segments
      isave(i_all_segments) = isave(i_all_segments) + one%segments
      isave(i_free) = one%free
      isave(i_active) = n - one%free
      isave(i_entering) = one%entering
      isave(i_leaving) = n + 1 - one%leaving
      end subroutine note_direction

      end module problems_mod
