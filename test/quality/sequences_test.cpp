// Sequences of a drawn person: what is true of their frames, and what the meter makes of outputs
// that are perfect, late or wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "drawing.h"
#include "meter.h"
#include "noise.h"
#include "scene.h"
#include "sequences.h"

namespace backdrop::quality::test {
namespace {

constexpr Film kFilm{.width = 320, .height = 180, .fps = 15, .seconds = 3, .measured = 2};

const Sequence& sequence_named(std::string_view name) {
  return *std::ranges::find(sequences(), name, &Sequence::name);
}

Scene scene_of(std::string_view name, Film film = kFilm) {
  return {sequence_named(name),
          film,
          placement_of(0),
          {premultiplied(drawn_person(200))},
          drawn_room(400, 300, 25, 180)};
}

double mean(const Image& image) {
  double sum = 0;
  for (const float value : image.values) sum += value;
  return sum / static_cast<double>(image.values.size());
}

double difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += std::abs(a.values[i] - b.values[i]);
  return sum / static_cast<double>(a.values.size());
}

// What an engine would give that makes no mistakes, blur apart.
Output perfect_output(const KnownFrame& known, const Image& new_background) {
  return {.alpha = known.alpha,
          .composite = to_picture(true_composite(known, new_background)),
          .blurred = to_picture(true_composite(
              known, wide_gaussian_blur(known.background, kBlurStrength * kFilm.height / 100)))};
}

Scores score(const Scene& scene, int delay) {
  const Image new_background = drawn_room(kFilm.width, kFilm.height, 40, 220);
  Meter meter(new_background);
  for (int i = scene.first_measured(); i < scene.frames(); ++i) {
    meter.add(perfect_output(scene.frame(i - delay), new_background), scene.frame(i));
  }
  return meter.scores();
}

TEST(Meter, APerfectOutputHasNoErrors) {
  const Scores scores = score(scene_of("still"), 0);
  EXPECT_EQ(scores[Metric::kIou], 1);
  EXPECT_EQ(scores[Metric::kBoundaryF], 100);
  for (const Metric metric : {Metric::kEdge, Metric::kLag, Metric::kMad, Metric::kMse, Metric::kSad,
                              Metric::kGrad, Metric::kConn, Metric::kDtssd}) {
    EXPECT_EQ(scores[metric], 0) << static_cast<int>(metric);
  }
  EXPECT_LT(scores[Metric::kFlicker], 1);  // what changes by less than a level counts as standing
  EXPECT_LT(scores[Metric::kComposite], 0.5);  // rounding
  EXPECT_LT(scores[Metric::kHalo], 0.5);
}

TEST(Meter, ALateOutputLags) {
  const Scores scores = score(scene_of("still"), 2);
  EXPECT_EQ(scores[Metric::kLag], 2);
  EXPECT_LT(scores[Metric::kIou], 0.97);
  EXPECT_GT(scores[Metric::kEdge], 10);
  EXPECT_GT(scores[Metric::kDtssd], 1);
  EXPECT_GT(scores[Metric::kComposite], 3);
}

TEST(Meter, TheSharpRoomIsAHalo) {
  const Scene scene = scene_of("still");
  const Image new_background = drawn_room(kFilm.width, kFilm.height, 40, 220);
  Meter meter(new_background);
  const KnownFrame known = scene.frame(30);
  Output output = perfect_output(known, new_background);
  output.blurred = known.frame;
  meter.add(output, known);
  EXPECT_GT(meter.scores()[Metric::kHalo], 10);
}

TEST(Sequences, HaveNamesOfTheirOwn) {
  for (const Sequence& sequence : sequences()) {
    EXPECT_EQ(&sequence_named(sequence.name), &sequence);
    EXPECT_NE(sequence.cast, nullptr);
  }
}

TEST(Sequences, AreTheSameEveryTime) {
  for (const Sequence& sequence : sequences()) {
    const Scene scene = scene_of(sequence.name);
    EXPECT_EQ(scene.frame(20).frame.rgba, scene_of(sequence.name).frame(20).frame.rgba)
        << sequence.name;
  }
}

TEST(Sequences, OnlyTheNoiseDependsOnTheSeed) {
  Film other = kFilm;
  other.seed = 2;
  const KnownFrame a = scene_of("still").frame(20);
  const KnownFrame b = scene_of("still", other).frame(20);
  EXPECT_NE(a.frame.rgba, b.frame.rgba);
  EXPECT_EQ(a.alpha.values, b.alpha.values);
}

// Without noise and light the frame is the composite of what is said to be true of it.
TEST(Sequences, AFrameIsWhatIsKnownOfIt) {
  Film film = kFilm;
  film.noise = 0;
  for (const Sequence& sequence : sequences()) {
    if (sequence.light) continue;
    const KnownFrame known = scene_of(sequence.name, film).frame(25);
    const Image colors = colors_of(known.frame);
    EXPECT_LT(difference(colors, true_composite(known, known.background)), 0.3) << sequence.name;
  }
}

TEST(Sequences, TheCameraMovesPersonAndRoom) {
  for (const std::string_view name : {"panning", "zooming", "shaking"}) {
    const Scene scene = scene_of(name);
    const KnownFrame first = scene.frame(0);
    const KnownFrame later = scene.frame(11);  // before the person moves
    EXPECT_GT(difference(first.background, later.background), 2) << name;
    EXPECT_GT(difference(first.alpha, later.alpha), 0.002) << name;
  }
  const Scene still = scene_of("still");
  EXPECT_EQ(still.frame(0).background.values, still.frame(40).background.values);
}

TEST(Sequences, TheLightChangesTheFrameAndTheTruth) {
  for (const std::string_view name : {"changing-light", "exposure-steps"}) {
    const Scene scene = scene_of(name);
    const auto brightness = [&](int i) { return mean(scene.frame(i).background); };
    double least = 255;
    double most = 0;
    for (int i = scene.first_measured(); i < scene.frames(); ++i) {
      least = std::min(least, brightness(i));
      most = std::max(most, brightness(i));
    }
    EXPECT_GT(most / least, 1.15) << name;
  }
}

TEST(Sequences, ThePersonLeavesAndComesBack) {
  const Film film{.width = 320, .height = 180, .fps = 10, .seconds = 6, .measured = 2};
  const Scene scene = scene_of("leaving", film);
  EXPECT_GT(mean(scene.frame(20).alpha), 0.1);
  EXPECT_EQ(mean(scene.frame(scene.first_measured()).alpha), 0);
  EXPECT_GT(mean(scene.frame(scene.frames() - 1).alpha), 0.1);
}

TEST(Sequences, APasserByIsAPersonOrNot) {
  const int passing = scene_of("walking-by").first_measured() + 5;
  const KnownFrame counted = scene_of("walking-by").frame(passing);
  const KnownFrame stranger = scene_of("stranger-behind").frame(passing);
  EXPECT_EQ(counted.frame.rgba, stranger.frame.rgba);
  EXPECT_GT(mean(counted.alpha), 1.1 * mean(stranger.alpha));
  EXPECT_EQ(stranger.alpha.values, scene_of("still").frame(passing).alpha.values);
}

TEST(Sequences, AGroupHasFivePeople) {
  const KnownFrame known = scene_of("group").frame(0);
  const float* row = known.alpha.row(90);
  int people = 0;
  for (int x = 1; x < known.alpha.width; ++x) people += row[x] >= 0.5F && row[x - 1] < 0.5F;
  EXPECT_GE(people, 4);  // heads, of which some may touch
}

TEST(Sequences, TheOneWhoSitsStillHardlyMoves) {
  const Scene scene = scene_of("sitting-still");
  EXPECT_LT(difference(scene.frame(10).alpha, scene.frame(30).alpha), 0.005);
  Film film = kFilm;
  film.seconds = 0;
  EXPECT_EQ(scene_of("sitting-still", film).frames(), 60 * film.fps);
}

TEST(Noise, HasItsDeviationAndNoOther) {
  Image image(200, 200, 3, 100);
  add_noise(image, 3, 7);
  double squares = 0;
  double neighbours = 0;
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    const float noise = image.values[i] - 100;
    squares += noise * noise;
    if (i > 0) neighbours += noise * (image.values[i - 1] - 100);
  }
  const auto count = static_cast<double>(image.values.size());
  EXPECT_NEAR(mean(image), 100, 0.05);
  EXPECT_NEAR(std::sqrt(squares / count), 3, 0.05);
  EXPECT_LT(std::abs(neighbours / count), 0.1);
}

TEST(Blur, TheWideOneIsTheGaussian) {
  const Image room = drawn_room(160, 120, 20, 200);
  const Image exact = gaussian_blur(room, 12);
  const Image wide = wide_gaussian_blur(room, 12);
  for (std::size_t i = 0; i < exact.values.size(); ++i) {
    ASSERT_NEAR(exact.values[i], wide.values[i], 1) << i;
  }
}

TEST(Affine, UndoesItself) {
  const Affine there = Affine::turned(30, 1.5, 10, 20, 40, 60);
  EXPECT_NEAR(there.xx * 10 + there.xy * 20 + there.x0, 40, 1e-9);
  EXPECT_NEAR(there.yx * 10 + there.yy * 20 + there.y0, 60, 1e-9);
  const Affine none = there.inverse().after(there);
  EXPECT_NEAR(none.xx, 1, 1e-9);
  EXPECT_NEAR(none.xy, 0, 1e-9);
  EXPECT_NEAR(none.x0, 0, 1e-9);
  EXPECT_NEAR(none.yx, 0, 1e-9);
  EXPECT_NEAR(none.y0, 0, 1e-9);
}

}  // namespace
}  // namespace backdrop::quality::test
