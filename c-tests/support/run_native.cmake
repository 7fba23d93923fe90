# Runs `program` on a local file and keeps what it printed in `name`.native.txt.
unset(ENV{HDF5_VOL_CONNECTOR})
unset(ENV{HDF5_PLUGIN_PATH})
execute_process(
  COMMAND "${program}" "${name}.native.h5"
  OUTPUT_FILE "${name}.native.txt"
  RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
  message(FATAL_ERROR "${name} on a local file ended with: ${result}")
endif()
