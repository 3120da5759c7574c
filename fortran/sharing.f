      module sharing_mod
c
c     Threads that share a call of the kernel, see team.c, and how they
c     divide the variables and the columns of W = (Y, S).  No sum is
c     divided, so the number of threads changes no bit.
c
c     A team is a c_ptr, c_null_ptr for a thread alone.
c
      use, intrinsic :: iso_c_binding, only : c_funptr, c_int, c_ptr
      use block_sizes, only : block, part_of_block
      implicit none

c     Below so many variables a team costs more than it saves.
      integer, parameter :: enough_for_team = 60000

      integer, parameter :: largest_team = 32
c     The parts of a stretch, at most
      integer, parameter :: most_parts =
     &   2*largest_team*(block/part_of_block)

      interface
         function team_begin(threads, serve, job) bind(c) result(team)
         import :: c_funptr, c_int, c_ptr
         integer(c_int), value :: threads
         type(c_funptr), value :: serve
         type(c_ptr), value :: job
         type(c_ptr) :: team
         end function team_begin

         function team_processors() bind(c) result(number)
         import :: c_int
         integer(c_int) :: number
         end function team_processors

         subroutine team_meet(team, rank) bind(c)
         import :: c_int, c_ptr
         type(c_ptr), value :: team
         integer(c_int), value :: rank
         end subroutine team_meet

         subroutine team_assemble(team, rank) bind(c)
         import :: c_int, c_ptr
         type(c_ptr), value :: team
         integer(c_int), value :: rank
         end subroutine team_assemble

         function team_next(team, rank, each, last) bind(c)
     &   result(part)
         import :: c_int, c_ptr
         type(c_ptr), value :: team
         integer(c_int), value :: rank, each, last
         integer(c_int) :: part
         end function team_next

         subroutine team_hand_on(team, rank) bind(c)
         import :: c_int, c_ptr
         type(c_ptr), value :: team
         integer(c_int), value :: rank
         end subroutine team_hand_on

         subroutine team_take_over(team, rank) bind(c)
         import :: c_int, c_ptr
         type(c_ptr), value :: team
         integer(c_int), value :: rank
         end subroutine team_take_over

         function team_size(team) bind(c) result(size)
         import :: c_int, c_ptr
         type(c_ptr), value :: team
         integer(c_int) :: size
         end function team_size

         subroutine team_end(team) bind(c)
         import :: c_ptr
         type(c_ptr), value :: team
         end subroutine team_end
      end interface

      contains

      subroutine stretch_of(size, stretch, part)
c
c     How many variables a team goes through between two meetings, and
c     how many of them a member takes at a time.
c
      integer, intent(in) :: size
      integer, intent(out) :: stretch, part

      stretch = block
      part = block
      if (size > 1) then
         stretch = 2*size*block
         part = part_of_block
      end if
      end subroutine stretch_of


      subroutine next_part(team, rank, size, n, first, stretch, part,
     &                     number, from, rows)
c
c     The next part of the stretch that begins at first, variables from
c     to from + rows - 1; rows = 0 when all are taken.
c
c     number is that of the member's last part, -1 initially.
c
      type(c_ptr), intent(in) :: team
      integer, intent(in) :: rank, size, n, first, stretch, part
      integer, intent(inout) :: number
      integer, intent(out) :: from, rows

      if (size == 1) then
c        The stretch is one part.
         number = number + 1
         from = first
         rows = 0
         if (number == 0) rows = min(part, n - from + 1)
         return
      end if
      number = team_next(team, rank, stretch/(size*part), number)
      from = first + min(number, stretch/part)*part
      rows = max(0, min(part, first + stretch - from, n - from + 1))
      end subroutine next_part


      subroutine pieces_of(rank, size, columns, parts, pieces)
c
c     The sums that a member takes of a stretch:  columns pieces(1, k)
c     to pieces(2, k) of W over the parts pieces(3, k) to pieces(4, k)
c     of the stretch, from 0, for k = 1, 2, 3.
c
c     Columns go in groups of four (panels.c), which hardly ever divide
c     evenly.  So a group can be cut: one member sums its first parts,
c     the next goes on with those that follow.  As the first does this
c     before anything else (k = 1) and the second after everything else
c     (k = 3), neither waits.
c
      integer, intent(in) :: rank, size, columns, parts
      integer, intent(out) :: pieces(4, 3)

      integer :: groups, members, from, to, first, last

      pieces(1, :) = 1
      pieces(2, :) = 0
      if (size == 1) then
         pieces(:, 2) = [1, columns, 0, parts - 1]
         return
      end if
      groups = (columns + 3)/4
      members = min(size, groups)
      if (rank >= members) return
c     In parts, group after group
      from = rank*groups*parts/members
      to = (rank + 1)*groups*parts/members
      first = (from + parts - 1)/parts
      last = to/parts
      if (mod(to, parts) > 0) call set(1, last, last + 1, 0,
     &                                 mod(to, parts) - 1)
      call set(2, first, last, 0, parts - 1)
      if (mod(from, parts) > 0) call set(3, first - 1, first,
     &                                   mod(from, parts), parts - 1)

      contains

      subroutine set(k, first, last, part1, part2)
c
c     The groups after the first one, to the last one.
c
      integer, intent(in) :: k, first, last, part1, part2

      pieces(1, k) = 4*first + 1
      pieces(2, k) = min(4*last, columns)
      pieces(3, k) = part1
      pieces(4, k) = part2
      end subroutine set

      end subroutine pieces_of

      end module sharing_mod
