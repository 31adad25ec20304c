# cmake --install: the library, its header, a CMake package (find_package(perfpool)) and a pkg-config file.
include(CMakePackageConfigHelpers)

install(TARGETS perfpool EXPORT perfpool-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/perfpool.h include/perfpool_perflib.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET perfpool-ctrpp)
    install(TARGETS perfpool-ctrpp EXPORT perfpool-targets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(perfpool_msvc_library)
    install(FILES ${perfpool_msvc_library} DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/perfpool)

# The component perflib-test: a PERFLIB for users' own tests, called by tests/perflib, whose targets these are.
function(install_perflib_test)
    set(headers ${CMAKE_INSTALL_INCLUDEDIR}/perflib-test)
    install(TARGETS perflib-test perflib-live EXPORT perflib-test-targets COMPONENT perflib-test
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES ${ARGN} DESTINATION ${headers} COMPONENT perflib-test)
    if(NOT WIN32)
        install(DIRECTORY ${PROJECT_SOURCE_DIR}/tests/perflib/linux/ DESTINATION ${headers}/linux COMPONENT perflib-test
            FILES_MATCHING PATTERN *.h)
    endif()
    install(EXPORT perflib-test-targets NAMESPACE perfpool:: FILE perfpoolPerflibTestTargets.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/perfpool COMPONENT perflib-test)
endfunction()

install(EXPORT perfpool-targets NAMESPACE perfpool:: FILE perfpoolTargets.cmake DESTINATION ${package_directory})
install(FILES cmake/perfpoolConfig.cmake DESTINATION ${package_directory})
install(FILES cmake/Counters.cmake DESTINATION ${package_directory} RENAME perfpoolCounters.cmake)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/perfpoolConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/perfpoolConfigVersion.cmake DESTINATION ${package_directory})

# The prefix is written relative to the file, so an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig ${prefix_from_pkgconfig})
configure_file(cmake/perfpool.pc.in ${PROJECT_BINARY_DIR}/perfpool.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/perfpool.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
