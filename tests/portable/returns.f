      program returns
c
c     Runs problems through setulb and prints what it returned, in
c     hexadecimal.  Any compiler and processor must print the same bytes.
c
c       returns          all
c       returns finite   without the problems whose squares overflow
c
c     First come runs with every return in full,
c
c       task
c       f x(1) ... x(n)
c       theta, gradient norm, step, slope, then the counts of isave
c
c     then many more runs with one line each: how many returns, the last
c     task, and a checksum over all that the returns would have printed.
c
      implicit none

      integer, parameter :: long = selected_int_kind(18)
      integer, parameter :: shown = 60, summed = 4000
      integer, parameter :: kinds = 20, finite_kinds = 18
      integer :: run, last_kind
      integer(long) :: seed
      character(len=10) :: mode

      call get_command_argument(1, mode)
      last_kind = kinds
      if (mode == 'finite') last_kind = finite_kinds

      seed = 20240229_long
      do run = 1, shown + summed
         call one_run(run, mod(run - 1, kinds) + 1 <= last_kind)
      end do

      contains

      subroutine one_run(run, wanted)
c
c     Draws run number `run`, whose objective goes round the kinds, and
c     makes it if wanted: the draws are the same either way.
c
      integer, intent(in) :: run
      logical, intent(in) :: wanted
      integer, parameter :: most_n = 40, most_m = 25
      integer :: n, m, i, kind, boxes, choice
      integer :: nbd(most_n)
      double precision :: x(most_n), l(most_n), u(most_n), p(most_n)
      double precision :: factr, pgtol

      kind = mod(run - 1, kinds) + 1
      n = 1 + draw(8)
      if (run > shown) then
         if (draw(10) == 0) n = 1 + draw(most_n)
      end if
      m = 1 + draw(6)
      if (draw(8) == 0) m = 1 + draw(most_m)
      boxes = draw(9)
      do i = 1, n
         p(i) = 4.0d0*uniform() - 2.0d0
         x(i) = 6.0d0*uniform() - 3.0d0
         l(i) = 4.0d0*uniform() - 3.0d0
         u(i) = l(i) + 3.0d0*uniform()
         choice = draw(4)
         select case (boxes)
         case (0:1)
            nbd(i) = 0
         case (2)
            nbd(i) = 1
         case (3)
            nbd(i) = 3
         case (4)
            nbd(i) = 2
         case (5)
            nbd(i) = 2
            if (choice == 0) u(i) = l(i)
         case (6)
c           Whole numbers: ties among breakpoints, exact zeros.
            nbd(i) = choice
            l(i) = dble(draw(4) - 3)
            u(i) = l(i) + dble(draw(3))
            x(i) = dble(draw(7) - 3)
            p(i) = dble(draw(5) - 2)
         case (7)
            nbd(i) = 2
            l(i) = -1.0d0
            u(i) = 1.0d0
            x(i) = dble(draw(5) - 2)/2.0d0
         case default
            nbd(i) = choice
         end select
      end do
      factr = 0.0d0
      pgtol = 0.0d0
      choice = draw(5)
      if (choice == 0) factr = 1.0d7
      if (choice <= 1) pgtol = 1.0d-5
      if (choice == 2) pgtol = -1.0d0
c     The minimum exactly on the bound: the first trial of a search can
c     then be past the largest step by a rounding.
      if (draw(12) == 0) then
         l(:n) = p(:n)
         u(:n) = p(:n)
         do i = 1, n
            nbd(i) = merge(3, 1, x(i) < p(i))
         end do
      end if
      if (.not. wanted) return

      if (run <= shown) print '(a, 4(1x, i0))', 'run', run, kind, n, m
      call minimize(run, kind, n, m, x(:n), l(:n), u(:n), nbd(:n),
     &              p(:n), factr, pgtol)
      end subroutine one_run


      subroutine minimize(run, kind, n, m, x, l, u, nbd, p, factr,
     &                    pgtol)
      integer, intent(in) :: run, kind, n, m, nbd(n)
      double precision, intent(inout) :: x(n), l(n), u(n)
      double precision, intent(in) :: p(n), factr, pgtol
c     Left as they come where the kernel doesn't need them set, so that
c     valgrind sees what reaches a decision.
      double precision, allocatable :: wa(:)
      integer, allocatable :: iwa(:)
      double precision :: f, g(n), dsave(29), memory
      integer :: isave(44), returned, most
      integer(long) :: checksum
      logical :: lsave(4)
      character(len=60) :: task, csave

      allocate(wa(2*m*n + 5*n + 11*m*m + 8*m), iwa(3*n))
      f = 0.0d0
      g = 0.0d0
      task = 'START'
      csave = ' '
      lsave = .false.
      isave = 0
      dsave = 0.0d0
      memory = 0.0d0
      checksum = run
      most = merge(40, 400, run <= shown)

      do returned = 1, most
         call one_call(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa,
     &                 task, csave, lsave, isave, dsave)
         if (run <= shown) then
            call show(n, x, f, task, isave, dsave)
         else
            call add(checksum, n, x, f, task, isave, dsave)
         end if
         if (task(1:2) == 'FG') then
            call objective(kind, n, x, p, memory, f, g)
            if (.not. finite(f, g)) exit
         else if (task(1:5) /= 'NEW_X') then
            exit
         end if
c        Gradients whose squares vanish are left to the last kinds.
         if (kind <= finite_kinds .and. dsave(13) > 0.0d0 .and.
     &       dsave(13) < 1.0d-140) exit
      end do
      if (run > shown) print '(i0, 1x, i0, 1x, a, 1x, z16.16)', run,
     &   min(returned, most), task(1:12), checksum
      end subroutine minimize


      subroutine show(n, x, f, task, isave, dsave)
      integer, intent(in) :: n, isave(44)
      double precision, intent(in) :: x(n), f, dsave(29)
      character(len=60), intent(in) :: task

      print '(a)', trim(task)
      print '(*(z16.16, :, 1x))', bits(f), bits(x)
      print '(4(z16.16, 1x), *(i0, :, 1x))', bits(dsave([1, 13, 14,
     &   11])), isave([22, 26, 28, 30, 31, 33, 34, 36, 37, 38, 39, 40,
     &   41])
      end subroutine show


      subroutine add(checksum, n, x, f, task, isave, dsave)
      integer(long), intent(inout) :: checksum
      integer, intent(in) :: n, isave(44)
      double precision, intent(in) :: x(n), f, dsave(29)
      character(len=60), intent(in) :: task
      integer, parameter :: counts(13) = [22, 26, 28, 30, 31, 33, 34,
     &   36, 37, 38, 39, 40, 41]
      integer, parameter :: numbers(11) = [1, 2, 3, 4, 5, 11, 12, 13,
     &   14, 15, 16]
      integer :: i

      call mix(checksum, bits(f))
      do i = 1, n
         call mix(checksum, bits(x(i)))
      end do
      do i = 1, size(numbers)
         call mix(checksum, bits(dsave(numbers(i))))
      end do
      do i = 1, size(counts)
         call mix(checksum, int(isave(counts(i)), long))
      end do
      do i = 1, len(task)
         call mix(checksum, int(iachar(task(i:i)), long))
      end do
      end subroutine add


      subroutine mix(checksum, word)
c     Rotations and exclusive or alone: no integer may overflow.
      integer(long), intent(inout) :: checksum
      integer(long), intent(in) :: word

      checksum = ieor(ishftc(checksum, 11), word)
      checksum = ieor(checksum, shiftr(checksum, 29))
      checksum = ieor(checksum, shiftl(checksum, 17))
      end subroutine mix


      elemental function bits(value)
c     The bits of value; every NaN is shown as one, since no standard
c     says which of them an operation gives.
      double precision, intent(in) :: value
      integer(long) :: bits

      bits = transfer(value, bits)
      if (value /= value) bits = -1_long
      end function bits


      pure function finite(f, g)
      double precision, intent(in) :: f, g(:)
      logical :: finite

      finite = abs(f) <= huge(f) .and. all(abs(g) <= huge(f))
      end function finite


      function uniform()
c     Park and Miller's generator: exact in 64-bit integers.
      double precision :: uniform

      seed = mod(48271_long*seed, 2147483647_long)
      uniform = dble(seed)/2147483647.0d0
      end function uniform


      function draw(choices)
c     A whole number from 0 to choices - 1.
      integer, intent(in) :: choices
      integer :: draw

      seed = mod(48271_long*seed, 2147483647_long)
      draw = int(mod(seed/8, int(choices, long)))
      end function draw

      end program returns
