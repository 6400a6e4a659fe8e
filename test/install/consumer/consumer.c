/* A C program of somebody else's. Its argument: "gl" or "without-gl", how the library was built. */
#include <backdrop/backdrop.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "not so: %s\n", what);
  ++failures;
}
#define EXPECT(condition) expect(condition, #condition)

static backdrop_gl_function no_function(const char* name) {
  (void)name;
  return NULL;
}

static void check_version(void) {
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", BACKDROP_VERSION_MAJOR, BACKDROP_VERSION_MINOR,
           BACKDROP_VERSION_PATCH);
  EXPECT(strcmp(version, backdrop_version()) == 0);
}

static void check_creation(void) {
  EXPECT(backdrop_create(0) == NULL);
  EXPECT(backdrop_create(BACKDROP_MOST_THREADS + 1) == NULL);
  EXPECT(backdrop_create_abi(0, 1) == NULL);
  EXPECT(backdrop_create_abi(BACKDROP_ABI_VERSION + 1, 1) == NULL);
  backdrop_destroy(NULL);
}

static void check_null(backdrop_engine* engine) {
  const uint8_t bytes[4] = {0};
  backdrop_image image = {0};
  EXPECT(backdrop_set_background_none(NULL) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_process(NULL, &image, &image) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(strlen(backdrop_last_error(NULL)) > 0);
  EXPECT(backdrop_load_model(engine, NULL, 0, NULL) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_load_model(engine, bytes, sizeof bytes, NULL) == BACKDROP_ERROR_MODEL);
  EXPECT(backdrop_get_model_info(engine, NULL) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_get_statistics(engine, NULL) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_set_background_image(engine, NULL) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_process(engine, NULL, NULL) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_process(engine, &image, &image) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_get_matte(engine, 1, 1, NULL, 1) == BACKDROP_ERROR_ARGUMENT);
}

static void check_frame(backdrop_engine* engine) {
  uint8_t* pixels = backdrop_allocate(4);
  backdrop_image image = {0};
  EXPECT(pixels != NULL && (uintptr_t)pixels % BACKDROP_ALIGNMENT == 0);
  image.format = BACKDROP_RGBA;
  image.width = image.height = 1;
  image.strides[0] = 4;
  image.planes[0] = pixels;
  EXPECT(backdrop_process(engine, &image, &image) == BACKDROP_ERROR_STATE);
  EXPECT(strcmp(backdrop_last_error(engine), "no model is loaded") == 0);
  EXPECT(backdrop_set_background_none(engine) == BACKDROP_OK);
  EXPECT(backdrop_process(engine, &image, &image) == BACKDROP_OK);
  backdrop_free(pixels);
}

static void check_ranges(backdrop_engine* engine) {
  EXPECT(backdrop_set_background_blur(engine, BACKDROP_BLUR_STRENGTH_MIN) == BACKDROP_OK);
  EXPECT(backdrop_set_background_blur(engine, BACKDROP_BLUR_STRENGTH_MAX) == BACKDROP_OK);
  EXPECT(backdrop_set_background_blur(engine, 2 * BACKDROP_BLUR_STRENGTH_MAX) ==
         BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_set_coverage(engine, BACKDROP_COVERAGE_LOW_DEFAULT,
                               BACKDROP_COVERAGE_HIGH_DEFAULT) == BACKDROP_OK);
  EXPECT(backdrop_set_refinement(engine, BACKDROP_REFINEMENT_GUIDED, BACKDROP_SIGMA_SPACE_DEFAULT,
                                 BACKDROP_SIGMA_COLOR_DEFAULT) == BACKDROP_OK);
  EXPECT(backdrop_set_refinement(engine, BACKDROP_REFINEMENT_GUIDED, BACKDROP_SIGMA_SPACE_MAX,
                                 BACKDROP_SIGMA_COLOR_MAX * 2) == BACKDROP_ERROR_ARGUMENT);
  EXPECT(backdrop_set_steadying(engine, BACKDROP_STEADYING_DEFAULT) == BACKDROP_OK);
}

int main(int argc, char** argv) {
  const int has_gl = argc > 1 && strcmp(argv[1], "gl") == 0;
  backdrop_engine* engine = backdrop_create(2);
  EXPECT(engine != NULL);
  check_version();
  check_creation();
  check_null(engine);
  check_frame(engine);
  check_ranges(engine);
  EXPECT(backdrop_gl_create(engine, no_function) == BACKDROP_ERROR_UNSUPPORTED);
  EXPECT((strstr(backdrop_last_error(engine), "BACKDROP_GL=OFF") == NULL) == has_gl);
  EXPECT(backdrop_gl_process(engine, NULL, NULL, 0) ==
         (has_gl ? BACKDROP_ERROR_ARGUMENT : BACKDROP_ERROR_UNSUPPORTED));
  backdrop_destroy(engine);
  printf("backdrop %s\n", backdrop_version());
  return failures != 0;
}
