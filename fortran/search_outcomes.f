      module search_outcomes
c
c     What a step of the line search comes to.
c
      implicit none

      integer, parameter :: trial = 0, accepted = 1, failed = 2,
     &  out_of_steps = 3

      end module search_outcomes
