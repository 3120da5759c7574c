! Any setulb of Fortran, here that of Debian's liblbfgsb, as a client of the checker:
!     gfortran setulb.f90 -o port -llbfgsb
!     python -m lbfgsb77 reference check --command ./port
program port
  use, intrinsic :: iso_fortran_env, only: output_unit, input_unit
  implicit none
  character(len=:), allocatable :: line
  external :: setulb

  call say('{"hello":"setulb of liblbfgsb","version":"3.0"}')
  do while (next_line())
    call solve(nint(number('n')), nint(number('m')))
  end do

contains

  subroutine solve(n, m)
    integer, intent(in) :: n, m
    double precision :: x(n), l(n), u(n), g(n), f, factr, pgtol, dsave(29)
    double precision :: wa(2*m*n + 5*n + 11*m*m + 8*m)
    integer :: nbd(n), iwa(3*n), isave(44), iterations, evaluations, maxiter, maxfun
    logical :: lsave(4)
    character(len=60) :: task, csave

    call numbers('x0', x)
    call numbers('l', l)
    call numbers('u', u)
    call numbers('nbd', g)
    nbd = nint(g)
    factr = number('factr')
    pgtol = number('pgtol')
    maxiter = nint(number('maxiter')); maxfun = nint(number('maxfun'))
    iterations = 0; evaluations = 0; f = 0
    task = 'START'
    do
      call setulb(n, m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa, task, -1, csave, lsave, isave, &
                  dsave)
      if (task(1:2) == 'FG') then
        call say('{"evaluate":[' // shown(x) // ']}')
        if (.not. next_line()) stop 1
        f = number('f')
        call numbers('g', g)
        evaluations = evaluations + 1
      else if (task(1:5) == 'NEW_X') then
        iterations = iterations + 1
        call say('{"iteration":1}')
        if (evaluations > maxfun) task = 'STOP: EVALUATION LIMIT'
        if (iterations >= maxiter) task = 'STOP: ITERATION LIMIT'
      end if
      if (task(1:2) /= 'FG' .and. task(1:5) /= 'NEW_X') exit
    end do
    call say('{"end":"' // trim(task) // '","f":' // shown([f]) // ',"x":[' // shown(x) // ']}')
  end subroutine solve

  subroutine numbers(key, values)  ! of a key in the last line; null is 0
    character(len=*), intent(in) :: key
    double precision, intent(out) :: values(:)
    character(len=:), allocatable :: text
    integer :: first, i
    first = index(line, '"' // key // '":') + len(key) + 3
    text = line(first:first + scan(line(first:), merge(']', ',', line(first:first) == '[')) - 1)
    do i = 1, len(text)
      if (index('[]"', text(i:i)) > 0) text(i:i) = ' '
      if (text(i:min(i + 3, len(text))) == 'null') text(i:i + 3) = '0   '
    end do
    read (text, *) values
  end subroutine numbers

  double precision function number(key)
    character(len=*), intent(in) :: key
    double precision :: value(1)
    call numbers(key, value)
    number = value(1)
  end function number

  function shown(x)  ! with the 17 digits that tell every double
    double precision, intent(in) :: x(:)
    character(len=26*size(x)) :: shown
    write (shown, '(*(es24.16e3, :, ","))') x
  end function shown

  subroutine say(text)
    character(len=*), intent(in) :: text
    write (output_unit, '(a)') text
    flush (output_unit)
  end subroutine say

  logical function next_line()
    character(len=4096) :: part
    integer :: length, status
    line = ''
    do
      read (input_unit, '(a)', advance='no', size=length, iostat=status) part
      line = line // part(1:length)
      if (status /= 0) exit
    end do
    next_line = is_iostat_eor(status)
  end function next_line
end program port
