      module block_sizes
c
c     How many variables the loops over vectors take at a time.
c
      implicit none

c     Where several loops pass over the same vectors: few enough for the
c     cache, and many enough that the processor sees each column as a
c     stream.  Threads of a team take them by parts of it.
      integer, parameter :: block = 4096, part_of_block = 2048

c     So many rows of a block, at most, are gathered.  Where more are
c     wanted nearly every cache line holds one of them, and reading all
c     is faster.
      integer, parameter :: few = block/8

c     What follows lies on the stack, of which a thread may have as
c     little as 32 KiB (tests/test_stack.py).

c     Rows, and columns of them, that are gathered at a time.
      integer, parameter :: gathered = 32, gathered_columns = 24

c     Numbers of a panel of all columns, of as many rows as have room
      integer, parameter :: panel_size = 2048

c     Variables that are looked at together, to pass over those where
c     nothing is to be done.
      integer, parameter :: chunk = 256

c     Buckets that breakpoints are put in (breakpoint_heap.f).
      integer, parameter :: most_buckets = 1024

c     Products with the middle matrix that are formed together, of how
c     many pairs at most (cauchy_point.f, middle_matrices.c).
      integer, parameter :: together = 4, together_pairs = 32

      end module block_sizes
