! The everyday path in Fortran: groups, datasets, parts of them, attributes, strings, links.
! Prints what it reads, so that a run on a local file and one through the connector can be compared.
program everyday
  use hdf5
  implicit none

  character(len=1024) :: name
  integer :: error

  call get_command_argument(1, name)
  call h5open_f(error)
  call check(error, 'h5open')
  call write_file(trim(name))
  call read_file(trim(name))
  call h5close_f(error)
  call check(error, 'h5close')

contains

  subroutine check(status, what)
    integer, intent(in) :: status
    character(len=*), intent(in) :: what
    if (status < 0) then
      write (0, '(2a)') 'failed: ', what
      call h5eprint_f(error)
      stop 1
    end if
  end subroutine check

  subroutine write_file(path)
    character(len=*), intent(in) :: path
    integer(hid_t) :: file, group, space, part, memory, dataset, plist, attribute, text
    integer(hsize_t) :: dims(2), chunk(2), start(2), count(2), one(1)
    integer, target :: values(4, 6), box(2, 3)
    real(kind=8) :: weights(5)
    integer :: i, j

    call h5fcreate_f(path, H5F_ACC_TRUNC_F, file, error)
    call check(error, 'h5fcreate')
    call h5gcreate_f(file, 'results', group, error)
    call check(error, 'h5gcreate')

    dims = [4, 6]
    chunk = [2, 3]
    do j = 1, 6
      do i = 1, 4
        values(i, j) = 10 * i + j
      end do
    end do
    call h5pcreate_f(H5P_DATASET_CREATE_F, plist, error)
    call h5pset_chunk_f(plist, 2, chunk, error)
    call h5screate_simple_f(2, dims, space, error)
    call h5dcreate_f(group, 'values', H5T_STD_I32BE, space, dataset, error, plist)
    call check(error, 'h5dcreate')
    call h5dwrite_f(dataset, H5T_NATIVE_INTEGER, values, dims, error)
    call check(error, 'h5dwrite')

    start = [1, 2]
    count = [2, 3]
    box = -1
    call h5dget_space_f(dataset, part, error)
    call h5sselect_hyperslab_f(part, H5S_SELECT_SET_F, start, count, error)
    call h5screate_simple_f(2, count, memory, error)
    call h5dwrite_f(dataset, H5T_NATIVE_INTEGER, box, count, error, memory, part)
    call check(error, 'h5dwrite of a part')
    call h5sclose_f(memory, error)
    call h5sclose_f(part, error)
    call h5dclose_f(dataset, error)
    call h5sclose_f(space, error)
    call h5pclose_f(plist, error)

    one = [5]
    weights = [0.5d0, 1.5d0, 2.5d0, -3.5d0, 1d100]
    call h5screate_simple_f(1, one, space, error)
    call h5dcreate_f(group, 'weights', H5T_IEEE_F64LE, space, dataset, error)
    call h5dwrite_f(dataset, H5T_NATIVE_DOUBLE, weights, one, error)
    call check(error, 'h5dwrite of reals')
    call h5sclose_f(space, error)

    call h5screate_f(H5S_SCALAR_F, space, error)
    call h5tcopy_f(H5T_FORTRAN_S1, text, error)
    call h5tset_size_f(text, 8_size_t, error)
    call h5acreate_f(dataset, 'unit', text, space, attribute, error)
    call check(error, 'h5acreate')
    call h5awrite_f(attribute, text, 'kilogram', one, error)
    call check(error, 'h5awrite')
    call h5aclose_f(attribute, error)
    call h5tclose_f(text, error)
    call h5sclose_f(space, error)
    call h5dclose_f(dataset, error)

    call h5lcreate_soft_f('/results/weights', file, 'shortcut', error)
    call check(error, 'h5lcreate_soft')
    call h5gclose_f(group, error)
    call h5fclose_f(file, error)
    call check(error, 'h5fclose')
  end subroutine write_file

  subroutine read_file(path)
    character(len=*), intent(in) :: path
    integer(hid_t) :: file, dataset, attribute, text
    integer(hsize_t) :: dims(2), one(1)
    integer :: values(4, 6)
    real(kind=8) :: weights(5)
    character(len=8) :: unit
    logical :: there

    dims = [4, 6]
    one = [5]
    call h5fopen_f(path, H5F_ACC_RDONLY_F, file, error)
    call check(error, 'h5fopen')
    call h5dopen_f(file, '/results/values', dataset, error)
    call check(error, 'h5dopen')
    call h5dread_f(dataset, H5T_NATIVE_INTEGER, values, dims, error)
    call check(error, 'h5dread')
    print '(4i4)', values
    call h5dclose_f(dataset, error)

    call h5dopen_f(file, 'shortcut', dataset, error)
    call check(error, 'h5dopen through a soft link')
    call h5dread_f(dataset, H5T_NATIVE_DOUBLE, weights, one, error)
    print '(5es12.4)', weights
    call h5aopen_f(dataset, 'unit', attribute, error)
    call check(error, 'h5aopen')
    call h5aget_type_f(attribute, text, error)
    call h5aread_f(attribute, text, unit, one, error)
    print '(a)', unit
    call h5tclose_f(text, error)
    call h5aclose_f(attribute, error)
    call h5dclose_f(dataset, error)
    call h5lexists_f(file, 'nothing here', there, error)
    print '(a, l2)', 'nothing here:', there
    call h5fclose_f(file, error)
    call check(error, 'h5fclose')
  end subroutine read_file

end program everyday
