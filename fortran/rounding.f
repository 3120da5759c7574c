      module rounding_mod
      implicit none

      contains

      double precision function rounding_of(n, f1, f2)
c
c     How far two values of f may be apart by rounding alone: as if f
c     were a sum of n terms that are no larger than itself.
c
      integer, intent(in) :: n
      double precision, intent(in) :: f1, f2

      rounding_of = (1024d0 + n)*epsilon(f1) * max(abs(f1), abs(f2))
      end function rounding_of

      end module rounding_mod
