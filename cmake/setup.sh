# shellcheck shell=bash disable=SC2034
# What ./run needs on the machine and in build/deps: Debian's packages, and two libraries built from Debian's sources.
# Sourced by run, in the top directory of the tree, with `set -eu`.

# Packages by command, used by run.
packages_build="gcc libc6-dev cmake ninja-build pkgconf libck-dev libexpat1-dev check dpkg-dev xz-utils gcc-mingw-w64-x86-64-win32
    binutils-mingw-w64-x86-64 gcc-mingw-w64-i686-win32 binutils-mingw-w64-i686 llvm-14"
packages_test="wine wine64 valgrind clang-14 lld-14 libwine-dev spin"
packages_cxx="g++ g++-mingw-w64-x86-64-posix"
packages_lint="$packages_cxx clang clang-format clang-tidy cppcheck shellcheck libwine-dev"
packages_bench_test="$packages_cxx python3 gnuplot-nox"
packages_bench="$packages_bench_test clang-14 libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4 libtbbmalloc2"

deps=build/deps
logs=build/log

say() {
    printf 'perfpool: %s\n' "$*"
}

fail() {
    printf 'perfpool: %s\n' "$*" >&2
    exit 1
}

# Runs a command with its output in build/log/NAME.log, of which the end is shown if it fails.
logged() {
    local log="$logs/$1.log"
    shift
    mkdir -p "$logs"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        fail "failed: $* (all of its output: $log)"
    fi
}

# Runs set-up steps, a function each, side by side: much of what they do is waiting. What they set in the
# shell is lost.
together() {
    local step pid failed=0
    local -a pids=()
    for step in "$@"; do
        "$step" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || failed=1
    done
    [ $failed -eq 0 ] || exit 1 # the step has said why
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] && return 0
    command -v sudo >/dev/null || return 1
    # With a terminal sudo can ask for the password; without one it must not need any.
    [ -t 0 ] || sudo -n true 2>/dev/null
}

# Names the packages among its arguments that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            printf '%s ' "$package"
        fi
    done
}

need_packages() {
    local missing
    if ! command -v apt-get >/dev/null; then
        fail "this is not Debian: install what these packages of Debian 12 have, then use cmake --preset linux or windows: $*"
    fi
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    can_be_root || fail "packages are missing and there is neither root nor sudo to install them: $missing"
    say "installing Debian packages: $missing"
    export DEBIAN_FRONTEND=noninteractive
    logged apt-update as_root apt-get update -q
    # shellcheck disable=SC2086 # a list of words
    logged apt-install as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

# Writes the machine's own mirror into $1, with entries of type $2 (deb-src or deb) and, if $3 is given, for that architecture only.
# A private list, so that the machine's stays as it is.
write_source_list() {
    local codename file type=$2 architecture=${3:-}
    # shellcheck disable=SC1091 # the system's file
    codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    mkdir -p "$1"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        awk -v RS= -v codename="$codename" -v type="$type" -v architecture="$architecture" '
            $0 ~ "(^|\n)Suites:[^\n]*[ \t]" codename "([ \t\n]|$)" && /(^|\n)Components:[^\n]*[ \t]main([ \t\n]|$)/ {
                n = split($0, line, "\n")
                if (architecture != "")
                    print "Architectures: " architecture
                for (i = 1; i <= n; i++) {
                    if (architecture != "" && line[i] ~ /^Architectures:/)
                        continue
                    sub(/^Types:.*/, "Types: " type, line[i])
                    sub(/^Suites:.*/, "Suites: " codename, line[i])
                    sub(/^Components:.*/, "Components: main", line[i])
                    print line[i]
                }
                print ""
            }' "$file" >"$1/$(basename "$file")"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] || continue
        awk -v codename="$codename" -v type="$type" -v architecture="$architecture" '
            $1 == "deb" {
                for (i = 2; i < NF && $i != codename; i++);
                if ($i == codename && $0 ~ /[ \t]main([ \t]|$)/) {
                    $1 = type
                    if (architecture != "" && !sub(/arch=[^] \t]*/, "arch=" architecture) && !sub(/\[/, "[arch=" architecture " "))
                        $1 = $1 " [arch=" architecture "]"
                    print
                }
            }' "$file" >"$1/one-line-$(basename "$file" .list).list"
    done
}

# Unpacks the source package $1 into the empty directory $2, with package lists of our own under build/deps/apt. One at a time.
fetch_source() {
    mkdir -p "$deps"
    (
        flock 9
        fetch_source_alone "$@"
    ) 9>"$deps/fetching"
}

fetch_source_alone() {
    local apt="$PWD/$deps/apt"
    local -a options=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists"
        -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=root" -o "Acquire::Retries=3")
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    if [ ! -e "$apt/updated" ]; then
        write_source_list "$apt/sources" deb-src
        [ -n "$(cat "$apt"/sources/*)" ] || fail "no Debian mirror found in /etc/apt to fetch the sources of $1 from"
        logged apt-source-update apt-get "${options[@]}" update
        touch "$apt/updated"
    fi
    rm -rf "$2"
    mkdir -p "$2"
    (cd "$2" && apt-get "${options[@]}" source "$1" >apt.log 2>&1) ||
        { tail -n 30 "$2/apt.log" >&2; fail "could not fetch Debian's source of $1"; }
}

# Builds the source package $1 for target $2 into build/deps/$1-$2 with the CMake options that follow; once.
need_library() {
    local name=$1 target=$2
    local prefix="$PWD/$deps/$name-$target" source="$deps/source/$name-$target" tree
    local -a options=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib)
    shift 2
    [ ! -e "$prefix/complete" ] || return 0
    say "building Debian's $name for $target"
    case $target in
    windows) options+=("-DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/mingw-w64-x86_64.cmake") ;;
    windows32) options+=("-DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/mingw-w64-i686.cmake") ;;
    esac
    rm -rf "$prefix"
    fetch_source "$name" "$source"
    tree=$(find "$source" -mindepth 1 -maxdepth 1 -type d)
    [ "$name" != expat ] || tree=$(prepare_expat "$tree")
    logged "$name-$target-configure" cmake -S "$tree" -B "$source/build" "${options[@]}" "-DCMAKE_INSTALL_PREFIX=$prefix" "$@"
    logged "$name-$target-build" cmake --build "$source/build" --target install
    rm -rf "$source"
    touch "$prefix/complete"
}

# expat's CMake files lie a folder deeper, and would define XML_DTD as nothing, where its sources want a number.
prepare_expat() {
    sed -i 's/^#cmakedefine XML_DTD$/#cmakedefine XML_DTD 1/' "$1/expat/expat_config.h.cmake"
    printf '%s\n' "$1/expat"
}

# For perfpool-ctrpp.
need_expat() {
    local target
    for target in windows windows32; do
        need_library expat "$target" -DEXPAT_SHARED_LIBS=OFF -DEXPAT_BUILD_TOOLS=OFF -DEXPAT_BUILD_EXAMPLES=OFF -DEXPAT_BUILD_TESTS=OFF \
            -DEXPAT_BUILD_DOCS=OFF -DEXPAT_BUILD_PKGCONFIG=OFF
    done
}

# Check formats its messages itself: with C99's formats, as on Linux.
need_check() {
    local target
    for target in windows windows32; do
        need_library check "$target" -DCMAKE_C_FLAGS=-D__USE_MINGW_ANSI_STDIO=1 -DCHECK_ENABLE_TESTS=OFF -DBUILD_TESTING=OFF \
            -DCHECK_ENABLE_SUBUNIT=OFF
    done
}

need_benchmark() {
    local target
    for target in linux windows; do
        need_library benchmark "$target" -DGIT_VERSION=1.7.1 -DBENCHMARK_ENABLE_TESTING=OFF -DBENCHMARK_ENABLE_WERROR=OFF \
            -DBENCHMARK_INSTALL_DOCS=OFF -DBUILD_SHARED_LIBS=OFF
    done
}

# mimalloc for Windows, as a contender for the benchmark: all of its source is one file. Compiled by clang, whose thread-local
# variables are Windows' own; those of GCC go through a function each time, which made it three times slower.
need_mimalloc() {
    local prefix="$PWD/$deps/mimalloc-windows" source="$deps/source/mimalloc-windows" tree
    [ ! -e "$prefix/complete" ] || return 0
    say "building Debian's mimalloc for windows"
    rm -rf "$prefix"
    mkdir -p "$prefix"
    fetch_source mimalloc "$source"
    tree=$(find "$source" -mindepth 1 -maxdepth 1 -type d)
    logged mimalloc-windows-compile clang-14 --target=x86_64-w64-mingw32 -w -O2 -DNDEBUG -I "$tree/include" -c "$tree/src/static.c" \
        -o "$source/mimalloc.o"
    logged mimalloc-windows-link x86_64-w64-mingw32-gcc-posix -shared -static-libgcc -static -Wl,--export-all-symbols \
        -o "$prefix/mimalloc.dll" "$source/mimalloc.o" -lbcrypt -ladvapi32
    basename "$tree" >"$prefix/version"
    rm -rf "$source"
    touch "$prefix/complete"
}

# shellcheck source=cmake/wine.sh
. cmake/wine.sh
