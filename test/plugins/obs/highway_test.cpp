// Our stand-in for Highway's library finds what Highway finds.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace {

TEST(ObsHighway, FindsTheTargetsThatHighwayFinds) {
  void* library = dlopen("libhwy.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) GTEST_SKIP() << "Highway's library is not a shared one";
  const auto supported =
      reinterpret_cast<std::int64_t (*)()>(dlsym(library, "_ZN3hwy16SupportedTargetsEv"));
  ASSERT_NE(supported, nullptr);
  // Of those that the engine may be compiled for.
  constexpr std::int64_t kTargets =
      HWY_SCALAR | HWY_SSSE3 | HWY_SSE4 | HWY_AVX2 | HWY_AVX3 | HWY_AVX3_DL | HWY_NEON;
  EXPECT_EQ(hwy::SupportedTargets() & kTargets & HWY_TARGETS, supported() & kTargets & HWY_TARGETS);
  dlclose(library);
}

}  // namespace
