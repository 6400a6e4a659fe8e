// A video from its file through the engine to another file: a thread each for reading and decoding,
// for the engine, and for encoding.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "av.h"
#include "background_clip.h"
#include "bounded_queue.h"
#include "clock_text.h"
#include "encoding.h"
#include "engine_threads.h"
#include "failure.h"
#include "file.h"
#include "frame_processor.h"
#include "job.h"
#include "last_good_frame.h"
#include "movie_writer.h"
#include "source.h"
#include "statistics.h"
#include "temporary_file.h"
#include "video_decoder.h"

namespace backdrop::cli {
namespace {

constexpr std::size_t kMostWaiting = 4;  // frames between two threads

InputFormat input_format(const std::optional<std::string>& text) {
  if (!text) return {};
  constexpr std::string_view kRaw = "yuv420p,";
  if (!text->starts_with(kRaw)) return {.name = *text};
  InputFormat::Raw raw;
  const char* end = text->data() + text->size();
  const auto width = std::from_chars(text->data() + kRaw.size(), end, raw.width);
  const bool has_x = width.ec == std::errc{} && width.ptr != end && *width.ptr == 'x';
  const auto height = std::from_chars(has_x ? width.ptr + 1 : end, end, raw.height);
  if (!has_x || height.ec != std::errc{} || height.ptr == end || *height.ptr != ',' ||
      std::min(raw.width, raw.height) < 1 || height.ptr + 1 == end) {
    throw WrongCall("--input-format: '" + *text + "' is not of the form yuv420p,WxH,RATE");
  }
  raw.rate.assign(height.ptr + 1, end);
  return {.raw = raw};
}

OutputChoice output_choice(const Job& job) {
  const VideoArguments& video = job.arguments.video;
  return {.path = job.output,
          .format = video.output_format,
          .codec = video.codec,
          .quality = video.quality,
          .is_transparent = job.is_transparent(),
          .is_grey = job.background == nullptr};
}

// The first failure of several threads.
class FirstFailure {
 public:
  template <typename Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr failure_;
};

class VideoRun {
 public:
  VideoRun(const Job& job, Progress& progress)
      : job_(job),
        progress_(progress),
        output_(output_choice(job)),
        container_(container_of(output_)),
        source_(job.input, input_format(job.arguments.video.input_format)),
        duration_(duration_of(source_.file())),
        decoder_(source_.file(), source_.video()) {}

  void run();

 private:
  void decode_first();
  void plan();
  void open_output();
  // The container's aspect ratio of a pixel goes before the codec's.
  FramePtr with_aspect(FramePtr frame) {
    frame->sample_aspect_ratio =
        av_guess_sample_aspect_ratio(&source_.file(), &source_.video(), frame.get());
    return frame;
  }
  void decode_rest();
  void process_frames(Engine engine);
  void encode_frames();
  void take_packet(PacketPtr packet);
  void tell_notes();
  void take_frame(const AVFrame& frame);
  void report(std::int64_t time);
  void finish();
  std::string losses() const;
  void note(const std::string& text) { progress_.note(job_.input + ": " + text); }
  bool is_to_file() const { return output_.path != "-" && !container_.is_pictures; }
  std::int64_t microseconds(const AVFrame& frame) const {
    return av_rescale_q(frame.pts, source_.video().time_base, kMicroseconds);
  }

  const Job& job_;
  Progress& progress_;
  OutputChoice output_;
  Container container_;
  Source source_;
  std::int64_t duration_;  // as the file says at its beginning
  VideoDecoder decoder_;

  std::vector<FramePtr> first_frames_;
  std::vector<PacketPtr> first_packets_;  // of other streams
  FramePlan plan_;
  Encoding encoding_;
  Orientation turning_;  // of the pixels, before they are encoded
  std::optional<TemporaryFile> temporary_;
  std::optional<MovieWriter> writer_;

  BoundedQueue<FramePtr> decoded_{kMostWaiting};
  BoundedQueue<FramePtr> processed_{kMostWaiting};
  FirstFailure failure_;
  LastGoodFrame fallback_;
  bool has_changed_size_ = false;

  VideoStatistics statistics_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::int64_t encoded_until_ = 0;  // microseconds
};

void VideoRun::run() {
  Engine engine = make_engine(job_, usual_engine_threads(), progress_);
  set_background(engine, job_, {}, progress_);
  naming(job_.input, [&] {
    decode_first();
    plan();
  });
  naming(job_.output, [&] { open_output(); });
  tell_notes();

  std::thread engine_thread([&, engine = std::move(engine)]() mutable {
    failure_.guard([&] { process_frames(std::move(engine)); });
    decoded_.abandon();
    processed_.finish();
  });
  std::thread encoder_thread([&] {
    failure_.guard([&] { naming(job_.output, [&] { encode_frames(); }); });
    processed_.abandon();
  });
  failure_.guard([&] { decode_rest(); });
  decoded_.finish();
  engine_thread.join();
  encoder_thread.join();
  finish();
}

void VideoRun::decode_first() {
  const Stopwatch watch(statistics_.decode);
  while (first_frames_.empty()) {
    PacketPtr packet = source_.read();
    const bool is_end = !packet;
    if (packet && !source_.is_video(*packet)) {
      first_packets_.push_back(std::move(packet));
      continue;
    }
    decoder_.decode(packet.get(),
                    [&](FramePtr frame) { first_frames_.push_back(std::move(frame)); });
    if (is_end) break;
  }
  if (!first_frames_.empty()) return;
  const std::string message = take_message();
  throw Failure("no frame of its video can be decoded" +
                (message.empty() ? std::string() : ": " + message));
}

void VideoRun::plan() {
  const AVFrame& first = *first_frames_.front();
  const std::optional<Orientation> orientation =
      orientation_of(side_data(source_.video(), AV_PKT_DATA_DISPLAYMATRIX));
  if (!orientation) note("is turned by an angle that is not a multiple of 90 degrees");
  plan_.source = without_range(static_cast<AVPixelFormat>(first.format));
  plan_.colors = colors_of(first);
  plan_.orientation = orientation.value_or(Orientation{});
  plan_.is_matte = job_.background == nullptr;
  plan_.is_transparent = output_.is_transparent;
  plan_.is_on_gpu = job_.rendering.gpu;
  if (!container_.keeps_orientation) turning_ = plan_.orientation;
  encoding_ = choose_encoding(output_, container_, plan_.source, turning_);
  plan_.output = encoding_.format;

  const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(plan_.output);
  const AVCodecID codec = encoding_.codec->id;
  const bool needs_even = codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC;
  const auto whole = [&](int size, int shift) {
    return needs_even && size > 1 ? size >> shift << shift : size;
  };
  if (av_pix_fmt_desc_get(plan_.source)->comp[0].depth > 8 && !plan_.is_matte &&
      !plan_.restores_precision()) {
    note("its channels are processed with 8 bits");
  }
  plan_.width = whole(first.width, pixels.log2_chroma_w);
  plan_.height = whole(first.height, pixels.log2_chroma_h);
  if (plan_.width != first.width || plan_.height != first.height) {
    note("its last row or column is cut off: the output's codec takes even sizes only");
  }
}

void VideoRun::open_output() {
  if (is_to_file()) temporary_.emplace(output_.path);
  FramePtr like = with_aspect(share(*first_frames_.front()));
  like->width = turning_.swaps_sides() ? plan_.height : plan_.width;
  like->height = turning_.swaps_sides() ? plan_.width : plan_.height;
  if (turning_.swaps_sides())
    std::swap(like->sample_aspect_ratio.num, like->sample_aspect_ratio.den);
  if (like->sample_aspect_ratio.num == 0) like->sample_aspect_ratio = {0, 1};
  plan_.tag(*like);
  writer_.emplace(is_to_file() ? TemporaryFile::path() : output_.path, output_, container_,
                  encoding_, source_, *like);
}

void VideoRun::take_packet(PacketPtr packet) {
  naming(job_.output, [&] { writer_->copy(*packet); });
  tell_notes();
}

void VideoRun::tell_notes() {
  for (const std::string& text : writer_->take_notes()) note(text);
}

void VideoRun::take_frame(const AVFrame& frame) {
  const bool has_size =
      frame.width == first_frames_.front()->width && frame.height == first_frames_.front()->height;
  if (!std::exchange(has_changed_size_, has_changed_size_ || !has_size) && !has_size) {
    note("its pictures change their size at " + clock_text(microseconds(frame)) +
         ", and are scaled to the first size");
  }
}

void VideoRun::decode_rest() {
  for (PacketPtr& packet : first_packets_) take_packet(std::move(packet));
  first_packets_.clear();
  bool is_wanted = true;
  const auto push = [&](FramePtr frame) {
    is_wanted = is_wanted && decoded_.push(std::move(frame));
  };
  for (const FramePtr& frame : first_frames_) push(with_aspect(share(*frame)));
  std::vector<FramePtr> ready;
  while (is_wanted && !EndingSignals::was_asked_to_end()) {
    PacketPtr packet;
    {
      const Stopwatch watch(statistics_.decode);
      packet = naming(job_.input, [&] { return source_.read(); });
      if (!packet || source_.is_video(*packet)) {
        decoder_.decode(packet.get(), [&](FramePtr frame) { ready.push_back(std::move(frame)); });
      }
    }
    for (FramePtr& frame : ready) {
      take_frame(*frame);
      push(with_aspect(std::move(frame)));
    }
    ready.clear();
    if (!packet) break;
    if (!source_.is_video(*packet)) take_packet(std::move(packet));
  }
}

void VideoRun::process_frames(Engine engine) {
  if (job_.rendering.gpu) engine.use_gpu(job_.rendering.light_wrapping);
  FrameProcessor processor(engine, plan_);
  std::optional<BackgroundClip> clip;
  const BackgroundVideo* behind =
      job_.background ? std::get_if<BackgroundVideo>(job_.background) : nullptr;
  if (behind) {
    const bool swaps = plan_.orientation.swaps_sides();
    clip.emplace(behind->picture.path, swaps ? plan_.height : plan_.width,
                 swaps ? plan_.width : plan_.height);
  }
  std::optional<std::int64_t> first;
  while (std::optional<FramePtr> frame = decoded_.pop()) {
    FramePtr done;
    {
      const Stopwatch watch(statistics_.convert);
      if (!first) first = microseconds(**frame);
      done = naming(job_.input, [&] {
        return fallback_.process(**frame, [&](const AVFrame& each) {
          const AVFrame* picture = clip ? clip->at(microseconds(each) - *first) : nullptr;
          if (picture) {
            engine.set_background_image(view(*picture, {}, {}), behind->picture,
                                        behind->picture.beside.rgb);
          }
          return processor.process(each);
        });
      });
    }
    if (!processed_.push(std::move(done))) return;
  }
  statistics_.engine = processor.engine_milliseconds();
  statistics_.convert -= statistics_.engine;
  statistics_.parts = processor.engine_parts();
}

void VideoRun::encode_frames() {
  while (std::optional<FramePtr> frame = processed_.pop()) {
    {
      const Stopwatch watch(statistics_.encode);
      const std::int64_t duration = decoder_.duration(**frame);
      const FramePtr out = turned(**frame, turning_);
      encoded_until_ =
          microseconds(*out) + av_rescale_q(duration, source_.video().time_base, kMicroseconds);
      writer_->write(*out, duration);
      ++statistics_.frames;
    }
    report(encoded_until_);
  }
}

void VideoRun::report(std::int64_t time) {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double rate = static_cast<double>(statistics_.frames) / std::max(seconds, 1e-3);
  const auto all = static_cast<double>(duration_);
  char text[120];
  const double done = all > 0 ? std::clamp(static_cast<double>(time) / all, 1e-6, 1.0) : 0;
  const double size = static_cast<double>(writer_->bytes()) / 1e6;
  if (all > 0) {
    std::snprintf(text, sizeof text, "%.0f%%, %.1f frames/s, %.0f s left, %.1f MB", 100 * done,
                  rate, seconds / done - seconds, size);
  } else {
    std::snprintf(text, sizeof text, "%.1f frames/s, %.1f MB", rate, size);
  }
  progress_.stage(job_.input + ": " + text);
}

std::string VideoRun::losses() const {
  std::string text;
  const auto add = [&](const std::string& loss) { text += (text.empty() ? "" : "; ") + loss; };
  if (EndingSignals::was_asked_to_end() && !source_.is_at_end())
    add("was stopped at " + clock_text(encoded_until_));
  else if (!source_.loss().empty())
    add(source_.loss());
  if (decoder_.damaged() > 0) {
    add(std::to_string(decoder_.damaged()) + " of its " +
        std::to_string(std::max(decoder_.frames(), decoder_.damaged())) + " frames are damaged");
  }
  if (writer_->lost_packets() > 0) {
    add(std::to_string(writer_->lost_packets()) + " packets of its other streams are damaged");
  }
  if (fallback_.failures() > 0) {
    add(std::to_string(fallback_.failures()) +
        " of its frames could not be processed, and show the frame before: " + fallback_.reason());
  }
  return text;
}

void VideoRun::finish() {
  failure_.rethrow();
  naming(job_.output, [&] {
    const Stopwatch watch(statistics_.encode);
    writer_->finish();
    if (temporary_) temporary_->take_place();
  });
  using Milliseconds = std::chrono::duration<double, std::milli>;
  statistics_.wall = Milliseconds(std::chrono::steady_clock::now() - start_).count();
  statistics_.damaged = decoder_.damaged();
  statistics_.shown_again = fallback_.failures();
  statistics_.bytes = writer_->bytes();
  if (const auto& path = job_.arguments.video.statistics) {
    const std::string json = statistics_.json();
    naming(*path, [&] {
      write_file(*path, {reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
    });
  }
  const std::string loss = losses();
  if (loss.empty()) return;
  throw Failure(job_.input + ": " + loss + "; " +
                (output_.path == "-" ? "the output" : output_.path) + " has the rest");
}

}  // namespace

void process_video(const Job& job, Progress& progress) {
  const EndingSignals signals(EndingSignals::Manner::kGently);
  progress.stage("reading " + job.input);
  std::optional<VideoRun> run;
  naming(job.input, [&] { run.emplace(job, progress); });
  run->run();
}

}  // namespace backdrop::cli
