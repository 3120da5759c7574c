      module subspace_matrix_mod
      use triangular_solve_mod, only : solve, solve_transposed
      implicit none

      contains

      subroutine subspace_matrix(m, col, theta, sy, yy, ss, mixed,
     &                           k_factor, positive)
c
c     Factor the matrix of the subspace problem ([BLNZ] section 5.1),
c     from the inner products that free_products.f maintains:
c
c        K = M^(-1) - (1/theta) W'ZZ'W
c
c          = [ -D - (1/theta) Y'ZZ'Y   L_a' - R_z'    ]
c            [  L_a - R_z              theta S'AA'S   ]
c
c     with Z the free variables, A the active ones, L_a the strictly
c     lower part of S'AA'Y and R_z the upper part of S'ZZ'Y.  It is
c     indefinite, but with a diagonal of signs it has a Cholesky factor:
c
c        K = F' [ -I  0 ] F,      F = [ L'   L^(-1) X ],
c               [  0  I ]             [ 0    J'       ]
c
c        LL' = D + (1/theta) Y'ZZ'Y,      X = -L_a' + R_z',
c        JJ' = theta S'AA'S + X' (LL')^(-1) X.
c
c     k_factor gets F, and F' below the diagonal.
c
      integer, intent(in) :: m, col
      double precision, intent(in) :: theta, sy(m, m)
      double precision, intent(in) :: yy(m, m), ss(m, m)  ! lower parts
      double precision, intent(in) :: mixed(m, m)  ! A below, Z above
      double precision, intent(inout) :: k_factor(2*m, 2*m)
      logical, intent(out) :: positive

      integer :: i, j, definite

      do j = 1, col
         do i = j, col
            k_factor(i, j) = yy(i, j)/theta
         end do
         k_factor(j, j) = k_factor(j, j) + sy(j, j)
         do i = 1, j
            k_factor(col + i, j) = mixed(i, j)
         end do
         do i = j + 1, col
            k_factor(col + i, j) = -mixed(i, j)
         end do
         do i = j, col
            k_factor(col + i, col + j) = ss(i, j)*theta
         end do
      end do

c     The first call adds X'(LL')^(-1)X to the last block.
      call cholesky(2*col, col, 2*m, k_factor, definite)
      if (definite > 0) call cholesky(col, col, 2*m,
     &                                k_factor(col + 1, col + 1),
     &                                definite)
      positive = definite > 0
      end subroutine subspace_matrix


      subroutine subspace_solve(m, col, k_factor, w, sums)
c
c     w <- inverse(K) w:  solve with the factor's transpose, negate the
c     first half, solve with the factor.
c
      integer, intent(in) :: m, col
      double precision, intent(in) :: k_factor(2*m, 2*m)
      double precision, intent(inout) :: w(2*col)
      double precision, intent(out) :: sums(2*col)

      call solve_transposed(2*col, 2*m, k_factor, w, sums)
      w(1:col) = -w(1:col)
      call solve(2*col, 2*m, k_factor, w)
      end subroutine subspace_solve

      end module subspace_matrix_mod
