      module middle_matrix_mod
      use triangular_solve_mod, only : solve, solve_transposed
      implicit none

      contains

      subroutine middle_matrix(col, ld, sy, wt, w, v)
c
c     v = M w, the middle matrix of the compact representation
c     B = theta I - W M W'  ([BLNZ] (3.3), (3.4)):
c
c        [ -D^(1/2)  D^(-1/2) L' ]  v = [ D^(1/2)           0 ]^(-1) w
c        [  0        J'          ]      [ -L D^(-1/2)       J ]
c
c     where D and L are the diagonal and the strictly lower part of S'Y
c     and JJ' = theta S'S + L D^(-1) L' is factored in wt.
c
      integer, intent(in) :: col, ld
      double precision, intent(in) :: sy(ld, col)  ! S'Y, mirrored above
      double precision, intent(in) :: wt(ld, col)  ! J' above, J below
      double precision, intent(in) :: w(2*col)
      double precision, intent(out) :: v(2*col)

      integer :: i, k

c     J q = w_2 + L D^(-1) w_1; v's other half keeps the sums.
      v(1:col) = 0
      do k = 1, col - 1
         do i = k + 1, col
            v(i) = v(i) + sy(i, k)*w(k)/sy(k, k)
         end do
      end do
      v(col + 1) = w(col + 1)
      do i = 2, col
         v(col + i) = w(col + i) + v(i)
      end do
      call solve_transposed(col, ld, wt, v(col + 1), v)

c     J' q <- q, and then -D^(1/2) p + D^(-1/2) L' q = D^(-1/2) w_1.
      call solve(col, ld, wt, v(col + 1))
      v(1:col) = 0
      do k = 2, col
         do i = 1, k - 1
            v(i) = v(i) + sy(i, k)*v(col + k)/sy(i, i)
         end do
      end do
      do i = 1, col
         v(i) = -w(i)/sqrt(sy(i, i))/sqrt(sy(i, i)) + v(i)
      end do
      end subroutine middle_matrix


      subroutine middle_factor(col, ld, theta, sy, ss, wt, positive)
c
c     The Cholesky factor of T = theta S'S + L D^(-1) L' ([BLNZ] (3.4)).
c
      integer, intent(in) :: col, ld
      double precision, intent(in) :: theta
      double precision, intent(in) :: sy(ld, col)
      double precision, intent(in) :: ss(ld, col)  ! upper triangle
      double precision, intent(out) :: wt(ld, col)
      logical, intent(out) :: positive

      integer :: i, j, k, definite

      do j = 1, col
         do i = j, col
            wt(i, j) = 0
         end do
         do k = 1, j - 1
            do i = j, col
               wt(i, j) = wt(i, j) + sy(i, k)*sy(j, k)/sy(k, k)
            end do
         end do
         if (j == 1) then
            wt(1:col, 1) = theta*ss(1, 1:col)
         else
            do i = j, col
               wt(i, j) = wt(i, j) + theta*ss(j, i)
            end do
         end if
      end do
      call cholesky(col, col, ld, wt, definite)
      positive = definite > 0
      end subroutine middle_factor

      end module middle_matrix_mod
