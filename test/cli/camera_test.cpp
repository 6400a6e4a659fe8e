// Parts of the virtual camera: what is shown, and that the room is not.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "backlog.h"
#include "camera_control.h"
#include "camera_feed.h"
#include "camera_input.h"
#include "camera_stage.h"
#include "camera_worker.h"
#include "failure.h"
#include "person_network.h"
#include "still_pictures.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Colours of BT.601.
struct Yuv {
  int y, u, v;
  bool operator==(const Yuv&) const = default;
};
constexpr Yuv kRoom{145, 54, 34};     // green
constexpr Yuv kPerson{81, 90, 240};   // red, as the network likes it
constexpr Yuv kBehind{41, 240, 110};  // blue
constexpr std::uint32_t kBehindRgb = 0x0000ff;

using Paint = std::function<Yuv(int x, int y)>;

FramePtr painted(int width, int height, const Paint& paint) {
  FramePtr frame = make_frame(AV_PIX_FMT_YUV420P, width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Yuv color = paint(x, y);
      frame->data[0][y * frame->linesize[0] + x] = static_cast<std::uint8_t>(color.y);
      frame->data[1][y / 2 * frame->linesize[1] + x / 2] = static_cast<std::uint8_t>(color.u);
      frame->data[2][y / 2 * frame->linesize[2] + x / 2] = static_cast<std::uint8_t>(color.v);
    }
  }
  return frame;
}

FramePtr plain(int width, int height, const Yuv& color) {
  return painted(width, height, [&](int, int) { return color; });
}

Yuv pixel(const AVFrame& frame, int x, int y) {
  return {frame.data[0][y * frame.linesize[0] + x],
          frame.data[1][y / 2 * frame.linesize[1] + x / 2],
          frame.data[2][y / 2 * frame.linesize[2] + x / 2]};
}

// How much of a picture is green.
double room_in(const AVFrame& frame) {
  int count = 0;
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const Yuv color = pixel(frame, x, y);
      count += color.u < 100 && color.v < 100 ? 1 : 0;
    }
  }
  return count / (1.0 * frame.width * frame.height);
}

bool are_equal(const AVFrame& a, const AVFrame& b) {
  if (a.width != b.width || a.height != b.height) return false;
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      if (pixel(a, x, y) != pixel(b, x, y)) return false;
    }
  }
  return true;
}

// A folder of this process's own, with a model.
class CameraTest : public testing::Test {
 protected:
  CameraTest() {
    std::string name = (fs::temp_directory_path() / "backdrop-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    const auto model = test::person_network(64, 64);
    write(path("person.tflite"), {model.begin(), model.end()});
    setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
  }
  ~CameraTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  // A clip of the format of YUV4MPEG.
  static void write_clip(const std::string& path, const AVFrame& frame, int count, int rate) {
    std::string bytes = "YUV4MPEG2 W" + std::to_string(frame.width) + " H" +
                        std::to_string(frame.height) + " F" + std::to_string(rate) +
                        ":1 C420jpeg\n";
    for (int i = 0; i < count; ++i) {
      bytes += "FRAME\n";
      for (int plane = 0; plane < 3; ++plane) {
        const int shift = plane == 0 ? 0 : 1;
        for (int y = 0; y < frame.height >> shift; ++y) {
          const std::uint8_t* row = frame.data[plane] + y * frame.linesize[plane];
          bytes.append(row, row + (frame.width >> shift));
        }
      }
    }
    write(path, bytes);
  }

  CameraArguments arguments(Background background) const {
    CameraArguments arguments;
    arguments.model.model = path("person.tflite");
    arguments.settings.background = std::move(background);
    return arguments;
  }

  fs::path folder_;
  Progress progress_;
};

// --- The feed ---

TEST(CameraFeed, ShowsACardBeforeTheFirstPicture) {
  CameraFeed feed(64, 48);
  EXPECT_TRUE(are_equal(*feed.latest().picture, *draw_card(64, 48)));
}

TEST(CameraFeed, NumbersNewPictures) {
  CameraFeed feed(64, 48);
  int told = 0;
  feed.on_new_picture([&] { ++told; });
  const std::uint64_t first = feed.number();
  feed.show(*plain(64, 48, kPerson));
  EXPECT_GT(feed.number(), first);
  EXPECT_EQ(feed.latest().number, feed.number());
  const std::uint64_t second = feed.number();
  feed.hide();
  EXPECT_GT(feed.number(), second);
  feed.hide();
  EXPECT_EQ(told, 2);
}

TEST(CameraFeed, LeavesABlurredStill) {
  const FramePtr picture =
      painted(640, 360, [](int x, int y) { return Yuv{(x / 8 + y / 8) % 2 * 219 + 16, 128, 128}; });
  for (const bool is_silent : {false, true}) {
    CameraFeed feed(640, 360);
    feed.show(*picture);
    EXPECT_TRUE(are_equal(*feed.latest().picture, *picture));
    is_silent ? std::this_thread::sleep_for(1100ms) : feed.hide();
    const FramePtr still = feed.latest().picture;
    for (int x = 0; x < 640; ++x)
      EXPECT_NEAR(still->data[0][100 * still->linesize[0] + x], 125, 30);
    EXPECT_TRUE(are_equal(*feed.latest().picture, *still));
  }
}

TEST(CameraFeed, LeavesNoStillOfTheRoom) {
  CameraFeed feed(64, 48);
  feed.show(*plain(64, 48, kBehind));
  feed.hide();
  feed.show(*plain(64, 48, kRoom), CameraFeed::Content::kRoom);
  EXPECT_EQ(room_in(*feed.latest().picture), 1);
  feed.hide();
  EXPECT_TRUE(are_equal(*feed.latest().picture, *draw_card(64, 48)));
}

TEST(CameraFeed, TakesTheRoomAwayWhenItIsNotWantedAnyMore) {
  CameraFeed feed(64, 48);
  feed.show(*plain(64, 48, kRoom), CameraFeed::Content::kRoom);
  feed.outdate();
  EXPECT_TRUE(are_equal(*feed.latest().picture, *draw_card(64, 48)));
}

TEST(CameraFeed, LeavesNoStillOfOtherSettings) {
  CameraFeed feed(64, 48);
  feed.show(*plain(64, 48, kBehind));
  feed.outdate();
  EXPECT_EQ(pixel(*feed.latest().picture, 1, 1), kBehind) << "until another one comes";
  feed.hide();
  EXPECT_TRUE(are_equal(*feed.latest().picture, *draw_card(64, 48)));
  feed.show(*plain(64, 48, kBehind));
  feed.hide();
  feed.outdate();
  EXPECT_TRUE(are_equal(*feed.latest().picture, *draw_card(64, 48)));
}

TEST(CameraFeed, TakesASlowCameraForNoneThatStands) {
  CameraFeed feed(64, 48);
  for (int i = 0; i < 2; ++i) {
    feed.show(*plain(64, 48, kPerson));
    std::this_thread::sleep_for(1100ms);
  }
  const std::uint64_t number = feed.number();
  EXPECT_EQ(pixel(*feed.latest().picture, 1, 1), kPerson);
  EXPECT_EQ(feed.number(), number) << "no still between two pictures";
}

// --- The stage ---

class CameraStageTest : public CameraTest {};

TEST_F(CameraStageTest, TurnsTwice) {
  const FramePtr picture =
      painted(64, 64, [](int x, int y) { return Yuv{16 + 3 * x, 16 + y / 2 * 2, 128}; });
  CameraStage stage(arguments(Unchanged{}), 64, 64, progress_);
  for (const bool is_file_mirrored : {false, true}) {
    for (const int file_rotation : {0, 90, 180, 270}) {
      for (const bool is_mirrored : {false, true}) {
        for (const int rotation : {0, 90, 180, 270}) {
          stage.change({.is_mirrored = is_mirrored, .rotation = rotation});
          const Orientation of_file{file_rotation, is_file_mirrored};
          const FramePtr twice = turned(*turned(*picture, of_file), {rotation, is_mirrored});
          EXPECT_TRUE(are_equal(*stage.process(*picture, of_file), *twice))
              << file_rotation << is_file_mirrored << rotation << is_mirrored;
        }
      }
    }
  }
}

TEST_F(CameraStageTest, TurnsWhatIsNotSquare) {
  const FramePtr picture =
      painted(32, 64, [](int x, int y) { return Yuv{16 + 3 * x, 128, 16 + y}; });
  CameraStage stage(arguments(Unchanged{}), 64, 32, progress_);
  stage.change({.rotation = 90});
  EXPECT_TRUE(are_equal(*stage.process(*picture, {}), *turned(*picture, {90, false})));
}

TEST_F(CameraStageTest, CropsBeforeItTurns) {
  const FramePtr picture = painted(64, 64, [](int x, int y) {
    return x < 32 ? (y < 32 ? kRoom : kPerson) : (y < 32 ? kBehind : Yuv{128, 128, 128});
  });
  CameraStage stage(arguments(Unchanged{}), 64, 64, progress_);
  stage.change({.rotation = 90, .crop = CameraCrop{0.5F, 0, 0.5F, 0.5F}});
  EXPECT_EQ(pixel(*stage.process(*picture, {}), 32, 32), kBehind);
  stage.change({.rotation = 0, .crop = CameraCrop{0, 0.5F, 1, 0.5F}});
  const FramePtr out = stage.process(*picture, {});
  EXPECT_EQ(pixel(*out, 4, 4), (Yuv{16, 128, 128})) << "another shape has black beside it";
  EXPECT_EQ(pixel(*out, 16, 32), kPerson);
}

TEST_F(CameraStageTest, TakesAnySize) {
  CameraStage stage(arguments(BackgroundColor{kBehindRgb}), 64, 48, progress_);
  for (const CameraCrop& crop : {CameraCrop{}, CameraCrop{0.999F, 0.999F, 0.001F, 0.001F},
                                 CameraCrop{0.3F, 0.1F, 0.5F, 0.7F}}) {
    stage.change({.crop = crop});
    for (const auto& [width, height] : std::vector<std::pair<int, int>>{
             {1, 1}, {2, 2}, {1, 2}, {3, 5}, {7, 1}, {63, 47}, {641, 361}, {2000, 2}, {4, 3000}}) {
      for (const AVPixelFormat format :
           {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUYV422, AV_PIX_FMT_NV12, AV_PIX_FMT_RGBA,
            AV_PIX_FMT_YUVA420P, AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_GRAY8, AV_PIX_FMT_YUVJ422P}) {
        FramePtr frame = make_frame(format, width, height);
        for (int plane = 0; plane < 4; ++plane) {
          if (frame->buf[plane]) std::memset(frame->buf[plane]->data, 0, frame->buf[plane]->size);
        }
        const FramePtr out = stage.process(*frame, {90, true});
        EXPECT_EQ(out->width, 64);
        EXPECT_LT(room_in(*out), 0.01) << width << "x" << height << " " << name_of(format);
      }
    }
  }
}

TEST_F(CameraStageTest, PutsTheBackgroundBehindAPerson) {
  const FramePtr picture = painted(64, 64, [](int x, int) { return x < 32 ? kRoom : kPerson; });
  CameraStage stage(arguments(BackgroundColor{kBehindRgb}), 64, 64, progress_);
  EXPECT_FALSE(stage.shows_room());
  EXPECT_LT(room_in(*stage.process(*picture, {})), 0.1);
  stage.change({.background = Unchanged{}});
  EXPECT_TRUE(stage.shows_room());
  EXPECT_GT(room_in(*stage.process(*picture, {})), 0.4);
}

TEST_F(CameraStageTest, ChangesNothingWhereAChangeFails) {
  CameraStage stage(arguments(BackgroundColor{kBehindRgb}), 64, 64, progress_);
  const FramePtr room = plain(64, 64, kRoom);
  EXPECT_THROW(stage.change({.background = BackgroundImage{path("nowhere.png")}}), Failure);
  EXPECT_THROW(stage.change({.background = Unchanged{}, .model = path("nowhere.tflite")}), Failure);
  EXPECT_FALSE(stage.shows_room());
  EXPECT_EQ(room_in(*stage.process(*room, {})), 0);
}

TEST_F(CameraStageTest, RefusesColoursThatWouldComeOutWrong) {
  CameraStage stage(arguments(BackgroundColor{kBehindRgb}), 64, 64, progress_);
  const FramePtr frame = plain(64, 64, kRoom);
  frame->color_trc = AVCOL_TRC_SMPTE2084;
  EXPECT_THROW(stage.process(*frame, {}), Failure);
}

TEST_F(CameraStageTest, ComesBackWhenABackgroundVideoFailsAndIsThereAgain) {
  const std::string clip = path("behind.y4m");
  write_clip(clip, *plain(64, 64, kBehind), 2, 20);
  CameraStage stage(arguments(BackgroundVideo{{.path = clip}}), 64, 64, progress_);
  const FramePtr room = plain(64, 64, kRoom);
  EXPECT_EQ(room_in(*stage.process(*room, {})), 0);
  fs::remove(clip);
  std::this_thread::sleep_for(300ms);
  EXPECT_THROW(stage.process(*room, {}), Failure);
  EXPECT_THROW(stage.process(*room, {}), Failure);
  write_clip(clip, *plain(64, 64, kBehind), 2, 20);
  EXPECT_EQ(room_in(*stage.process(*room, {})), 0);
}

TEST_F(CameraStageTest, WaitsForNoPipe) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  CameraStage stage(arguments(BackgroundColor{kBehindRgb}), 64, 64, progress_);
  EXPECT_THROW(stage.change({.background = BackgroundImage{path("fifo")}}), Failure);
  EXPECT_THROW(stage.change({.background = BackgroundVideo{{.path = path("fifo")}}}), Failure);
}

// --- The worker ---

template <typename Happens>
void wait_until(const Happens& happens) {
  for (int i = 0; i < 1000 && !happens(); ++i) std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(happens());
}

class CameraWorkerTest : public CameraTest {
 protected:
  // A camera whose source is a clip of the room.
  void begin(Background background, int rate = 30) {
    write_clip(path("room.y4m"), *plain(64, 64, kRoom), 30, rate);
    stage_ = std::make_unique<CameraStage>(arguments(std::move(background)), 64, 64, progress_);
    worker_ = std::make_unique<CameraWorker>(
        feed_, *stage_, CameraRequest{.from = path("room.y4m")}, [] { return std::string(); }, true,
        progress_);
    worker_->start();
  }

  double shown_room() { return room_in(*feed_.latest().picture); }

  CameraFeed feed_{64, 64};
  std::unique_ptr<CameraStage> stage_;
  std::unique_ptr<CameraWorker> worker_;
};

TEST_F(CameraWorkerTest, ShowsNothingNewWhenTheStageFails) {
  const std::string clip = path("behind.y4m");
  write_clip(clip, *plain(64, 64, kBehind), 2, 20);
  begin(BackgroundVideo{{.path = clip}});
  feed_.on_new_picture([this] { EXPECT_EQ(shown_room(), 0); });
  wait_until([&] { return feed_.number() > 5; });
  fs::remove(clip);
  wait_until([&] { return worker_->state().find("behind.y4m: ") != std::string::npos; });
  const std::uint64_t number = feed_.number();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(feed_.number(), number);
  worker_->end();
}

TEST_F(CameraWorkerTest, TakesTheRoomAwayBeforeAChangeIsMade) {
  constexpr int kSlow = 2;  // pictures a second
  begin(Unchanged{}, kSlow);
  wait_until([&] { return shown_room() == 1; });
  worker_->change({.background = BackgroundColor{kBehindRgb}});
  EXPECT_EQ(shown_room(), 0);
  worker_->end();
  EXPECT_EQ(shown_room(), 0);
}

TEST_F(CameraWorkerTest, SaysWhatItCanNotChange) {
  begin(BackgroundColor{kBehindRgb});
  EXPECT_THROW(worker_->change({.background = BackgroundImage{path("nowhere.png")}}), Failure);
  worker_->change({.is_mirrored = true});
  worker_->end();
}

// --- The source ---

class CameraInputTest : public CameraTest {};

TEST_F(CameraInputTest, ShowsEachPictureForItsTime) {
  write_clip(path("one.y4m"), *plain(16, 16, kRoom), 1, 10);
  CameraInput input({.from = path("one.y4m")});
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) input.read();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 390ms);
}

TEST_F(CameraInputTest, RefusesWhatHasNoEnd) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  for (const std::string& from :
       {path("fifo"), path("nowhere"), folder_.string(), std::string("-")}) {
    EXPECT_THROW(CameraInput({.from = from}), Failure) << from;
  }
}

// A picture that threads of FFmpeg can decode several of at a time, as they can of H.264.
struct CodedPicture {
  CodedPicture() {
    codec.reset(avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_PNG)));
    codec->width = codec->height = 64;
    codec->pix_fmt = AV_PIX_FMT_GRAY8;
    codec->time_base = {1, 30};
    check_av(avcodec_open2(codec.get(), nullptr, nullptr));
    const FramePtr frame = make_frame(AV_PIX_FMT_GRAY8, 64, 64);
    std::memset(frame->buf[0]->data, 0, frame->buf[0]->size);
    frame->pts = 0;
    check_av(avcodec_send_frame(codec.get(), frame.get()));
    check_av(avcodec_receive_packet(codec.get(), packet.get()));
    stream = avformat_new_stream(file, nullptr);
    check_av(avcodec_parameters_from_context(stream->codecpar, codec.get()));
    stream->time_base = codec->time_base;
  }
  ~CodedPicture() { avformat_free_context(file); }
  CodedPicture(const CodedPicture&) = delete;
  CodedPicture& operator=(const CodedPicture&) = delete;

  CodecPtr codec;
  PacketPtr packet = make_packet();
  AVFormatContext* file = avformat_alloc_context();
  AVStream* stream = nullptr;
};

// pw-v4l2 unmaps a camera's buffers when the camera goes.
TEST(OwnData, OutlivesTheMemoryThatWasLent) {
  std::vector<std::uint8_t> lent{1, 2, 3};
  const auto take_back = [](void* opaque, std::uint8_t*) {
    static_cast<std::vector<std::uint8_t>*>(opaque)->clear();
  };
  const PacketPtr packet = make_packet();
  packet->buf = av_buffer_create(lent.data(), lent.size(), take_back, &lent, 0);
  packet->data = lent.data();
  packet->size = 3;
  own_data(*packet);
  EXPECT_TRUE(lent.empty()) << "a device gets its buffer back at once";
  ASSERT_EQ(packet->size, 3);
  EXPECT_EQ(std::vector(packet->data, packet->data + 3), (std::vector<std::uint8_t>{1, 2, 3}));
}

TEST(VideoDecoder, GivesALivePictureAtOnce) {
  const CodedPicture coded;
  VideoDecoder decoder(*coded.file, *coded.stream, VideoDecoder::Delay::kLeast);
  int pictures = 0;
  decoder.decode(coded.packet.get(), [&](const FramePtr&) { ++pictures; });
  EXPECT_EQ(pictures, 1);
}

// --- Calls ---

class CameraControlTest : public CameraTest {
 protected:
  using Answer = std::function<std::string(const CameraCall&)>;

  // What a call gets from a camera that answers so.
  static std::string call(const Answer& answer,
                          const std::vector<std::string>& words = {"status"}) {
    CameraControl control("test");
    const std::jthread camera([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) control.serve(answer);
    });
    return call_camera("test", words);
  }

  std::string socket_path() const { return path("backdrop/test.socket"); }
};

TEST_F(CameraControlTest, PassesWordsAndFolder) {
  const std::vector<std::string> words = {"set", "--image", "", "a b\n", "\xff"};
  CameraCall called;
  EXPECT_EQ(call([&](const CameraCall& got) { return called = got, std::string("done"); }, words),
            "done");
  EXPECT_EQ(called.words, words);
  EXPECT_EQ(called.folder, fs::current_path().string());
}

TEST_F(CameraControlTest, OutlivesACallThatFails) {
  const auto reason_of = [](const Answer& answer) {
    try {
      return call(answer);
    } catch (const Failure& failure) {
      return "failed: " + std::string(failure.what());
    }
  };
  EXPECT_EQ(reason_of([](const CameraCall&) -> std::string { throw WrongCall("why"); }),
            "failed: why");
  EXPECT_EQ(reason_of([](const CameraCall&) -> std::string { throw std::bad_alloc(); }),
            "failed: there is not enough memory");
  EXPECT_EQ(reason_of([](const CameraCall&) -> std::string { throw std::out_of_range("what"); }),
            "failed: what");
}

TEST_F(CameraControlTest, IsTheOnlyOneOfItsName) {
  const CameraControl control("test");
  EXPECT_THROW(CameraControl("test"), Failure);
  EXPECT_EQ(running_cameras(), std::vector<std::string>{"test"});
  const CameraControl other("other");
}

TEST_F(CameraControlTest, IsForItsUserAlone) {
  const CameraControl control("test");
  struct stat status{};
  ASSERT_EQ(stat(socket_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0077, 0U);
}

// A socket on which nobody accepts calls: that of a camera that was stopped.
class SilentSocket {
 public:
  explicit SilentSocket(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    fs::create_directories(fs::path(path).parent_path());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd_, 0), 0);
  }
  ~SilentSocket() { close(fd_); }
  SilentSocket(const SilentSocket&) = delete;
  SilentSocket& operator=(const SilentSocket&) = delete;

 private:
  int fd_;
};

TEST_F(CameraControlTest, TakesThePlaceOfOneThatWasKilled) {
  {
    const SilentSocket killed(socket_path());
  }
  EXPECT_TRUE(running_cameras().empty());
  const CameraControl control("test");
  EXPECT_EQ(running_cameras(), std::vector<std::string>{"test"});
}

TEST_F(CameraControlTest, DoesNotWaitForEverForOneThatHangs) {
  const SilentSocket hanging(socket_path());
  for (int i = 0; i < 4; ++i) {  // from the second or third on it takes no call any more
    EXPECT_THROW(call_camera("test", {"status"}, std::chrono::seconds(1)), Failure);
  }
  EXPECT_THROW(CameraControl("test"), Failure) << "it runs";
}

TEST_F(CameraControlTest, SaysWhyThereIsNoFolder) {
  write(path("backdrop"), "a file");
  try {
    CameraControl("test");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.what(), path("backdrop") + ": Not a directory");
  }
}

TEST_F(CameraControlTest, RefusesNamesThatAreNone) {
  for (const char* name : {"", "..", "a/b", "a b", "\xc3\xa4"}) {
    EXPECT_THROW(CameraControl{name}, WrongCall) << name;
  }
}

// A camera of 30 pictures a second, in a time of the test's own.
struct LiveCamera {
  using Time = std::chrono::microseconds;

  Backlog backlog;
  Time now{};
  int pictures = 0;

  // Shows the next picture, which takes `work`. Returns how old it is when that begins.
  Time show(Time work) {
    constexpr Time kInterval{33'333};
    while (true) {
      const Time taken = kInterval * pictures++;
      const Time waited = std::max(taken - now, Time(0));
      now += waited;
      if (backlog.is_behind(waited)) continue;
      const Time age = now - taken;
      now += work;
      return age;
    }
  }
};

TEST(CameraBacklog, WhoKeepsPaceLosesNoPicture) {
  LiveCamera camera;
  for (int i = 0; i < 300; ++i) camera.show(20ms);
  EXPECT_EQ(camera.pictures, 300);
}

TEST(CameraBacklog, WhoIsSlowLagsNoFurther) {
  for (const auto work : {40ms, 67ms, 100ms, 130ms}) {
    LiveCamera camera;
    for (int i = 0; i < 3000; ++i) EXPECT_LE(camera.show(work), 2 * work) << i;
  }
}

TEST(CameraBacklog, ASourceThatHasAlwaysMoreIsShown) {
  Backlog backlog;
  int shown = 0;
  for (int i = 0; i < 3000; ++i) shown += backlog.is_behind(0ms) ? 0 : 1;
  EXPECT_GE(shown, 10);
}

}  // namespace
}  // namespace backdrop::cli
