#include "element.h"

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "effect.h"
#include "failure.h"
#include "frame.h"
#include "lateness.h"
#include "orientation.h"
#include "properties.h"

GST_DEBUG_CATEGORY_STATIC(backdrop_debug);
#define GST_CAT_DEFAULT backdrop_debug

namespace backdrop::gstreamer {

// Since the start.
struct Counts {
  guint64 frames = 0;
  guint64 inferences = 0;
  guint64 blank = 0;
};

// What the element is beside its base class. Fields without a word about threads belong to the
// streaming thread.
struct Element {
  Properties properties;           // of any thread
  Lateness lateness;               // of any thread
  std::unique_ptr<Effect> effect;  // from start to stop
  OrientationTags orientation;
  bool has_warned = false;   // in this run
  bool has_refused = false;  // caps, since the last that were taken: upstream tries again and again

  std::mutex counts_mutex;
  Counts counts;  // under the mutex
};

}  // namespace backdrop::gstreamer

namespace gs = backdrop::gstreamer;

G_DEFINE_TYPE(GstBackdrop, gst_backdrop, GST_TYPE_VIDEO_FILTER)

namespace {

GstBackdrop* backdrop_of(gpointer object) { return static_cast<GstBackdrop*>(object); }
gs::Element& element_of(gpointer object) { return *backdrop_of(object)->element; }
GstVideoFilter* filter_of(GstBaseTransform* transform) { return GST_VIDEO_FILTER_CAST(transform); }
GstBaseTransformClass* base_class() { return GST_BASE_TRANSFORM_CLASS(gst_backdrop_parent_class); }

// Runs `work`, which may throw: C calls us. Returns why it failed, or "".
template <typename Work>
std::string reason_of(const Work& work) {
  try {
    work();
    return {};
  } catch (const std::exception& failure) {
    return backdrop::cli::one_line(failure.what());
  }
}

// Tells the application of the first frame of a run that failed; the log has all.
void warn_of_frame(GstBaseTransform* transform, const std::string& reason) {
  GST_WARNING_OBJECT(transform, "a frame is blank: %s", reason.c_str());
  if (std::exchange(element_of(transform).has_warned, true)) return;
  GST_ELEMENT_WARNING(transform, STREAM, FAILED,
                      ("%s: blank frames take the place of those that fail", reason.c_str()),
                      (nullptr));
}

gboolean start(GstBaseTransform* transform) {
  gs::Element& element = element_of(transform);
  element.has_warned = element.has_refused = false;
  element.lateness.clear();
  element.orientation.clear();
  {
    const std::scoped_lock lock(element.counts_mutex);
    element.counts = {};
  }
  const std::string reason = reason_of([&] {
    auto effect = std::make_unique<gs::Effect>(element.properties.engine_choice());
    // The frames' format is not known yet; here it is about the picture.
    effect->apply(element.properties.settings(), /*has_alpha=*/true);
    element.effect = std::move(effect);
  });
  if (reason.empty()) return TRUE;
  GST_ELEMENT_ERROR(transform, RESOURCE, NOT_FOUND, ("%s", reason.c_str()), (nullptr));
  return FALSE;
}

gboolean stop(GstBaseTransform* transform) {
  element_of(transform).effect.reset();
  return TRUE;
}

// Tells the application why caps can't be taken.
void refuse_once(GstBaseTransform* transform, const std::string& reason) {
  if (std::exchange(element_of(transform).has_refused, true)) return;
  GST_ELEMENT_ERROR(transform, STREAM, FORMAT, ("%s", reason.c_str()), (nullptr));
}

gboolean set_info(GstVideoFilter* filter, GstCaps*, GstVideoInfo* in, GstCaps*, GstVideoInfo*) {
  gs::Element& element = element_of(filter);
  const std::string refusal = gs::find_refusal(*in);
  if (!refusal.empty()) {
    refuse_once(GST_BASE_TRANSFORM(filter), refusal);
    return FALSE;
  }
  element.has_refused = false;
  if (element.effect) element.effect->reset();
  return TRUE;
}

// Whether these are the caps of the frames that come.
bool are_current(GstBaseTransform* transform, GstCaps* caps) {
  GstCaps* current = gst_pad_get_current_caps(transform->sinkpad);
  const bool are_same = current && gst_caps_is_equal(current, caps);
  gst_clear_caps(&current);
  return are_same;
}

// What goes out is what comes in, and has alpha if the background is to be transparent. Frames that
// come already without alpha stay good: a color is behind the person until upstream sends others.
GstCaps* transform_caps(GstBaseTransform* transform, GstPadDirection, GstCaps* caps,
                        GstCaps* filter) {
  static GstStaticCaps alpha_caps = GST_STATIC_CAPS(gs::kAlphaCaps);
  GstCaps* result = gst_caps_ref(caps);
  const auto restrict_to = [&](GstCaps* others) {
    GstCaps* both = gst_caps_intersect_full(result, others, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref(result);
    result = both;
  };
  if (element_of(transform).properties.needs_alpha() && !are_current(transform, caps)) {
    GstCaps* alpha = gst_static_caps_get(&alpha_caps);
    restrict_to(alpha);
    gst_caps_unref(alpha);
  }
  if (filter) restrict_to(filter);
  return result;
}

GstClockTime running_time_of(GstBaseTransform* transform, GstBuffer* buffer) {
  if (transform->segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
  return gst_segment_to_running_time(&transform->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

// Properties that follow the stream's time.
void sync_properties(GstBaseTransform* transform, GstBuffer* buffer) {
  if (transform->segment.format != GST_FORMAT_TIME) return;
  const GstClockTime time =
      gst_segment_to_stream_time(&transform->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (GST_CLOCK_TIME_IS_VALID(time)) gst_object_sync_values(GST_OBJECT(transform), time);
}

// Whether frames pass as they came is decided here alone, before each frame, that of refused caps
// included: what passes need not be negotiated.
void set_passthrough(GstBaseTransform* transform, bool passes) {
  if ((gst_base_transform_is_passthrough(transform) != FALSE) == passes) return;
  gst_base_transform_set_passthrough(transform, passes);
  if (passes) return;
  element_of(transform).effect->reset();
  gst_base_transform_reconfigure_src(transform);  // the buffers were agreed on past us
}

void before_transform(GstBaseTransform* transform, GstBuffer* buffer) {
  gs::Element& element = element_of(transform);
  sync_properties(transform, buffer);
  const std::string reason = reason_of([&] {
    const gs::Settings settings = element.properties.settings();
    set_passthrough(transform, settings.background.kind == gs::BackgroundKind::kNone);
    if (GST_BUFFER_IS_DISCONT(buffer)) element.effect->reset();
    element.effect->set_hurry(element.lateness.is_late(running_time_of(transform, buffer)));
    const GstVideoFilter* filter = filter_of(transform);
    element.effect->apply(settings, filter->negotiated && gs::has_alpha(filter->in_info));
  });
  if (reason.empty()) return;
  GST_ELEMENT_WARNING(transform, RESOURCE, SETTINGS, ("%s", reason.c_str()), (nullptr));
}

void count(gs::Element& element, bool is_blank) {
  const double inferences = element.effect->statistics().inferences;
  const std::scoped_lock lock(element.counts_mutex);
  ++element.counts.frames;
  element.counts.blank += is_blank ? 1 : 0;
  element.counts.inferences = static_cast<guint64>(inferences);
}

GstFlowReturn transform_buffer(GstBaseTransform* transform, GstBuffer* in_buffer,
                               GstBuffer* out_buffer) {
  gs::Element& element = element_of(transform);
  if (!filter_of(transform)->negotiated) return GST_FLOW_NOT_NEGOTIATED;
  const GstVideoInfo& info = filter_of(transform)->in_info;
  const gs::MappedFrame out(info, out_buffer, GST_MAP_WRITE);
  if (!out.is_whole()) {
    GST_ELEMENT_ERROR(transform, RESOURCE, WRITE, ("there is no memory for a frame"), (nullptr));
    return GST_FLOW_ERROR;
  }
  const std::string reason = reason_of([&] {
    const gs::MappedFrame in(info, in_buffer, GST_MAP_READ);
    if (!in.is_whole()) throw backdrop::cli::Failure("a buffer has no whole frame");
    const gs::Orientation orientation = element.orientation.get();
    element.effect->process(in.image(orientation), out.image(orientation));
  });
  if (!reason.empty()) {
    out.blank(/*clear=*/element.properties.needs_alpha());
    warn_of_frame(transform, reason);
  }
  count(element, !reason.empty());
  return GST_FLOW_OK;
}

gboolean sink_event(GstBaseTransform* transform, GstEvent* event) {
  gs::Element& element = element_of(transform);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START:
      element.orientation.clear();
      [[fallthrough]];
    case GST_EVENT_FLUSH_STOP:
      element.lateness.clear();
      if (element.effect) element.effect->reset();
      break;
    case GST_EVENT_TAG:
      element.orientation.add(event);
      break;
    default:
      break;
  }
  return base_class()->sink_event(transform, event);
}

gboolean src_event(GstBaseTransform* transform, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_QOS) {
    GstQOSType type = GST_QOS_TYPE_UNDERFLOW;
    GstClockTimeDiff jitter = 0;
    GstClockTime running_time = GST_CLOCK_TIME_NONE;
    gst_event_parse_qos(event, &type, nullptr, &jitter, &running_time);
    if (type != GST_QOS_TYPE_THROTTLE && GST_CLOCK_TIME_IS_VALID(running_time)) {
      element_of(transform).lateness.report(running_time, jitter);
    }
  }
  return base_class()->src_event(transform, event);
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
  gs::Properties& properties = element_of(object).properties;
  const bool needed_alpha = properties.needs_alpha();
  properties.set(id, value);
  if (properties.needs_alpha() != needed_alpha) {
    gst_base_transform_reconfigure_sink(GST_BASE_TRANSFORM(object));
  }
}

GstStructure* make_statistics(gs::Element& element) {
  const std::scoped_lock lock(element.counts_mutex);
  const auto& [frames, inferences, blank] = element.counts;
  return gst_structure_new("backdrop-stats", "frames", G_TYPE_UINT64, frames, "inferences",
                           G_TYPE_UINT64, inferences, "blank", G_TYPE_UINT64, blank, nullptr);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
  gs::Element& element = element_of(object);
  if (id == gs::kStatisticsProperty) return g_value_take_boxed(value, make_statistics(element));
  element.properties.get(id, value);
}

void finalize(GObject* object) {
  delete backdrop_of(object)->element;
  G_OBJECT_CLASS(gst_backdrop_parent_class)->finalize(object);
}

void describe(GstElementClass* element_class) {
  gst_element_class_set_static_metadata(
      element_class, "Virtual background", "Filter/Effect/Video",
      "Blurs or replaces the background behind the people in a video", "The Backdrop authors");
  static GstStaticPadTemplate sink =
      GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(gs::kAllCaps));
  static GstStaticPadTemplate src =
      GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(gs::kAllCaps));
  gst_element_class_add_static_pad_template(element_class, &sink);
  gst_element_class_add_static_pad_template(element_class, &src);
}

}  // namespace

static void gst_backdrop_class_init(GstBackdropClass* backdrop_class) {
  GObjectClass* object_class = G_OBJECT_CLASS(backdrop_class);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  gs::install_properties(object_class);
  describe(GST_ELEMENT_CLASS(backdrop_class));

  GstBaseTransformClass* transform_class = GST_BASE_TRANSFORM_CLASS(backdrop_class);
  transform_class->start = start;
  transform_class->stop = stop;
  transform_class->transform_caps = transform_caps;
  transform_class->before_transform = before_transform;
  transform_class->transform = transform_buffer;
  // GstVideoFilter's would make it work in place, on the frame that came in and is to be sent on,
  // without transform_buffer (findings/gstreamer-filter-in-place.sh).
  transform_class->transform_ip = nullptr;
  transform_class->transform_ip_on_passthrough = FALSE;
  transform_class->sink_event = sink_event;
  transform_class->src_event = src_event;
  GST_VIDEO_FILTER_CLASS(backdrop_class)->set_info = set_info;
}

static void gst_backdrop_init(GstBackdrop* backdrop) {
  backdrop->element = new gs::Element;
  // GstVideoFilter drops late frames by default: here the network rests instead.
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(backdrop), FALSE);
}

gboolean gst_backdrop_register(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(backdrop_debug, "backdrop", 0, "virtual background");
  return gst_element_register(plugin, "backdrop", GST_RANK_NONE, gst_backdrop_get_type());
}
