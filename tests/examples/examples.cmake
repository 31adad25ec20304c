# Included by tests/CMakeLists.txt: generated code belongs to the folder of the targets it is generated for.
#
# What the tests of examples/ are made of beside what add_test_kind gives them: the example server without its main program, the
# code generated from its manifest, and a PERFLIB.
set(provider_directory ${PROJECT_SOURCE_DIR}/examples/provider)
set(leak_report_directory ${PROJECT_SOURCE_DIR}/examples/leak-report)
if(WIN32)
    set(platform platform_windows.c)
else()
    set(platform platform_linux.c)
endif()
set(server_sources problem.c publisher.c server.c session.c ${platform})
list(TRANSFORM server_sources PREPEND ${provider_directory}/)
list(APPEND server_sources ${leak_report_directory}/leak_report.c)

# Code generated from the example's manifest, and perfpool's PERFLIB, which goes before what brings in the system's.
function(use_counters name)
    set(target test-examples-${name})
    target_include_directories(${target} PRIVATE ${provider_directory})
    target_link_libraries(${target} PRIVATE perflib-test)
    perfpool_add_counters(${target} ${provider_directory}/counters.man ${ARGN})
endfunction()

use_counters(pairing)
use_counters(legacy LEGACY)
foreach(name provider failures)
    use_counters(${name})
    target_sources(test-examples-${name} PRIVATE ${server_sources})
    target_include_directories(test-examples-${name} PRIVATE ${leak_report_directory})
endforeach()
foreach(name leak_report sizing)
    target_include_directories(test-examples-${name} PRIVATE ${provider_directory} ${leak_report_directory})
    target_link_libraries(test-examples-${name} PRIVATE perflib-test)
endforeach()
target_sources(test-examples-leak_report PRIVATE ${leak_report_directory}/leak_report.c)

# Every AllocateMemory in the server becomes failing_allocate.
target_sources(test-examples-failures PRIVATE examples/failing/failing.c)
target_include_directories(test-examples-failures PRIVATE examples/failing)
target_compile_options(test-examples-failures PRIVATE "SHELL:-include ${CMAKE_CURRENT_SOURCE_DIR}/examples/failing/failing.h")
