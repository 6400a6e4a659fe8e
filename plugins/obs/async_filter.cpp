// Frames never go on in OBS: filter_video keeps them back, and what is drawn is a texture of the
// filter's own. OBS also fills the source's texture past all filters (obs_source_set_video_frame,
// as the media source does when it seeks while paused), so that this texture is never drawn.
#include <memory>
#include <utility>
#include <vector>

#include "filter.h"
#include "sources.h"
#include "text.h"

namespace backdrop::obs {
namespace {

struct SourceRelease {
  void operator()(obs_source_t* source) const { obs_source_release(source); }
};
using SourceReference = std::unique_ptr<obs_source_t, SourceRelease>;

void submit(Filter& filter, const obs_source_frame& frame) {
  if (!obs_source_showing(filter.parent())) return;
  std::unique_ptr<Frame> copy = filter.worker().spare();
  const std::string reason = copy->copy(frame);
  if (reason.empty()) {
    filter.worker().submit(std::move(copy));
  } else {
    filter.worker().refuse(reason);
    filter.worker().give_back(std::move(copy));
  }
}

// Whether the source has the frame's size already, upright or turned.
bool is_size_known(obs_source_t* parent, const obs_source_frame& frame) {
  const std::uint32_t width = obs_source_get_base_width(parent);
  const std::uint32_t height = obs_source_get_base_height(parent);
  return (width == frame.width && height == frame.height) ||
         (width == frame.height && height == frame.width);
}

// On the graphics thread. OBS learns a source's size, and whether it is active, from frames that
// leave the filters (findings/obs-size-behind-filter.sh): one without its picture does for both.
obs_source_frame* filter_video(void* data, obs_source_frame* frame) {
  Filter* filter = filter_of(data);
  obs_source_t* parent = filter ? filter->parent() : nullptr;
  if (!parent) return blank(*frame) ? frame : nullptr;
  guard([&] { submit(*filter, *frame); });
  bool is_blank = false;
  if (!is_size_known(parent, *frame)) guard([&] { is_blank = blank(*frame); });
  if (is_blank) return frame;
  obs_source_release_frame(parent, frame);
  return nullptr;
}

// The filters of a source that lie nearer to it than `filter`.
struct InnerFilters {
  obs_source_t* filter;
  bool has_met = false;
  bool has_effects = false;
  std::vector<SourceReference> async;  // the nearest first
};

void collect(obs_source_t*, obs_source_t* child, void* data) noexcept {
  auto& inner = *static_cast<InnerFilters*>(data);
  inner.has_met = inner.has_met || child == inner.filter;
  if (inner.has_met) return;
  if (obs_source_get_output_flags(child) & OBS_SOURCE_ASYNC) {
    inner.async.emplace_back(obs_source_get_ref(child));
  } else {
    inner.has_effects = true;
  }
}

// OBS draws filters from the source outwards, in one order for both kinds, though it lists them
// apart; a new filter is the outermost one. Effects that lie nearer to the source would be drawn
// past, so that the filter moves in front of them. The order of each kind stays.
void go_before_effects(obs_source_t* filter, obs_source_t* parent) {
  if (obs_filter_get_target(filter) == parent) return;
  InnerFilters inner{filter, false, false, {}};
  obs_source_enum_filters(parent, collect, &inner);
  if (!inner.has_effects) return;
  obs_source_filter_set_order(parent, filter, OBS_ORDER_MOVE_TOP);
  for (auto other = inner.async.rbegin(); other != inner.async.rend(); ++other) {
    obs_source_filter_set_order(parent, other->get(), OBS_ORDER_MOVE_TOP);
  }
}

void tick(void* data, float) {
  Filter* filter = filter_of(data);
  if (!filter || !filter->parent()) return;
  guard([&] { go_before_effects(filter->source(), filter->parent()); });
}

void render(void* data, gs_effect_t*) {
  Filter* filter = filter_of(data);
  if (!filter) return;
  if (obs_source_get_base_width(filter->parent()) == 0) return filter->worker().forget();
  guard([&] { filter->draw(); });
}

}  // namespace

obs_source_info async_filter() {
  obs_source_info info = info_of<Filter>();
  info.id = "backdrop_filter";
  info.output_flags = OBS_SOURCE_ASYNC_VIDEO | OBS_SOURCE_SRGB;
  info.get_name = [](void*) { return text("Name"); };
  info.filter_video = filter_video;
  info.video_tick = tick;
  info.video_render = render;
  return info;
}

}  // namespace backdrop::obs
