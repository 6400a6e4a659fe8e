#include "failure.h"
#include "job.h"

namespace backdrop::cli {
namespace {

constexpr int kThreads = 1;

void check_output(const Job& job) {
  const PictureFormat format = format_of(job.output);
  if (!job.background && format != PictureFormat::kPng) {
    throw WrongCall(job.output + ": a matte is written as .png");
  }
  if (job.is_transparent() && format == PictureFormat::kJpeg) {
    throw WrongCall(job.output + ": JPEG has no transparency; write a .png");
  }
  if (job.background && std::holds_alternative<BackgroundVideo>(*job.background)) {
    throw WrongCall(job.output + ": a photo can't have a video behind it");
  }
}

}  // namespace

void process_photo(const Job& job, Progress& progress) {
  check_output(job);
  Engine engine = make_engine(job, kThreads, progress);
  progress.stage("reading " + job.input);
  Picture photo = read_picture(job.input, progress, decode_other_picture);
  set_background(engine, job, photo.profile, progress);
  if (job.rendering.gpu) engine.use_gpu(job.rendering.light_wrapping);
  progress.stage("finding the person in " + job.input);
  naming(job.input, [&] { engine.process(photo); });
  progress.stage("writing " + job.output);
  if (job.background) return write_picture(job.output, photo);
  std::vector<std::uint8_t> matte(photo.rgba.size() / 4);
  engine.matte(photo.width, photo.height, matte.data(), photo.width);
  write_grey_png(job.output, photo, matte);
}

}  // namespace backdrop::cli
