      module safeguarded_step_mod
      implicit none

      contains

      subroutine safeguarded_step(stx, fx, dx, sty, fy, dy, stp, fp, dp,
     &                            bracketed, stpmin, stpmax)
c
c     The next trial and the new interval of a line search ([MT] section
c     4) from values and slopes at its best end, its other end and the
c     trial: the cubic through two of them, or the quadratic (secant)
c     through one value and two slopes, whichever the case calls for.
c     Limits are set without min and max, whose answer to a NaN depends
c     on the compiler.
c
      double precision, intent(inout) :: stx, fx, dx  ! best end so far
      double precision, intent(inout) :: sty, fy, dy  ! the other end
      double precision, intent(inout) :: stp          ! trial, then next
      double precision, intent(in) :: fp, dp          ! at the trial
      logical, intent(inout) :: bracketed
      double precision, intent(in) :: stpmin, stpmax  ! the window

      double precision :: sgn, theta, s, radicand, gamma, p, q, r,
     &  cubic, secant, next, limit

      sgn = dp*(dx/abs(dx))

      if (fp > fx) then
c        A higher value: the minimum is bracketed.
         call cubic_terms(stx, fx, dx, stp, fp, dp, theta, s, radicand)
         gamma = s*sqrt(radicand)
         if (stp < stx) gamma = -gamma
         p = (gamma - dx) + theta
         q = ((gamma - dx) + gamma) + dp
         r = p/q
         cubic = stx + r*(stp - stx)
         secant = stx + ((dx/((fx - fp)/(stp - stx) + dx))/2)
     &                  *(stp - stx)
         if (abs(cubic - stx) < abs(secant - stx)) then
            next = cubic
         else
            next = cubic + (secant - cubic)/2
         end if
         bracketed = .true.

      else if (sgn < 0) then
c        Lower, with a slope of the other sign: bracketed too.
         call cubic_terms(stx, fx, dx, stp, fp, dp, theta, s, radicand)
         gamma = s*sqrt(radicand)
         if (stp > stx) gamma = -gamma
         p = (gamma - dp) + theta
         q = ((gamma - dp) + gamma) + dx
         r = p/q
         cubic = stp + r*(stx - stp)
         secant = stp + (dp/(dp - dx))*(stx - stp)
         if (abs(cubic - stp) > abs(secant - stp)) then
            next = cubic
         else
            next = secant
         end if
         bracketed = .true.

      else if (abs(dp) < abs(dx)) then
c        Lower, same sign, flatter.  The cubic may have no minimum, or
c        one behind the trial: then the window's end stands for it.
         call cubic_terms(stx, fx, dx, stp, fp, dp, theta, s, radicand)
         if (.not. radicand > 0) radicand = 0
         gamma = s*sqrt(radicand)
         if (stp > stx) gamma = -gamma
         p = (gamma - dp) + theta
         q = (gamma + (dx - dp)) + gamma
         r = p/q
         if (r < 0 .and. gamma /= 0) then
            cubic = stp + r*(stx - stp)
         else if (stp > stx) then
            cubic = stpmax
         else
            cubic = stpmin
         end if
         secant = stp + (dp/(dp - dx))*(stx - stp)
         if (bracketed) then
            if (abs(cubic - stp) < abs(secant - stp)) then
               next = cubic
            else
               next = secant
            end if
            limit = stp + 0.66d0*(sty - stp)
            if (stp > stx) then
               if (.not. next <= limit) next = limit
            else
               if (.not. next >= limit) next = limit
            end if
         else
            if (abs(cubic - stp) > abs(secant - stp)) then
               next = cubic
            else
               next = secant
            end if
            if (.not. next <= stpmax) next = stpmax
            if (.not. next >= stpmin) next = stpmin
         end if

      else
c        Lower, same sign, no flatter.
         if (bracketed) then
            call cubic_terms(sty, fy, dy, stp, fp, dp, theta, s,
     &                       radicand)
            gamma = s*sqrt(radicand)
            if (stp > sty) gamma = -gamma
            p = (gamma - dp) + theta
            q = ((gamma - dp) + gamma) + dy
            r = p/q
            next = stp + r*(sty - stp)
         else if (stp > stx) then
            next = stpmax
         else
            next = stpmin
         end if
      end if

      call new_interval(stx, fx, dx, sty, fy, dy, stp, fp, dp, sgn)
      stp = next
      end subroutine safeguarded_step


      subroutine cubic_terms(a, fa, da, b, fb, db, theta, s, radicand)
c
c     Of the cubic with values and slopes fa, da at a and fb, db at b:
c     its minimum follows from theta and gamma = s sqrt(radicand), where
c     s keeps the squares from overflowing.
c
      double precision, intent(in) :: a, fa, da, b, fb, db
      double precision, intent(out) :: theta, s, radicand

      theta = 3*(fa - fb)/(b - a) + da + db
      s = max(abs(theta), abs(da), abs(db))
      radicand = (theta/s)*(theta/s) - (da/s)*(db/s)
      end subroutine cubic_terms


      subroutine new_interval(stx, fx, dx, sty, fy, dy, stp, fp, dp,
     &                        sgn)
c
c     The trial becomes an end of the interval that holds a minimum: the
c     other end where it is higher, else the best, whose place it takes;
c     that goes to the other end where the slope has changed its sign.
c
      double precision, intent(inout) :: stx, fx, dx, sty, fy, dy
      double precision, intent(in) :: stp, fp, dp, sgn

      if (fp > fx) then
         sty = stp
         fy = fp
         dy = dp
      else
         if (sgn < 0) then
            sty = stx
            fy = fx
            dy = dx
         end if
         stx = stp
         fx = fp
         dx = dp
      end if
      end subroutine new_interval

      end module safeguarded_step_mod
