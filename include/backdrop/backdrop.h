// Backdrop: blurs or replaces the background behind the people in a picture or a live video.
//
// This header is the engine's only interface: for C11 and C++98 or later, for plugins, and for
// WebAssembly, whose module exports exactly the functions that are declared BACKDROP_API.
//
// Threads: one thread at a time calls an engine; different engines may be called at the same time.
// Between two calls the engine's own threads spin for about 0.1 ms, then sleep.
// Errors: no function throws. A function that returns anything but BACKDROP_OK has changed nothing,
// unless its comment says otherwise. Invalid values (null pointers, numbers out of range, NaN) are
// rejected with BACKDROP_ERROR_ARGUMENT.
// Memory: no function keeps a pointer that the caller passed. These functions allocate, and may
// take long: backdrop_create, backdrop_load_model (milliseconds to a second),
// backdrop_set_background_image, backdrop_gl_create, and the first frame after another model, frame
// size, frame format or setting. All other frames allocate nothing.
#ifndef BACKDROP_BACKDROP_H_
#define BACKDROP_BACKDROP_H_

#include <stddef.h>
#include <stdint.h>

// The version of this header: the one place that states the project's version. Until 1.0.0 a minor
// version may change names and behaviour; a patch version changes neither.
#define BACKDROP_VERSION_MAJOR 0
#define BACKDROP_VERSION_MINOR 1
#define BACKDROP_VERSION_PATCH 0

// The layout of the structs below. When a struct gets new fields, they are appended and this number
// rises by one. A newer library serves callers of every earlier layout: backdrop_create tells it
// which layout the caller was compiled with, and the engine neither reads nor writes beyond it.
#define BACKDROP_ABI_VERSION 2

// Linkage. BACKDROP_SHARED: the library is a shared one. BACKDROP_BUILDING: the library itself is
// compiled.
#if defined(_WIN32) && defined(BACKDROP_SHARED) && defined(BACKDROP_BUILDING)
#define BACKDROP_API __declspec(dllexport)
#elif defined(_WIN32) && defined(BACKDROP_SHARED)
#define BACKDROP_API __declspec(dllimport)
#elif defined(__GNUC__)
#define BACKDROP_API __attribute__((visibility("default")))
#else
#define BACKDROP_API
#endif

#if defined(__cplusplus) && __cplusplus >= 201103L
#define BACKDROP_NOEXCEPT noexcept
#else
#define BACKDROP_NOEXCEPT
#endif

// Ranges (both ends included) and defaults of a new engine.
#define BACKDROP_MOST_THREADS 32     // of an engine
#define BACKDROP_LARGEST_SIZE 32768  // width and height of an image or a texture, pixels
#define BACKDROP_LARGEST_INPUT 4096  // width and height of a network's input, pixels
#define BACKDROP_MOST_CLASSES 256    // of a network's output
#define BACKDROP_ALIGNMENT 64        // of memory from backdrop_allocate, bytes
#define BACKDROP_BLUR_STRENGTH_MIN 0.1f
#define BACKDROP_BLUR_STRENGTH_MAX 20.0f
#define BACKDROP_BLUR_STRENGTH_DEFAULT 2.0f
#define BACKDROP_COVERAGE_LOW_DEFAULT 0.4f
#define BACKDROP_COVERAGE_HIGH_DEFAULT 0.8f
#define BACKDROP_SIGMA_SPACE_MIN 0.1f
#define BACKDROP_SIGMA_SPACE_MAX 10.0f
#define BACKDROP_SIGMA_SPACE_DEFAULT 1.0f
#define BACKDROP_SIGMA_COLOR_MIN 0.001f
#define BACKDROP_SIGMA_COLOR_MAX 1.0f
#define BACKDROP_SIGMA_COLOR_DEFAULT 0.1f
#define BACKDROP_LIGHT_WRAPPING_DEFAULT 0.0f
#define BACKDROP_STEADYING_DEFAULT 0.9f
#define BACKDROP_MOTION_GATE_DEFAULT 0
#define BACKDROP_LEARNED_ROOM_DEFAULT 1
#define BACKDROP_PERSON_CROP_DEFAULT 1
#define BACKDROP_ONLY_FRONT_DEFAULT 0
#define BACKDROP_DESPECKLING_DEFAULT 1
#define BACKDROP_BUDGET_DEFAULT 0.0f  // milliseconds

#ifdef __cplusplus
extern "C" {
#endif

typedef struct backdrop_engine backdrop_engine;

// The result of a call. backdrop_last_error gives the reason.
typedef enum backdrop_status {
  BACKDROP_OK = 0,
  BACKDROP_ERROR_ARGUMENT = 1,     // an invalid argument: a null plane, a size of 0
  BACKDROP_ERROR_MODEL = 2,        // the bytes are not a well-formed .tflite model
  BACKDROP_ERROR_UNSUPPORTED = 3,  // a well-formed model, or a platform, that is not supported
  BACKDROP_ERROR_STATE = 4,        // the call came too early: a frame before a model
  BACKDROP_ERROR_MEMORY = 5        // there is not enough memory; a smaller size may succeed. If
                                   // memory ran out in the middle of a frame, every later call
                                   // returns this, too: create another engine
} backdrop_status;

// WebAssembly modules know the first four only.
typedef enum backdrop_format {
  // One plane, 4 bytes per pixel, straight alpha. What is clear in an input stays background.
  BACKDROP_RGBA = 0,
  BACKDROP_I420 = 1,  // planes Y, U, V; U and V have (width+1)/2 x (height+1)/2 bytes
  BACKDROP_NV12 = 2,  // planes Y and UV; UV has (width+1)/2 x (height+1)/2 pairs U, V
  BACKDROP_BGRA = 3,  // like RGBA, blue first
  BACKDROP_YUY2 = 4,  // one plane of (width+1)/2 groups Y, U, Y, V per row: a group is two pixels.
                      // Beyond an odd width the group's second Y is padding
  BACKDROP_RGBX = 5,  // like RGBA, opaque: the fourth byte is ignored, and copied to the output
  BACKDROP_BGRX = 6   // like RGBX, blue first
} backdrop_format;

// The YUV matrix, ITU-R BT.601 or BT.709, and the range: limited (Y 16 to 235, U and V 16 to 240)
// or full (0 to 255).
typedef enum backdrop_color_space {
  BACKDROP_BT601_LIMITED = 0,
  BACKDROP_BT601_FULL = 1,
  BACKDROP_BT709_LIMITED = 2,
  BACKDROP_BT709_FULL = 3
} backdrop_color_space;

// An image in the caller's memory. Width, height and planes describe the image as stored; rotation
// and flip say how a viewer turns the image to display it, like VideoFrame.rotation and
// VideoFrame.flip of WebCodecs.
typedef struct backdrop_image {
  int32_t format;       // a backdrop_format
  int32_t width;        // pixels, odd or even, 1 to BACKDROP_LARGEST_SIZE
  int32_t height;       // pixels, odd or even, 1 to BACKDROP_LARGEST_SIZE
  int32_t strides[3];   // bytes from one row to the next, at least a row's bytes
  uint8_t* planes[3];   // any alignment; unused planes are ignored
  int32_t color_space;  // a backdrop_color_space; must be valid for RGB, too
  int32_t rotation;     // clockwise, to display the image upright: 0, 90, 180 or 270 degrees
  int32_t flip;         // 1 if the image is mirrored horizontally after the rotation, else 0
} backdrop_image;

// What the network's output means, per output pixel.
typedef enum backdrop_output {
  BACKDROP_OUTPUT_AUTO = 0,           // decided by the file: metadata, shape, last operation
  BACKDROP_OUTPUT_PROBABILITY = 1,    // one channel: the probability of a person, 0 to 1
  BACKDROP_OUTPUT_LOGIT = 2,          // one channel: the logit of a person
  BACKDROP_OUTPUT_LOGITS = 3,         // a channel per class: its logit (softmax is applied)
  BACKDROP_OUTPUT_PROBABILITIES = 4,  // a channel per class: its probability
  BACKDROP_OUTPUT_ARG_MAX = 5,        // a channel per class: the largest value is the pixel's class
  BACKDROP_OUTPUT_LABEL = 6           // one channel: the number of the pixel's class
} backdrop_output;

typedef enum backdrop_channel_order {
  BACKDROP_CHANNELS_RGB = 0,
  BACKDROP_CHANNELS_BGR = 1
} backdrop_channel_order;

// What a network computes in.
typedef enum backdrop_precision {
  BACKDROP_PRECISION_AUTO = 0,  // wide convolutions in integers where that is faster
  BACKDROP_PRECISION_FLOAT = 1  // everything in float32
} backdrop_precision;

// A set of classes: class c, 0 to BACKDROP_MOST_CLASSES - 1, is in the set if bit c % 32 of word
// c / 32 is 1.
typedef struct backdrop_classes {
  uint32_t bits[8];
} backdrop_classes;

// How a network is planned, fed and read. All zero is the default: as the file says, and if the
// file does not, RGB from 0 to 1.
typedef struct backdrop_model_options {
  float input_min;        // the network's input value for black, commonly 0 or -1
  float input_max;        // the network's input value for white, commonly 1, more than input_min;
                          // both 0: from the file
  int32_t output;         // a backdrop_output
  int32_t channel_order;  // a backdrop_channel_order
  int32_t input_width;    // pixels, 1 to BACKDROP_LARGEST_INPUT, for networks that can be planned
  int32_t input_height;   // for another input size than the file's; both 0: the file's size
  backdrop_classes classes;  // that are kept as the person; empty: from the file
  // Since layout 2.
  const char* output_name;   // of one of the file's outputs; NULL: the one that fits its input best
  float input_mean[3];       // of each channel of the input, in samples of 0 to 255, and its
  float input_deviation[3];  // standard deviation: the input is (sample - mean) / deviation,
                             // instead of input_min and input_max; all 0: not given. The three
                             // of a network that sees luma are the same
  int32_t precision;         // a backdrop_precision
} backdrop_model_options;

// Sizes are in pixels. Tensors are float32, row by row, channels innermost.
typedef struct backdrop_model_info {
  int32_t input_width, input_height;
  int32_t
      input_channels;  // 3; 1 of a network that sees luma; 4 of one that also sees the mask before
  int32_t output_width, output_height, output_channels;
  float input_min, input_max;  // of all channels together
  int32_t output;              // a backdrop_output, never AUTO
  int32_t channel_order;       // a backdrop_channel_order
  int32_t class_count;         // of the output; 0 if the output has no classes
  backdrop_classes classes;    // that are kept: the sum of their probabilities is the mask
  // Since layout 2.
  float channel_min[3];  // the input's values for black and for white of each channel, in the
  float channel_max[3];  // network's order
} backdrop_model_info;

// The latest frame's stages in milliseconds (0 for a skipped stage), and counts.
typedef struct backdrop_statistics {
  double frames;      // processed since the engine was created
  double sample;      // frame -> network input, and the motion gate's comparison
  double infer;       // network, activation and steadying
  double matte;       // mask -> alpha of the frame's size; on the GPU it is part of composite
  double composite;   // frame, alpha and background -> output
  double inferences;  // frames on which the network ran since the engine was created
  double interval;    // the network runs on every frame (1), every second (2) or every third (3)
  double kept;        // why the latest frame reused the mask before it: nothing moved (1), or the
                      // budget (2); 0: the mask is new
  // Since layout 2.
  double network_bytes;  // that the loaded network holds once it runs; 0: no model is loaded
} backdrop_statistics;

// The library's version, "MAJOR.MINOR.PATCH". It differs from the macros if a program was compiled
// with the header of another version.
BACKDROP_API const char* backdrop_version(void) BACKDROP_NOEXCEPT;

// Creates an engine that works on `threads` threads, 1 to BACKDROP_MOST_THREADS, the caller's
// included. A WebAssembly module that was not built for threads uses one. `abi_version` is the
// caller's BACKDROP_ABI_VERSION: bindings for other languages pass the number of the layout that
// they were written for. Returns NULL if an argument is out of range, the library is older than
// `abi_version`, or there is no memory or no thread left.
BACKDROP_API backdrop_engine* backdrop_create_abi(int32_t abi_version,
                                                  int32_t threads) BACKDROP_NOEXCEPT;

static inline backdrop_engine* backdrop_create(int32_t threads) BACKDROP_NOEXCEPT {
  return backdrop_create_abi(BACKDROP_ABI_VERSION, threads);
}

// Frees an engine and everything that the engine holds. NULL is allowed.
BACKDROP_API void backdrop_destroy(backdrop_engine* engine) BACKDROP_NOEXCEPT;

// The reason of the latest failed call, one line, never NULL; valid until the engine's next call.
BACKDROP_API const char* backdrop_last_error(const backdrop_engine* engine) BACKDROP_NOEXCEPT;

// Loads a .tflite model of `size` bytes at any alignment; it replaces the model before, which stays
// if this call fails. The bytes may be freed afterwards: the memory for the network's tensors is
// allocated by the first frame or by backdrop_get_tensors, and can take their place. `options` may
// be NULL: all zero. Errors: MODEL, UNSUPPORTED, MEMORY.
BACKDROP_API backdrop_status backdrop_load_model(backdrop_engine* engine, const uint8_t* bytes,
                                                 size_t size, const backdrop_model_options* options)
    BACKDROP_NOEXCEPT;

// Errors: STATE before a model is loaded.
BACKDROP_API backdrop_status backdrop_get_model_info(backdrop_engine* engine,
                                                     backdrop_model_info* info) BACKDROP_NOEXCEPT;

// The name of class `index` as the model's file states it; "" if there is none. Valid until another
// model is loaded.
BACKDROP_API const char* backdrop_get_class_name(const backdrop_engine* engine,
                                                 int32_t index) BACKDROP_NOEXCEPT;

// One line for people: how the network is fed and read, what the file says and what is assumed; ""
// before a model is loaded. Valid until another model is loaded.
BACKDROP_API const char* backdrop_describe_model(const backdrop_engine* engine) BACKDROP_NOEXCEPT;

// Gives the network's own input, input_width * input_height * input_channels values in the input's
// range, and its output, output_width * output_height * output_channels values. Both are valid
// until another model is loaded; frames overwrite both. Errors: STATE before a model is loaded.
BACKDROP_API backdrop_status backdrop_get_tensors(backdrop_engine* engine, float** input,
                                                  const float** output) BACKDROP_NOEXCEPT;

// Runs the network on the values in its input, which are undefined afterwards.
// Errors: STATE before a model is loaded.
BACKDROP_API backdrop_status backdrop_infer(backdrop_engine* engine) BACKDROP_NOEXCEPT;

// The background of the next frames. The default is blur of BACKDROP_BLUR_STRENGTH_DEFAULT.

// Passes the frame through and skips the network: the only choice that shows the room.
BACKDROP_API backdrop_status backdrop_set_background_none(backdrop_engine* engine)
    BACKDROP_NOEXCEPT;

// Gaussian blur. The standard deviation is `strength` percent of the frame's shorter side,
// BACKDROP_BLUR_STRENGTH_MIN to BACKDROP_BLUR_STRENGTH_MAX.
BACKDROP_API backdrop_status backdrop_set_background_blur(backdrop_engine* engine,
                                                          float strength) BACKDROP_NOEXCEPT;

// One colour, 0xRRGGBB.
BACKDROP_API backdrop_status backdrop_set_background_color(backdrop_engine* engine,
                                                           uint32_t rgb) BACKDROP_NOEXCEPT;

typedef enum backdrop_fit {
  BACKDROP_FIT_COVER = 0,   // the image covers the frame, and is cut off: the default
  BACKDROP_FIT_CONTAIN = 1  // all of the image is seen
} backdrop_fit;

// Where the images and textures lie that are set after this call. `x` and `y` are 0 to 1: the point
// of the image with these shares of its width and height lies on the point of the displayed frame
// with the same shares; by default 0.5, the centres. If `mirror` is not 0, the image is mirrored
// together with its place. `rgb`, 0xRRGGBB, is what shows beside the image and where it is
// transparent; by default black.
BACKDROP_API backdrop_status backdrop_set_placement(backdrop_engine* engine, int32_t fit, float x,
                                                    float y, int32_t mirror,
                                                    uint32_t rgb) BACKDROP_NOEXCEPT;

// An RGBA image with rotation and flip 0; see backdrop_set_placement. The image is copied; the next
// frame scales the copy. Errors: MEMORY.
BACKDROP_API backdrop_status backdrop_set_background_image(
    backdrop_engine* engine, const backdrop_image* image) BACKDROP_NOEXCEPT;

// No background: the matte becomes the straight alpha of RGBA and BGRA frames. YUV frames are
// rejected. No colour is the room's: where alpha is 0 the colour is 0; along the edge it is
// estimated from the person's colours nearby; where the matte is 255 it is the frame's. Whatever
// drops alpha (calls, MP4, the colours of WebM, encoders and viewers that ignore it) shows the
// person with a hard, ragged edge on black.
BACKDROP_API backdrop_status backdrop_set_background_transparent(backdrop_engine* engine)
    BACKDROP_NOEXCEPT;

// Alpha is a smoothstep of the person's probability from `low` to `high`, 0 <= low < high <= 1.
// Default: BACKDROP_COVERAGE_LOW_DEFAULT, BACKDROP_COVERAGE_HIGH_DEFAULT.
BACKDROP_API backdrop_status backdrop_set_coverage(backdrop_engine* engine, float low,
                                                   float high) BACKDROP_NOEXCEPT;

// How the mask's edges are aligned with the frame's. In backdrop_process a learned room takes the
// place of this as soon as it is trusted.
typedef enum backdrop_refinement {
  BACKDROP_REFINEMENT_NONE = 0,
  BACKDROP_REFINEMENT_GUIDED = 1,              // the default: fast guided filter (He, Sun 2015)
  BACKDROP_REFINEMENT_BILATERAL = 2,           // joint bilateral filter (Kopf et al. 2007)
  BACKDROP_REFINEMENT_BILATERAL_RATIONAL = 3,  // the same with rational weights instead of exp
  BACKDROP_REFINEMENT_BILATERAL_SEPARABLE = 4  // the same along rows, then along columns
} backdrop_refinement;

// `sigma_space` is in pixels of the mask, BACKDROP_SIGMA_SPACE_MIN to _MAX; `sigma_color` is in
// colours whose channels are 0 to 1, BACKDROP_SIGMA_COLOR_MIN to _MAX. backdrop_process runs the
// guided filter for every kind but NONE.
BACKDROP_API backdrop_status backdrop_set_refinement(backdrop_engine* engine, int32_t refinement,
                                                     float sigma_space,
                                                     float sigma_color) BACKDROP_NOEXCEPT;

typedef enum backdrop_blend_mode {
  BACKDROP_BLEND_SCREEN = 0,       // the default
  BACKDROP_BLEND_LINEAR_DODGE = 1  // the sum
} backdrop_blend_mode;

// How much light of an image or a colour falls on the person's edge, 0 to 1. Default:
// BACKDROP_LIGHT_WRAPPING_DEFAULT. Only backdrop_gl_process draws it.
BACKDROP_API backdrop_status backdrop_set_light_wrapping(backdrop_engine* engine, float strength,
                                                         int32_t blend_mode) BACKDROP_NOEXCEPT;

// Video. By default each frame is the successor of the frame before, and the network runs on every
// frame.

// Temporal smoothing: how much of the mask before remains where the new mask is uncertain and
// changed little, 0 (off) to 1. Default: BACKDROP_STEADYING_DEFAULT. After MediaPipe's segmentation
// smoothing, with less weight on the mask before where much changed.
BACKDROP_API backdrop_status backdrop_set_steadying(backdrop_engine* engine,
                                                    float strength) BACKDROP_NOEXCEPT;

// Static-scene skip: if `on` is not 0, the network is skipped and the mask is reused while nothing
// has moved since the network ran, for at most 29 frames. Default: BACKDROP_MOTION_GATE_DEFAULT.
BACKDROP_API backdrop_status backdrop_set_motion_gate(backdrop_engine* engine,
                                                      int32_t on) BACKDROP_NOEXCEPT;

// The learned room: if `on` is not 0, backdrop_process learns what is behind the person while the
// camera stands still, corrects alpha and colours near the person's edge by it, and blurs it
// behind. Default: BACKDROP_LEARNED_ROOM_DEFAULT. What was learned leaves the engine in no other
// way. It is forgotten when the camera moves, and with another model, frame size or format, a frame
// that is not opaque, a background of none, backdrop_gl_process and backdrop_reset.
BACKDROP_API backdrop_status backdrop_set_learned_room(backdrop_engine* engine,
                                                       int32_t on) BACKDROP_NOEXCEPT;

// Person crop: if `on` is not 0, the network sees the part of the frame around all people, in its
// own shape and larger than in the whole frame squeezed into it; two parts, one run each, of people
// side by side. On the first frame, about once a second, and while there is nobody, it sees the
// whole frame first, and runs again if there is somebody. Who comes into the frame beside the part
// is background until then. Default: BACKDROP_PERSON_CROP_DEFAULT.
BACKDROP_API backdrop_status backdrop_set_person_crop(backdrop_engine* engine,
                                                      int32_t on) BACKDROP_NOEXCEPT;

// Only the person in front: if `on` is not 0, the mask keeps the person who is largest, near the
// middle of the frame and near its bottom, and everybody else is background. The choice does not
// jump between people. Who touches the person in front, or is seen behind an arm of theirs, can't
// be told from them and is kept. Default: BACKDROP_ONLY_FRONT_DEFAULT.
BACKDROP_API backdrop_status backdrop_set_only_front(backdrop_engine* engine,
                                                     int32_t on) BACKDROP_NOEXCEPT;

// Despeckling: if `on` is not 0, small holes in people are filled, and small islands beside them
// are background. Small is less than 0.4 % of the largest person's pixels for an island, and less
// than 0.1 % for a hole. Default: BACKDROP_DESPECKLING_DEFAULT.
BACKDROP_API backdrop_status backdrop_set_despeckling(backdrop_engine* engine,
                                                      int32_t on) BACKDROP_NOEXCEPT;

// Rate control: the milliseconds that a frame may take on average; 0 is no limit. To stay below,
// the network runs on every second or third frame only, and the others reuse the mask. What a frame
// takes without the network is not limited. Default: BACKDROP_BUDGET_DEFAULT.
BACKDROP_API backdrop_status backdrop_set_budget(backdrop_engine* engine,
                                                 float milliseconds) BACKDROP_NOEXCEPT;

// Forgets the frames before, because the next frame is from another source. Settings stay.
BACKDROP_API backdrop_status backdrop_reset(backdrop_engine* engine) BACKDROP_NOEXCEPT;

// Segments `input` and writes it to `output` with the background. Both have the same format, size,
// colour space, rotation and flip. They may be the same image, with equal planes and strides; other
// overlap is rejected. If the call fails, `output` is not written.
// Errors: STATE before a model is loaded (unless the background is none), MEMORY.
BACKDROP_API backdrop_status backdrop_process(backdrop_engine* engine, const backdrop_image* input,
                                              const backdrop_image* output) BACKDROP_NOEXCEPT;

// OpenGL ES 3.0 and WebGL 2. Calls marked [GL], and backdrop_destroy while the engine holds OpenGL
// objects, need the context current that was current in backdrop_gl_create. They change OpenGL's
// state and do not restore it. A library built without OpenGL (BACKDROP_GL=OFF) returns
// BACKDROP_ERROR_UNSUPPORTED.

// The address of a function by its name, like eglGetProcAddress.
typedef void (*backdrop_gl_function)(void);  // NOLINT(modernize-redundant-void-arg): C needs it
typedef backdrop_gl_function (*backdrop_gl_loader)(const char* name);

// [GL] Creates the engine's objects in the current context and replaces those that it made before:
// if those are of another context, call backdrop_gl_destroy first. WebAssembly imports the
// functions from the module "gl", by their names without "gl", and takes no loader (NULL).
BACKDROP_API backdrop_status backdrop_gl_create(backdrop_engine* engine,
                                                backdrop_gl_loader loader) BACKDROP_NOEXCEPT;

// [GL] Frees these objects. `lost` is 1 if the context, and all objects with it, are gone; then no
// context has to be current. Otherwise `lost` is 0.
BACKDROP_API backdrop_status backdrop_gl_destroy(backdrop_engine* engine,
                                                 int32_t lost) BACKDROP_NOEXCEPT;

// An image in a texture of the caller's: RGBA, upright, first row first, linear filters, clamped
// edges. What is clear in a frame stays background, so that an alpha that is padding has to be 1.
// Alpha is straight: of premultiplied colours a half clear edge comes out darker.
typedef struct backdrop_texture {
  uint32_t name;
  int32_t width;   // pixels, 1 to BACKDROP_LARGEST_SIZE
  int32_t height;  // pixels, 1 to BACKDROP_LARGEST_SIZE
} backdrop_texture;

// [GL] Like backdrop_set_background_image, for backdrop_gl_process. The caller owns the texture and
// keeps it until another background is set. Call again whenever its pixels change, as a video's do.
BACKDROP_API backdrop_status backdrop_gl_set_background_texture(
    backdrop_engine* engine, const backdrop_texture* texture) BACKDROP_NOEXCEPT;

// [GL] Shrinks the frame to what the network needs of it and starts reading the result back,
// without waiting. Errors: STATE before a model is loaded.
BACKDROP_API backdrop_status
backdrop_gl_begin_sample(backdrop_engine* engine, const backdrop_texture* frame) BACKDROP_NOEXCEPT;

// [GL] Sets `sampled` to 1 if that result is there, else to 0.
BACKDROP_API backdrop_status backdrop_gl_is_sampled(backdrop_engine* engine,
                                                    int32_t* sampled) BACKDROP_NOEXCEPT;

// [GL] Segments the frame and draws it with the background to `framebuffer`, which has the frame's
// size. Framebuffer 0, a window's or a canvas's, gets the first row last, as it is displayed. The
// network sees `pixels`, which are the frame's, upright; if `pixels` is NULL, the network sees the
// result of backdrop_gl_begin_sample. Errors: STATE without a model or that result, or if OpenGL
// reports an error (an incomplete framebuffer), MEMORY.
BACKDROP_API backdrop_status backdrop_gl_process(backdrop_engine* engine,
                                                 const backdrop_texture* frame,
                                                 const backdrop_image* pixels,
                                                 uint32_t framebuffer) BACKDROP_NOEXCEPT;

// Copies the alpha of the latest frame: 0 background, 255 person, one byte per pixel, rows `stride`
// bytes apart. Width and height are that frame's, as stored. Errors: STATE if the latest frame has
// none, because the background was none or the frame was processed on the GPU.
BACKDROP_API backdrop_status backdrop_get_matte(backdrop_engine* engine, int32_t width,
                                                int32_t height, uint8_t* alpha,
                                                int32_t stride) BACKDROP_NOEXCEPT;

BACKDROP_API backdrop_status
backdrop_get_statistics(backdrop_engine* engine, backdrop_statistics* statistics) BACKDROP_NOEXCEPT;

// Memory for callers without an allocator, such as JavaScript beside WebAssembly, aligned to
// BACKDROP_ALIGNMENT bytes; NULL if there is none left. backdrop_free frees it; NULL is allowed.
BACKDROP_API void* backdrop_allocate(size_t size) BACKDROP_NOEXCEPT;
BACKDROP_API void backdrop_free(void* memory) BACKDROP_NOEXCEPT;

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // BACKDROP_BACKDROP_H_
