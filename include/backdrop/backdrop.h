// Backdrop: replaces or blurs what is behind the people in a picture or a live video.
//
// The one door to the engine, for C and C++, for plugins, and for WebAssembly, which exports
// exactly the functions declared here. An engine is used by one thread at a time; several engines
// can work side by side. No function throws, and none keeps a pointer that it was given.
#ifndef BACKDROP_BACKDROP_H_
#define BACKDROP_BACKDROP_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define BACKDROP_API __attribute__((visibility("default")))
#else
#define BACKDROP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct backdrop_engine backdrop_engine;

// What a call answers. backdrop_last_error says more, in one line for people.
typedef enum backdrop_status {
  BACKDROP_OK = 0,
  BACKDROP_ERROR_ARGUMENT = 1,     // the call makes no sense: a null plane, a size of zero
  BACKDROP_ERROR_MODEL = 2,        // the bytes are no well-formed .tflite model
  BACKDROP_ERROR_UNSUPPORTED = 3,  // a well-formed model that this engine cannot run
  BACKDROP_ERROR_STATE = 4,        // called too early: a frame before a model
} backdrop_status;

typedef enum backdrop_format {
  BACKDROP_RGBA = 0,  // one plane, 4 bytes a pixel, straight alpha (ignored on input)
  BACKDROP_I420 = 1,  // planes Y, U, V; U and V of (width+1)/2 x (height+1)/2
  BACKDROP_NV12 = 2,  // planes Y and UV; UV of (width+1)/2 x (height+1)/2 pairs U, V
  BACKDROP_BGRA = 3,  // as RGBA, blue first
} backdrop_format;

// How Y, U and V are made of RGB: ITU-R BT.601 or BT.709; limited range (Y 16 to 235, U and V 16 to
// 240) or full (0 to 255).
typedef enum backdrop_color_space {
  BACKDROP_BT601_LIMITED = 0,
  BACKDROP_BT601_FULL = 1,
  BACKDROP_BT709_LIMITED = 2,
  BACKDROP_BT709_FULL = 3,
} backdrop_color_space;

// A picture in the caller's memory. Strides are bytes from one row to the next. Width, height and
// planes are those of the picture as it is stored; rotation and flip say how a viewer turns it to
// see it, as VideoFrame.rotation and VideoFrame.flip of WebCodecs do.
typedef struct backdrop_image {
  int32_t format;  // a backdrop_format
  int32_t width;   // pixels, odd or even, 1 to 32768
  int32_t height;
  int32_t strides[3];
  uint8_t* planes[3];
  int32_t color_space;  // a backdrop_color_space; of I420 and NV12
  int32_t rotation;     // clockwise, to be upright: 0, 90, 180 or 270 degrees
  int32_t flip;         // 1 where the picture is mirrored horizontally after the rotation, else 0
} backdrop_image;

// What the network's output says of each of its pixels.
typedef enum backdrop_output {
  BACKDROP_OUTPUT_AUTO = 0,           // told by the file: metadata, shape, last operation
  BACKDROP_OUTPUT_PROBABILITY = 1,    // one channel: the probability of a person, 0 to 1
  BACKDROP_OUTPUT_LOGIT = 2,          // one channel: the logit of a person
  BACKDROP_OUTPUT_LOGITS = 3,         // a channel per class: its logit (softmax follows)
  BACKDROP_OUTPUT_PROBABILITIES = 4,  // a channel per class: its probability
  BACKDROP_OUTPUT_ARG_MAX = 5,        // a channel per class: the largest is the pixel's class
  BACKDROP_OUTPUT_LABEL = 6,          // one channel: the number of the pixel's class
} backdrop_output;

typedef enum backdrop_channel_order {
  BACKDROP_CHANNELS_RGB = 0,
  BACKDROP_CHANNELS_BGR = 1,
} backdrop_channel_order;

// A set of classes: class c, 0 to 255, is in it where bit c % 32 of word c / 32 is 1.
typedef struct backdrop_classes {
  uint32_t bits[8];
} backdrop_classes;

// How a network is planned, fed and read. All zero: as the file tells, and where it does not, RGB
// from 0 to 1.
typedef struct backdrop_model_options {
  float input_min;        // what a black sample becomes in the network's input, commonly 0 or -1
  float input_max;        // what a white sample becomes, commonly 1; both 0 to be told by the file
  int32_t output;         // a backdrop_output
  int32_t channel_order;  // a backdrop_channel_order
  int32_t input_width;    // pixels, 1 to 4096, for networks that can be planned for another size
  int32_t input_height;   // than the file's; both 0 for the file's
  backdrop_classes classes;  // that are kept, where there are classes; none to be told by the file
} backdrop_model_options;

// Sizes in pixels; tensors are float32, row by row, channels innermost.
typedef struct backdrop_model_info {
  int32_t input_width, input_height, input_channels;
  int32_t output_width, output_height, output_channels;
  float input_min, input_max;
  int32_t output;  // a backdrop_output, never AUTO
  int32_t channel_order;
  int32_t class_count;       // of the output, 0 where it has none
  backdrop_classes classes;  // that are kept: their probabilities add up to the matte
} backdrop_model_info;

// Milliseconds that the latest frame spent in each stage, 0 where it was skipped, and what is done
// from frame to frame.
typedef struct backdrop_statistics {
  double frames;      // processed since the engine was made
  double sample;      // frame -> network input, and the comparison of the motion gate
  double infer;       // the network, activation, and steadying
  double matte;       // mask -> alpha at the frame's size; on the GPU it is part of composite
  double composite;   // frame, alpha and background -> output
  double inferences;  // frames on which the network ran since the engine was made
  double interval;    // the network runs on every frame (1), every second (2) or every third (3)
  double kept;        // why the latest frame has the mask before: because nothing moved (1) or
                      // because of the budget (2); 0 when it has not
} backdrop_statistics;

// Makes an engine that works on `threads` threads (1 to 32; WebAssembly uses one, unless it was
// built for several). Returns NULL when threads is out of range.
BACKDROP_API backdrop_engine* backdrop_create(int32_t threads);

// Frees an engine and all that it holds. NULL is allowed.
BACKDROP_API void backdrop_destroy(backdrop_engine* engine);

// The latest failed call's reason, one line, never NULL; valid until the engine's next call.
BACKDROP_API const char* backdrop_last_error(const backdrop_engine* engine);

// Loads a .tflite model from memory, replacing the one before; on failure the one before stays.
// The bytes are not needed afterwards. `options` may be NULL: all of them zero.
BACKDROP_API backdrop_status backdrop_load_model(backdrop_engine* engine, const uint8_t* bytes,
                                                 size_t size,
                                                 const backdrop_model_options* options);

BACKDROP_API backdrop_status backdrop_get_model_info(backdrop_engine* engine,
                                                     backdrop_model_info* info);

// The name of a class of the model, as its file has it; "" where it has none. Valid, as what the
// next function answers, until the next model.
BACKDROP_API const char* backdrop_get_class_name(const backdrop_engine* engine, int32_t index);

// In one line, for people: how the network is fed and read, what of it the file tells, and what is
// assumed.
BACKDROP_API const char* backdrop_describe_model(const backdrop_engine* engine);

// Where the bare network has its input, of input_width * input_height * input_channels values as it
// takes them, and its output, of output_width * output_height * output_channels values: until the
// next model. Processing frames uses them, too.
BACKDROP_API backdrop_status backdrop_get_tensors(backdrop_engine* engine, float** input,
                                                  const float** output);

// Runs the network on the input written there, which is used up.
BACKDROP_API backdrop_status backdrop_infer(backdrop_engine* engine);

// What stands behind the person from the next frame on. A new engine blurs, with strength 2.

// The frame as it came, without running the network: the one choice that shows the room.
BACKDROP_API backdrop_status backdrop_set_background_none(backdrop_engine* engine);

// A Gaussian blur whose standard deviation is `strength` percent of the frame's shorter side,
// 0.1 to 20.
BACKDROP_API backdrop_status backdrop_set_background_blur(backdrop_engine* engine, float strength);

// One colour, 0xRRGGBB.
BACKDROP_API backdrop_status backdrop_set_background_color(backdrop_engine* engine, uint32_t rgb);

// A picture, RGBA, with rotation and flip 0, scaled to cover the frame and centred, as the viewer
// sees the frame. It is copied.
BACKDROP_API backdrop_status backdrop_set_background_image(backdrop_engine* engine,
                                                           const backdrop_image* image);

// Nothing: RGBA and BGRA frames get the matte as their alpha. Frames in YUV are then refused.
BACKDROP_API backdrop_status backdrop_set_background_transparent(backdrop_engine* engine);

// Alpha is a smoothstep of the network's probability between `low` and `high`,
// 0 <= low < high <= 1.
BACKDROP_API backdrop_status backdrop_set_coverage(backdrop_engine* engine, float low, float high);

// How the mask's edges are brought to those of the frame.
typedef enum backdrop_refinement {
  BACKDROP_REFINEMENT_NONE = 0,
  BACKDROP_REFINEMENT_GUIDED = 1,               // fast guided filter (He, Sun 2015)
  BACKDROP_REFINEMENT_BILATERAL = 2,            // joint bilateral filter (Kopf et al. 2007)
  BACKDROP_REFINEMENT_BILATERAL_RATIONAL = 3,   // the same with weights that need no exp
  BACKDROP_REFINEMENT_BILATERAL_SEPARABLE = 4,  // along rows, then along columns
} backdrop_refinement;

// `sigma_space` is in pixels of the mask, 0.1 to 10, `sigma_color` of colours whose parts are 0 to
// 1, 0.001 to 1. On the CPU the guided filter stands in for the bilateral ones.
BACKDROP_API backdrop_status backdrop_set_refinement(backdrop_engine* engine, int32_t refinement,
                                                     float sigma_space, float sigma_color);

typedef enum backdrop_blend_mode {
  BACKDROP_BLEND_SCREEN = 0,
  BACKDROP_BLEND_LINEAR_DODGE = 1,
} backdrop_blend_mode;

// How much light of a picture or a colour falls on the person's edge, 0 (in a new engine) to 1. On
// the GPU only.
BACKDROP_API backdrop_status backdrop_set_light_wrapping(backdrop_engine* engine, float strength,
                                                         int32_t blend_mode);

// Frames that follow one another: by default each is taken for the one after the frame before, and
// the network runs on all of them.

// How much of the matte before remains where the new one is uncertain and changed little, 0 (off)
// to 1, so that a still person holds still. 0.9 in a new engine. MediaPipe's segmentation
// smoothing, with less trust in the matte before where much changed.
BACKDROP_API backdrop_status backdrop_set_steadying(backdrop_engine* engine, float strength);

// Whether the matte before is kept, and the network not run, while nothing has moved since the
// network ran, for 29 frames at most. 0 (off) in a new engine.
BACKDROP_API backdrop_status backdrop_set_motion_gate(backdrop_engine* engine, int32_t on);

// The milliseconds that a frame may take in the engine on average, or 0 (in a new engine) for no
// limit. To keep it, the network runs on every second or third frame only, and the others have the
// matte of the frame before. What a frame takes without the network has no limit.
BACKDROP_API backdrop_status backdrop_set_budget(backdrop_engine* engine, float milliseconds);

// Forgets the frames before, because the next one is from another source. Settings stay.
BACKDROP_API backdrop_status backdrop_reset(backdrop_engine* engine);

// Segments `input` and writes it to `output` with the background chosen. Both have one format,
// size, colour space, rotation and flip; they may be the same picture. On failure `output` is not
// written.
BACKDROP_API backdrop_status backdrop_process(backdrop_engine* engine, const backdrop_image* input,
                                              const backdrop_image* output);

// The same on the GPU, with OpenGL ES 3.0 or WebGL 2. The context that was current in
// backdrop_gl_create has to be current in every later call that is marked [GL] and in
// backdrop_destroy. What these change of OpenGL's state is not restored.

// The address of a function by its name, as eglGetProcAddress gives it.
typedef void (*backdrop_gl_function)(void);  // NOLINT(modernize-redundant-void-arg): C needs it
typedef backdrop_gl_function (*backdrop_gl_loader)(const char* name);

// [GL] Makes what the engine needs in the current context, in place of what it made before.
// WebAssembly imports the functions from the module "gl", by their names without "gl", and takes no
// loader (NULL).
BACKDROP_API backdrop_status backdrop_gl_create(backdrop_engine* engine, backdrop_gl_loader loader);

// [GL] Frees it. Where the context has gone, and with it all that was in it, `lost` is 1, and no
// context has to be current.
BACKDROP_API backdrop_status backdrop_gl_destroy(backdrop_engine* engine, int32_t lost);

// A picture in a texture of the caller's: RGBA, upright, its first row first, with linear filters
// and clamped edges.
typedef struct backdrop_texture {
  uint32_t name;
  int32_t width;  // pixels
  int32_t height;
} backdrop_texture;

// [GL] As backdrop_set_background_image, for what is drawn on the GPU. The texture stays the
// caller's, and is looked at until there is another background; set it again whenever its pixels
// change, as a video's do.
BACKDROP_API backdrop_status backdrop_gl_set_background_texture(backdrop_engine* engine,
                                                                const backdrop_texture* texture);

// [GL] Shrinks the frame to the network's input, and asks for the result without waiting for it.
BACKDROP_API backdrop_status backdrop_gl_begin_sample(backdrop_engine* engine,
                                                      const backdrop_texture* frame);

// [GL] Sets `sampled` to 1 when the result is there, else to 0.
BACKDROP_API backdrop_status backdrop_gl_is_sampled(backdrop_engine* engine, int32_t* sampled);

// [GL] Segments the frame and draws it with the background chosen to `framebuffer`, which has the
// frame's size: in framebuffer 0, which is a window's or a canvas's, the first row comes last, as
// those show it. `pixels` are the frame's, upright, for the network; where they are NULL, it gets
// what backdrop_gl_begin_sample has asked for.
BACKDROP_API backdrop_status backdrop_gl_process(backdrop_engine* engine,
                                                 const backdrop_texture* frame,
                                                 const backdrop_image* pixels,
                                                 uint32_t framebuffer);

// The alpha that the latest frame was composited with: 0 background, 255 person, a byte a pixel,
// rows `stride` bytes apart. Width and height are that frame's, and the alpha lies as it is stored.
// There is none after a frame that was processed with no background chosen, or on the GPU.
BACKDROP_API backdrop_status backdrop_get_matte(backdrop_engine* engine, int32_t width,
                                                int32_t height, uint8_t* alpha, int32_t stride);

BACKDROP_API backdrop_status backdrop_get_statistics(backdrop_engine* engine,
                                                     backdrop_statistics* statistics);

// Memory for callers that have none of their own, as JavaScript beside WebAssembly. Aligned to 64
// bytes; NULL when there is no more.
BACKDROP_API void* backdrop_allocate(size_t size);
BACKDROP_API void backdrop_free(void* memory);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // BACKDROP_BACKDROP_H_
