      module free_products_mod
      use block_sizes, only : chunk
      use free_variables_mod, only : entered, left, moved
      use new_pair_mod, only : forget_oldest
      use row_of_w_mod, only : row_of_w
      implicit none

c     So many rows before it is wanted one is fetched to the cache.
      integer, parameter :: ahead = 3

      contains

      subroutine drop_oldest(m, yy, ss, mixed)
c
c     Shift the products out of which K is made, to make room for a
c     pair.
c
      integer, intent(in) :: m
      double precision, intent(inout) :: yy(m, m), ss(m, m), mixed(m, m)

      call forget_oldest(m, yy)
      call forget_oldest(m, ss)
      call forget_oldest(m, mixed)
      end subroutine drop_oldest


      subroutine enter_free_products(m, col, head, lanes, lane, sums,
     &                               yy, mixed)
c
c     The newest pair's products over the free variables, Z'Z:  the row
c     y'ZZ'y_j and the column s_i'ZZ'y, from one lane of sums.
c
      integer, intent(in) :: m, col, head, lanes, lane
      double precision, intent(in) :: sums(lanes, 2*col)
      double precision, intent(inout) :: yy(m, m), mixed(m, m)

      integer :: j, slot

      do j = 1, col
         slot = mod(head + j - 2, m) + 1
         yy(col, j) = sums(lane, slot)
         mixed(j, col) = sums(lane, col + slot)
      end do
      end subroutine enter_free_products


      subroutine enter_active_products(n, m, col, head, slot, side, s,
     &                                 y, ss, mixed, w)
c
c     The newest pair's products over the active variables, in falling
c     order: the rows s'AA's_j and s'AA'y_j.
c
c     A variable that stayed on its bound has s = 0.  Its terms are
c     zeros, which change no sum that starts from 0, so only the few
c     that came to their bound with the last step are looked at.
c
      integer, intent(in) :: n, m, col, head, slot
      integer, intent(in) :: side(n)       ! see free_variables.f
      double precision, intent(in) :: s(n, m), y(n, m)
      double precision, intent(inout) :: ss(m, m), mixed(m, m)
      double precision, intent(out) :: w(2*col)

      integer :: i, j, k, last, found, list(chunk)
      double precision :: step

      w = 0
      do last = n, 1, -chunk
         call list_sides(max(1, last - chunk + 1), last, side, moved,
     &                   moved, list, found)
         do k = found, 1, -1
            call fetch_pairs(n, col, list(max(1, k - ahead)), y, s)
            i = list(k)
            step = s(i, slot)
            do j = 1, col
               w(j) = w(j) + step*y(i, j)
               w(col + j) = w(col + j) + step*s(i, j)
            end do
         end do
      end do
      do j = 1, col
         k = mod(head + j - 2, m) + 1
         mixed(col, j) = w(k)
         ss(col, j) = w(col + k)
      end do
      end subroutine enter_active_products


      subroutine move_products(n, m, col, head, older, side, s, y,
     &                         into_free, yy, ss, mixed, products, w)
c
c     Variables have changed sides: their terms in the products of the
c     older pairs go from the active to the free ones (into_free) or
c     back.
c
c     All products of a variable's row of (Y, S) are summed at once, in
c     falling order, and enter the old values as finished sums.
c
      integer, intent(in) :: n, m, col, head, older
      integer, intent(in) :: side(n)       ! see free_variables.f
      double precision, intent(in) :: s(n, m), y(n, m)
      logical, intent(in) :: into_free
      double precision, intent(inout) :: yy(m, m), ss(m, m), mixed(m, m)
      double precision, intent(out) :: products(2*m, 2*m)
      double precision, intent(out) :: w(2*m)

      integer :: i, j, k, last, change, found, list(chunk)
      double precision :: sign

      if (older == 0) return
      change = merge(entered, left, into_free)
      do j = 1, 2*older
         products(j:2*older, j) = 0
      end do
      do last = n, 1, -chunk
         call list_sides(max(1, last - chunk + 1), last, side, 3,
     &                   change, list, found)
         do k = found, 1, -1
            call fetch_pairs(n, col, list(max(1, k - ahead)), y, s)
            call row_of_w(n, m, col, head, list(k), 1d0, s, y, w)
            w(older + 1:2*older) = w(col + 1:col + older)
            do j = 1, 2*older
               do i = j, 2*older
                  products(i, j) = products(i, j) + w(i)*w(j)
               end do
            end do
         end do
      end do

      sign = merge(1d0, -1d0, into_free)
      do j = 1, older
         do i = j, older
            yy(i, j) = yy(i, j) + sign*products(i, j)
            ss(i, j) = ss(i, j) - sign*products(older + i, older + j)
         end do
         do i = 1, j
            mixed(i, j) = mixed(i, j) + sign*products(older + i, j)
         end do
         do i = j + 1, older
            mixed(i, j) = mixed(i, j) - sign*products(older + i, j)
         end do
      end do
      end subroutine move_products

      end module free_products_mod
