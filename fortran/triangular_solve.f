      module triangular_solve_mod
      implicit none

      contains

      subroutine solve_transposed(n, ldr, r, b, sums)
c
c     b <- inverse(R') b:  x_j = (b_j - sum_{i<j} r_ij x_i)/r_jj, for R
c     as cholesky.c leaves it.  x_i enters all later sums at once, each
c     of which so meets its terms in rising order.
c
      integer, intent(in) :: n, ldr
      double precision, intent(in) :: r(ldr, n)  ! R above, R' below
      double precision, intent(inout) :: b(n)
      double precision, intent(out) :: sums(n)

      integer :: i, j

      do i = 1, n
         sums(i) = 0
      end do
      do i = 1, n
         b(i) = (b(i) - sums(i))/r(i, i)
         do j = i + 1, n
            sums(j) = sums(j) + r(j, i)*b(i)
         end do
      end do
      end subroutine solve_transposed


      subroutine solve(n, ldr, r, b)
c
c     b <- inverse(R) b, from the last unknown up:  x_j leaves every
c     equation above it, b_i <- b_i + (-x_j) r_ij, as soon as it is
c     known.
c
      integer, intent(in) :: n, ldr
      double precision, intent(in) :: r(ldr, n)
      double precision, intent(inout) :: b(n)

      integer :: i, j

      do j = n, 1, -1
         b(j) = b(j)/r(j, j)
         do i = 1, j - 1
            b(i) = b(i) + (-b(j))*r(i, j)
         end do
      end do
      end subroutine solve

      end module triangular_solve_mod
