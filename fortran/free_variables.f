      module free_variables_mod
      implicit none

      contains

      subroutine free_variables(n, compare, status, list, free, change,
     &                          entering, leaving)
c
c     Sort the variables by whether they are free at the Cauchy point.
c
c     status  0 free, has bounds        1 at its lower bound
c            -1 free, has none          2 at its upper bound
c            -3 free, gradient is zero  3 fixed
c
c     list    holds the free variables in rising order and then the
c             active ones in falling order: later sums run over them so.
c     change  tells what differs from the last list: the first entering
c             entries became free, the last leaving ones became active,
c             both in falling order.
c
      integer, intent(in) :: n
      logical, intent(in) :: compare       ! there is a last list
      integer, intent(in) :: status(n)
      integer, intent(inout) :: list(n)
      integer, intent(inout) :: free       ! how many are free
      integer, intent(inout) :: change(n)
      integer, intent(out) :: entering, leaving

      integer :: i, k, active

      entering = 0
      leaving = 0
      if (compare) then
         do k = 1, free
            i = list(k)
            if (status(i) > 0) then
               change(n - leaving) = i
               leaving = leaving + 1
            end if
         end do
         do k = free + 1, n
            i = list(k)
            if (status(i) <= 0) then
               entering = entering + 1
               change(entering) = i
            end if
         end do
      end if

c     Both lists grow towards each other, and i is written at the end of
c     both; the wrong one is written over.
      free = 0
      active = 0
      do i = 1, n
         list(free + 1) = i
         list(n - active) = i
         free = free + merge(1, 0, status(i) <= 0)
         active = i - free
      end do
      end subroutine free_variables

      end module free_variables_mod
