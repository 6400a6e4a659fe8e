// What OBS looks for in the module.
#include <obs-module.h>

#include "sources.h"
#include "text.h"

OBS_DECLARE_MODULE()
OBS_MODULE_USE_DEFAULT_LOCALE("backdrop", "en-US")

MODULE_EXPORT const char* obs_module_name() { return "Backdrop"; }

MODULE_EXPORT const char* obs_module_description() {
  return "Blurs or replaces the background behind the people in a source";
}

MODULE_EXPORT bool obs_module_load() {
  backdrop::obs::set_text_lookup(obs_module_get_string);
  const obs_source_info async_filter = backdrop::obs::async_filter();
  const obs_source_info scene_filter = backdrop::obs::scene_filter();
  obs_register_source(&async_filter);
  obs_register_source(&scene_filter);
  return true;
}
