# shellcheck shell=bash disable=SC2034
# What ./run needs on the machine and in build/deps: Debian's packages, and two libraries built from Debian's sources.
# Sourced by run, in the top directory of the tree, with `set -eu`.

# Packages by command, used by run.
packages_build="gcc libc6-dev cmake ninja-build pkgconf libck-dev check dpkg-dev xz-utils gcc-mingw-w64-x86-64-win32
    binutils-mingw-w64-x86-64 llvm-14"
packages_test="wine wine64"
packages_cxx="g++ g++-mingw-w64-x86-64-posix"
packages_lint="$packages_cxx clang clang-format clang-tidy cppcheck shellcheck libwine-dev"
packages_bench="$packages_cxx python3 libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4"

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

# Writes the source package entries for the machine's own mirror into $1. A private list, so that the machine's stays as it is.
write_source_list() {
    local codename file
    # shellcheck disable=SC1091 # the system's file
    codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    mkdir -p "$1"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        awk -v RS= -v codename="$codename" '
            $0 ~ "(^|\n)Suites:[^\n]*[ \t]" codename "([ \t\n]|$)" && /(^|\n)Components:[^\n]*[ \t]main([ \t\n]|$)/ {
                n = split($0, line, "\n")
                for (i = 1; i <= n; i++) {
                    sub(/^Types:.*/, "Types: deb-src", line[i])
                    sub(/^Suites:.*/, "Suites: " codename, line[i])
                    sub(/^Components:.*/, "Components: main", line[i])
                    print line[i]
                }
                print ""
            }' "$file" >"$1/$(basename "$file")"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] || continue
        awk -v codename="$codename" '
            $1 == "deb" {
                for (i = 2; i < NF && $i != codename; i++);
                if ($i == codename && $0 ~ /[ \t]main([ \t]|$)/) {
                    $1 = "deb-src"
                    print
                }
            }' "$file" >"$1/one-line-$(basename "$file" .list).list"
    done
}

# Unpacks the source package $1 into the empty directory $2, with package lists of our own under build/deps/apt.
fetch_source() {
    local apt="$PWD/$deps/apt"
    local -a options=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists"
        -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=root" -o "Acquire::Retries=3")
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    if [ ! -e "$apt/updated" ]; then
        write_source_list "$apt/sources"
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
    [ "$target" = linux ] || options+=("-DCMAKE_TOOLCHAIN_FILE=$PWD/cmake/mingw-w64-x86_64.cmake")
    rm -rf "$prefix"
    fetch_source "$name" "$source"
    tree=$(find "$source" -mindepth 1 -maxdepth 1 -type d)
    logged "$name-$target-configure" cmake -S "$tree" -B "$source/build" "${options[@]}" "-DCMAKE_INSTALL_PREFIX=$prefix" "$@"
    logged "$name-$target-build" cmake --build "$source/build" --target install
    rm -rf "$source"
    touch "$prefix/complete"
}

# Check formats its messages itself: with C99's formats, as on Linux.
need_check() {
    need_library check windows -DCMAKE_C_FLAGS=-D__USE_MINGW_ANSI_STDIO=1 -DCHECK_ENABLE_TESTS=OFF -DBUILD_TESTING=OFF -DCHECK_ENABLE_SUBUNIT=OFF
}

need_benchmark() {
    local target
    for target in linux windows; do
        need_library benchmark "$target" -DGIT_VERSION=1.7.1 -DBENCHMARK_ENABLE_TESTING=OFF -DBENCHMARK_ENABLE_WERROR=OFF \
            -DBENCHMARK_INSTALL_DOCS=OFF -DBUILD_SHARED_LIBS=OFF
    done
}

# A Wine prefix of our own, and the environment in which `$wine PROGRAM` works without a display or questions.
wine=/usr/lib/wine/wine64
need_wine() {
    export WINEPREFIX="$PWD/build/wine" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree=;mshtml=;winemenubuilder.exe=;winedbg.exe="
    export WINELOADER=$wine
    if [ ! -e "$WINEPREFIX/complete" ]; then
        say "making a Wine prefix"
        rm -rf "$WINEPREFIX"
        mkdir -p "$WINEPREFIX"
        logged wine-prefix "$wine" wineboot.exe --init
        logged wine-prefix-wait wineserver -w
        touch "$WINEPREFIX/complete"
    fi
    # One server for all programs of a run; it ends ten minutes after the last. Its services start with the first program and
    # would hold on to that program's output, so the first program is one whose output nobody waits for.
    wineserver -p600 >/dev/null 2>&1 </dev/null || true
    logged wine-start "$wine" cmd.exe /c exit
}
