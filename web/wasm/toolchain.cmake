# Clang 22 with Debian's WASI sysroot (clang-22 lld-22 libc++-22-dev-wasm32 libc++abi-22-dev-wasm32
# libclang-rt-22-dev-wasm32 wasi-libc).
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER clang++-22)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_AR llvm-ar-22)
set(CMAKE_RANLIB llvm-ranlib-22)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BACKDROP_WASM_VARIANT)

set(BACKDROP_WASM_VARIANT simd CACHE STRING "scalar, simd or relaxed")
set(wasm_features "-mbulk-memory -mnontrapping-fptoint -msign-ext")
if(NOT BACKDROP_WASM_VARIANT STREQUAL "scalar")
  string(APPEND wasm_features " -msimd128")
endif()
if(BACKDROP_WASM_VARIANT STREQUAL "relaxed")
  string(APPEND wasm_features " -mrelaxed-simd")
endif()

set(CMAKE_CXX_FLAGS_INIT
    "-Wno-deprecated -flto -fno-exceptions -fno-rtti -fno-threadsafe-statics -fvisibility=hidden -ffp-contract=fast ${wasm_features}")
# --no-wasm-opt: the driver would run whatever wasm-opt is on the PATH, and an old one fails.
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "--no-wasm-opt -mexec-model=reactor -Wl,--strip-all -Wl,-z,stack-size=65536 -Wl,-mllvm,-disable-lsr")
