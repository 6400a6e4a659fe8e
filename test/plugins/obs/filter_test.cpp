// The filter in libobs: who is in the picture, and that the room never is.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <util/bmem.h>

#include "obs_host.h"

namespace backdrop::test {
namespace {

namespace fs = std::filesystem;

constexpr char kAsync[] = "backdrop_filter";
constexpr char kScene[] = "backdrop_scene_filter";
constexpr char kModel[] = "selfie-landscape";

class ObsFilter : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("backdrop-obs-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    setenv("BACKDROP_MODELS", BACKDROP_MODEL_FOLDERS, 1);
    host_ = std::make_unique<ObsHost>();
    if (!host_->problem().empty()) GTEST_SKIP() << host_->problem();
    picture_ = make_picture();
    if (!picture_) GTEST_SKIP() << "there is no portrait: " BACKDROP_PORTRAIT;
    if (!is_installed(kModel)) GTEST_SKIP() << "the model " << kModel << " is not installed";
    face_ = mean_color(picture_->data(), 4 * kWidth, kWidth / 2, kHeight / 3, 12);
  }

  void TearDown() override {
    camera_.reset();
    ObsHost::settle();
    host_.reset();
    fs::remove_all(folder_);
    EXPECT_EQ(bnum_allocs(), 0) << "something of OBS's memory was not freed";
  }

  static bool is_installed(const std::string& id) {
    obs_properties_t* properties = obs_get_source_properties(kAsync);
    if (!properties) return false;
    obs_property_t* list = obs_properties_get(properties, "model");
    bool installed = false;
    for (std::size_t i = 0; i < obs_property_list_item_count(list); ++i) {
      if (id == obs_property_list_item_string(list, i)) {
        installed = !obs_property_list_item_disabled(list, i);
      }
    }
    obs_properties_destroy(properties);
    return installed;
  }

  std::shared_ptr<TestFrame> frame(video_format format) const {
    return std::make_shared<TestFrame>(*picture_, kWidth, kHeight, format);
  }

  // Settings as a JSON object.
  static Data settings(const std::string& json) {
    return Data(obs_data_create_from_json(json.c_str()));
  }

  Source add_filter(const char* id, const std::string& json) {
    Source filter(obs_source_create(id, "filter", settings(json).get(), nullptr));
    obs_source_filter_add(camera_.get(), filter.get());
    return filter;
  }

  // A camera with a filter on it, before it is shown for the first time.
  Source show_camera(std::shared_ptr<TestFrame> frame, const std::string& json,
                     const char* id = kAsync) {
    camera_ = host_->make_camera(nullptr);
    Source filter = add_filter(id, json);
    ObsHost::set_frame(camera_.get(), std::move(frame));
    host_->show(camera_.get());
    return filter;
  }

  bool is_person(const Sight& sight) const { return is_near(sight.person, face_, 30); }

  // Waits until the person is seen `count` times, and expects that the room is not. `sight` is the
  // last one.
  void expect_person(int count = 5, Sight* last = nullptr) {
    int room = 0, person = 0;
    Sight sight;
    EXPECT_TRUE(host_->watch([&](const Sight& seen) {
      sight = seen;
      room += seen.room;
      person += is_person(seen);
      return person >= count;
    })) << "the person is not seen, but "
        << sight.person.blue << " " << sight.person.green << " " << sight.person.red
        << " instead of " << face_.blue << " " << face_.green << " " << face_.red;
    EXPECT_EQ(room, 0) << "frames with the room";
    if (last) *last = sight;
  }

  void expect_nothing(int count = 20) {
    int seen = 0, shown = 0;
    EXPECT_TRUE(host_->watch([&](const Sight& sight) {
      shown += !sight.black;
      return ++seen >= count;
    }));
    EXPECT_EQ(shown, 0) << "frames with something in it, of " << count;
  }

  // Until nothing is seen: what was processed may be seen until then, the room may not.
  void wait_for_nothing() {
    int room = 0;
    EXPECT_TRUE(host_->watch([&](const Sight& sight) {
      room += sight.room;
      return sight.black;
    }));
    EXPECT_EQ(room, 0) << "frames with the room";
  }

  void wait_for_frames(int count) {
    EXPECT_TRUE(host_->watch([&](const Sight&) { return --count == 0; }));
  }

  // What the properties say of why nothing is shown.
  static std::string reason_of(obs_source_t* filter) {
    obs_properties_t* properties = obs_source_properties(filter);
    obs_property_t* reason = obs_properties_get(properties, "reason");
    const std::string text = reason ? obs_property_description(reason) : "";
    obs_properties_destroy(properties);
    return text;
  }

  void expect_format(video_format format) {
    show_camera(frame(format), R"({"model": "selfie-landscape"})");
    expect_person();
  }

  // The colour beside the person, through all that OBS and the filter do to it.
  void expect_color(video_format format) {
    show_camera(frame(format),
                R"({"model": "selfie-landscape", "background": "color", "color": 4284522544})");
    Sight sight;
    expect_person(5, &sight);
    EXPECT_TRUE(is_near(sight.beside, {0x60, 0xa0, 0x30}, 4))
        << sight.beside.blue << " " << sight.beside.green << " " << sight.beside.red;
  }

  fs::path folder_;
  std::unique_ptr<ObsHost> host_;
  std::optional<std::vector<std::uint8_t>> picture_;
  Color face_{};
  Source camera_;
};

// The test itself: the room is seen where there is no filter.
TEST_F(ObsFilter, WithoutTheFilterTheRoomIsSeen) {
  camera_ = host_->make_camera(frame(VIDEO_FORMAT_NV12));
  host_->show(camera_.get());
  EXPECT_TRUE(host_->watch([&](const Sight& sight) { return sight.room && is_person(sight); }));
}

TEST_F(ObsFilter, I420) { expect_format(VIDEO_FORMAT_I420); }
TEST_F(ObsFilter, NV12) { expect_format(VIDEO_FORMAT_NV12); }
TEST_F(ObsFilter, YUY2) { expect_format(VIDEO_FORMAT_YUY2); }
TEST_F(ObsFilter, YVYU) { expect_format(VIDEO_FORMAT_YVYU); }
TEST_F(ObsFilter, UYVY) { expect_format(VIDEO_FORMAT_UYVY); }
TEST_F(ObsFilter, I422) { expect_format(VIDEO_FORMAT_I422); }
TEST_F(ObsFilter, I444) { expect_format(VIDEO_FORMAT_I444); }
TEST_F(ObsFilter, I40A) { expect_format(VIDEO_FORMAT_I40A); }
TEST_F(ObsFilter, RGBA) { expect_format(VIDEO_FORMAT_RGBA); }
TEST_F(ObsFilter, BGRA) { expect_format(VIDEO_FORMAT_BGRA); }
TEST_F(ObsFilter, BGRX) { expect_format(VIDEO_FORMAT_BGRX); }
TEST_F(ObsFilter, BGR3) { expect_format(VIDEO_FORMAT_BGR3); }

TEST_F(ObsFilter, ColorOfI420) { expect_color(VIDEO_FORMAT_I420); }
TEST_F(ObsFilter, ColorOfNV12) { expect_color(VIDEO_FORMAT_NV12); }
TEST_F(ObsFilter, ColorOfYUY2) { expect_color(VIDEO_FORMAT_YUY2); }
TEST_F(ObsFilter, ColorOfI422) { expect_color(VIDEO_FORMAT_I422); }
TEST_F(ObsFilter, ColorOfBGRX) { expect_color(VIDEO_FORMAT_BGRX); }

TEST_F(ObsFilter, TransparentIsThePersonAlone) {
  show_camera(frame(VIDEO_FORMAT_NV12),
              R"({"model": "selfie-landscape", "background": "transparent"})");
  Sight sight;
  expect_person(5, &sight);
  EXPECT_TRUE(is_near(sight.beside, {0, 0, 0}, 1));
}

TEST_F(ObsFilter, UpsideDownFramesAreShownUpright) {
  const auto flipped = frame(VIDEO_FORMAT_I420);
  flipped->flip();
  show_camera(flipped, R"({"model": "selfie-landscape"})");
  expect_person();
}

TEST_F(ObsFilter, ImageLiesBehindThePerson) {
  const fs::path image = folder_ / "image.ppm";
  std::ofstream(image) << "P3 2 2 255 " << "0 0 200 0 0 200 0 0 200 0 0 200\n";
  show_camera(frame(VIDEO_FORMAT_NV12),
              R"({"model": "selfie-landscape", "background": "image", "image": ")" +
                  image.string() + "\"}");
  Sight sight;
  expect_person(5, &sight);
  EXPECT_TRUE(is_near(sight.beside, {200, 0, 0}, 4))
      << sight.beside.blue << " " << sight.beside.green << " " << sight.beside.red;
}

TEST_F(ObsFilter, MissingModelShowsNothing) {
  setenv("BACKDROP_MODELS", folder_.c_str(), 1);
  setenv("HOME", folder_.c_str(), 1);
  unsetenv("XDG_DATA_HOME");
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), "{}");
  expect_nothing();
  EXPECT_NE(reason_of(filter.get()).find("no model is installed"), std::string::npos);

  // Looking at the properties is another attempt.
  setenv("BACKDROP_MODELS", BACKDROP_MODEL_FOLDERS, 1);
  reason_of(filter.get());
  expect_person();
  EXPECT_EQ(reason_of(filter.get()), "");
}

TEST_F(ObsFilter, DamagedModelShowsNothing) {
  const fs::path model = folder_ / "damaged.tflite";
  std::ofstream(model) << "not a model";
  const Source filter = show_camera(
      frame(VIDEO_FORMAT_NV12), R"({"model": "file", "model_file": ")" + model.string() + "\"}");
  expect_nothing();
  EXPECT_NE(reason_of(filter.get()).find("damaged.tflite"), std::string::npos);
}

TEST_F(ObsFilter, FormatOfTenBitsShowsNothing) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_I010), R"({"model": "selfie-landscape"})");
  expect_nothing();
  EXPECT_NE(reason_of(filter.get()).find("format"), std::string::npos);
  ObsHost::set_frame(camera_.get(), frame(VIDEO_FORMAT_I420));
  expect_person();
  EXPECT_EQ(reason_of(filter.get()), "");
}

TEST_F(ObsFilter, HighDynamicRangeShowsNothing) {
  const auto hdr = frame(VIDEO_FORMAT_NV12);
  hdr->get().trc = VIDEO_TRC_PQ;
  const Source filter = show_camera(hdr, R"({"model": "selfie-landscape"})");
  expect_nothing();
  EXPECT_NE(reason_of(filter.get()).find("HDR"), std::string::npos);
}

TEST_F(ObsFilter, SettingsChangeWhileFramesPass) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  expect_person();
  for (const char* json :
       {R"({"background": "color"})", R"({"background": "transparent"})",
        R"({"background": "blur", "strength": 20})", R"({"refinement": true})",
        R"({"only_front": true})", R"({"model": "mlkit"})", R"({"model": "selfie-landscape"})"}) {
    obs_source_update(filter.get(), settings(json).get());
    expect_person();
  }
  obs_source_update(filter.get(), settings(R"({"background": "image", "image": "gone"})").get());
  wait_for_nothing();
  expect_nothing();
  EXPECT_NE(reason_of(filter.get()).find("gone"), std::string::npos);
  obs_source_update(filter.get(), settings(R"({"background": "blur"})").get());
  expect_person();
}

TEST_F(ObsFilter, HiddenAndShownAgain) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  for (int i = 0; i < 5; ++i) {
    expect_person(2);
    host_->show(nullptr);
    wait_for_nothing();
    host_->show(camera_.get());
  }
  expect_person();
}

// What was finished before is not seen for a moment when the source comes back.
TEST_F(ObsFilter, NothingOldIsShownAgain) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  const auto wall = std::make_shared<TestFrame>(std::vector<std::uint8_t>(picture_->size(), 20),
                                                kWidth, kHeight, VIDEO_FORMAT_NV12);
  for (const bool hides : {true, false, true, false}) {
    ObsHost::set_frame(camera_.get(), frame(VIDEO_FORMAT_NV12));
    expect_person();
    if (hides) host_->show(nullptr);
    if (!hides) obs_source_set_enabled(filter.get(), false);
    ObsHost::set_frame(camera_.get(), wall);
    wait_for_frames(10);
    if (hides) host_->show(camera_.get());
    if (!hides) obs_source_set_enabled(filter.get(), true);
    int frames = 0, person = 0;
    EXPECT_TRUE(host_->watch([&](const Sight& sight) {
      person += is_person(sight);
      return ++frames == 10;
    }));
    EXPECT_EQ(person, 0) << (hides ? "hidden" : "switched off");
  }
}

TEST_F(ObsFilter, SizeChanges) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  expect_person();
  std::vector<std::uint8_t> half(std::size_t{4} * (kWidth / 2) * kHeight);
  for (int y = 0; y < kHeight; ++y) {
    const std::uint8_t* row = picture_->data() + 4 * (y * kWidth + kWidth / 4);
    std::copy_n(row, 4 * (kWidth / 2), half.data() + 4 * (y * (kWidth / 2)));
  }
  const auto narrow = std::make_shared<TestFrame>(half, kWidth / 2, kHeight, VIDEO_FORMAT_I420);
  int room = 0;
  for (int i = 0; i < 6; ++i) {
    ObsHost::set_frame(camera_.get(), i % 2 ? frame(VIDEO_FORMAT_NV12) : narrow);
    int frames = 0;
    EXPECT_TRUE(host_->watch([&](const Sight& sight) {
      room += sight.room;
      return ++frames == 10;
    }));
  }
  EXPECT_EQ(room, 0);
  expect_person();
}

TEST_F(ObsFilter, SwitchedOffAndOnAgain) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  expect_person();
  for (int i = 0; i < 5; ++i) {
    obs_source_set_enabled(filter.get(), false);
    EXPECT_TRUE(host_->watch([](const Sight& sight) { return sight.room; }));  // as asked for
    obs_source_set_enabled(filter.get(), true);
    // Frames that OBS had drawn by then are still to come.
    EXPECT_TRUE(host_->watch([](const Sight& sight) { return !sight.room; }));
    expect_person();
  }
}

// The room's last frame is still in the source's texture when the filter comes.
TEST_F(ObsFilter, AddedToASourceThatIsShown) {
  camera_ = host_->make_camera(frame(VIDEO_FORMAT_NV12));
  host_->show(camera_.get());
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(host_->watch([](const Sight& sight) { return sight.room; }));
    const Source filter = add_filter(
        i % 4 == 3 ? kScene : kAsync,
        i % 2 ? R"({"model": "selfie-landscape"})" : R"({"model": "file", "model_file": "none"})");
    EXPECT_TRUE(host_->watch([](const Sight& sight) { return !sight.room; }));
    if (i % 2) {
      expect_person(2);
    } else {
      expect_nothing(5);
    }
    obs_source_filter_remove(camera_.get(), filter.get());
  }
}

// Whichever was added first.
TEST_F(ObsFilter, EffectsAreDrawnAfterTheFilter) {
  camera_ = host_->make_camera(frame(VIDEO_FORMAT_NV12));
  const Source first = add_filter("test_effect", "{}");
  const Source other = add_filter(kAsync, R"({"model": "selfie-landscape"})");
  const Source filter = add_filter(kAsync, R"({"model": "selfie-landscape"})");
  obs_source_set_enabled(filter.get(), false);
  const Source last = add_filter("test_effect", "{}");
  host_->show(camera_.get());
  expect_person();
  EXPECT_EQ(obs_filter_get_target(last.get()), first.get());
  EXPECT_EQ(obs_filter_get_target(first.get()), filter.get());
  EXPECT_EQ(obs_filter_get_target(filter.get()), other.get());
  EXPECT_EQ(obs_filter_get_target(other.get()), camera_.get());
  const int drawn = ObsHost::effects_drawn;
  wait_for_frames(5);
  EXPECT_GE(ObsHost::effects_drawn, drawn + 4);
}

// The media source does so when it seeks while paused, and OBS asks no filter.
TEST_F(ObsFilter, FrameThatPassesByTheFilterIsNotShown) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  expect_person();
  const auto raw = frame(VIDEO_FORMAT_NV12);
  int room = 0, frames = 0;
  std::atomic<bool> stopped{false};
  std::thread seeker([&] {
    while (!stopped) {
      obs_source_set_video_frame(camera_.get(), &raw->get());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_TRUE(host_->watch([&](const Sight& sight) {
    room += sight.room;
    return ++frames == 40;
  }));
  stopped = true;
  seeker.join();
  EXPECT_EQ(room, 0);
}

TEST_F(ObsFilter, SourceThatEndsShowsNothing) {
  const Source filter = show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})");
  expect_person();
  ObsHost::set_frame(camera_.get(), nullptr);
  wait_for_nothing();
  expect_nothing();
  ObsHost::set_frame(camera_.get(), frame(VIDEO_FORMAT_NV12));
  expect_person();
}

// The worker waits for a model that never comes: OBS goes on.
TEST_F(ObsFilter, OBSDoesNotWaitForTheWorker) {
  const fs::path model = folder_ / "slow.tflite";
  ASSERT_EQ(mkfifo(model.c_str(), 0600), 0);
  const Source filter = show_camera(
      frame(VIDEO_FORMAT_NV12), R"({"model": "file", "model_file": ")" + model.string() + "\"}");
  expect_nothing(60);
  std::ofstream(model) << "now";  // lets it go on
  obs_source_update(filter.get(), settings(R"({"model": "selfie-landscape"})").get());
  expect_person();
}

TEST_F(ObsFilter, SceneFilterOfACamera) {
  show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "selfie-landscape"})", kScene);
  expect_person();
}

TEST_F(ObsFilter, SceneFilterHasTheRightColors) {
  show_camera(frame(VIDEO_FORMAT_BGRX),
              R"({"model": "selfie-landscape", "background": "color", "color": 4284522544})",
              kScene);
  Sight sight;
  expect_person(5, &sight);
  EXPECT_TRUE(is_near(sight.beside, {0x60, 0xa0, 0x30}, 4))
      << sight.beside.blue << " " << sight.beside.green << " " << sight.beside.red;
}

TEST_F(ObsFilter, SceneFilterOfAScene) {
  camera_ = host_->make_camera(frame(VIDEO_FORMAT_NV12));
  obs_scene_t* scene = obs_scene_create("scene");
  obs_scene_add(scene, camera_.get());
  obs_source_t* source = obs_scene_get_source(scene);
  const Source filter(obs_source_create(
      kScene, "filter",
      settings(R"({"model": "selfie-landscape", "background": "transparent"})").get(), nullptr));
  obs_source_filter_add(source, filter.get());
  host_->show(source);
  Sight sight;
  expect_person(5, &sight);
  EXPECT_TRUE(is_near(sight.beside, {0, 0, 0}, 1));
  for (int i = 0; i < 5; ++i) {
    host_->show(nullptr);
    wait_for_nothing();
    host_->show(source);
    expect_person(2);
  }
  host_->show(nullptr);
  obs_source_filter_remove(source, filter.get());
  obs_scene_release(scene);
}

TEST_F(ObsFilter, SceneFilterWithoutAModelShowsNothing) {
  const Source filter =
      show_camera(frame(VIDEO_FORMAT_NV12), R"({"model": "file", "model_file": "none"})", kScene);
  expect_nothing();
  EXPECT_NE(reason_of(filter.get()), "");
}

}  // namespace
}  // namespace backdrop::test
