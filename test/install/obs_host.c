/* Loads the modules that OBS finds by itself, and says whether the filters are among them. */
#include <obs.h>
#include <obs-nix-platform.h>
#include <stdio.h>
#include <string.h>

#include <X11/Xlib.h>

static int has_filter(const char* wanted) {
  const char* id;
  size_t i;
  for (i = 0; obs_enum_filter_types(i, &id); ++i) {
    if (strcmp(id, wanted) == 0) {
      printf("%s: %s\n", id, obs_source_get_display_name(id));
      return 1;
    }
  }
  fprintf(stderr, "OBS has no %s\n", wanted);
  return 0;
}

int main(void) {
  Display* display = XOpenDisplay(NULL);
  int found;
  if (display == NULL) return 2;
  obs_set_nix_platform_display(display);
  if (!obs_startup("en-US", NULL, NULL)) return 2;
  obs_load_all_modules();
  found = has_filter("backdrop_filter") && has_filter("backdrop_scene_filter");
  obs_shutdown();
  XCloseDisplay(display);
  return !found;
}
