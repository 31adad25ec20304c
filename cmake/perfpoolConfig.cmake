# find_package(perfpool): the library perfpool::perfpool, and the function perfpool_add_counters.
include(${CMAKE_CURRENT_LIST_DIR}/perfpoolTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/perfpoolCounters.cmake)

# perfpool::perflib-test and perfpool::perflib-live, if that component was installed.
set(perfpool_perflib-test_FOUND FALSE)
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/perfpoolPerflibTestTargets.cmake)
    include(CMakeFindDependencyMacro)
    find_dependency(Threads)
    include(${CMAKE_CURRENT_LIST_DIR}/perfpoolPerflibTestTargets.cmake)
    set(perfpool_perflib-test_FOUND TRUE)
endif()
foreach(component IN LISTS perfpool_FIND_COMPONENTS)
    if(perfpool_FIND_REQUIRED_${component} AND NOT perfpool_${component}_FOUND)
        set(perfpool_FOUND FALSE)
        set(perfpool_NOT_FOUND_MESSAGE "perfpool's component ${component} is not installed")
    endif()
endforeach()
