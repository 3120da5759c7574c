      module cholesky_mod
      implicit none

      contains

      subroutine cholesky(n, pivots, lda, a, sums, positive)
c
c     The first rows, pivots in number, of the factor R of A = R'R:
c
c        r_kj = (a_kj - sum_{i<k} r_ik r_ij)/r_kk,
c        r_jj = sqrt(a_jj - sum_{k<j} r_kj^2).
c
c     On entry  the upper triangle of a holds A.
c     On exit   its first rows hold R and its first columns R', so that
c               both solves of triangular_solve.f run down columns.
c               What these rows would take from the others, sum r_ik
c               r_ij over all pivots i, is below the diagonal and in
c               sums.
c
c     Each sum takes its terms in rising order, but all sums advance
c     side by side: when row i of R is known, it enters every sum that
c     needs it.  Until row k is computed its sums are kept where its
c     transpose will be; those of the diagonal have a vector of their
c     own.
c
      integer, intent(in) :: n, pivots, lda
      double precision, intent(inout) :: a(lda, n)
      double precision, intent(out) :: sums(n)
      logical, intent(out) :: positive

      integer :: i, j, k
      double precision :: diagonal

      do j = 1, n
         sums(j) = 0
         do i = j + 1, n
            a(i, j) = 0
         end do
      end do

      positive = .false.
      do i = 1, pivots
         diagonal = a(i, i) - sums(i)
         if (diagonal <= 0) return
         diagonal = sqrt(diagonal)
         a(i, i) = diagonal
         do j = i + 1, n
            a(j, i) = (a(i, j) - a(j, i))/diagonal
            a(i, j) = a(j, i)
            sums(j) = sums(j) + a(j, i)*a(j, i)
         end do
         do k = i + 1, n
            do j = k + 1, n
               a(j, k) = a(j, k) + a(k, i)*a(j, i)
            end do
         end do
      end do
      positive = .true.
      end subroutine cholesky

      end module cholesky_mod
