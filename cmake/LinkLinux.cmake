# How libperfpool.so is linked.
set_target_properties(perfpool PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

# The exports are the names of perfpool.def. The version script is anonymous: a named version would be a symbol of its own.
set(ledger ${PROJECT_SOURCE_DIR}/perfpool.def)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ledger})
file(STRINGS ${ledger} exports REGEX "@[0-9]+")
list(TRANSFORM exports REPLACE "^ *([A-Za-z0-9_]+) +@.*" "\\1")
list(JOIN exports ";\n    " exports)
set(version_script ${PROJECT_BINARY_DIR}/perfpool.map)
file(CONFIGURE OUTPUT ${version_script} CONTENT "{\nglobal:\n    ${exports};\nlocal:\n    *;\n};\n" @ONLY)
set_property(TARGET perfpool APPEND PROPERTY LINK_DEPENDS ${version_script})

# nodelete: threads that end after a dlclose still run perfpool's code.
# Bsymbolic-functions: the slow paths call AllocateMemory again; a program may have one of its own by that name.
target_link_options(perfpool PRIVATE
    -Wl,--version-script=${version_script} -Wl,-Bsymbolic-functions -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
if(NOT PERFPOOL_SANITIZE)
    # A sanitizer's functions are found in the program only.
    target_link_options(perfpool PRIVATE -Wl,--no-undefined)
endif()
