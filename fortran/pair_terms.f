      subroutine model_terms(rows, lda, m, col, head, y, s, v, theta, r)
c
c     r <- r + W v for W = (Y, theta S), pairs in order of age.
c
      implicit none

      integer, intent(in) :: rows, lda, m, col, head
      double precision, intent(in) :: y(lda, m), s(lda, m)
      double precision, intent(in) :: v(2*col), theta
      double precision, intent(inout) :: r(rows)

      integer :: j, k, pairs(5)

      do j = 1, col - 4, 5
         pairs = [(mod(head + k - 2, m) + 1, k = j, j + 4)]
         call add_five_model_terms(rows, lda, y, s, pairs, v(j),
     &                             theta*v(col + j:col + j + 4), r)
      end do
      do j = col - mod(col, 5) + 1, col
         k = mod(head + j - 2, m) + 1
         call add_model_terms(rows, y(1, k), s(1, k), v(j),
     &                        theta*v(col + j), r)
      end do
      end subroutine model_terms


      subroutine corrections(rows, lda, m, col, head, y, s, w, theta, r)
c
c     r <- r + (1/theta) Y w_1 + S w_2, pairs in order of age.
c
      implicit none

      integer, intent(in) :: rows, lda, m, col, head
      double precision, intent(in) :: y(lda, m), s(lda, m)
      double precision, intent(in) :: w(2*col), theta
      double precision, intent(inout) :: r(rows)

      integer :: j, k, pairs(5)

      do j = 1, col - 4, 5
         pairs = [(mod(head + k - 2, m) + 1, k = j, j + 4)]
         call add_five_corrections(rows, lda, y, s, pairs, w(j),
     &                             w(col + j), theta, r)
      end do
      do j = col - mod(col, 5) + 1, col
         k = mod(head + j - 2, m) + 1
         call add_correction(rows, y(1, k), s(1, k), w(j), w(col + j),
     &                       theta, r)
      end do
      end subroutine corrections
