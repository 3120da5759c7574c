      module check_input_mod
      implicit none

      contains

      subroutine check_input(n, m, l, u, nbd, factr, task)
c
c     Look for arguments that no run can start from.  Where several are
c     wrong, task names the last of them.
c
      integer, intent(in) :: n, m, nbd(n)
      double precision, intent(in) :: l(n), u(n), factr
      character(len=60), intent(inout) :: task

      integer :: i

      if (n <= 0) task = 'ERROR: N .LE. 0'
      if (m <= 0) task = 'ERROR: M .LE. 0'
      if (factr < 0) task = 'ERROR: FACTR .LT. 0'
      do i = 1, n
         if (nbd(i) < 0 .or. nbd(i) > 3) then
            task = 'ERROR: INVALID NBD'
         else if (nbd(i) == 2) then
            if (l(i) > u(i)) task = 'ERROR: NO FEASIBLE SOLUTION'
         end if
      end do
      end subroutine check_input

      end module check_input_mod
