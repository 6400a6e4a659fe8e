#include "properties.h"

namespace backdrop::gstreamer {
namespace {

enum Id : guint {
  kStatistics = kStatisticsProperty,
  kBackground,
  kBlur,
  kColor,
  kImage,
  kFit,
  kPositionX,
  kPositionY,
  kModel,
  kThreads,
  kRefinement,
  kSteadying,
  kLearnedRoom,
  kPersonCrop,
  kOnlyFront,
  kDespeckling,
};

constexpr auto kFlags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
constexpr auto kAtStart = static_cast<GParamFlags>(kFlags | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying = static_cast<GParamFlags>(kFlags | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kControllable = static_cast<GParamFlags>(kPlaying | GST_PARAM_CONTROLLABLE);

// Registers an enumeration once, of which `values` are static.
GType register_enumeration(const char* name, const GEnumValue* values) {
  const GType type = g_enum_register_static(name, values);
  gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return type;
}

constexpr int number(BackgroundKind kind) { return static_cast<int>(kind); }

GType background_type() {
  static const GEnumValue values[] = {
      {number(BackgroundKind::kNone), "The frame as it came, with the room", "none"},
      {number(BackgroundKind::kBlur), "The room, blurred", "blur"},
      {number(BackgroundKind::kColor), "One color", "color"},
      {number(BackgroundKind::kImage), "A picture", "image"},
      {number(BackgroundKind::kTransparent), "Nothing: RGBA and BGRA only", "transparent"},
      {0, nullptr, nullptr}};
  static const GType type = register_enumeration("GstBackdropBackground", values);
  return type;
}

GType fit_type() {
  static const GEnumValue values[] = {
      {BACKDROP_FIT_COVER, "The picture covers the frame, and is cut off", "cover"},
      {BACKDROP_FIT_CONTAIN, "All of the picture is seen", "contain"},
      {0, nullptr, nullptr}};
  static const GType type = register_enumeration("GstBackdropFit", values);
  return type;
}

GType refinement_type() {
  static const GEnumValue values[] = {
      {BACKDROP_REFINEMENT_NONE, "The mask's own edges", "none"},
      {BACKDROP_REFINEMENT_GUIDED, "Aligned with the frame's by a guided filter", "guided"},
      {0, nullptr, nullptr}};
  static const GType type = register_enumeration("GstBackdropRefinement", values);
  return type;
}

void add_float(GObjectClass* object_class, Id id, const char* name, const char* title,
               const char* text, float least, float most, float value) {
  g_object_class_install_property(
      object_class, id, g_param_spec_float(name, title, text, least, most, value, kControllable));
}

void add_switch(GObjectClass* object_class, Id id, const char* name, const char* title,
                const char* text, bool value) {
  g_object_class_install_property(object_class, id,
                                  g_param_spec_boolean(name, title, text, value, kPlaying));
}

void install_background(GObjectClass* object_class) {
  const Background defaults;
  g_object_class_install_property(
      object_class, kBackground,
      g_param_spec_enum("background", "Background", "What takes the place of the room",
                        background_type(), number(defaults.kind), kPlaying));
  add_float(object_class, kBlur, "blur", "Blur",
            "Standard deviation of the blur, in percent of the frame's shorter side",
            BACKDROP_BLUR_STRENGTH_MIN, BACKDROP_BLUR_STRENGTH_MAX, defaults.blur);
  g_object_class_install_property(
      object_class, kColor,
      g_param_spec_uint("color", "Color",
                        "Color of the background, 0xRRGGBB; of an image, what is beside it", 0,
                        0xffffff, defaults.color, kControllable));
  g_object_class_install_property(
      object_class, kImage,
      g_param_spec_string("image", "Image", "Path of a PNG or JPEG: the picture of the background",
                          nullptr, kPlaying));
  g_object_class_install_property(
      object_class, kFit,
      g_param_spec_enum("fit", "Fit", "How the picture lies in the frame", fit_type(), defaults.fit,
                        kPlaying));
  add_float(object_class, kPositionX, "position-x", "Position, across",
            "The picture's point, 0 to 1, that lies on the same point of the frame", 0, 1,
            defaults.x);
  add_float(object_class, kPositionY, "position-y", "Position, down",
            "The picture's point, 0 to 1, that lies on the same point of the frame", 0, 1,
            defaults.y);
}

void install_matte(GObjectClass* object_class) {
  const MatteSettings defaults;
  g_object_class_install_property(
      object_class, kRefinement,
      g_param_spec_enum("refinement", "Refinement",
                        "How the mask's edges are aligned with the frame's", refinement_type(),
                        defaults.refinement, kPlaying));
  add_float(object_class, kSteadying, "steadying", "Steadying",
            "How much of the mask before remains where the new one is uncertain", 0, 1,
            defaults.steadying);
  add_switch(object_class, kLearnedRoom, "learned-room", "Learned room",
             "Learn what is behind the person while the camera stands still, for finer edges",
             defaults.learned_room);
  add_switch(object_class, kPersonCrop, "person-crop", "Person crop",
             "Show the network the part of the frame around the people, larger",
             defaults.person_crop);
  add_switch(object_class, kOnlyFront, "only-front", "Only front",
             "Keep the person in front, and nobody else", defaults.only_front);
  add_switch(object_class, kDespeckling, "despeckling", "Despeckling",
             "Fill small holes in people, and drop small islands beside them",
             defaults.despeckling);
}

void install_engine(GObjectClass* object_class) {
  g_object_class_install_property(
      object_class, kModel,
      g_param_spec_string("model", "Model",
                          "The network: an id that `backdrop models` lists, or the path of a "
                          ".tflite file; by default the first that is installed",
                          nullptr, kAtStart));
  g_object_class_install_property(
      object_class, kThreads,
      g_param_spec_int("threads", "Threads",
                       "Threads to work on; 0: half of the processors, at most 4", 0,
                       BACKDROP_MOST_THREADS, 0, kAtStart));
  g_object_class_install_property(
      object_class, kStatistics,
      g_param_spec_boxed("stats", "Statistics",
                         "Since the start: frames, those on which the network ran, and those "
                         "that left blank because something failed",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

std::string text_of(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

// Null stands for what is empty.
void set_text(GValue* value, const std::string& text) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

}  // namespace

void install_properties(GObjectClass* object_class) {
  install_background(object_class);
  install_matte(object_class);
  install_engine(object_class);
}

void Properties::set(guint id, const GValue* value) {
  const std::scoped_lock lock(mutex_);
  auto& [background, matte] = settings_;
  switch (static_cast<Id>(id)) {
    case kBackground:
      background.kind = static_cast<BackgroundKind>(g_value_get_enum(value));
      break;
    case kBlur:
      background.blur = g_value_get_float(value);
      break;
    case kColor:
      background.color = g_value_get_uint(value);
      break;
    case kImage:
      background.image = text_of(value);
      break;
    case kFit:
      background.fit = static_cast<backdrop_fit>(g_value_get_enum(value));
      break;
    case kPositionX:
      background.x = g_value_get_float(value);
      break;
    case kPositionY:
      background.y = g_value_get_float(value);
      break;
    case kModel:
      engine_choice_.model = text_of(value);
      break;
    case kThreads:
      engine_choice_.threads = g_value_get_int(value);
      break;
    case kRefinement:
      matte.refinement = static_cast<backdrop_refinement>(g_value_get_enum(value));
      break;
    case kSteadying:
      matte.steadying = g_value_get_float(value);
      break;
    case kLearnedRoom:
      matte.learned_room = g_value_get_boolean(value);
      break;
    case kPersonCrop:
      matte.person_crop = g_value_get_boolean(value);
      break;
    case kOnlyFront:
      matte.only_front = g_value_get_boolean(value);
      break;
    case kDespeckling:
      matte.despeckling = g_value_get_boolean(value);
      break;
    case kStatistics:
      break;
  }
}

void Properties::get(guint id, GValue* value) const {
  const std::scoped_lock lock(mutex_);
  const auto& [background, matte] = settings_;
  switch (static_cast<Id>(id)) {
    case kBackground:
      return g_value_set_enum(value, number(background.kind));
    case kBlur:
      return g_value_set_float(value, background.blur);
    case kColor:
      return g_value_set_uint(value, background.color);
    case kImage:
      return set_text(value, background.image);
    case kFit:
      return g_value_set_enum(value, background.fit);
    case kPositionX:
      return g_value_set_float(value, background.x);
    case kPositionY:
      return g_value_set_float(value, background.y);
    case kModel:
      return set_text(value, engine_choice_.model);
    case kThreads:
      return g_value_set_int(value, engine_choice_.threads);
    case kRefinement:
      return g_value_set_enum(value, matte.refinement);
    case kSteadying:
      return g_value_set_float(value, matte.steadying);
    case kLearnedRoom:
      return g_value_set_boolean(value, matte.learned_room);
    case kPersonCrop:
      return g_value_set_boolean(value, matte.person_crop);
    case kOnlyFront:
      return g_value_set_boolean(value, matte.only_front);
    case kDespeckling:
      return g_value_set_boolean(value, matte.despeckling);
    case kStatistics:
      return;
  }
}

Settings Properties::settings() const {
  const std::scoped_lock lock(mutex_);
  return settings_;
}

EngineChoice Properties::engine_choice() const {
  const std::scoped_lock lock(mutex_);
  return engine_choice_;
}

bool Properties::needs_alpha() const {
  const std::scoped_lock lock(mutex_);
  return settings_.background.kind == BackgroundKind::kTransparent;
}

}  // namespace backdrop::gstreamer
