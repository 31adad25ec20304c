# perfpool-ck: the headers of Concurrency Kit. Only header-only parts are used, so nothing is linked.
add_library(perfpool-ck INTERFACE)

# In a cross build the headers of the building machine serve: those for x86-64 are the same on both targets.
find_path(PERFPOOL_CK_INCLUDE ck_pr.h PATHS /usr/local/include /usr/include NO_CMAKE_FIND_ROOT_PATH DOC "Directory of Concurrency Kit's headers")
if(NOT PERFPOOL_CK_INCLUDE)
    message(FATAL_ERROR "Concurrency Kit's headers (ck_pr.h) not found; Debian has them in libck-dev")
endif()

if(CMAKE_CROSSCOMPILING)
    # They lie among the system's own headers, which a cross compiler must not see: give it a directory with links to CK's only.
    set(directory ${PROJECT_BINARY_DIR}/concurrency-kit)
    file(MAKE_DIRECTORY ${directory})
    file(GLOB headers ${PERFPOOL_CK_INCLUDE}/ck_*.h)
    list(APPEND headers ${PERFPOOL_CK_INCLUDE}/gcc ${PERFPOOL_CK_INCLUDE}/spinlock)
    foreach(path IN LISTS headers)
        get_filename_component(name ${path} NAME)
        file(CREATE_LINK ${path} ${directory}/${name} SYMBOLIC)
    endforeach()
    target_include_directories(perfpool-ck SYSTEM INTERFACE ${directory})
else()
    target_include_directories(perfpool-ck SYSTEM INTERFACE ${PERFPOOL_CK_INCLUDE})
endif()
