      module new_pair_mod
      implicit none

      contains

      pure function curvature(slope, first_slope, step)
c
c     y's of the last step.
c
      double precision, intent(in) :: slope        ! g'd at the end
      double precision, intent(in) :: first_slope  ! and at the start
      double precision, intent(in) :: step
      double precision :: curvature

      curvature = (slope - first_slope)*step
      end function curvature


      subroutine new_pair(m, slope, first_slope, step, epsilon, head,
     &                    col, updates, skipped, updated, dr, sy, ss)
c
c     Decide whether the last step, s = step d with change of gradient
c     y, becomes a pair.  It does where its curvature is positive beyond
c     rounding,
c
c        y's > epsilon (-g'd) step
c
c     (in place of [BLNZ] (3.9), which has y'y on the right),
c
c     and then drops the oldest pair if the store is full.
c
      integer, intent(in) :: m
      double precision, intent(in) :: slope        ! g'd at the end
      double precision, intent(in) :: first_slope  ! and at the start
      double precision, intent(in) :: step, epsilon
      integer, intent(inout) :: head, col, updates, skipped
      logical, intent(out) :: updated
      double precision, intent(out) :: dr  ! y's
      double precision, intent(inout) :: sy(m, m), ss(m, m)

      dr = curvature(slope, first_slope, step)
      updated = .not. dr <= epsilon*(-first_slope*step)
      if (.not. updated) then
         skipped = skipped + 1
         return
      end if

      updates = updates + 1
      if (col < m) then
         col = col + 1
      else
         head = mod(head, m) + 1
         call forget_oldest(m, sy)
         call forget_oldest(m, ss)
      end if
      end subroutine new_pair


      subroutine forget_oldest(m, a)
c
c     a(i, j) <- a(i + 1, j + 1).  The last row and column, whose place
c     is for the newest pair, may be anything then.
c
      integer, intent(in) :: m
      double precision, intent(inout) :: a(m*m)

      integer :: k

      do k = 1, m*m - m - 1
         a(k) = a(k + m + 1)
      end do
      end subroutine forget_oldest


      subroutine enter_products(m, col, head, lanes, sums, dr, dtd, sy,
     &                          ss)
c
c     The newest row of S'Y and column of S'S; lane 1 of sums has the
c     products of every pair with the new s.
c
      integer, intent(in) :: m, col, head, lanes
      double precision, intent(in) :: sums(lanes, 2*col)
      double precision, intent(in) :: dr, dtd  ! y's and s's
      double precision, intent(inout) :: sy(m, m)  ! both triangles
      double precision, intent(inout) :: ss(m, m)  ! upper triangle

      integer :: j, slot

      do j = 1, col - 1
         slot = mod(head + j - 2, m) + 1
         sy(col, j) = sums(1, slot)
         sy(j, col) = sums(1, slot)
         ss(j, col) = sums(1, col + slot)
      end do
      sy(col, col) = dr
      ss(col, col) = dtd
      end subroutine enter_products


      subroutine lane_by_age(m, col, head, lanes, lane, sums, w)
c
c     One lane of sums, from the order of the store to that of age.
c
      integer, intent(in) :: m, col, head, lanes, lane
      double precision, intent(in) :: sums(lanes, 2*col)
      double precision, intent(out) :: w(2*col)

      integer :: j, slot

      do j = 1, col
         slot = mod(head + j - 2, m) + 1
         w(j) = sums(lane, slot)
         w(col + j) = sums(lane, col + slot)
      end do
      end subroutine lane_by_age

      end module new_pair_mod
