# Included by tests/CMakeLists.txt: programs in which the system refuses, threads are stopped or killed, processes end and the library
# goes, each at a moment of the test's choosing.
function(add_inject_test name base)
    set(target test-inject-${name})
    list(TRANSFORM ARGN PREPEND inject/)
    add_executable(${target} inject/${name}.c ${ARGN})
    target_link_libraries(${target} PRIVATE perfpool-test-base-${base})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/inject)
    set_property(GLOBAL APPEND PROPERTY perfpool_test_programs "inject/${name}${CMAKE_EXECUTABLE_SUFFIX}")
endfunction()

if(WIN32)
    set(system_calls system_calls_windows.c)
else()
    set(system_calls system_calls_posix.c)
endif()
add_inject_test(calls api scenario.c plugin.c system_calls.c ${system_calls})
add_inject_test(loads api plugin.c)
add_inject_test(kills api kill_thread.c)
add_inject_test(ends api)
add_inject_test(pauses module)

# What calls.c puts in place of the system's functions must be found by the library it loads.
set_target_properties(test-inject-calls PROPERTIES ENABLE_EXPORTS ON)
