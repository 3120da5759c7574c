      module workspace_mod
      implicit none

      integer, parameter :: long = selected_int_kind(18)

c     Where the arrays of a run begin in wa and iwa; m*n passes 2**31 on
c     problems that fit in memory.
      type :: places
         integer(long) :: s, y, sy, ss, wt, k_factor, products, z, r, d,
     &     x_old, g_old, work
         integer(long) :: side, status, order
      end type places

      contains

      pure function places_of(n, m) result(at)
c
c     wa has 2mn + 5n + 11m^2 + 8m numbers, and iwa 3n.
c
      integer, intent(in) :: n, m
      type(places) :: at

      integer(long) :: mn, mm

      mn = int(m, long)*n
      mm = int(m, long)*m
      at%s = 1
      at%y = at%s + mn
      at%sy = at%y + mn
      at%ss = at%sy + mm
      at%wt = at%ss + mm
      at%k_factor = at%wt + mm
      at%products = at%k_factor + 4*mm
      at%z = at%products + 4*mm
      at%r = at%z + n
      at%d = at%r + n
      at%x_old = at%d + n
      at%g_old = at%x_old + n
      at%work = at%g_old + n

      at%side = 1
      at%status = at%side + n
      at%order = at%status + n
      end function places_of

      end module workspace_mod
