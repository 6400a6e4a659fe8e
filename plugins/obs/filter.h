// What both kinds of filter have in common: a worker, what it finished, and OBS's calls. Where
// anything fails, nothing is drawn: OBS itself would show the room.
#pragma once

#include <memory>
#include <string>

#include <obs.h>

#include "display.h"
#include "worker.h"

namespace backdrop::obs {

class Filter {
 public:
  Filter(obs_data_t* data, obs_source_t* source);
  virtual ~Filter();
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void update(obs_data_t* data);
  obs_properties_t* properties();

  // Draws the latest finished frame, if there is one that may be shown. Graphics context.
  void draw();

  Worker& worker() { return *worker_; }
  obs_source_t* source() const { return source_; }
  obs_source_t* parent() const { return obs_filter_get_parent(source_); }

 private:
  void take_finished();
  void tell(const std::string& reason) const;

  obs_source_t* const source_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Display> display_;
  bool uploaded_ = false;
};

// Runs what OBS calls: no exception leaves the module.
template <typename Work>
void guard(Work&& work) noexcept {
  try {
    work();
  } catch (...) {
    blog(LOG_ERROR, "[backdrop] there is not enough memory");
  }
}

// Of the data that OBS has of a filter: null if the filter could not be made. The data is not null
// then, since OBS would show the room.
Filter* filter_of(void* data);
void* no_filter();

// What is the same for both kinds of filter.
obs_source_info common_info();

template <typename Kind>
obs_source_info info_of() {
  obs_source_info info = common_info();
  info.create = [](obs_data_t* data, obs_source_t* source) {
    void* filter = no_filter();
    guard([&] { filter = static_cast<Filter*>(new Kind(data, source)); });
    return filter;
  };
  return info;
}

}  // namespace backdrop::obs
