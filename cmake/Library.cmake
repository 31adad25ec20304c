# The library itself: perfpool, the shared library, and perfpool-objects, the same sources for tests of internals.

# Every source of the library, in one place.
set(perfpool_sources
    arena.c arena_spans.c bin.c callbacks.c drain.c fault.c heap.c large.c magazine.c mailbox.c options.c poison.c pool.c refill.c
    size_class.c slow_path.c span.c stats.c text.c thread.c trim.c)
if(WIN32)
    list(APPEND perfpool_sources os_windows.c)
else()
    list(APPEND perfpool_sources os_posix.c)
endif()
if(PERFPOOL_TOOLS)
    list(APPEND perfpool_sources tools.c)
endif()
list(TRANSFORM perfpool_sources PREPEND ${PROJECT_SOURCE_DIR}/src/)

function(perfpool_common target)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:perfpool-ck> $<BUILD_INTERFACE:perfpool-warnings>)
    target_compile_options(${target} PRIVATE -fvisibility=hidden)
    target_compile_definitions(${target} PRIVATE $<$<BOOL:${PERFPOOL_TOOLS}>:PERFPOOL_TOOLS> $<$<BOOL:${PERFPOOL_PROBES}>:PERFPOOL_PROBES>)
    if(WIN32)
        # Windows 7 is the oldest system with all that is used.
        target_compile_definitions(${target} PRIVATE _WIN32_WINNT=0x0601)
        if(CMAKE_SIZEOF_VOID_P EQUAL 8)
            # No data of another DLL is used, so none needs to be reached through a pointer beside the code.
            target_compile_options(${target} PRIVATE -mcmodel=small)
        endif()
    else()
        find_package(Threads REQUIRED)
        target_link_libraries(${target} PRIVATE Threads::Threads)
        target_compile_definitions(${target} PRIVATE _GNU_SOURCE=)
        if(PERFPOOL_DYNAMIC_TLS)
            target_compile_definitions(${target} PRIVATE PERFPOOL_DYNAMIC_TLS)
        endif()
    endif()
endfunction()

add_library(perfpool SHARED ${perfpool_sources})
perfpool_common(perfpool)
target_compile_definitions(perfpool PRIVATE PERFPOOL_BUILD)
target_compile_options(perfpool PRIVATE -fno-semantic-interposition)

add_library(perfpool-objects STATIC EXCLUDE_FROM_ALL ${perfpool_sources})
perfpool_common(perfpool-objects)
target_compile_definitions(perfpool-objects PUBLIC PERFPOOL_STATIC)
target_include_directories(perfpool-objects PUBLIC ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(perfpool-objects PUBLIC perfpool-ck)

if(WIN32)
    include(${CMAKE_CURRENT_LIST_DIR}/LinkWindows.cmake)
else()
    include(${CMAKE_CURRENT_LIST_DIR}/LinkLinux.cmake)
endif()

# Debug information lies beside the library, which names it (.gnu_debuglink). Sanitizers read it from the library.
if(CMAKE_OBJCOPY AND CMAKE_STRIP AND NOT PERFPOOL_SANITIZE)
    set(debug_file ${PROJECT_BINARY_DIR}/$<TARGET_FILE_BASE_NAME:perfpool>$<TARGET_FILE_SUFFIX:perfpool>.debug)
    if(NOT WIN32)
        set(debug_file ${PROJECT_BINARY_DIR}/libperfpool.so.debug)
    endif()
    add_custom_command(TARGET perfpool POST_BUILD
        COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:perfpool> ${debug_file}
        COMMAND ${CMAKE_STRIP} --strip-unneeded $<TARGET_FILE:perfpool>
        COMMAND ${CMAKE_OBJCOPY} --add-gnu-debuglink=${debug_file} $<TARGET_FILE:perfpool>
        VERBATIM)
endif()
