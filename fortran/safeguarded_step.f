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
      implicit none

      double precision, intent(inout) :: stx, fx, dx  ! best end so far
      double precision, intent(inout) :: sty, fy, dy  ! the other end
      double precision, intent(inout) :: stp          ! trial, then next
      double precision, intent(in) :: fp, dp          ! at the trial
      logical, intent(inout) :: bracketed
      double precision, intent(in) :: stpmin, stpmax  ! the window

      double precision :: sgn, theta, s, gamma, p, q, r, cubic, secant,
     &  next, limit

      sgn = dp*(dx/abs(dx))

      if (fp > fx) then
c        A higher value: the minimum is bracketed.
         theta = 3*(fx - fp)/(stp - stx) + dx + dp
         s = max(abs(theta), abs(dx), abs(dp))
         gamma = s*sqrt((theta/s)*(theta/s) - (dx/s)*(dp/s))
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
         theta = 3*(fx - fp)/(stp - stx) + dx + dp
         s = max(abs(theta), abs(dx), abs(dp))
         gamma = s*sqrt((theta/s)*(theta/s) - (dx/s)*(dp/s))
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
c        Lower, same sign, flatter.  The cubic is used only where it
c        rises in the direction of the step or its minimum lies beyond.
         theta = 3*(fx - fp)/(stp - stx) + dx + dp
         s = max(abs(theta), abs(dx), abs(dp))
         gamma = (theta/s)*(theta/s) - (dx/s)*(dp/s)
         if (.not. gamma > 0) gamma = 0
         gamma = s*sqrt(gamma)
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
            theta = 3*(fp - fy)/(sty - stp) + dy + dp
            s = max(abs(theta), abs(dy), abs(dp))
            gamma = s*sqrt((theta/s)*(theta/s) - (dy/s)*(dp/s))
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

c     The interval that holds a minimum.
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
      stp = next
      end subroutine safeguarded_step
