// One frame: any format, size, strides, alignment, orientation and colour space, apart from, on top
// of or across its output. An output is written as a whole or not at all, and nothing beside it.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <utility>
#include <vector>

#include "backdrop/backdrop.h"
#include "demand.h"
#include "engine.h"
#include "person_network.h"
#include "picture.h"

namespace backdrop::fuzz {
namespace {

enum class Background { kNone, kColor, kBlur, kTransparent, kImage };

struct Choices {
  std::size_t network = 0;
  Background background = Background::kNone;
  int refinement = BACKDROP_REFINEMENT_NONE;
  Form picture;  // of the background
};

Choices any_choices(FuzzedDataProvider& bytes) {
  Choices choices;
  choices.network = bytes.ConsumeIntegralInRange<std::size_t>(0, 2);
  choices.background = static_cast<Background>(bytes.ConsumeIntegralInRange(0, 4));
  choices.refinement = bytes.ConsumeBool() ? BACKDROP_REFINEMENT_GUIDED : BACKDROP_REFINEMENT_NONE;
  choices.picture = any_form(bytes, 200);
  choices.picture.format = BACKDROP_RGBA;
  choices.picture.rotation = choices.picture.flip = 0;
  return choices;
}

backdrop_status set_background(backdrop_engine* engine, const Choices& choices) {
  switch (choices.background) {
    case Background::kNone:
      return backdrop_set_background_none(engine);
    case Background::kColor:
      return backdrop_set_background_color(engine, 0x208040);
    case Background::kBlur:
      return backdrop_set_background_blur(engine, 7);
    case Background::kTransparent:
      return backdrop_set_background_transparent(engine);
    case Background::kImage: {
      const Picture picture = std::move(Picture(choices.picture).fill_noise(7));
      const backdrop_image image = picture.image();
      return backdrop_set_background_image(engine, &image);
    }
  }
  return BACKDROP_ERROR_ARGUMENT;
}

Engine make_engine(const Choices& choices) {
  static const std::array<std::vector<std::uint8_t>, 3> networks{
      test::person_network(64, 48), test::person_network(5, 31), test::small_network()};
  Engine engine(backdrop_create(1), &backdrop_destroy);
  const auto& network = networks[choices.network];
  demand(engine && backdrop_load_model(engine.get(), network.data(), network.size(), nullptr) ==
                       BACKDROP_OK,
         "the model is loaded");
  demand(set_background(engine.get(), choices) == BACKDROP_OK, "the background is set");
  backdrop_set_refinement(engine.get(), choices.refinement, 1, 0.1f);
  backdrop_set_steadying(engine.get(), 0);
  backdrop_set_person_crop(engine.get(), 0);  // a frame leaves a crop behind
  return engine;
}

// The output, and the same again over other bytes and in place.
void process_apart(const Choices& choices, const Form& form, unsigned seed) {
  const Picture input = std::move(Picture(form).fill_noise(seed));
  const Picture source = input.copy();
  Form other_form = form;
  other_form.padding += 3;
  other_form.offset += 1;
  Picture output(form), other(other_form), same = input.copy();
  other.fill_noise(seed + 1);
  const Picture before = other.copy();
  const Engine engine = make_engine(choices);
  const auto process = [&](const Picture& from, const Picture& to) {
    const backdrop_image in = from.image(), out = to.image();
    const backdrop_status status = backdrop_process(engine.get(), &in, &out);
    demand(to.has_guards(), "nothing beside the rows is written");
    return status;
  };
  const backdrop_status status = process(input, output);
  demand(process(input, other) == status && process(same, same) == status, "the same status");
  demand(input.has_samples_of(source), "the input stays");
  if (status != BACKDROP_OK) {
    demand(choices.background == Background::kTransparent &&
               !traits_of(output.frame().format).has_alpha,
           "only a cut-out of a format without alpha is refused");
    demand(output.has_samples_of(Picture(form)) && other.has_samples_of(before) &&
               same.has_samples_of(source),
           "errors write nothing");
    return;
  }
  demand(output.has_samples_of(other), "the output is written as a whole");
  demand(output.has_samples_of(same), "a frame in place is as one apart");
  if (choices.background == Background::kNone) {
    demand(output.has_samples_of(input), "without a background the frame is unchanged");
  }
}

// Input and output lie in one block, some rows apart: refused, or any picture.
void process_across(const Choices& choices, const Form& form, int rows) {
  Form block_form = form;
  block_form.height += 2 * rows;
  const Picture block = std::move(Picture(block_form).fill_noise(1));
  backdrop_image in = block.image();
  in.height = form.height;
  backdrop_image out = in;
  for (int p = 0; p < block.planes(); ++p) {
    out.planes[p] += (p == 0 ? 2 : 1) * rows * out.strides[p];
  }
  const bool is_yuv_frame = is_yuv(block.frame().format);
  if (!is_yuv_frame) out.planes[0] = block.frame().row(0, rows);
  backdrop_process(make_engine(choices).get(), &in, &out);
  demand(block.has_guards(), "nothing beside the rows is written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  const Choices choices = any_choices(bytes);
  const Form form = any_form(bytes, bytes.ConsumeBool() ? 40 : 300);
  const int rows = bytes.ConsumeIntegralInRange(-4, 4);
  if (rows > 0) {
    process_across(choices, form, rows);
  } else {
    process_apart(choices, form, bytes.ConsumeIntegral<std::uint8_t>());
  }
  return 0;
}

}  // namespace backdrop::fuzz
