      module noise_mod
      use rounding_mod, only : rounding_of
      use state_layout, only : d_f_old, d_step
      implicit none

      contains

      subroutine look_for_noise(n, f, dsave, lower_before, is_noise)
c
c     Where a line search has ended: whether it shows that f is not a
c     function of x.
c
c     A search that finds no lower point comes back to the one that it
c     began at (step 0), and one that comes down to rounding to the best
c     of its trials.  f is evaluated there again.  A function has the
c     same value as before, which is no more than f_old, that at the
c     begin of the search.
c
c     lower_before  f_old is lower: the iterate before is to be restored
c     is_noise      the two differ by more than the rounding of f
c
      integer, intent(in) :: n
      double precision, intent(in) :: f, dsave(29)
      logical, intent(out) :: lower_before, is_noise

      double precision :: change

      change = f - dsave(d_f_old)
      lower_before = change > 0
      is_noise = .false.
      if (lower_before .or.
     &    (dsave(d_step) == 0 .and. change < 0))
     &   is_noise = abs(change) > rounding_of(n, f, dsave(d_f_old))
      end subroutine look_for_noise

      end module noise_mod
