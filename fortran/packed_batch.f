      subroutine advance_batch(count, rows, reals_width, integers_width,
     &                         reals, integers, text, answers)
c
c     advance_to_point for many runs: row rows(i), from 0, of the three
c     arrays is the packed state (packed_state.f) of one.  The first
c     letter of its task is the answer.
c
      implicit none

      integer, intent(in) :: count
      integer, intent(in) :: rows(count)
      integer, intent(in) :: reals_width, integers_width  ! of one state
      double precision, intent(inout) :: reals(*)
      integer, intent(inout) :: integers(*)
      character(len=120), intent(inout) :: text(*)
      character(len=1), intent(inout) :: answers(count)

      integer, parameter :: long = selected_int_kind(18)
      integer(long) :: row, r, k
      integer :: i

      do i = 1, count
         row = rows(i)
         r = row*reals_width + 1
         k = row*integers_width + 1
         call advance_to_point(reals(r), integers(k), text(row + 1))
         answers(i) = text(row + 1)(1:1)
      end do
      end subroutine advance_batch
