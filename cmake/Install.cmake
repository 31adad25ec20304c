# cmake --install: the library, its header, a CMake package (find_package(perfpool)) and a pkg-config file.
include(CMakePackageConfigHelpers)

install(TARGETS perfpool EXPORT perfpool-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/perfpool.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(perfpool_msvc_library)
    install(FILES ${perfpool_msvc_library} DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/perfpool)
install(EXPORT perfpool-targets NAMESPACE perfpool:: FILE perfpoolConfig.cmake DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/perfpoolConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/perfpoolConfigVersion.cmake DESTINATION ${package_directory})

# The prefix is written relative to the file, so an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig ${prefix_from_pkgconfig})
configure_file(cmake/perfpool.pc.in ${PROJECT_BINARY_DIR}/perfpool.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/perfpool.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
