// A camera in PipeWire: a stream of its own, because pipewiresink can stop for ever.
#include <pipewire/pipewire.h>
#include <spa/param/video/format-utils.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <ctime>
#include <exception>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "camera_output.h"
#include "failure.h"
#include "scaler.h"

namespace backdrop::cli {
namespace {

constexpr int kMostBuffers = 16;
constexpr std::int64_t kLongestStarvingNs = 3'000'000'000;

// Browsers read rows without padding, whatever a buffer says of its own, and no Choice of formats
// or sizes: each format at each size is offered by itself.
struct Layout {
  spa_video_format spa;
  AVPixelFormat av;
  int first_row;  // bytes of a pixel in the first plane
};
constexpr std::array<Layout, 3> kLayouts = {{{SPA_VIDEO_FORMAT_I420, AV_PIX_FMT_YUV420P, 1},
                                             {SPA_VIDEO_FORMAT_NV12, AV_PIX_FMT_NV12, 1},
                                             {SPA_VIDEO_FORMAT_YUY2, AV_PIX_FMT_YUYV422, 2}}};

struct Negotiated {
  const Layout* layout = nullptr;
  int width = 0;
  int height = 0;

  int stride() const { return width * layout->first_row; }
  int bytes() const {
    return layout->first_row == 2 ? stride() * height : stride() * height * 3 / 2;
  }
};

// The planes of a packed picture in a buffer.
void point(AVFrame& frame, const Negotiated& format, std::uint8_t* data) {
  const int pixels = format.width * format.height;
  frame.format = format.layout->av;
  frame.width = format.width;
  frame.height = format.height;
  frame.data[0] = data;
  frame.linesize[0] = format.stride();
  if (format.layout->av == AV_PIX_FMT_YUYV422) return;
  const bool has_pairs = format.layout->av == AV_PIX_FMT_NV12;
  frame.data[1] = data + pixels;
  frame.linesize[1] = has_pairs ? format.width : format.width / 2;
  if (has_pairs) return;
  frame.data[2] = data + pixels + pixels / 4;
  frame.linesize[2] = format.width / 2;
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class PipeWireOutput final : public CameraOutput {
 public:
  PipeWireOutput(CameraFeed& feed, OutputNames names, int rate, Watch watch)
      : feed_(feed), names_(std::move(names)), rate_(rate), watch_(std::move(watch)) {
    pw_init(nullptr, nullptr);
    loop_ = pw_main_loop_new(nullptr);
    if (!loop_) throw Failure("PipeWire: no loop can be made");
    pw_loop* events = pw_main_loop_get_loop(loop_);
    context_ = pw_context_new(events, nullptr, 0);
    if (!context_) throw Failure("PipeWire: no context can be made");
    new_picture_ = pw_loop_add_event(
        events, [](void* self, std::uint64_t) { static_cast<PipeWireOutput*>(self)->send(); },
        this);
    timer_ = pw_loop_add_timer(
        events, [](void* self, std::uint64_t) { static_cast<PipeWireOutput*>(self)->tick(); },
        this);
    retry_ = pw_loop_add_timer(
        events, [](void* self, std::uint64_t) { static_cast<PipeWireOutput*>(self)->reconnect(); },
        this);
    quit_ = pw_loop_add_event(
        events,
        [](void* self, std::uint64_t) {
          pw_main_loop_quit(static_cast<PipeWireOutput*>(self)->loop_);
        },
        this);
    feed_.on_new_picture(
        [this] { pw_loop_signal_event(pw_main_loop_get_loop(loop_), new_picture_); });
    reconnect();
    thread_ = std::thread([this] { pw_main_loop_run(loop_); });
  }

  ~PipeWireOutput() override {
    pw_loop_signal_event(pw_main_loop_get_loop(loop_), quit_);
    thread_.join();
    disconnect();
    pw_context_destroy(context_);
    pw_main_loop_destroy(loop_);
    pw_deinit();
  }

  std::string state() const override {
    const std::lock_guard lock(mutex_);
    return "PipeWire: " + state_;
  }

 private:
  // --- The connection to the daemon ---

  void reconnect() {
    disconnect();
    if (!connect()) {
      say("no daemon; trying again");
      set_timer(retry_, 1'000'000'000, 0);
    }
  }

  bool connect() {
    core_ = pw_context_connect(context_, nullptr, 0);
    if (!core_) return false;
    static const pw_core_events core_events = [] {
      pw_core_events events{};
      events.version = PW_VERSION_CORE_EVENTS;
      events.error = [](void* self, std::uint32_t id, int, int result, const char*) {
        if (id == PW_ID_CORE && result == -EPIPE) static_cast<PipeWireOutput*>(self)->lose();
      };
      return events;
    }();
    core_listener_ = {};
    pw_core_add_listener(core_, &core_listener_, &core_events, this);
    static const pw_registry_events registry_events = [] {
      pw_registry_events events{};
      events.version = PW_VERSION_REGISTRY_EVENTS;
      events.global = [](void* self, std::uint32_t id, std::uint32_t, const char* type,
                         std::uint32_t, const spa_dict* properties) {
        const bool is_link = std::string_view(type) == PW_TYPE_INTERFACE_Link;
        if (is_link) static_cast<PipeWireOutput*>(self)->add_link(id, properties);
      };
      events.global_remove = [](void* self, std::uint32_t id) {
        static_cast<PipeWireOutput*>(self)->remove_link(id);
      };
      return events;
    }();
    registry_ = pw_core_get_registry(core_, PW_VERSION_REGISTRY, 0);
    registry_listener_ = {};
    if (registry_) {
      pw_registry_add_listener(registry_, &registry_listener_, &registry_events, this);
    }
    say("nobody looks");
    return open_stream();
  }

  // Called by the core or the stream, which can't be destroyed until it returns.
  void lose() {
    say("the daemon is gone; trying again");
    set_timer(retry_, 1'000'000'000, 0);
    set_watched(false);
    set_timer(timer_, 0, 0);
  }

  void disconnect() {
    set_timer(timer_, 0, 0);
    set_timer(retry_, 0, 0);
    set_watched(false);
    close_stream();
    if (core_) {
      spa_hook_remove(&core_listener_);
      if (registry_) spa_hook_remove(&registry_listener_);
      if (registry_)
        pw_proxy_destroy(reinterpret_cast<pw_proxy*>(std::exchange(registry_, nullptr)));
      pw_core_disconnect(std::exchange(core_, nullptr));
    }
  }

  // --- The stream ---

  bool open_stream() {
    stream_ =
        pw_stream_new(core_, names_.label.c_str(),
                      pw_properties_new(PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE,
                                        "Camera", PW_KEY_NODE_NAME, names_.node.c_str(),
                                        PW_KEY_NODE_DESCRIPTION, names_.label.c_str(), nullptr));
    if (!stream_) return false;
    stream_listener_ = {};
    pw_stream_add_listener(stream_, &stream_listener_, &stream_events(), this);
    std::array<std::uint8_t, 8192> memory;
    spa_pod_builder builder{};
    spa_pod_builder_init(&builder, memory.data(), memory.size());
    std::vector<const spa_pod*> offers = offered_formats(builder);
    constexpr int kFlags = PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS;
    return pw_stream_connect(stream_, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                             static_cast<pw_stream_flags>(kFlags), offers.data(),
                             static_cast<std::uint32_t>(offers.size())) >= 0;
  }

  void close_stream() {
    if (stream_) {
      spa_hook_remove(&stream_listener_);  // its last events would ask for buffers
      pw_stream_destroy(std::exchange(stream_, nullptr));
    }
    kept_.clear();
    links_.clear();
    is_paused_ = false;
    buffers_ = 0;
    format_ = {};
  }

  std::vector<const spa_pod*> offered_formats(spa_pod_builder& builder) const {
    constexpr int kSmallWidth = 640, kSmallHeight = 360;
    std::vector<std::pair<int, int>> sizes{{feed_.width(), feed_.height()}};
    if (feed_.width() > kSmallWidth && feed_.height() > kSmallHeight &&
        feed_.width() * kSmallHeight == feed_.height() * kSmallWidth) {
      sizes.emplace_back(kSmallWidth, kSmallHeight);
    }
    std::vector<const spa_pod*> offers;
    for (const auto& [width, height] : sizes) {
      for (const Layout& layout : kLayouts) {
        const spa_rectangle size{static_cast<std::uint32_t>(width),
                                 static_cast<std::uint32_t>(height)};
        const spa_fraction rate{static_cast<std::uint32_t>(rate_), 1};
        offers.push_back(static_cast<const spa_pod*>(
            spa_pod_builder_add_object(&builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat,  //
                                       SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),  //
                                       SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw),
                                       SPA_FORMAT_VIDEO_format, SPA_POD_Id(layout.spa),  //
                                       SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size),  //
                                       SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction(&rate))));
      }
    }
    return offers;
  }

  static const pw_stream_events& stream_events() {
    static const pw_stream_events events_of_stream = [] {
      pw_stream_events events{};
      events.version = PW_VERSION_STREAM_EVENTS;
      events.state_changed = [](void* self, pw_stream_state, pw_stream_state state, const char*) {
        static_cast<PipeWireOutput*>(self)->change_state(state);
      };
      events.param_changed = [](void* self, std::uint32_t id, const spa_pod* param) {
        if (id == SPA_PARAM_Format) static_cast<PipeWireOutput*>(self)->negotiate(param);
      };
      events.add_buffer = [](void* self, pw_buffer*) {
        ++static_cast<PipeWireOutput*>(self)->buffers_;
      };
      events.remove_buffer = [](void* self, pw_buffer* buffer) {
        auto& output = *static_cast<PipeWireOutput*>(self);
        --output.buffers_;
        std::erase(output.kept_, buffer);
      };
      events.process = [](void* self) { static_cast<PipeWireOutput*>(self)->fill(); };
      return events;
    }();
    return events_of_stream;
  }

  void negotiate(const spa_pod* param) {
    format_ = {};
    if (!param) return;
    spa_video_info_raw info{};
    if (spa_format_video_raw_parse(param, &info) < 0) return;
    const auto layout = std::ranges::find(kLayouts, info.format, &Layout::spa);
    if (layout == kLayouts.end()) return;
    format_ = {&*layout, static_cast<int>(info.size.width), static_cast<int>(info.size.height)};
    std::array<std::uint8_t, 1024> memory;
    spa_pod_builder builder{};
    spa_pod_builder_init(&builder, memory.data(), memory.size());
    std::array<const spa_pod*, 2> params = {
        static_cast<const spa_pod*>(spa_pod_builder_add_object(
            &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,  //
            SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(8, 2, kMostBuffers),
            SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1),                 //
            SPA_PARAM_BUFFERS_size, SPA_POD_Int(format_.bytes()),     //
            SPA_PARAM_BUFFERS_stride, SPA_POD_Int(format_.stride()),  //
            SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int(1 << SPA_DATA_MemFd))),
        static_cast<const spa_pod*>(spa_pod_builder_add_object(
            &builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,  //
            SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),     //
            SPA_PARAM_META_size, SPA_POD_Int(static_cast<int>(sizeof(spa_meta_header)))))};
    pw_stream_update_params(stream_, params.data(), params.size());
  }

  void change_state(pw_stream_state state) {
    if (state == PW_STREAM_STATE_UNCONNECTED) return lose();
    const bool is_watched = state == PW_STREAM_STATE_STREAMING;
    set_watched(is_watched);
    const long interval = 1'000'000'000L / rate_;
    set_timer(timer_, is_watched ? interval : 0, interval);
    filled_ns_ = now_ns();
    if (is_watched && format_.layout) {
      say(std::string("is read as ") + av_get_pix_fmt_name(format_.layout->av) + " " +
          std::to_string(format_.width) + "x" + std::to_string(format_.height));
    } else {
      say("nobody looks");
    }
    is_paused_ = state == PW_STREAM_STATE_PAUSED;
    collect_buffers();
  }

  // A reader that went without giving its buffers back keeps them from all later ones: the stream
  // is made anew then. One that only pauses is still linked.
  void collect_buffers() {
    if (!is_paused_) return;
    while (pw_buffer* buffer = pw_stream_dequeue_buffer(stream_)) kept_.push_back(buffer);
    if (links_.empty() && static_cast<int>(kept_.size()) < buffers_) set_timer(retry_, 1, 0);
  }

  void add_link(std::uint32_t id, const spa_dict* properties) {
    const char* node = properties ? spa_dict_lookup(properties, PW_KEY_LINK_OUTPUT_NODE) : nullptr;
    if (node && stream_ && node == std::to_string(pw_stream_get_node_id(stream_))) {
      links_.insert(id);
    }
  }

  void remove_link(std::uint32_t id) {
    if (links_.erase(id) > 0) collect_buffers();
  }

  // --- Pictures ---

  // A new picture goes at once. Where none comes, the latest goes again at the camera's rate, as
  // readers expect.
  void send() {
    if (!is_watched_ || !stream_) return;
    sent_ns_ = now_ns();
    // The stream asks for a picture only where it has a buffer itself
    // (findings/pipewire-kept-buffers.sh).
    if (!kept_.empty()) fill();
    pw_stream_trigger_process(stream_);
  }

  void tick() {
    // Whoever reads now gets nothing: the buffers are with one who has gone.
    if (now_ns() - filled_ns_ > kLongestStarvingNs) return set_timer(retry_, 1, 0);
    if (now_ns() - sent_ns_ > 1'500'000'000L / rate_) send();
  }

  pw_buffer* next_buffer() {
    if (kept_.empty()) return pw_stream_dequeue_buffer(stream_);
    pw_buffer* buffer = kept_.back();
    kept_.pop_back();
    return buffer;
  }

  void fill() {
    pw_buffer* buffer = next_buffer();
    if (!buffer) return;
    filled_ns_ = now_ns();
    spa_data& data = buffer->buffer->datas[0];
    const bool fits =
        format_.layout && data.data && data.maxsize >= static_cast<std::uint32_t>(format_.bytes());
    const bool is_drawn = fits && draw(static_cast<std::uint8_t*>(data.data));
    data.chunk->offset = 0;
    data.chunk->size = is_drawn ? static_cast<std::uint32_t>(format_.bytes()) : 0;
    data.chunk->stride = is_drawn ? format_.stride() : 0;
    data.chunk->flags = 0;
    auto* header = static_cast<spa_meta_header*>(
        spa_buffer_find_meta_data(buffer->buffer, SPA_META_Header, sizeof(spa_meta_header)));
    if (header)
      *header = {.flags = 0, .offset = 0, .pts = now_ns(), .dts_offset = 0, .seq = sequence_++};
    pw_stream_queue_buffer(stream_, buffer);
  }

  // Whether it could: no exception may pass through the functions of PipeWire.
  bool draw(std::uint8_t* to) try {
    const CameraFeed::Shown shown = feed_.latest();
    const FramePtr target = make_frame();
    point(*target, format_, to);
    scaler_.convert(*shown.picture, {}, *target, {});
    return true;
  } catch (const std::exception& failure) {
    say(failure.what());
    return false;
  }

  // --- Helpers ---

  void set_watched(bool is_watched) {
    if (std::exchange(is_watched_, is_watched) != is_watched) watch_(is_watched);
  }

  void set_timer(spa_source* timer, long first_ns, long interval_ns) {
    timespec first{first_ns / 1'000'000'000, first_ns % 1'000'000'000};
    timespec interval{interval_ns / 1'000'000'000, interval_ns % 1'000'000'000};
    pw_loop_update_timer(pw_main_loop_get_loop(loop_), timer, &first, &interval, false);
  }

  void say(std::string text) {
    const std::lock_guard lock(mutex_);
    state_ = std::move(text);
  }

  CameraFeed& feed_;
  OutputNames names_;
  int rate_;
  Watch watch_;

  pw_main_loop* loop_ = nullptr;
  pw_context* context_ = nullptr;
  spa_source *new_picture_ = nullptr, *timer_ = nullptr, *retry_ = nullptr, *quit_ = nullptr;
  pw_core* core_ = nullptr;
  pw_registry* registry_ = nullptr;
  pw_stream* stream_ = nullptr;
  spa_hook core_listener_{}, registry_listener_{}, stream_listener_{};

  Negotiated format_;
  int buffers_ = 0;               // that the stream has
  std::vector<pw_buffer*> kept_;  // dequeued while nobody looked
  Scaler scaler_{Scaler::Quality::kFast};
  bool is_watched_ = false;
  bool is_paused_ = false;
  std::set<std::uint32_t> links_;  // to readers
  std::int64_t sent_ns_ = 0, filled_ns_ = 0;
  std::uint64_t sequence_ = 0;

  mutable std::mutex mutex_;
  std::string state_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<CameraOutput> make_pipewire_output(CameraFeed& feed, const OutputNames& names,
                                                   int rate, CameraOutput::Watch watch) {
  return std::make_unique<PipeWireOutput>(feed, names, rate, std::move(watch));
}

}  // namespace backdrop::cli
