! An ordinary HDF5 program in Fortran: adds a dataset to the file that weather.c wrote and reads it
! back. Nothing in it knows where the file lives.
program rainfall
  use hdf5
  implicit none

  integer, parameter :: days = 4
  character(len=1024) :: name
  integer(hid_t) :: file, space, dataset
  integer(hsize_t) :: dims(1) = [days]
  real(kind=8) :: rain(days) = [0.0d0, 2.5d0, 11.0d0, 0.25d0], found(days)
  integer :: error

  call get_command_argument(1, name)
  call h5open_f(error)
  call h5fopen_f(trim(name), H5F_ACC_RDWR_F, file, error)
  if (error < 0) stop 1
  call h5screate_simple_f(1, dims, space, error)
  call h5dcreate_f(file, '/station/rain', H5T_IEEE_F64LE, space, dataset, error)
  if (error < 0) stop 1
  call h5dwrite_f(dataset, H5T_NATIVE_DOUBLE, rain, dims, error)
  if (error < 0) stop 1
  call h5dclose_f(dataset, error)
  call h5sclose_f(space, error)
  call h5fclose_f(file, error)
  if (error < 0) stop 1

  call h5fopen_f(trim(name), H5F_ACC_RDONLY_F, file, error)
  if (error < 0) stop 1
  call h5dopen_f(file, '/station/rain', dataset, error)
  call h5dread_f(dataset, H5T_NATIVE_DOUBLE, found, dims, error)
  if (error < 0) stop 1
  print '(a, 4f7.2)', 'rain per day:', found
  call h5dclose_f(dataset, error)
  call h5fclose_f(file, error)
  call h5close_f(error)
end program rainfall
