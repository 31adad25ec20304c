# shellcheck shell=bash disable=SC2154
# Wine for the tests: a prefix in build/wine, and the 32-bit libraries it needs for 32-bit programs. Sourced by cmake/setup.sh.

wine=/usr/lib/wine/wine64

# The environment in which `$wine PROGRAM` works without a display or questions.
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

# The libraries that the tests use, and what those load. Debian's package has 750, of 550 MB.
wine32_libraries="advapi32 bcrypt combase crypt32 gdi32 imm32 iphlpapi kernel32 kernelbase msvcrt ntdll ole32 oleaut32 psapi rpcrt4
    sechost shcore shlwapi ucrtbase user32 version win32u ws2_32"

# Wine 8 runs 32-bit programs in its 64-bit process once it finds its own 32-bit libraries. Debian has them in libwine for i386,
# which cannot be installed beside the 64-bit one without the whole of i386: the package is fetched into build/deps, with package
# lists of our own, and unpacked there; nothing of it runs but these libraries. If that fails, PERFPOOL_NO_WINE32 says why. After
# need_wine.
need_wine32() {
    local libraries="$PWD/$deps/wine32" system="$WINEPREFIX/drive_c/windows/syswow64"
    export PERFPOOL_NO_WINE32="${PERFPOOL_NO_WINE32:-}"
    [ -z "$PERFPOOL_NO_WINE32" ] || return 0
    if [ ! -e "$libraries/complete" ]; then
        say "fetching Wine's 32-bit libraries (Debian's libwine for i386, about 100 MB; once)"
        rm -rf "$libraries"
        mkdir -p "$libraries"
        if ! fetch_wine32 "$libraries" >"$logs/wine32.log" 2>&1 </dev/null; then
            PERFPOOL_NO_WINE32="Wine's 32-bit libraries could not be fetched ($logs/wine32.log)"
            say "$PERFPOOL_NO_WINE32: 32-bit programs are built but not run"
            return 0
        fi
        touch "$libraries/complete"
    fi
    # Wine looks for the file in the prefix, then loads the library of that name from its own directory.
    [ -e "$system/ntdll.dll" ] || cp "$libraries"/i386-windows/*.dll "$system/"
    export WINEDLLPATH="$libraries"
}

# What takes long of both, so that it can be done beside other things. They are called again for what they set.
prepare_wine() {
    need_wine
    need_wine32
}

# Unpacks the libraries into $1/i386-windows. Both parts of Wine have to be of one version.
fetch_wine32() {
    local apt=$PWD/$deps/apt-i386 version name
    local -a members=() options=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/sources"
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=root" -o "Acquire::Retries=3"
        -o "APT::Architectures::=i386" -o "Acquire::Languages=none")
    for name in $wine32_libraries; do
        members+=("./usr/lib/i386-linux-gnu/wine/i386-windows/$name.dll")
    done
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    write_source_list "$apt/sources" deb i386
    # shellcheck disable=SC2016 # dpkg-query's variable
    version=$(dpkg-query -W -f='${Version}' libwine) &&
        apt-get "${options[@]}" update &&
        (cd "$1" && apt-get "${options[@]}" download "libwine:i386=$version") &&
        dpkg-deb --fsys-tarfile "$1"/libwine_*.deb | tar -x -C "$1" --strip-components=5 "${members[@]}" &&
        rm -rf "$1"/libwine_*.deb "$apt"
}
