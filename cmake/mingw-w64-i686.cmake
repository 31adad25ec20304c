# 32-bit Windows, cross-compiled with Debian's MinGW-w64. Only C is built for it, which needs no threads of the run-time (win32
# model). SSE2 is what Windows itself and Microsoft's compiler take for granted on x86: with it 64-bit loads are one instruction.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR i686)

set(CMAKE_C_COMPILER i686-w64-mingw32-gcc-win32)
set(CMAKE_C_FLAGS_INIT -msse2)
set(CMAKE_RC_COMPILER i686-w64-mingw32-windres)
set(CMAKE_AR i686-w64-mingw32-ar)
set(CMAKE_RANLIB i686-w64-mingw32-ranlib)
set(CMAKE_OBJCOPY i686-w64-mingw32-objcopy)
set(CMAKE_DLLTOOL i686-w64-mingw32-dlltool)
set(CMAKE_STRIP i686-w64-mingw32-strip)

set(CMAKE_FIND_ROOT_PATH /usr/i686-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
