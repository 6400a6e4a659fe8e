#include "measurement.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "coded_video.h"
#include "engine_run.h"
#include "failure.h"
#include "meter.h"
#include "metrics/edge_metrics.h"

namespace backdrop::quality {
namespace {

// The number of the room: pairs of a person and a room repeat only after all of them.
std::size_t room_of(int take, const Material& material) {
  const auto number = static_cast<std::size_t>(take);
  const std::size_t rooms = material.backgrounds.size();
  return (number + number / std::lcm(material.people.size(), rooms)) % rooms;
}

std::vector<Image> people_from(int take, const Material& material) {
  std::vector<Image> people = material.people;
  std::ranges::rotate(people, people.begin() + take % static_cast<int>(people.size()));
  return people;
}

// A scene's frames in their order, through the sequence's codec.
class Footage {
 public:
  Footage(const Scene& scene, const Sequence& sequence, const Film& film) : scene_(scene) {
    if (sequence.codec.empty()) return;
    video_.emplace(sequence.codec, VideoFormat{film.width, film.height, film.fps}, scene.frames(),
                   [&](int number) { return scene.picture(number); });
  }

  cli::Picture next_picture() {
    const int number = number_++;
    return video_ ? video_->next() : scene_.picture(number);
  }

  KnownFrame next() {
    KnownFrame known = scene_.frame(number_++);
    if (video_) known.frame = video_->next();
    return known;
  }

 private:
  const Scene& scene_;
  std::optional<CodedVideo> video_;
  int number_ = 0;
};

Film with_seed_of(Film film, int take) {
  film.seed += static_cast<std::uint64_t>(take);
  return film;
}

// The mean of the smallest tenth, at least of one; NaN of none.
double worst_tenth(std::vector<double> values) {
  std::ranges::sort(values);
  values.resize((values.size() + 9) / 10);
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

Measurement measure_take(const Sequence& sequence, int take, const Film& film,
                         const Material& material, const cli::Model& model,
                         const Setting& setting) {
  const std::size_t room = room_of(take, material);
  const Scene scene(sequence, with_seed_of(film, take), placement_of(take),
                    people_from(take, material), material.backgrounds[room]);
  const cli::Picture new_background = to_picture(covering(
      material.backgrounds[(room + 1) % material.backgrounds.size()], film.width, film.height));
  EngineRun run(model, setting);
  run.set_new_background(new_background);
  Meter meter(colors_of(new_background));
  Measurement measurement;
  const int middle = (scene.first_measured() + scene.frames()) / 2;

  Footage footage(scene, sequence, film);
  for (int number = 0; number < scene.frames(); ++number) {
    if (number < scene.first_measured()) {
      const cli::Picture picture = footage.next_picture();
      if (setting.remembers) run.watch(picture);
      continue;
    }
    const KnownFrame known = footage.next();
    const Output output = run.process(known.frame);
    meter.add(output, known);
    ++measurement.frames;
    if (number == middle) measurement.crops = contact_rows(output, known, new_background);
  }
  measurement.scores = meter.scores();
  return measurement;
}

Measurement measure_photos(std::span<const PhotoWithMask> photos, const cli::Model& model,
                           const Setting& setting) {
  EngineRun run(model, setting);
  MeanScores means;
  std::vector<double> ious;
  for (const PhotoWithMask& pair : photos) {
    const cli::Picture photo = read_quietly(pair.photo);
    const Image mask = read_mask(pair.mask);
    if (mask.width != photo.width || mask.height != photo.height) {
      throw cli::Failure(pair.mask + ": has another size than its photo");
    }
    run.reset();
    const Scores scores = score_alpha(run.matte(photo), mask, edge_band(mask));
    means.add(scores);
    if (!std::isnan(scores[Metric::kIou])) ious.push_back(scores[Metric::kIou]);
  }
  Measurement measurement{.scores = means.mean(), .frames = photos.size()};
  measurement.scores[Metric::kIouWorstTenth] = worst_tenth(std::move(ious));
  return measurement;
}

}  // namespace backdrop::quality
