// A thread of the filter's own, on which everything is computed: whoever hands over frames never
// waits for the network. One frame waits, the newest; one is worked on; one is finished.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "frame.h"
#include "settings.h"

namespace backdrop::obs {

// What is done to the frames, by the worker's thread alone. Failures are cli::Failure,
// cli::WrongCall or std::bad_alloc.
class Effect {
 public:
  virtual ~Effect() = default;
  virtual void apply(const Settings& settings) = 0;

  // The next frame has nothing to do with those before.
  virtual void reset() = 0;

  // Puts the background behind the person. After a failure the frame is not shown.
  virtual void process(Frame& frame) = 0;
};

class Worker {
 public:
  // `on_reason` is called by the worker's thread, or by a thread that refuses a frame, when the
  // reason why nothing is shown is another one; "" when there is none any more.
  Worker(std::unique_ptr<Effect> effect, std::function<void(const std::string&)> on_reason);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // For the next frames.
  void set(const Settings& settings);

  // Tries the settings again if they could not be applied: the cause may be gone.
  void retry();

  // A frame to fill and submit. Its memory is that of an earlier one, if possible.
  std::unique_ptr<Frame> spare();
  void give_back(std::unique_ptr<Frame> frame);

  // The frame that waited until now is dropped.
  void submit(std::unique_ptr<Frame> frame);

  // Instead of submit, for a frame that can't be used: nothing is shown, for this reason.
  void refuse(const std::string& reason);

  // Frames that were submitted before this call are never shown, also if they are finished.
  void forget();

  // The latest finished frame, or null if that was taken already.
  std::unique_ptr<Frame> take_finished();

  // Whether the frame that was taken last may still be shown.
  bool is_current() const;

  std::string reason() const;

 private:
  struct Ticket {
    std::unique_ptr<Frame> frame;
    std::uint64_t generation = 0;
  };

  void run();
  void apply(const Settings& settings);
  void process(Ticket ticket);
  void finish(Ticket ticket);
  void fail(const std::string& reason);

  const std::unique_ptr<Effect> effect_;
  const std::function<void(const std::string&)> on_reason_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Settings> next_settings_;
  std::optional<Settings> failed_settings_;  // until others are applied
  Ticket waiting_, finished_;
  std::vector<std::unique_ptr<Frame>> spares_;
  std::uint64_t generation_ = 1;  // of the frames that may be shown
  std::uint64_t shown_ = 0;       // the generation of the frame that was taken last
  bool reset_ = false;
  bool stopped_ = false;
  std::string reason_;

  bool usable_ = false;  // whether the latest settings were applied; of the worker's thread
  std::thread thread_;   // the last member: it uses the others
};

}  // namespace backdrop::obs
