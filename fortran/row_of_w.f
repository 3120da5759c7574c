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

      slot = head
      do j = 1, col
         w(j) = y(i, slot)
         w(col + j) = theta*s(i, slot)
         slot = slot + 1
         if (slot > m) slot = 1
      end do
      end subroutine row_of_w

      end module row_of_w_mod
