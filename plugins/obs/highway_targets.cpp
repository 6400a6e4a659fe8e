// The two functions of Highway's library that the engine calls, so that the plugin needs no library
// but OBS's: Debian has Highway as a shared library only.
#include <hwy/targets.h>

namespace hwy {
namespace {

#if HWY_ARCH_X86
// The features that Highway's targets are compiled for. The compiler's run-time library asks the
// operating system for the wider registers, too.
std::int64_t find_targets() {
  __builtin_cpu_init();
  std::int64_t targets = 0;
  const bool has_ssse3 = __builtin_cpu_supports("ssse3");
  if (has_ssse3) targets |= HWY_SSSE3;
  const bool has_sse4 = has_ssse3 && __builtin_cpu_supports("sse4.2") &&
                        __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("aes");
  if (has_sse4) targets |= HWY_SSE4;
  const bool has_avx2 = has_sse4 && __builtin_cpu_supports("avx2") &&
                        __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
                        __builtin_cpu_supports("f16c");
  if (has_avx2) targets |= HWY_AVX2;
  const bool has_avx3 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512bw");
  if (has_avx3) targets |= HWY_AVX3;
  const bool has_avx3_dl =
      has_avx3 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq") &&
      __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("vpclmulqdq") &&
      __builtin_cpu_supports("vaes") && __builtin_cpu_supports("gfni");
  if (has_avx3_dl) targets |= HWY_AVX3_DL;
  return targets | HWY_ENABLED_BASELINE;
}
#else
std::int64_t find_targets() { return HWY_ENABLED_BASELINE; }
#endif

}  // namespace

std::int64_t SupportedTargets() {
  static const std::int64_t targets = find_targets();
  return targets;
}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
