      module free_variables_mod
      implicit none

c     status of a variable at the Cauchy point:
c
c         0 free, has bounds        1 at its lower bound
c        -1 free, has none          2 at its upper bound
c        -3 free, gradient is zero  3 fixed
c
c     side (free_sides.c): whether it is active, whether that is new,
c     and whether it is active and the last step moved it
      integer, parameter :: stayed_free = 0, stayed_active = 1,
     &  entered = 2, left = 3, moved = 4

      end module free_variables_mod
