      module cholesky_mod
      implicit none

      private
      public :: cholesky

c     Sums that run side by side.
      integer, parameter :: lanes = 4

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
c     Row by row: R' stands in the columns, so that the sums of a row's
c     neighbours run down them side by side.
c
      integer, intent(in) :: n, pivots, lda
      double precision, intent(inout) :: a(lda, n)
      double precision, intent(out) :: sums(n)
      logical, intent(out) :: positive

      integer :: j, k
      double precision :: diagonal

      positive = .false.
      do k = 1, pivots
         call row_sums(n, k, k - 1, lda, a, sums)
         diagonal = a(k, k) - sums(k)
         if (diagonal <= 0) return
         diagonal = sqrt(diagonal)
         a(k, k) = diagonal
         do j = k + 1, n
            a(j, k) = (a(k, j) - sums(j))/diagonal
            a(k, j) = a(j, k)
         end do
      end do
      positive = .true.

      do k = pivots + 1, n
         call row_sums(n, k, pivots, lda, a, sums)
         a(k + 1:n, k) = sums(k + 1:n)
      end do
      end subroutine cholesky


      subroutine row_sums(n, k, last, lda, a, sums)
c
c     sums_j = sum r_ik r_ij, i = 1, ..., last, for j = k, ..., n.
c
      integer, intent(in) :: n, k, last, lda
      double precision, intent(in) :: a(lda, n)  ! R' in its columns
      double precision, intent(inout) :: sums(n)

      integer :: i, j, first
      double precision :: lane(lanes), alone

      if (n - k + 1 < lanes) then
         do j = k, n
            alone = 0
            do i = 1, last
               alone = alone + a(k, i)*a(j, i)
            end do
            sums(j) = alone
         end do
         return
      end if

c     The last ones may be formed twice, which changes nothing.
      do j = k, n, lanes
         first = min(j, n - lanes + 1)
         lane = 0
         do i = 1, last
            lane = lane + a(k, i)*a(first:first + lanes - 1, i)
         end do
         sums(first:first + lanes - 1) = lane
      end do
      end subroutine row_sums

      end module cholesky_mod
