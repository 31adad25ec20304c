# perfpool_add_counters: the generated code and the resources of a counter manifest in a program.
#
#   perfpool_add_counters(<target> <manifest> [PREFIX <prefix>] [LEGACY] [NOTIFICATION_CALLBACK] [MEMORY_ROUTINES])
#
# At build time, and again whenever the manifest changes, <name>.h is made, <name> being the manifest's without its extension. Its
# folder is on the target's include path, its string table is compiled into a program for Windows, and perfpool and PERFLIB's library
# are linked. PREFIX, NOTIFICATION_CALLBACK and MEMORY_ROUTINES are those options of perfpool-ctrpp.
# The target is one of the same CMakeLists.txt. LEGACY: the code of Windows Vista, with PerfAutoInitialize; <name>.c is compiled into the target. Its memory routines are perfpool's.
#
# A cross build needs a perfpool-ctrpp of the building machine: the one that PERFPOOL_CTRPP names, else one on the PATH.

# A language has to be enabled outside functions. This is Windows' one for resources; who has no compiler for it may still link perfpool.
if(WIN32)
    include(CheckLanguage)
    check_language(RC)
    if(CMAKE_RC_COMPILER)
        enable_language(RC)
    endif()
endif()

# Sets PERFPOOL_CTRPP_COMMAND to the program that runs here, and PERFPOOL_CTRPP_DEPENDS to what has to be built before.
function(_perfpool_find_ctrpp)
    set(PERFPOOL_CTRPP "" CACHE FILEPATH "perfpool-ctrpp of the building machine; empty: it is searched for")
    set(depends "")
    if(PERFPOOL_CTRPP)
        set(command ${PERFPOOL_CTRPP})
        set(depends ${PERFPOOL_CTRPP})
    elseif(TARGET perfpool-ctrpp-host)
        get_property(command TARGET perfpool-ctrpp-host PROPERTY PERFPOOL_PROGRAM)
        set(depends perfpool-ctrpp-host ${command})
    elseif(NOT CMAKE_CROSSCOMPILING AND TARGET perfpool::perfpool-ctrpp)
        set(command $<TARGET_FILE:perfpool::perfpool-ctrpp>)
        set(depends perfpool::perfpool-ctrpp)
    else()
        find_program(PERFPOOL_CTRPP_FOUND perfpool-ctrpp NO_CMAKE_FIND_ROOT_PATH DOC "perfpool-ctrpp of the building machine")
        mark_as_advanced(PERFPOOL_CTRPP_FOUND)
        if(NOT PERFPOOL_CTRPP_FOUND)
            message(FATAL_ERROR "perfpool_add_counters needs a perfpool-ctrpp that runs on this machine, and none is on the PATH. Build or "
                "install perfpool for this machine, then set PERFPOOL_CTRPP to its bin/perfpool-ctrpp.")
        endif()
        set(command ${PERFPOOL_CTRPP_FOUND})
    endif()
    set(PERFPOOL_CTRPP_COMMAND ${command} PARENT_SCOPE)
    set(PERFPOOL_CTRPP_DEPENDS ${depends} PARENT_SCOPE)
endfunction()

function(perfpool_add_counters target manifest)
    cmake_parse_arguments(PARSE_ARGV 2 argument "LEGACY;NOTIFICATION_CALLBACK;MEMORY_ROUTINES" "PREFIX" "")
    if(argument_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "perfpool_add_counters: unknown arguments: ${argument_UNPARSED_ARGUMENTS}")
    endif()
    if(argument_LEGACY AND DEFINED argument_PREFIX)
        message(FATAL_ERROR "perfpool_add_counters: LEGACY names nothing after a PREFIX; give one of them")
    endif()
    _perfpool_find_ctrpp()
    get_filename_component(manifest ${manifest} ABSOLUTE)
    get_filename_component(name ${manifest} NAME_WLE)
    # Targets of one directory may have manifests of one name.
    set(directory ${CMAKE_CURRENT_BINARY_DIR}/perfpool-counters/${target})
    file(MAKE_DIRECTORY ${directory})

    set(options "")
    if(argument_NOTIFICATION_CALLBACK)
        list(APPEND options -NotificationCallback)
    endif()
    if(argument_LEGACY)
        set(outputs ${directory}/${name}.h ${directory}/${name}.c ${directory}/${name}.rc ${directory}/${name}_r.h)
        list(APPEND options -legacy -MemoryRoutines -folder ${directory})
        target_sources(${target} PRIVATE ${directory}/${name}.h ${directory}/${name}.c)
    else()
        set(outputs ${directory}/${name}.h ${directory}/${name}.rc)
        list(APPEND options -o ${directory}/${name}.h -rc ${directory}/${name}.rc)
        if(argument_MEMORY_ROUTINES)
            list(APPEND options -MemoryRoutines)
        endif()
        if(argument_PREFIX)
            list(APPEND options -prefix ${argument_PREFIX})
        endif()
        target_sources(${target} PRIVATE ${directory}/${name}.h)
    endif()
    add_custom_command(OUTPUT ${outputs}
        COMMAND ${PERFPOOL_CTRPP_COMMAND} ${options} ${manifest}
        DEPENDS ${manifest} ${PERFPOOL_CTRPP_DEPENDS}
        COMMENT "Generating ${name}.h and ${name}.rc of ${name}'s counters"
        VERBATIM)

    target_include_directories(${target} PRIVATE ${directory})
    target_link_libraries(${target} PRIVATE perfpool::perfpool)
    if(WIN32)
        target_sources(${target} PRIVATE ${directory}/${name}.rc)
        target_link_libraries(${target} PRIVATE advapi32)
    endif()
endfunction()
