      module reduced_gradient_mod
      use, intrinsic :: iso_c_binding, only : c_ptr
      use block_sizes, only : gathered, panel_size
      use free_rows_mod, only : add_gathered, dense, gather,
     &  gathered_sums, scatter
      use free_variables_mod, only : stayed_free
      use sharing_mod, only : largest_team, most_parts, next_part,
     &  pieces_of, stretch_of, team_hand_on, team_meet, team_take_over
      implicit none

c     What the pass finds besides the gradient and the products
      type :: free_facts
c        numbers of variables, by rank:
         integer :: free(0:largest_team - 1)
         integer :: entering(0:largest_team - 1)
         integer :: leaving(0:largest_team - 1)
c        of free ones in the parts of a stretch, see path_facts
         integer :: counts(0:most_parts - 1, 0:1)
      end type free_facts

      contains

      recursive subroutine reduced_gradient(team, rank, size, n, m, col,
     &                 head, compare, stopped, rest, status, side, list,
     &                 theta, x, z, g, s, y, slot, v, r, d, facts, sums)
c
c     At the generalized Cauchy point
c
c        z <- z + rest d,        the last piece of the path,
c
c     the free variables, which of them have entered or left, and
c
c        r = -Z'(g + theta (z - x) - W M c),
c
c     the negative gradient of the model there over the free variables
c     ([BLNZ] (5.4)), v = M c; and, in the same pass over their rows of
c     W, the products of every pair with the newest y (lane 1) and r
c     (lane 2).
c
c     Where more than a few of a part's variables are free all of its
c     rows are read, with zeros in place of the active ones, which add
c     nothing to a sum; else the rows of the free ones are gathered.
c     r of an active variable may be anything.
c
c     Members of a team share it as they do pair_products.  The caller
c     has cleared facts and sums.
c
      type(c_ptr), intent(in) :: team
      integer, intent(in) :: rank, size
      integer, intent(in) :: n, m, col, head
      logical, intent(in) :: compare        ! see free_variables
      logical, intent(in) :: stopped        ! z is the point already
      double precision, intent(in) :: rest
      integer, intent(in) :: status(n)
      integer, intent(inout) :: side(n)
      integer, intent(inout) :: list(n)     ! of parts with few free
c                                             variables: which these are
      double precision, intent(in) :: theta, x(n), g(n)
      double precision, intent(inout) :: z(n)
      double precision, intent(in) :: s(n, m), y(n, m)
      integer, intent(in) :: slot           ! of the newest pair
      double precision, intent(in) :: v(2*col)
      double precision, intent(inout) :: r(n)
      double precision, intent(inout) :: d(n)  ! of the path; then the
c                                                newest y, free ones
      type(free_facts), intent(inout) :: facts
      double precision, intent(inout) :: sums(2, 2*col)

      integer :: k, first, rows, from, count, number, stretch, part,
     &  turn, pieces(4, 3)
      integer :: at_once  ! so many of few free variables' rows are
c                           gathered once for r and for the products;
c                           0: for each of them

      turn = 0
      at_once = 0
      if (size == 1 .and. col > 0)
     &   at_once = min(gathered, panel_size/(2*col)/8*8)
      call stretch_of(size, stretch, part)
      do first = 1, n, stretch
         turn = 1 - turn
         number = -1
         do
            call next_part(team, rank, size, n, first, stretch, part,
     &                     number, from, count)
            if (count == 0) exit
            call arrive(from, from + count - 1,
     &                  facts%counts(number, turn))
         end do
         if (size > 1) call team_meet(team, rank)

         rows = min(stretch, n - first + 1)
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

      subroutine arrive(first, last, free)
c
c     The Cauchy point and r of the variables first to last.
c
      integer, intent(in) :: first, last
      integer, intent(out) :: free

      integer :: rows, entering, leaving

      rows = last - first + 1
      if (col > 0) then
         call find_sides(rows, merge(1, 0, compare), merge(1, 0,
     &      stopped), rest, status(first), s(first, slot), d(first),
     &      z(first), side(first), free, entering, leaving)
      else
c        No step is there, nor asked for.
         call find_sides(rows, merge(1, 0, compare), merge(1, 0,
     &      stopped), rest, status(first), g(first), d(first),
     &      z(first), side(first), free, entering, leaving)
      end if
      facts%free(rank) = facts%free(rank) + free
      facts%entering(rank) = facts%entering(rank) + entering
      facts%leaving(rank) = facts%leaving(rank) + leaving
      if (col == 0) return
      if (dense(rows, free)) then
         call begin_reduced_gradient(rows, status(first), theta,
     &      x(first), z(first), g(first), y(first, slot), d(first),
     &      r(first))
         call add_pairs(rows, n, m, col, head, y(first, 1), s(first, 1),
     &                  v, 1d0, theta, r(first))
         call keep_free(rows, status(first), r(first))
      else if (free > 0) then
         call list_sides(1, rows, side(first), 1, stayed_free,
     &                   list(first), free)
         call arrive_at_few(first, free)
      end if
      end subroutine arrive


      subroutine arrive_at_few(first, free)
c
c     The same where few variables are free.
c
      integer, intent(in) :: first, free

      integer :: at, rows, step, k, i
      double precision :: some(gathered)

      step = merge(at_once, gathered, at_once > 0)
      do at = first, first + free - 1, step
         rows = min(step, first + free - at)
         do k = 1, rows
            i = first + list(at + k - 1) - 1
            some(k) = -theta*(z(i) - x(i)) - g(i)
         end do
         if (at_once > 0) then
            call add_and_sum(rows, list(at), first, some)
         else
            call add_gathered(rows, list(at), n, m, col, head,
     &                        y(first, 1), s(first, 1), v, 1d0, theta,
     &                        some)
         end if
         call scatter(rows, list(at), some, r(first))
      end do
      end subroutine arrive_at_few


      recursive subroutine add_and_sum(rows, list, first, some)
c
c     The correction of r and then the products, of rows that are
c     gathered once for both.
c
      integer, intent(in) :: rows, list(rows), first
      double precision, intent(inout) :: some(rows)

      integer :: j, of_s, newest
      double precision :: panel(panel_size)  ! (at_once, 2 col)

      of_s = at_once*col
      newest = at_once*(slot - 1)
      do j = 0, col - 1
         call gather(rows, list, y(first, j + 1), panel(at_once*j + 1))
         call gather(rows, list, s(first, j + 1),
     &               panel(of_s + at_once*j + 1))
      end do
      call add_pairs(rows, at_once, m, col, head, panel,
     &               panel(of_s + 1), v, 1d0, theta, some)
      call panel_sums(rows, 2, col, 1, 2*col, at_once, panel,
     &                panel(of_s + 1), panel(newest + 1), some, some,
     &                sums)
      end subroutine add_and_sum


      subroutine add_products(number, c1, c2)
c
c     A part's terms of the products of the columns c1 to c2.
c
      integer, intent(in) :: number, c1, c2

      integer :: from, count, free, at

      from = first + number*part
      count = min(part, n - from + 1)
      free = facts%counts(number, turn)
      if (dense(count, free)) then
         call panel_sums(count, 2, col, c1, c2, n, y(from, 1),
     &                   s(from, 1), d(from), r(from), r(from), sums)
      else if (at_once == 0) then
         do at = from, from + free - 1, gathered
            call gathered_sums(min(gathered, from + free - at),
     &         list(at), c1, c2, col, n, y(from, 1), s(from, 1),
     &         y(from, slot), r(from), sums)
         end do
      end if
      end subroutine add_products


      end subroutine reduced_gradient

      end module reduced_gradient_mod
