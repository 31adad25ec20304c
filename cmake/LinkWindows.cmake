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
set(entry_symbol DllMain)
set(dlltool_machine i386:x86-64)
set(address_space_options -Wl,--high-entropy-va)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    # On 32-bit x86 the symbol of a __stdcall function ends in the bytes of its arguments. A caller's compiler asks the import
    # libraries for that symbol; the DLL exports the plain name, which is what GetProcAddress is asked for.
    set(entry_symbol _DllMain@12)
    set(dlltool_machine i386 -k)
    set(address_space_options -Wl,--kill-at)
    file(READ ${ledger} exports)
    string(REGEX REPLACE "((Allocate|Free)Memory) " "\\1@8" exports "${exports}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ledger})
    set(ledger ${PROJECT_BINARY_DIR}/perfpool.def)
    file(CONFIGURE OUTPUT ${ledger} CONTENT "${exports}" @ONLY)

    # The linker's own import library would lack those endings. Its name goes into symbols: without the directory.
    add_custom_command(TARGET perfpool POST_BUILD
        COMMAND ${CMAKE_DLLTOOL} -k -d ${ledger} -D perfpool.dll -l $<TARGET_LINKER_FILE_NAME:perfpool>
        WORKING_DIRECTORY $<TARGET_LINKER_FILE_DIR:perfpool> VERBATIM)
endif()
target_sources(perfpool PRIVATE ${PROJECT_BINARY_DIR}/perfpool.rc ${ledger})

# No C run-time: its start-up code would bring in malloc. What is left of it is libgcc's pieces without state.
set_target_properties(perfpool PROPERTIES C_STANDARD_LIBRARIES "")
target_link_options(perfpool PRIVATE
    -nostdlib -Wl,-e,${entry_symbol} -Wl,--dynamicbase,--nxcompat ${address_space_options} -Wl,--no-insert-timestamp)
target_link_libraries(perfpool PRIVATE ntdll kernel32 gcc)

# perfpool.lib, in the short form that Microsoft's own tools write.
find_program(PERFPOOL_LLVM_DLLTOOL NAMES llvm-dlltool llvm-dlltool-14 llvm-dlltool-15 llvm-dlltool-16 llvm-dlltool-19)
if(PERFPOOL_LLVM_DLLTOOL)
    set(perfpool_msvc_library ${PROJECT_BINARY_DIR}/perfpool.lib)
    add_custom_command(OUTPUT ${perfpool_msvc_library}
        COMMAND ${PERFPOOL_LLVM_DLLTOOL} -m ${dlltool_machine} -d ${ledger} -D perfpool.dll -l ${perfpool_msvc_library}
        DEPENDS ${ledger} VERBATIM)
    add_custom_target(perfpool-msvc-library ALL DEPENDS ${perfpool_msvc_library})
else()
    message(STATUS "No llvm-dlltool: perfpool.lib, the import library for MSVC, is not made")
endif()
