#include "properties.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "catalogue.h"
#include "model_store.h"
#include "text.h"

namespace backdrop::obs {
namespace {

constexpr char kBackground[] = "background";
constexpr char kStrength[] = "strength";
constexpr char kColor[] = "color";
constexpr char kImage[] = "image";
constexpr char kFit[] = "fit";
constexpr char kPositionX[] = "position_x";
constexpr char kPositionY[] = "position_y";
constexpr char kModel[] = "model";
constexpr char kModelFile[] = "model_file";
constexpr char kOnlyFront[] = "only_front";
constexpr char kRefinement[] = "refinement";
constexpr char kLearnedRoom[] = "learned_room";

constexpr char kFile[] = "file";          // the value of kModel that asks for kModelFile
constexpr long long kGreen = 0xff60a030;  // as OBS has colours: 0xAABBGGRR

constexpr const char* kBackgrounds[] = {"blur", "color", "image", "transparent"};
constexpr const char* kFits[] = {"cover", "contain"};

template <typename Enumeration, std::size_t kCount>
Enumeration choice(obs_data_t* data, const char* name, const char* const (&words)[kCount]) {
  const std::string word = obs_data_get_string(data, name);
  const auto* found = std::ranges::find(words, word);
  return static_cast<Enumeration>(found == std::end(words) ? 0 : found - words);
}

float number(obs_data_t* data, const char* name, float least, float most) {
  const auto value = static_cast<float>(obs_data_get_double(data, name));
  return std::isnan(value) ? least : std::clamp(value, least, most);
}

std::uint32_t rgb(obs_data_t* data, const char* name) {
  const auto color = static_cast<std::uint32_t>(obs_data_get_int(data, name));
  return (color & 0xff) << 16 | (color & 0xff00) | (color >> 16 & 0xff);
}

void show(obs_properties_t* properties, const char* name, bool shown) {
  obs_property_set_visible(obs_properties_get(properties, name), shown);
}

// Only what the chosen background and model use is seen.
bool show_what_applies(obs_properties_t* properties, obs_property_t*, obs_data_t* data) {
  const auto kind = choice<BackgroundKind>(data, kBackground, kBackgrounds);
  const bool is_image = kind == BackgroundKind::kImage;
  show(properties, kStrength, kind == BackgroundKind::kBlur);
  show(properties, kColor, kind == BackgroundKind::kColor || is_image);
  obs_property_set_description(obs_properties_get(properties, kColor),
                               text(is_image ? "ColorBeside" : "Color"));
  for (const char* name : {kImage, kFit, kPositionX, kPositionY}) show(properties, name, is_image);
  show(properties, kModelFile, std::strcmp(obs_data_get_string(data, kModel), kFile) == 0);
  return true;
}

template <std::size_t kCount>
obs_property_t* add_choice(obs_properties_t* properties, const char* name, const char* key,
                           const char* const (&words)[kCount]) {
  obs_property_t* list = obs_properties_add_list(properties, name, text(key), OBS_COMBO_TYPE_LIST,
                                                 OBS_COMBO_FORMAT_STRING);
  for (const char* word : words) {
    obs_property_list_add_string(list, text((std::string(key) + "." + word).c_str()), word);
  }
  return list;
}

void add_image(obs_properties_t* properties) {
  const std::string pictures = std::string(text("Images")) +
                               " (*.png *.jpg *.jpeg *.webp *.bmp *.tga *.gif);;" +
                               text("AllFiles") + " (*)";
  obs_properties_add_path(properties, kImage, text("Image"), OBS_PATH_FILE, pictures.c_str(),
                          nullptr);
  add_choice(properties, kFit, "Fit", kFits);
  obs_properties_add_float_slider(properties, kPositionX, text("PositionX"), 0, 1, 0.01);
  obs_properties_add_float_slider(properties, kPositionY, text("PositionY"), 0, 1, 0.01);
}

bool is_installed(const CatalogueModel& model) {
  try {
    return cli::find_installation(model).intact;
  } catch (const std::exception&) {
    return false;
  }
}

// Models that are not installed can't be chosen, but their lines say how to get them.
obs_property_t* add_models(obs_properties_t* properties) {
  obs_property_t* list = obs_properties_add_list(properties, kModel, text("Model"),
                                                 OBS_COMBO_TYPE_LIST, OBS_COMBO_FORMAT_STRING);
  obs_property_list_add_string(list, text("Model.first"), "");
  for (const CatalogueModel& model : catalogue()) {
    const std::string id(model.id);
    const bool installed = is_installed(model);
    std::string line = id + ": ";
    line += installed ? std::string(model.title) : std::string(text("Model.missing"));
    if (!installed) line.append(" ").append(id);
    const std::size_t index = obs_property_list_add_string(list, line.c_str(), id.c_str());
    obs_property_list_item_disable(list, index, !installed);
  }
  obs_property_list_add_string(list, text("Model.file"), kFile);
  const std::string files = std::string(text("Models")) + " (*.tflite)";
  obs_properties_add_path(properties, kModelFile, text("ModelFile"), OBS_PATH_FILE, files.c_str(),
                          nullptr);
  return list;
}

}  // namespace

void set_defaults(obs_data_t* data) {
  const Settings defaults;
  obs_data_set_default_string(data, kBackground, kBackgrounds[0]);
  obs_data_set_default_double(data, kStrength, static_cast<double>(defaults.background.strength));
  obs_data_set_default_int(data, kColor, kGreen);
  obs_data_set_default_string(data, kFit, kFits[0]);
  obs_data_set_default_double(data, kPositionX, 0.5);
  obs_data_set_default_double(data, kPositionY, 0.5);
  obs_data_set_default_string(data, kModel, "");
  obs_data_set_default_bool(data, kOnlyFront, defaults.matte.only_front);
  obs_data_set_default_bool(data, kRefinement,
                            defaults.matte.refinement != BACKDROP_REFINEMENT_NONE);
  obs_data_set_default_bool(data, kLearnedRoom, defaults.matte.learned_room);
}

Settings read_settings(obs_data_t* data) {
  Settings settings;
  settings.model = obs_data_get_string(data, kModel);
  if (settings.model == kFile) settings.model = obs_data_get_string(data, kModelFile);
  Background& background = settings.background;
  background.kind = choice<BackgroundKind>(data, kBackground, kBackgrounds);
  background.strength =
      number(data, kStrength, BACKDROP_BLUR_STRENGTH_MIN, BACKDROP_BLUR_STRENGTH_MAX);
  background.color = rgb(data, kColor);
  background.image = obs_data_get_string(data, kImage);
  background.fit = choice<backdrop_fit>(data, kFit, kFits);
  background.x = number(data, kPositionX, 0, 1);
  background.y = number(data, kPositionY, 0, 1);
  settings.matte.only_front = obs_data_get_bool(data, kOnlyFront);
  settings.matte.refinement =
      obs_data_get_bool(data, kRefinement) ? BACKDROP_REFINEMENT_GUIDED : BACKDROP_REFINEMENT_NONE;
  settings.matte.learned_room = obs_data_get_bool(data, kLearnedRoom);
  return settings;
}

obs_properties_t* make_properties(const std::string& reason) {
  obs_properties_t* properties = obs_properties_create();
  if (!reason.empty()) {
    const std::string line = text("Nothing") + reason;
    obs_property_t* info =
        obs_properties_add_text(properties, "reason", line.c_str(), OBS_TEXT_INFO);
    obs_property_text_set_info_type(info, OBS_TEXT_INFO_ERROR);
  }
  obs_property_t* background = add_choice(properties, kBackground, "Background", kBackgrounds);
  obs_properties_add_float_slider(properties, kStrength, text("Strength"),
                                  static_cast<double>(BACKDROP_BLUR_STRENGTH_MIN),
                                  static_cast<double>(BACKDROP_BLUR_STRENGTH_MAX), 0.1);
  obs_properties_add_color(properties, kColor, text("Color"));
  add_image(properties);
  obs_property_t* model = add_models(properties);
  obs_properties_add_bool(properties, kOnlyFront, text("OnlyFront"));
  obs_properties_add_bool(properties, kRefinement, text("Refinement"));
  obs_properties_add_bool(properties, kLearnedRoom, text("LearnedRoom"));
  obs_property_set_modified_callback(background, show_what_applies);
  obs_property_set_modified_callback(model, show_what_applies);
  return properties;
}

}  // namespace backdrop::obs
