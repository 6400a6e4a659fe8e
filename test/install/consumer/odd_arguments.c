/* Calls every function with arguments that make no sense: each returns its documented status, and the
   pictures stay as they were. Arguments: "gl" or "without-gl", how the library was built; a model. */
#include <backdrop/backdrop.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 8, HEIGHT = 6, PIXELS = WIDTH * HEIGHT };

static int failures = 0;

static void expect(int got, int wanted, const char* call) {
  if (got == wanted) return;
  fprintf(stderr, "%s: %d instead of %d\n", call, got, wanted);
  ++failures;
}
#define EXPECT(wanted, call) expect((int)(call), (int)(wanted), #call)
#define REJECTED(call) EXPECT(BACKDROP_ERROR_ARGUMENT, call)
#define TOO_EARLY(call) EXPECT(BACKDROP_ERROR_STATE, call)

typedef struct file {
  uint8_t* bytes;
  size_t size;
} file;

static file read_file(const char* path) {
  file model = {NULL, 0};
  FILE* stream = fopen(path, "rb");
  if (stream == NULL) return model;
  model.bytes = malloc(1 << 20);
  if (model.bytes != NULL) model.size = fread(model.bytes, 1, 1 << 20, stream);
  fclose(stream);
  return model;
}

static backdrop_image image_of(uint8_t* pixels) {
  backdrop_image image;
  memset(&image, 0, sizeof image);
  image.format = BACKDROP_RGBA;
  image.width = WIDTH;
  image.height = HEIGHT;
  image.strides[0] = 4 * WIDTH;
  image.planes[0] = pixels;
  return image;
}

static backdrop_gl_function no_function(const char* name) {
  (void)name;
  return NULL;
}

static void check_without_an_engine(uint8_t* pixels) {
  const uint8_t byte = 0;
  const backdrop_image image = image_of(pixels);
  backdrop_model_info info;
  backdrop_statistics statistics;
  float* input;
  const float* output;
  EXPECT(1, backdrop_create(0) == NULL);
  EXPECT(1, backdrop_create(-1) == NULL);
  EXPECT(1, backdrop_create(INT32_MAX) == NULL);
  EXPECT(1, backdrop_create_abi(0, 1) == NULL);
  EXPECT(1, backdrop_create_abi(BACKDROP_ABI_VERSION + 1, 1) == NULL);
  backdrop_destroy(NULL);
  EXPECT(1, strlen(backdrop_version()) > 0);
  EXPECT(1, strlen(backdrop_last_error(NULL)) > 0);
  EXPECT(1, strcmp(backdrop_get_class_name(NULL, 0), "") == 0);
  EXPECT(1, strcmp(backdrop_describe_model(NULL), "") == 0);
  REJECTED(backdrop_load_model(NULL, &byte, 1, NULL));
  REJECTED(backdrop_get_model_info(NULL, &info));
  REJECTED(backdrop_get_tensors(NULL, &input, &output));
  REJECTED(backdrop_infer(NULL));
  REJECTED(backdrop_set_background_none(NULL));
  REJECTED(backdrop_set_background_blur(NULL, 1));
  REJECTED(backdrop_set_background_color(NULL, 0));
  REJECTED(backdrop_set_placement(NULL, BACKDROP_FIT_COVER, 0, 0, 0, 0));
  REJECTED(backdrop_set_background_image(NULL, &image));
  REJECTED(backdrop_set_background_transparent(NULL));
  REJECTED(backdrop_set_coverage(NULL, 0, 1));
  REJECTED(backdrop_set_refinement(NULL, BACKDROP_REFINEMENT_NONE, 1, 1));
  REJECTED(backdrop_set_light_wrapping(NULL, 0, BACKDROP_BLEND_SCREEN));
  REJECTED(backdrop_set_steadying(NULL, 0));
  REJECTED(backdrop_set_motion_gate(NULL, 0));
  REJECTED(backdrop_set_learned_room(NULL, 0));
  REJECTED(backdrop_set_budget(NULL, 0));
  REJECTED(backdrop_reset(NULL));
  REJECTED(backdrop_process(NULL, &image, &image));
  REJECTED(backdrop_get_matte(NULL, WIDTH, HEIGHT, pixels, WIDTH));
  REJECTED(backdrop_get_statistics(NULL, &statistics));
}

static void check_gl(backdrop_engine* engine, int has_gl) {
  const int wrong = has_gl ? BACKDROP_ERROR_ARGUMENT : BACKDROP_ERROR_UNSUPPORTED;
  const backdrop_texture none = {0, WIDTH, HEIGHT}, flat = {1, WIDTH, 0};
  const backdrop_texture huge = {1, INT32_MAX, HEIGHT};
  int32_t sampled = 0;
  EXPECT(BACKDROP_ERROR_UNSUPPORTED, backdrop_gl_create(engine, no_function));
  REJECTED(backdrop_gl_create(NULL, no_function));
  REJECTED(backdrop_gl_destroy(NULL, 0));
  REJECTED(backdrop_gl_set_background_texture(NULL, &none));
  EXPECT(wrong, backdrop_gl_set_background_texture(engine, NULL));
  EXPECT(wrong, backdrop_gl_set_background_texture(engine, &none));
  EXPECT(wrong, backdrop_gl_set_background_texture(engine, &flat));
  EXPECT(wrong, backdrop_gl_set_background_texture(engine, &huge));
  REJECTED(backdrop_gl_begin_sample(NULL, &none));
  EXPECT(wrong, backdrop_gl_begin_sample(engine, NULL));
  EXPECT(wrong, backdrop_gl_begin_sample(engine, &huge));
  REJECTED(backdrop_gl_is_sampled(NULL, &sampled));
  EXPECT(wrong, backdrop_gl_is_sampled(engine, NULL));
  REJECTED(backdrop_gl_process(NULL, &none, NULL, 0));
  EXPECT(wrong, backdrop_gl_process(engine, NULL, NULL, 0));
  EXPECT(wrong, backdrop_gl_process(engine, &flat, NULL, 0));
}

static void check_before_a_model(backdrop_engine* engine, uint8_t* pixels) {
  const backdrop_image image = image_of(pixels);
  backdrop_model_info info;
  float* input;
  const float* output;
  TOO_EARLY(backdrop_get_model_info(engine, &info));
  TOO_EARLY(backdrop_get_tensors(engine, &input, &output));
  TOO_EARLY(backdrop_infer(engine));
  TOO_EARLY(backdrop_process(engine, &image, &image));
  TOO_EARLY(backdrop_get_matte(engine, WIDTH, HEIGHT, pixels, WIDTH));
  EXPECT(1, strcmp(backdrop_get_class_name(engine, 0), "") == 0);
  EXPECT(1, strcmp(backdrop_describe_model(engine), "") == 0);
}

static void check_settings(backdrop_engine* engine) {
  static const float outside[] = {NAN, INFINITY, -INFINITY, -1, 1e30f};
  size_t i;
  for (i = 0; i < sizeof outside / sizeof outside[0]; ++i) {
    const float value = outside[i];
    REJECTED(backdrop_set_background_blur(engine, value));
    REJECTED(backdrop_set_coverage(engine, value, 0.5f));
    REJECTED(backdrop_set_coverage(engine, 0.5f, value));
    REJECTED(backdrop_set_refinement(engine, BACKDROP_REFINEMENT_GUIDED, value, 0.1f));
    REJECTED(backdrop_set_refinement(engine, BACKDROP_REFINEMENT_GUIDED, 1, value));
    REJECTED(backdrop_set_light_wrapping(engine, value, BACKDROP_BLEND_SCREEN));
    REJECTED(backdrop_set_steadying(engine, value));
  }
  REJECTED(backdrop_set_background_blur(engine, 0));
  REJECTED(backdrop_set_coverage(engine, 0.5f, 0.5f));
  REJECTED(backdrop_set_background_color(engine, 0x1000000));
  REJECTED(backdrop_set_background_color(engine, UINT32_MAX));
  REJECTED(backdrop_set_refinement(engine, -1, 1, 0.1f));
  REJECTED(backdrop_set_refinement(engine, 5, 1, 0.1f));
  REJECTED(backdrop_set_light_wrapping(engine, 0, -1));
  REJECTED(backdrop_set_light_wrapping(engine, 0, 2));
  REJECTED(backdrop_set_budget(engine, NAN));
  REJECTED(backdrop_set_budget(engine, INFINITY));
  REJECTED(backdrop_set_budget(engine, -1));
  EXPECT(BACKDROP_OK, backdrop_set_motion_gate(engine, INT32_MIN));
  EXPECT(BACKDROP_OK, backdrop_set_motion_gate(engine, 0));
  EXPECT(BACKDROP_OK, backdrop_set_learned_room(engine, INT32_MIN));
  EXPECT(BACKDROP_OK, backdrop_set_learned_room(engine, 0));
}

static void check_options(backdrop_engine* engine, file model) {
  static const float ranges[][2] = {{NAN, 1}, {0, NAN}, {0, INFINITY}, {1, 1}, {1, 0}};
  static const int32_t sizes[][2] = {{0, 1}, {-1, -1}, {BACKDROP_LARGEST_INPUT + 1, 1}};
  static const int32_t outputs[] = {-1, 7, INT32_MIN, INT32_MAX};
  size_t i;
  for (i = 0; i < sizeof ranges / sizeof ranges[0]; ++i) {
    backdrop_model_options options = {0};
    options.input_min = ranges[i][0];
    options.input_max = ranges[i][1];
    REJECTED(backdrop_load_model(engine, model.bytes, model.size, &options));
  }
  for (i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
    backdrop_model_options options = {0};
    options.input_width = sizes[i][0];
    options.input_height = sizes[i][1];
    REJECTED(backdrop_load_model(engine, model.bytes, model.size, &options));
  }
  for (i = 0; i < sizeof outputs / sizeof outputs[0]; ++i) {
    backdrop_model_options options = {0};
    options.output = outputs[i];
    REJECTED(backdrop_load_model(engine, model.bytes, model.size, &options));
    options.output = 0;
    options.channel_order = outputs[i];
    REJECTED(backdrop_load_model(engine, model.bytes, model.size, &options));
  }
}

static void check_models(backdrop_engine* engine, file model) {
  backdrop_model_info info;
  REJECTED(backdrop_load_model(engine, NULL, 0, NULL));
  REJECTED(backdrop_load_model(engine, NULL, SIZE_MAX, NULL));
  EXPECT(BACKDROP_ERROR_MODEL, backdrop_load_model(engine, model.bytes, 0, NULL));
  EXPECT(BACKDROP_ERROR_MODEL, backdrop_load_model(engine, model.bytes, 1, NULL));
  EXPECT(BACKDROP_ERROR_MODEL, backdrop_load_model(engine, model.bytes, model.size / 2, NULL));
  EXPECT(BACKDROP_OK, backdrop_load_model(engine, model.bytes, model.size, NULL));
  check_options(engine, model);
  EXPECT(BACKDROP_OK, backdrop_get_model_info(engine, &info)); /* the model before stays */
  REJECTED(backdrop_get_model_info(engine, NULL));
  REJECTED(backdrop_get_tensors(engine, NULL, NULL));
  EXPECT(1, strcmp(backdrop_get_class_name(engine, -1), "") == 0);
  EXPECT(1, strcmp(backdrop_get_class_name(engine, INT32_MAX), "") == 0);
}

enum { WRONG_IMAGES = 18 };

static void make_wrong_images(backdrop_image good, backdrop_image wrong[WRONG_IMAGES]) {
  int i;
  for (i = 0; i < WRONG_IMAGES; ++i) wrong[i] = good;
  wrong[0].format = -1;
  wrong[1].format = 4;
  wrong[2].width = 0;
  wrong[3].width = -WIDTH;
  wrong[4].width = BACKDROP_LARGEST_SIZE + 1;
  wrong[5].width = INT32_MAX;
  wrong[6].height = 0;
  wrong[7].height = INT32_MIN;
  wrong[8].strides[0] = 0;
  wrong[9].strides[0] = 4 * WIDTH - 1;
  wrong[10].strides[0] = -4 * WIDTH;
  wrong[11].planes[0] = NULL;
  wrong[12].color_space = -1;
  wrong[13].color_space = 4;
  wrong[14].rotation = 45;
  wrong[15].rotation = INT32_MIN;
  wrong[16].flip = 2;
  wrong[17].format = BACKDROP_I420; /* without the planes U and V */
}

static void check_frames(backdrop_engine* engine, uint8_t* from, uint8_t* to) {
  const backdrop_image input = image_of(from), output = image_of(to);
  backdrop_image wrong[WRONG_IMAGES];
  backdrop_image shifted = image_of(from + 4);
  int i;
  make_wrong_images(input, wrong);
  for (i = 0; i < WRONG_IMAGES; ++i) {
    REJECTED(backdrop_process(engine, &wrong[i], &output));
    REJECTED(backdrop_process(engine, &output, &wrong[i]));
    REJECTED(backdrop_set_background_image(engine, &wrong[i]));
  }
  REJECTED(backdrop_process(engine, NULL, NULL));
  REJECTED(backdrop_process(engine, &input, NULL));
  REJECTED(backdrop_process(engine, NULL, &output));
  REJECTED(backdrop_set_background_image(engine, NULL));
  shifted.height = HEIGHT - 1;
  REJECTED(backdrop_process(engine, &input, &shifted));
  wrong[0] = input;
  wrong[0].height = shifted.height;
  REJECTED(backdrop_process(engine, &wrong[0], &shifted)); /* they overlap */
}

static void check_results(backdrop_engine* engine, uint8_t* from, uint8_t* to) {
  const backdrop_image input = image_of(from), output = image_of(to);
  uint8_t alpha[PIXELS];
  EXPECT(BACKDROP_OK, backdrop_process(engine, &input, &output));
  REJECTED(backdrop_get_matte(engine, WIDTH, HEIGHT, NULL, WIDTH));
  REJECTED(backdrop_get_matte(engine, WIDTH, HEIGHT, alpha, WIDTH - 1));
  REJECTED(backdrop_get_matte(engine, WIDTH, HEIGHT, alpha, INT32_MIN));
  REJECTED(backdrop_get_matte(engine, 0, 0, alpha, 0));
  REJECTED(backdrop_get_matte(engine, -1, -1, alpha, WIDTH));
  REJECTED(backdrop_get_matte(engine, INT32_MAX, INT32_MAX, alpha, INT32_MAX));
  EXPECT(BACKDROP_OK, backdrop_get_matte(engine, WIDTH, HEIGHT, alpha, WIDTH));
  REJECTED(backdrop_get_statistics(engine, NULL));
  EXPECT(1, backdrop_allocate(SIZE_MAX) == NULL);
  backdrop_free(backdrop_allocate(0));
  backdrop_free(NULL);
}

int main(int argc, char** argv) {
  const int has_gl = argc > 1 && strcmp(argv[1], "gl") == 0;
  const file model = read_file(argc > 2 ? argv[2] : "");
  backdrop_engine* engine = backdrop_create(1);
  uint8_t from[4 * PIXELS], to[4 * PIXELS], before[4 * PIXELS];
  if (engine == NULL || model.size == 0) return 2;
  memset(from, 100, sizeof from);
  memset(to, 200, sizeof to);
  memcpy(before, to, sizeof to);
  check_without_an_engine(to);
  check_gl(engine, has_gl);
  check_before_a_model(engine, to);
  check_settings(engine);
  check_models(engine, model);
  check_frames(engine, from, to);
  EXPECT(0, memcmp(before, to, sizeof to));
  check_results(engine, from, to);
  backdrop_destroy(engine);
  free(model.bytes);
  return failures != 0;
}
