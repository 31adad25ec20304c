# shellcheck shell=bash disable=SC2034,SC2154 # its readers use what it sets
# What a check-* script needs to know of its target. Sourced with the target's name in `target`, in the top directory:
#   build     the target's build directory
#   prefix    of the names of its tools, `i686-w64-mingw32-`; empty for the machine's own
#   compiler  for C
#   toolchain CMake's options for it
#   start     what starts one of its programs, an array
#   suffix    of its programs' names
# target_on_windows is true for the targets that are Windows.

build=$PWD/build/$target
prefix=
compiler=gcc
toolchain=()
start=()
suffix=
case $target in
linux) ;;
windows | windows32)
    prefix=x86_64-w64-mingw32-
    [ "$target" = windows ] || prefix=i686-w64-mingw32-
    compiler=${prefix}gcc-win32
    toolchain=("-DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/mingw-w64-${prefix%%-*}.cmake")
    start=(/usr/lib/wine/wine64)
    suffix=.exe
    ;;
*)
    printf '%s: unknown target: %s\n' "$0" "$target" >&2
    exit 2
    ;;
esac

target_on_windows() {
    [ "$target" != linux ]
}
