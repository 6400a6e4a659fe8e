# Compiles for another of Debian's architectures, DEBIAN_ARCHITECTURE: arm64 or armhf. The compilers
# are Debian's; scripts/fetch-libraries.sh has put the libraries into build/libraries. Programs run
# under QEMU.
set(DEBIAN_ARCHITECTURE arm64 CACHE STRING "arm64 or armhf")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DEBIAN_ARCHITECTURE)
if(DEBIAN_ARCHITECTURE STREQUAL "arm64")
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(triple aarch64-linux-gnu)
  set(emulator qemu-aarch64-static)
else()
  set(CMAKE_SYSTEM_PROCESSOR armv7l)
  set(triple arm-linux-gnueabihf)
  set(emulator qemu-arm-static)
  # Debian's armhf does without NEON; Highway uses it where it is stated, and then needs __fp16.
  set(CMAKE_CXX_FLAGS_INIT "-mfpu=neon-vfpv4 -mfp16-format=ieee")
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${triple}-g++)

get_filename_component(libraries ${CMAKE_CURRENT_LIST_DIR}/../build/libraries/${DEBIAN_ARCHITECTURE}
                       ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH ${libraries})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES ${libraries}/usr/include/${triple})
# What the libraries themselves need.
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,-rpath-link,${libraries}/usr/lib/${triple})
set(CMAKE_CROSSCOMPILING_EMULATOR
    ${emulator} -L /usr/${triple} -E LD_LIBRARY_PATH=${libraries}/usr/lib/${triple})
