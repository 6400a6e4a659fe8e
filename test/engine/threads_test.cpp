// Engines that are called at the same time, and an engine that goes from thread to thread.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "backdrop/backdrop.h"
#include "person_network.h"

namespace backdrop::test {
namespace {

constexpr int kWidth = 96, kHeight = 64;

using Engine = std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)>;
using Pixels = std::vector<std::uint8_t>;

backdrop_image image_of(Pixels& pixels) {
  backdrop_image image{};
  image.format = BACKDROP_RGBA;
  image.width = kWidth;
  image.height = kHeight;
  image.strides[0] = 4 * kWidth;
  image.planes[0] = pixels.data();
  return image;
}

// A red square before a blue room.
Pixels scene(int left) {
  Pixels pixels;
  for (int i = 0; i < kWidth * kHeight; ++i) {
    const int x = i % kWidth;
    const bool is_person = x >= left && x < left + 40 && i / kWidth >= 20;
    const std::uint8_t red = is_person ? 220 : 20, blue = is_person ? 20 : 220;
    pixels.insert(pixels.end(), {red, static_cast<std::uint8_t>(i), blue, 255});
  }
  return pixels;
}

Engine make_engine() {
  Engine engine(backdrop_create(3), &backdrop_destroy);
  const auto model = person_network(48, 32);
  EXPECT_EQ(backdrop_load_model(engine.get(), model.data(), model.size(), nullptr), BACKDROP_OK);
  EXPECT_EQ(backdrop_set_refinement(engine.get(), BACKDROP_REFINEMENT_GUIDED,
                                    BACKDROP_SIGMA_SPACE_DEFAULT, BACKDROP_SIGMA_COLOR_DEFAULT),
            BACKDROP_OK);
  return engine;
}

backdrop_status set_background(backdrop_engine* engine, int which) {
  Pixels pixels = scene(0);
  const backdrop_image image = image_of(pixels);
  switch (which) {
    case 0:
      return backdrop_set_background_blur(engine, 5);
    case 1:
      return backdrop_set_background_color(engine, 0x204060);
    case 2:
      return backdrop_set_background_image(engine, &image);
    default:
      return backdrop_set_background_transparent(engine);
  }
}

// Appends two frames with the background.
void process(backdrop_engine* engine, int background, Pixels& film) {
  EXPECT_EQ(set_background(engine, background), BACKDROP_OK);
  for (const int left : {10, 25}) {
    Pixels in = scene(left), out(in.size());
    const backdrop_image input = image_of(in), output = image_of(out);
    EXPECT_EQ(backdrop_process(engine, &input, &output), BACKDROP_OK);
    film.insert(film.end(), out.begin(), out.end());
  }
}

Pixels make_film() {
  const Engine engine = make_engine();
  Pixels film;
  for (int background = 0; background < 4; ++background) process(engine.get(), background, film);
  return film;
}

TEST(Threads, CallEnginesAtTheSameTime) {
  std::array<Pixels, 3> films;
  {
    std::vector<std::jthread> threads;
    for (Pixels& film : films) threads.emplace_back([&film] { film = make_film(); });
  }
  const Pixels expected = make_film();
  for (const Pixels& film : films) EXPECT_EQ(film, expected);
}

TEST(Threads, TakeTurnsWithAnEngine) {
  const auto elsewhere = [](const std::function<void()>& call) { std::jthread thread(call); };
  Engine engine(nullptr, &backdrop_destroy);
  Pixels film;
  elsewhere([&] { engine = make_engine(); });
  for (int background = 0; background < 4; ++background) {
    elsewhere([&] { process(engine.get(), background, film); });
  }
  elsewhere([&] { engine.reset(); });
  EXPECT_EQ(film, make_film());
}

}  // namespace
}  // namespace backdrop::test
