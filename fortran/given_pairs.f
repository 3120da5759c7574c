      module given_pairs_mod
      use free_variables_mod, only : stayed_active
      use middle_matrix_mod, only : middle_factor
      implicit none

      contains

      subroutine given_pairs(n, m, col, bounded, s, y, sy, ss, wt, yy,
     &                       ssa, mixed, side, theta, ok)
c
c     Begin with given pairs: s and y hold col of them, oldest first,
c     and everything that follows from them is computed, each sum in
c     rising order.
c
c     Without bounds all variables are free.  With bounds all are
c     active, until the first free_variables makes free ones enter.
c
      integer, intent(in) :: n, m, col
      logical, intent(in) :: bounded
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(inout) :: sy(m, m), ss(m, m), wt(m, m)
      double precision, intent(inout) :: yy(m, m), ssa(m, m),
     &  mixed(m, m)
      integer, intent(out) :: side(n)  ! see free_variables.f
      double precision, intent(out) :: theta
      logical, intent(out) :: ok  ! y's > 0 in every pair, T definite

      integer :: i, j, k
      double precision :: y_y, s_y, s_s

      ok = .false.
      do j = 1, col
         do i = 1, col
            y_y = 0
            s_y = 0
            s_s = 0
            do k = 1, n
               y_y = y_y + y(k, i)*y(k, j)
               s_y = s_y + s(k, i)*y(k, j)
               s_s = s_s + s(k, i)*s(k, j)
            end do
            if (i >= j) then
               sy(i, j) = s_y
               sy(j, i) = s_y
            end if
            ss(i, j) = s_s
            yy(i, j) = merge(0d0, y_y, bounded)
            ssa(i, j) = merge(s_s, 0d0, bounded)
            mixed(i, j) = merge(s_y, 0d0, bounded .eqv. i > j)
            if (i == j) then
               if (.not. s_y > epsilon(s_y)*y_y) return
               theta = y_y/s_y
            end if
         end do
      end do
      side = stayed_active
      call middle_factor(col, m, theta, sy, ss, wt, ok)
      end subroutine given_pairs

      end module given_pairs_mod
