      module row_of_w_mod
      implicit none

      contains

      subroutine row_of_w(n, m, col, head, i, theta, s, y, w)
c
c     Row i of W = (Y, theta S), pairs in order of age.
c
      integer, intent(in) :: n, m, col, head, i
      double precision, intent(in) :: theta, s(n, m), y(n, m)
      double precision, intent(out) :: w(2*col)

      integer :: j, slot

      do j = 1, col
         slot = mod(head + j - 2, m) + 1
         w(j) = y(i, slot)
         w(col + j) = theta*s(i, slot)
      end do
      end subroutine row_of_w

      end module row_of_w_mod
