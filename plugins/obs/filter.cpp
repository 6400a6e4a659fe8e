#include "filter.h"

#include <utility>

#include "engine_effect.h"
#include "properties.h"

namespace backdrop::obs {
namespace {

// OBS tells filters when they are switched off and on by a signal alone.
void on_enable(void* data, calldata_t*) { static_cast<Filter*>(data)->worker().forget(); }

signal_handler_t* signals_of(obs_source_t* source) { return obs_source_get_signal_handler(source); }

}  // namespace

Filter::Filter(obs_data_t* data, obs_source_t* source)
    : source_(source),
      worker_(std::make_unique<Worker>(std::make_unique<EngineEffect>(),
                                       [this](const std::string& reason) { tell(reason); })),
      display_(std::make_unique<Display>()) {
  update(data);
  signal_handler_connect(signals_of(source), "enable", on_enable, this);
}

Filter::~Filter() {
  signal_handler_disconnect(signals_of(source_), "enable", on_enable, this);
  worker_.reset();
  obs_enter_graphics();
  display_.reset();
  obs_leave_graphics();
}

void Filter::update(obs_data_t* data) { worker_->set(read_settings(data)); }

obs_properties_t* Filter::properties() {
  worker_->retry();
  return make_properties(worker_->reason());
}

void Filter::draw() {
  take_finished();
  if (uploaded_ && worker_->is_current()) display_->draw();
}

void Filter::take_finished() {
  std::unique_ptr<Frame> frame = worker_->take_finished();
  if (!frame) return;
  uploaded_ = display_->upload(*frame);
  worker_->give_back(std::move(frame));
  if (!uploaded_) worker_->refuse("OBS can't draw the frames");
}

void Filter::tell(const std::string& reason) const {
  const char* name = obs_source_get_name(source_);
  if (!reason.empty()) {
    blog(LOG_WARNING, "[backdrop] '%s' shows nothing: %s", name ? name : "", reason.c_str());
  }
  obs_source_update_properties(source_);
}

void* no_filter() {
  static char placeholder;
  return &placeholder;
}

Filter* filter_of(void* data) { return data == no_filter() ? nullptr : static_cast<Filter*>(data); }

obs_source_info common_info() {
  obs_source_info info{};
  info.type = OBS_SOURCE_TYPE_FILTER;
  info.destroy = [](void* data) { delete filter_of(data); };
  info.get_defaults = [](obs_data_t* data) { guard([&] { set_defaults(data); }); };
  info.get_properties = [](void* data) {
    obs_properties_t* properties = nullptr;
    guard([&] {
      Filter* filter = filter_of(data);
      properties = filter ? filter->properties() : make_properties("there is not enough memory");
    });
    return properties;
  };
  info.update = [](void* data, obs_data_t* settings) {
    if (Filter* filter = filter_of(data)) guard([&] { filter->update(settings); });
  };
  info.hide = [](void* data) {
    if (Filter* filter = filter_of(data)) filter->worker().forget();
  };
  info.video_get_color_space = [](void*, size_t, const gs_color_space*) { return GS_CS_SRGB; };
  return info;
}

}  // namespace backdrop::obs
