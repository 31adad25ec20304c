# shellcheck shell=bash disable=SC2154
# ./run lint: every check by name, its output if it fails. Sourced by run after both targets are built.

lint_failed=0
lint_passed=0

# check WHAT COMMAND...
check() {
    local what=$1 log start=$SECONDS
    log="$logs/lint-$((lint_passed + lint_failed + 1)).log"
    shift
    if "$@" >"$log" 2>&1 </dev/null; then
        lint_passed=$((lint_passed + 1))
        printf 'ok    %s (%d s)\n' "$what" $((SECONDS - start))
    else
        lint_failed=$((lint_failed + 1))
        printf 'FAIL  %s (%d s); all of its output: %s\n' "$what" $((SECONDS - start)) "$log"
        # The findings themselves if it has that form, else its end.
        { grep -E ': (error|warning|style|performance|portability): ' "$log" || tail -n 40 "$log"; } |
            sed "s#$PWD/##; s/^/    | /" | awk '!seen[$0]++' | head -n 100
    fi
}

lint_layout() {
    local files
    files=$(sources | xargs clang-format --dry-run -Werror 2>&1 | sed -n 's/:[0-9]*:[0-9]*: error: .*//p' | uniq -c)
    [ -z "$files" ] || {
        printf 'not as .clang-format wants it (./run format changes that), places and file:\n%s\n' "$files"
        return 1
    }
}

# The tree reads best in files of one screenful or a few; 500 lines is the limit for all that is written by hand.
lint_length() {
    local long
    long=$(find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 | xargs -0 wc -l | awk '$1 > 500 && $2 != "total"')
    [ -z "$long" ] || {
        printf 'files over 500 lines:\n%s\n' "$long"
        return 1
    }
}

# The compile database of a target, with each source once: the library's are compiled twice, the tests' support three times.
lint_database() {
    mkdir -p "build/lint/$1"
    awk 'BEGIN { print "[" }
        /^\{/ { entry = "" }
        { entry = entry $0 "\n" }
        /^ *"file":/ { file = $0 }
        /^\}/ && !seen[file]++ {
            gsub(/ -fno-tree-loop-distribute-patterns/, "", entry) # gcc alone knows it
            sub(/,?\n$/, "", entry)
            printf "%s%s", separator, entry
            separator = ",\n"
        }
        END { print "\n]" }' "build/$1/compile_commands.json" >"build/lint/$1/compile_commands.json"
}

# clang-tidy over the given sources of a target, with the compilers' own warnings switched off.
tidy() {
    local target=$1 triple=$2
    shift 2
    lint_database "$target"
    printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 clang-tidy -quiet -p "build/lint/$target" --extra-arg=-Wno-unknown-warning-option \
        --extra-arg=-Wno-unused-command-line-argument --extra-arg=-Wno-error \
        --extra-arg=--target="$triple"
}

lint_tidy_linux() {
    local -a files
    mapfile -t files < <(database_sources linux)
    tidy linux x86_64-linux-gnu "${files[@]}"
}

# On Windows only what differs there: the sources that ask for the system.
lint_tidy_windows() {
    local -a files
    mapfile -t files < <(database_sources windows | xargs grep -lE '_WIN32|windows\.h' || true)
    [ ${#files[@]} -eq 0 ] || tidy windows x86_64-w64-mingw32 "${files[@]}"
}

# The sources of ours in a target's compile database, once each.
database_sources() {
    sed -n 's/^ *"file": "\(.*\.cc\{0,1\}\)",*$/\1/p' "build/$1/compile_commands.json" | grep -F "$PWD/" | grep -vF "$PWD/build/" | sort -u
}

lint_cppcheck() {
    cppcheck --quiet --error-exitcode=1 --enable=warning,style,performance,portability --inline-suppr --std=c11 \
        --suppressions-list=.cppcheck -j "$(nproc)" -I include -I src -I tests -I tools/ctrpp "$@"
}

lint_shell() {
    shellcheck -x run .ci/run cmake/*.sh tests/run-tests tests/run-one tests/target.sh tests/*/check-*
}

# The public header alone, as its users' compilers see it at their highest warning level.
lint_header_gnu() {
    local compiler
    for compiler in gcc clang x86_64-w64-mingw32-gcc-win32 i686-w64-mingw32-gcc-win32; do
        printf '#include <perfpool_perflib.h>\n#include <perfpool.h>\n' |
            $compiler -x c -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinclude -fsyntax-only - || return 1
    done
    for compiler in g++ clang++ x86_64-w64-mingw32-g++-posix; do
        printf '#include <perfpool_perflib.h>\n#include <perfpool.h>\n' |
            $compiler -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinclude -fsyntax-only - || return 1
    done
}

# Wine's windows.h is written for MSVC and GCC: some functions it defines clang has built in, so they get other names. Its perflib.h
# has the memory routines as __cdecl, so perfpool.h comes first and does not see it.
lint_header_msvc() {
    local language processor
    for processor in x86_64 i686; do
        for language in c c++; do
            printf '#include <perfpool.h>\n#include <perfpool_perflib.h>\n' >build/header.$language
            clang --driver-mode=cl --target=$processor-pc-windows-msvc /W4 /WX /Zs -Iinclude @tests/msvc/wine-headers.rsp \
                "$([ $language = c ] && echo /TC || echo /TP)" build/header.$language || return 1
        done
    done
}

lint() {
    check "layout (clang-format)" lint_layout
    check "no file over 500 lines" lint_length
    check "shell scripts (shellcheck)" lint_shell
    check "public header: gcc, clang, MinGW, C11 and C++17" lint_header_gnu
    check "public header: MSVC mode, /W4 /WX" lint_header_msvc
    check "exports and imports, Linux" tests/binary/check-symbols linux
    check "exports and imports, Windows" tests/binary/check-symbols windows
    check "exports and imports, 32-bit Windows" tests/binary/check-symbols windows32
    check "cppcheck" lint_cppcheck src tools tests bench
    check "clang-tidy, Linux" lint_tidy_linux
    check "clang-tidy, Windows" lint_tidy_windows
    printf '%d checks passed, %d failed\n' $lint_passed $lint_failed
    [ $lint_failed -eq 0 ]
}
