# Runs `program` through the connector and compares what it prints with `name`.native.txt.
if(NOT DEFINED ENV{HSDS_ENDPOINT} OR NOT DEFINED ENV{HSDS_USERNAME})
  message(FATAL_ERROR "set HSDS_ENDPOINT, HSDS_USERNAME and HSDS_PASSWORD to a running server")
endif()
set(ENV{HDF5_PLUGIN_PATH} "${plugin_dir}")
set(ENV{HDF5_VOL_CONNECTOR} REST)
execute_process(
  COMMAND "${program}" "/home/$ENV{HSDS_USERNAME}/everyday-${version}-${name}.h5"
  OUTPUT_FILE "${name}.rest.txt"
  RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
  file(READ "${name}.rest.txt" printed)
  message(FATAL_ERROR "${name} through the connector ended with: ${result}; it printed\n${printed}")
endif()
execute_process(
  COMMAND diff -u "${name}.native.txt" "${name}.rest.txt"
  RESULT_VARIABLE different)
if(NOT different STREQUAL "0")
  message(FATAL_ERROR "${name} printed other things through the connector than on a local file")
endif()
