#include "worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "failure.h"

namespace backdrop::obs {
namespace {

// What the effect of a test is told, and when it goes on.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> processed;  // the frames' widths
  std::vector<std::string> models;
  std::vector<std::string> reasons;
  int resets = 0;
  int entered = 0;  // frames that were begun
  bool held = false;

  template <typename Condition>
  void wait_for(Condition&& condition) {
    std::unique_lock lock(mutex);
    changed.wait(lock, condition);
  }
  template <typename Change>
  void change(Change&& what) {
    {
      const std::lock_guard lock(mutex);
      what();
    }
    changed.notify_all();
  }
};

class ScriptedEffect : public Effect {
 public:
  explicit ScriptedEffect(Script& script) : script_(script) {}

  void apply(const Settings& settings) override {
    script_.change([&] { script_.models.push_back(settings.model); });
    if (settings.model == "missing") throw cli::Failure("the model is missing");
  }
  void reset() override {
    script_.change([&] { ++script_.resets; });
  }
  void process(Frame& frame) override {
    script_.change([&] { ++script_.entered; });
    script_.wait_for([&] { return !script_.held; });
    script_.change([&] { script_.processed.push_back(frame.width()); });
    if (frame.width() == 13) throw cli::Failure("a frame\nof bad luck");
    if (frame.width() == 14) throw std::bad_alloc();
  }

 private:
  Script& script_;
};

class ObsWorker : public testing::Test {
 protected:
  void submit(int width) {
    std::unique_ptr<Frame> frame = worker_.spare();
    frame->reshape(VIDEO_FORMAT_Y800, width, 1);
    worker_.submit(std::move(frame));
  }

  void wait_until_processed(std::size_t count) {
    script_.wait_for([&] { return script_.processed.size() == count; });
  }

  // The next frame that is finished.
  std::unique_ptr<Frame> finished() {
    while (true) {
      if (std::unique_ptr<Frame> frame = worker_.take_finished()) return frame;
      std::this_thread::yield();
    }
  }

  void wait_for_reason(const std::string& reason) {
    script_.wait_for([&] { return !script_.reasons.empty() && script_.reasons.back() == reason; });
  }

  Script script_;
  Worker worker_{std::make_unique<ScriptedEffect>(script_), [this](const std::string& reason) {
                   script_.change([&] { script_.reasons.push_back(reason); });
                 }};
};

TEST_F(ObsWorker, AFrameComesOutOnce) {
  worker_.set({});
  EXPECT_FALSE(worker_.is_current());
  submit(1);
  EXPECT_EQ(finished()->width(), 1);
  EXPECT_TRUE(worker_.is_current());
  EXPECT_EQ(worker_.take_finished(), nullptr);
}

TEST_F(ObsWorker, WithoutSettingsNothingIsProcessed) {
  submit(1);
  worker_.set({.model = "missing", .background = {}, .matte = {}});
  submit(2);
  wait_for_reason("the model is missing");
  worker_.set({});
  submit(3);
  EXPECT_EQ(finished()->width(), 3);
  EXPECT_EQ(script_.processed, std::vector<int>{3});
  EXPECT_EQ(worker_.reason(), "");
}

TEST_F(ObsWorker, TheNewestFrameWins) {
  worker_.set({});
  script_.change([&] { script_.held = true; });
  submit(1);
  script_.wait_for([&] { return script_.entered == 1; });
  for (int width = 2; width <= 100; ++width) submit(width);
  script_.change([&] { script_.held = false; });
  wait_until_processed(2);
  EXPECT_EQ(script_.processed, (std::vector<int>{1, 100}));
}

TEST_F(ObsWorker, WhatWasForgottenNeverComesOut) {
  worker_.set({});
  script_.change([&] { script_.held = true; });
  submit(1);
  script_.wait_for([&] { return script_.entered == 1; });
  worker_.forget();
  script_.change([&] { script_.held = false; });
  wait_until_processed(1);
  submit(2);
  EXPECT_EQ(finished()->width(), 2);
  EXPECT_EQ(script_.resets, 1);
  worker_.forget();
  EXPECT_FALSE(worker_.is_current());
}

TEST_F(ObsWorker, AFailedFrameEndsWhatIsShown) {
  worker_.set({});
  submit(1);
  finished();
  submit(13);
  wait_for_reason("a frame of bad luck");
  EXPECT_FALSE(worker_.is_current());
  EXPECT_EQ(worker_.take_finished(), nullptr);
  submit(14);
  wait_for_reason("there is not enough memory");
  submit(2);
  EXPECT_EQ(finished()->width(), 2);
  wait_for_reason("");
  EXPECT_TRUE(worker_.is_current());
}

TEST_F(ObsWorker, ARefusedFrameEndsWhatIsShownAndIsToldOnce) {
  worker_.set({});
  submit(1);
  finished();
  for (int i = 0; i < 3; ++i) worker_.refuse("no such format");
  EXPECT_FALSE(worker_.is_current());
  EXPECT_EQ(script_.reasons, std::vector<std::string>{"no such format"});
}

// OBS asks for the properties anew whenever the reason changes: that must not change it again.
TEST_F(ObsWorker, OnlySettingsThatFailedAreTriedAgain) {
  worker_.set({});
  submit(1);
  finished();
  worker_.refuse("no such format");
  worker_.retry();
  worker_.set({.model = "other", .background = {}, .matte = {}});
  script_.wait_for([&] { return script_.models.size() == 2; });
  EXPECT_EQ(worker_.reason(), "no such format");
  worker_.set({.model = "missing", .background = {}, .matte = {}});
  wait_for_reason("the model is missing");
  worker_.retry();
  script_.wait_for([&] { return script_.models.size() == 4; });
  EXPECT_EQ(worker_.reason(), "the model is missing");
}

TEST_F(ObsWorker, SettingsTakeEffectBeforeTheNextFrame) {
  worker_.set({.model = "a", .background = {}, .matte = {}});
  submit(1);
  finished();
  worker_.set({.model = "b", .background = {}, .matte = {}});
  submit(2);
  finished();
  EXPECT_EQ(script_.models, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace backdrop::obs
