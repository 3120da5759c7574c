      subroutine objective(kind, n, x, p, memory, f, g)
c
c     The test problems, made of + - * / and square roots alone: those are
c     what IEEE 754 rounds alike everywhere.  p are the problem's own
c     numbers between -2 and 2; memory is kept from call to call (0 at
c     first) for the answers that don't depend on x alone.  Kinds from 19
c     on overflow when squared.
c
      implicit none

      integer, intent(in) :: kind, n
      double precision, intent(in) :: x(n), p(n)
      double precision, intent(inout) :: memory
      double precision, intent(out) :: f, g(n)

      double precision :: a, t, w
      integer :: i

      f = 0.0d0
      g = 0.0d0
      select case (kind)
      case (1, 2)
c        A separable quadratic, its curvatures all 2 or 1 to 2**(n-1).
         a = 2.0d0
         do i = 1, n
            t = x(i) - p(i)
            f = f + 0.5d0*a*t*t
            g(i) = a*t
            if (kind == 2 .and. i < 30) a = 2.0d0*a
         end do
      case (3)
c        Rosenbrock's function, chained.
         f = (1.0d0 - x(1))*(1.0d0 - x(1))
         g(1) = -2.0d0*(1.0d0 - x(1))
         do i = 2, n
            t = x(i) - x(i-1)*x(i-1)
            f = f + 100.0d0*t*t
            g(i-1) = g(i-1) - 400.0d0*t*x(i-1)
            g(i) = 200.0d0*t
         end do
      case (4)
c        The Laplacian of a chain of springs.
         do i = 1, n
            g(i) = 2.0d0*x(i) - p(i)
         end do
         do i = 2, n
            g(i) = g(i) - x(i-1)
            g(i-1) = g(i-1) - x(i)
         end do
         do i = 1, n
            f = f + 0.5d0*(g(i) - p(i))*x(i)
         end do
      case (5)
c        Fourth powers.
         do i = 1, n
            t = x(i) - p(i)
            f = f + t*t*t*t
            g(i) = 4.0d0*t*t*t
         end do
      case (6)
c        Two wells a variable.
         do i = 1, n
            t = x(i)*x(i) - 1.0d0
            f = f + t*t + 0.2d0*p(i)*x(i)
            g(i) = 4.0d0*x(i)*t + 0.2d0*p(i)
         end do
      case (7)
c        Hyperbolas: the curvature vanishes far out.
         do i = 1, n
            t = x(i) - p(i)
            w = sqrt(1.0d0 + t*t)
            f = f + w
            g(i) = t/w
         end do
      case (8)
c        Absolute values.
         do i = 1, n
            a = 0.5d0 + p(i)*p(i)
            t = x(i) - p(i)
            f = f + a*abs(t)
            if (t /= 0.0d0) g(i) = sign(a, t)
         end do
      case (9)
c        The power 3/2: infinite curvature at the minimum.
         do i = 1, n
            t = x(i) - p(i)
            w = sqrt(abs(t))
            f = f + abs(t)*w
            g(i) = sign(1.5d0*w, t)
         end do
      case (10)
c        Linear.
         do i = 1, n
            f = f + p(i)*x(i)
            g(i) = p(i)
         end do
      case (11)
c        Indefinite near the origin; far out it rises, so it stays finite.
         do i = 1, n
            t = x(i)*x(i)
            f = f + p(i)*t + x(i) + 0.01d0*t*t
            g(i) = 2.0d0*p(i)*x(i) + 1.0d0 + 0.04d0*t*x(i)
         end do
      case (12)
c        Variables that the objective does not depend on.
         do i = 1, n
            if (p(i) > 0.0d0) then
               f = f + p(i)*(x(i) - 1.0d0)*(x(i) - 1.0d0)
               g(i) = 2.0d0*p(i)*(x(i) - 1.0d0)
            end if
         end do
      case (13)
c        A quadratic whose gradient has the wrong size.
         do i = 1, n
            t = x(i) - p(i)
            f = f + t*t
            g(i) = (2.0d0 + p(1))*t
         end do
      case (14)
c        A quadratic whose gradient has some wrong signs.
         do i = 1, n
            t = x(i) - p(i)
            f = f + t*t
            g(i) = 2.0d0*t
            if (p(i) > 1.2d0) g(i) = -g(i)
         end do
      case (15)
c        Falling values and a gradient that turns: pairs without sense.
         memory = memory + 1.0d0
         f = -memory
         do i = 1, n
            t = memory*(2.0d0 + p(i)) + dble(i)
            g(i) = t - aint(t) - 0.4d0 + 0.01d0*x(i)
         end do
      case (16)
c        Values that rise from call to call.
         memory = memory + 1.0d0
         f = memory
         do i = 1, n
            g(i) = x(i) - p(i)
         end do
      case (17)
c        Scales from 2**-20 to 2**20.
         a = 1.0d0/1048576.0d0
         do i = 1, n
            t = x(i) - p(i)
            f = f + a*t*t
            g(i) = 2.0d0*a*t
            a = a*32.0d0
            if (a > 1048576.0d0) a = a/1099511627776.0d0
         end do
      case (18)
c        A bowl with teeth.
         do i = 1, n
            t = 16.0d0*x(i) - anint(16.0d0*x(i))
            f = f + 0.5d0*x(i)*x(i) + 0.02d0*t*t
            g(i) = x(i) + 0.64d0*t
         end do
      case (19)
c        Finite values whose squares overflow.
         do i = 1, n
            t = x(i) - p(i)
            f = f + 1.0d155*t*t
            g(i) = 2.0d155*t
         end do
      case default
c        Subnormal gradients, whose squares vanish.
         do i = 1, n
            t = x(i) - p(i)
            f = f + 1.0d-310*t*t
            g(i) = 2.0d-310*t
         end do
      end select
      end subroutine objective
