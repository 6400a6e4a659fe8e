#include "text.h"

#include <atomic>
#include <cstring>

namespace backdrop::obs {
namespace {

constexpr std::pair<const char*, const char*> kEnglish[] = {
    {"Name", "Backdrop"},
    {"NameScenes", "Backdrop (scenes and other sources)"},
    {"Background", "Background"},
    {"Background.blur", "Blur"},
    {"Background.color", "Color"},
    {"Background.image", "Image"},
    {"Background.transparent", "Transparent"},
    {"Strength", "Blur strength"},
    {"Color", "Color"},
    {"ColorBeside", "Color beside the image"},
    {"Image", "Image"},
    {"Images", "Images"},
    {"AllFiles", "All files"},
    {"Fit", "Fit"},
    {"Fit.cover", "Cover: fills the frame"},
    {"Fit.contain", "Contain: shows all of the image"},
    {"PositionX", "Position, across"},
    {"PositionY", "Position, down"},
    {"Model", "Model"},
    {"Model.first", "The first that is installed"},
    {"Model.file", "A file"},
    {"Model.missing", "not installed; get it with: backdrop models get"},
    {"ModelFile", "Model file"},
    {"Models", "Models"},
    {"OnlyFront", "Only the person in front"},
    {"Refinement", "Refine edges (guided filter)"},
    {"LearnedRoom", "Learn the room while the camera stands still"},
    {"Nothing", "Nothing is shown: "},
};

std::atomic<TextLookup> lookup{nullptr};

}  // namespace

const char* text(const char* key) {
  const char* found = nullptr;
  const TextLookup look_up = lookup;
  if (look_up && look_up(key, &found) && found) return found;
  for (const auto& [english_key, words] : kEnglish) {
    if (std::strcmp(english_key, key) == 0) return words;
  }
  return key;
}

std::span<const std::pair<const char*, const char*>> english_texts() { return kEnglish; }

void set_text_lookup(TextLookup look_up) { lookup = look_up; }

}  // namespace backdrop::obs
