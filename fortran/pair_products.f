      module pair_products_mod
      use, intrinsic :: iso_c_binding, only : c_ptr
      use block_sizes, only : few, gathered
      use free_rows_mod, only : dense, gathered_sums
      use sharing_mod, only : largest_team, most_parts, next_part,
     &  pieces_of, stretch_of, team_hand_on, team_meet, team_take_over
      implicit none

c     What the pass finds besides the products
      type :: path_facts
         integer :: breaks        ! how many breakpoints there are
         double precision :: f1   ! slope of the path, -d'd
         double precision :: rr   ! y'y of the newest pair
c        by rank:
         logical :: free(0:largest_team - 1)  ! some variable has none
         logical :: open(0:largest_team - 1)  ! ... and moves
c        of the parts of a stretch, and of those of the next one, which
c        may begin before these are read:
         integer :: counts(0:most_parts - 1, 0:1)  ! of breakpoints
         integer :: moving(0:most_parts - 1, 0:1)  ! of variables that
c                                   d or the new s moves
      end type path_facts

      contains

      subroutine pair_products(team, rank, size, n, m, col, slot,
     &                         arrived, path, finite, lanes, stp, x, l,
     &                         u, nbd, g, status, d, z, g_old, s, y, t,
     &                         order, facts, sums)
c
c     The one pass over all pairs that an iteration begins with.  It
c
c     - stores the new pair s = stp d, y = g - g_old;
c     - lays out the path of steepest descent (steepest_path.c), a = d;
c     - and takes of every pair the products
c
c          y_j's, y_j'a       and       s_j's, s_j'a         (2 lanes)
c
c       where there are bounds.  Where there are none every variable is
c       free and a = -g, and those with the new y come with them:
c
c          y_j's, y_j'g, y_j'y   and   s_j's, s_j'g, s_j'y   (3 lanes)
c
c     (those with the new s or y mean nothing where there is no new
c     pair), in blocks, so that what one loop wrote is still in the
c     cache when the next reads it.  Each sum runs over i = 1..n in
c     order.
c
c     A member of a team takes parts of the variables and, once all are
c     done, columns of W; the last one also the other sums.  The caller
c     has cleared facts and sums.
c
      type(c_ptr), intent(in) :: team
      integer, intent(in) :: rank, size
      integer, intent(in) :: n, m
      integer, intent(in) :: col     ! pairs, a new one included
      integer, intent(in) :: slot    ! of the newest pair
      logical, intent(in) :: arrived ! which is to be stored
      logical, intent(in) :: path    ! the path is wanted
      logical, intent(in) :: finite  ! the older pairs are
      integer, intent(in) :: lanes
      double precision, intent(in) :: stp
      double precision, intent(in) :: x(n), l(n), u(n), g(n)
      integer, intent(in) :: nbd(n)
      integer, intent(inout) :: status(n)
      double precision, intent(inout) :: d(n), z(n)
      double precision, intent(in) :: g_old(n)
      double precision, intent(inout) :: s(n, m), y(n, m)
      double precision, intent(inout) :: t(n)
      integer, intent(inout) :: order(n)
      type(path_facts), intent(inout) :: facts
      double precision, intent(inout) :: sums(lanes, 2*col)

      integer :: i, k, first, rows, from, count, number, stretch, part,
     &  turn, pieces(4, 3)

      turn = 0
      call stretch_of(size, stretch, part)
      do first = 1, n, stretch
         turn = 1 - turn
         number = -1
         do
            call next_part(team, rank, size, n, first, stretch, part,
     &                     number, from, count)
            if (count == 0) exit
            if (arrived) then
               do i = from, from + count - 1
                  s(i, slot) = stp*d(i)
                  y(i, slot) = g(i) - g_old(i)
               end do
            end if
            if (path) call lay_out(number, from, count)
            if (size == 1 .and. .not. path)
     &         call square_newest(from, count)
         end do
         if (size > 1) call team_meet(team, rank)

         rows = min(stretch, n - first + 1)
         if (size > 1 .and. rank == size - 1) call take_other_sums
         call pieces_of(rank, size, 2*col, (rows - 1)/part + 1, pieces)
         do k = 1, 3
            if (pieces(1, k) > pieces(2, k)) cycle
            if (k == 3) call team_take_over(team, rank)
            do number = pieces(3, k), pieces(4, k)
               call add_products(number, pieces(1, k), pieces(2, k))
            end do
            if (k == 1) call team_hand_on(team, rank)
         end do
      end do

      contains

      subroutine lay_out(number, from, count)
c
c     The path of a part.  Alone its breakpoints and sums follow those
c     before; in a team they do not know them: the breakpoints stand at
c     the part's own place, and take_other_sums takes the sums.
c
      integer, intent(in) :: number, from, count

      integer :: place, free, open
      double precision :: f1, rr

      place = from
      f1 = 0
      rr = 0
      if (size == 1) then
         place = facts%breaks + 1
         f1 = facts%f1
         rr = facts%rr
      end if
      call steepest_path(count, from, merge(1, 0, size == 1),
     &   merge(1, 0, arrived), x(from), l(from), u(from), nbd(from),
     &   g(from), s(from, max(slot, 1)), y(from, max(slot, 1)),
     &   status(from), d(from), z(from), t(place), order(place),
     &   facts%counts(number, turn), facts%moving(number, turn), free,
     &   open, f1, rr)
      facts%free(rank) = facts%free(rank) .or. free > 0
      facts%open(rank) = facts%open(rank) .or. open > 0
      if (size == 1) then
         facts%breaks = facts%breaks + facts%counts(number, turn)
         facts%f1 = f1
         if (arrived) facts%rr = rr
      end if
      end subroutine lay_out


      recursive subroutine add_products(number, c1, c2)
c
c     A part's terms of the products of the columns c1 to c2.  Of a
c     variable that neither d nor the new s moves they are zeros, if the
c     pairs are finite: where few move, their rows are gathered.
c
      integer, intent(in) :: number, c1, c2

      integer :: from, count, moving, at, list(few + 4)

      from = first + number*part
      count = min(part, n - from + 1)
      moving = count
      if (path .and. finite) moving = facts%moving(number, turn)
      if (.not. dense(count, moving)) then
         if (arrived) then
            call list_moving(count, s(from, slot), d(from), list,
     &                       moving)
         else
            call list_moving(count, d(from), d(from), list, moving)
         end if
         do at = 1, moving, gathered
            call gathered_sums(min(gathered, moving - at + 1),
     &         list(at), c1, c2, col, n, y(from, 1), s(from, 1),
     &         s(from, slot), d(from), sums)
         end do
      else if (lanes == 2) then
         call panel_sums(count, 2, col, c1, c2, n, y(from, 1),
     &                   s(from, 1), s(from, slot), d(from), d(from),
     &                   sums)
      else
         call panel_sums(count, 3, col, c1, c2, n, y(from, 1),
     &                   s(from, 1), s(from, slot), g(from),
     &                   y(from, slot), sums)
      end if
      end subroutine add_products


      subroutine take_other_sums
c
c     f1 and rr, and the breakpoints of all parts together.
c
      integer :: number, from, k, count

      if (path) then
         do number = 0, (rows - 1)/part
            from = first + number*part
            count = facts%counts(number, turn)
            if (from > facts%breaks + 1) then
               do k = 0, count - 1
                  t(facts%breaks + 1 + k) = t(from + k)
                  order(facts%breaks + 1 + k) = order(from + k)
               end do
            end if
            facts%breaks = facts%breaks + count
         end do
      end if
      if (path .and. arrived) then
         do k = first, first + rows - 1
            facts%f1 = facts%f1 - d(k)*d(k)
            facts%rr = facts%rr + y(k, slot)*y(k, slot)
         end do
      else if (path) then
         do k = first, first + rows - 1
            facts%f1 = facts%f1 - d(k)*d(k)
         end do
      else
         call square_newest(first, rows)
      end if
      end subroutine take_other_sums


      subroutine square_newest(from, count)
c
c     rr goes on with a part of the newest y; of three lanes one is this
c     sum.
c
      integer, intent(in) :: from, count

      integer :: i

      if (lanes == 3 .or. .not. arrived) return
      do i = from, from + count - 1
         facts%rr = facts%rr + y(i, slot)*y(i, slot)
      end do
      end subroutine square_newest

      end subroutine pair_products

      end module pair_products_mod
