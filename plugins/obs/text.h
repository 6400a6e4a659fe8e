// The filter's words in the user's language, or in English where OBS finds no file for them.
#pragma once

#include <span>
#include <utility>

namespace backdrop::obs {

// A null-terminated text that stays valid while the module is loaded.
const char* text(const char* key);

// The keys and the English words, which data/locale/en-US.ini repeats.
std::span<const std::pair<const char*, const char*>> english_texts();

// As obs_module_get_string: set by the module, since OBS knows the words of modules alone.
using TextLookup = bool (*)(const char* key, const char** text);
void set_text_lookup(TextLookup lookup);

}  // namespace backdrop::obs
