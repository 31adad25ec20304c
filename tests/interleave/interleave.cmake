# The checker of interleavings. The library's sources and the scenarios are compiled as ThreadSanitizer wants it, for the calls before
# plain accesses; its own library is not linked.
file(GLOB scenarios CONFIGURE_DEPENDS interleave/scenarios_*.c)
set(checked ${perfpool_sources})
list(REMOVE_ITEM checked ${PROJECT_SOURCE_DIR}/src/os_posix.c ${PROJECT_SOURCE_DIR}/src/tools.c)
add_library(perfpool-checked OBJECT ${checked} ${scenarios})
target_compile_definitions(perfpool-checked PRIVATE PERFPOOL_CHECKER PERFPOOL_STATIC _GNU_SOURCE=)
target_compile_options(perfpool-checked PRIVATE
    -fsanitize=thread -fno-tree-loop-distribute-patterns -include ${CMAKE_CURRENT_SOURCE_DIR}/interleave/plain.h)
target_include_directories(perfpool-checked PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(perfpool-checked PRIVATE perfpool-ck perfpool-warnings)

set(interleave actors.c describe.c explore.c main.c memory.c plain.c races.c scenarios.c system.c tree.c)
list(TRANSFORM interleave PREPEND interleave/)
add_executable(test-interleave ${interleave} support/equations.c support/heaps.c support/fault_log.c support/require.c
    $<TARGET_OBJECTS:perfpool-checked>)
target_compile_definitions(test-interleave PRIVATE PERFPOOL_STATIC _GNU_SOURCE=)
target_include_directories(test-interleave PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(test-interleave PRIVATE perfpool-ck perfpool-warnings)
set_target_properties(test-interleave PROPERTIES
    OUTPUT_NAME interleave RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/interleave)
