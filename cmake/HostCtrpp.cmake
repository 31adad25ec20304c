# perfpool-ctrpp-host: in a cross build, a perfpool-ctrpp that runs on the building machine, for perfpool_add_counters.
include(ExternalProject)
set(host_directory ${PROJECT_BINARY_DIR}/ctrpp-host)
ExternalProject_Add(perfpool-ctrpp-host
    SOURCE_DIR ${PROJECT_SOURCE_DIR}/tools/ctrpp
    PREFIX ${host_directory}
    BINARY_DIR ${host_directory}/build
    CMAKE_ARGS -DCMAKE_BUILD_TYPE=Release
    BUILD_ALWAYS ON
    BUILD_BYPRODUCTS ${host_directory}/build/perfpool-ctrpp
    INSTALL_COMMAND ""
    EXCLUDE_FROM_ALL ON)
set_target_properties(perfpool-ctrpp-host PROPERTIES PERFPOOL_PROGRAM ${host_directory}/build/perfpool-ctrpp)
