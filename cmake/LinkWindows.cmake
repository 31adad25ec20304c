# How perfpool.dll and its two import libraries are linked.
enable_language(RC)

set_target_properties(perfpool PROPERTIES
    PREFIX ""
    OUTPUT_NAME perfpool
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
    ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
    ARCHIVE_OUTPUT_NAME perfpool)

configure_file(${PROJECT_SOURCE_DIR}/cmake/perfpool.rc.in ${PROJECT_BINARY_DIR}/perfpool.rc @ONLY)
set(ledger ${PROJECT_SOURCE_DIR}/perfpool.def)
target_sources(perfpool PRIVATE ${PROJECT_BINARY_DIR}/perfpool.rc ${ledger})

# No C run-time: its start-up code would bring in malloc. What is left of it is libgcc's pieces without state.
set_target_properties(perfpool PROPERTIES C_STANDARD_LIBRARIES "")
target_link_options(perfpool PRIVATE
    -nostdlib -Wl,-e,DllMain -Wl,--dynamicbase,--nxcompat,--high-entropy-va -Wl,--no-insert-timestamp)
target_link_libraries(perfpool PRIVATE ntdll kernel32 gcc)

# perfpool.lib, in the short form that Microsoft's own tools write.
find_program(PERFPOOL_LLVM_DLLTOOL NAMES llvm-dlltool llvm-dlltool-14 llvm-dlltool-15 llvm-dlltool-16 llvm-dlltool-19)
if(PERFPOOL_LLVM_DLLTOOL)
    set(perfpool_msvc_library ${PROJECT_BINARY_DIR}/perfpool.lib)
    add_custom_command(OUTPUT ${perfpool_msvc_library}
        COMMAND ${PERFPOOL_LLVM_DLLTOOL} -m i386:x86-64 -d ${ledger} -D perfpool.dll -l ${perfpool_msvc_library}
        DEPENDS ${ledger} VERBATIM)
    add_custom_target(perfpool-msvc-library ALL DEPENDS ${perfpool_msvc_library})
else()
    message(STATUS "No llvm-dlltool: perfpool.lib, the import library for MSVC, is not made")
endif()
