#!/usr/bin/env bash
# Expected: obs_source_get_base_width() and _height(), which leave filtering out by their description, give the size of
# the frames that the source has been given last.
# Behaviour: they give that of the last frame that has left its filters. While a filter_video keeps all frames back, a
# new source stays at 0x0, though the filter's video_render is called, and one whose camera changes stays at the old
# size. A filter that draws the frames itself has to let one through for each size.
# Seen with libobs 29.0.2 (Debian 12: libobs0 29.0.2+dfsg-1+b1, with Xvfb):
#   10 of 64x48 kept back: 0x0, filter drawn
#   10 of 64x48 let through: 64x48, filter drawn
#   10 of 32x24 kept back: 64x48, filter drawn
#   10 of 32x24 let through: 32x24, filter drawn
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take libobs0=29.0.2+dfsg-1+b1 libobs-dev=29.0.2+dfsg-1+b1
compile sizes -I"$root/usr/include/obs" -lobs -lX11 <<'C'
#include <X11/Xlib.h>
#include <obs-nix-platform.h>
#include <obs.h>
#include <stdio.h>
#include <unistd.h>
static volatile int keeps, drawn;
static const char *name(void *data) { return "Test"; }
static void *create(obs_data_t *settings, obs_source_t *source) { return source; }
static void destroy(void *data) {}
static void log_nothing(int level, const char *format, va_list values, void *data) {}
static void render(void *data, gs_effect_t *effect) {
  ++drawn;
  obs_source_skip_video_filter(data);
}
static struct obs_source_frame *filter_frame(void *data, struct obs_source_frame *frame) {
  if (!keeps) return frame;
  obs_source_release_frame(obs_filter_get_parent(data), frame);
  return NULL;
}
static void send(obs_source_t *camera, obs_source_t *filter, int width, int height) {
  static uint8_t pixels[64 * 48 * 4];
  static uint64_t time;
  drawn = 0;
  for (int i = 0; i < 10; ++i) {
    struct obs_source_frame frame = {.data = {pixels}, .linesize = {4 * width}, .width = width, .height = height,
                                     .format = VIDEO_FORMAT_BGRA, .full_range = true, .timestamp = time += 50000000};
    obs_source_output_video(camera, &frame);
    usleep(50000);
  }
  usleep(200000);
  printf("10 of %dx%d %s: %ux%u, filter %s\n", width, height, keeps ? "kept back" : "let through",
         obs_source_get_base_width(camera), obs_source_get_base_height(camera), drawn ? "drawn" : "not drawn");
}
int main(int count, char **arguments) {
  Display *display = XOpenDisplay(NULL);
  base_set_log_handler(log_nothing, NULL);
  obs_set_nix_platform_display(display);
  obs_add_data_path(arguments[1]);
  struct obs_video_info video = {.graphics_module = "libobs-opengl", .fps_num = 30, .fps_den = 1,
                                 .base_width = 64, .base_height = 48, .output_width = 64, .output_height = 48,
                                 .output_format = VIDEO_FORMAT_BGRA, .colorspace = VIDEO_CS_SRGB,
                                 .range = VIDEO_RANGE_FULL, .gpu_conversion = true};
  if (!obs_startup("en-US", NULL, NULL) || obs_reset_video(&video) != OBS_VIDEO_SUCCESS) return 1;
  struct obs_source_info info = {.id = "camera", .type = OBS_SOURCE_TYPE_INPUT, .output_flags = OBS_SOURCE_ASYNC_VIDEO,
                                 .get_name = name, .create = create, .destroy = destroy};
  obs_register_source(&info);
  info.id = "filter", info.type = OBS_SOURCE_TYPE_FILTER;
  info.filter_video = filter_frame, info.video_render = render;
  obs_register_source(&info);
  obs_source_t *camera = obs_source_create("camera", "camera", NULL, NULL);
  obs_source_t *filter = obs_source_create("filter", "filter", NULL, NULL);
  obs_source_filter_add(camera, filter);
  obs_set_output_source(0, camera);
  for (int width = 64; width >= 32; width -= 32) {
    for (keeps = 1; keeps >= 0; --keeps) send(camera, filter, width, width * 3 / 4);
  }
  obs_set_output_source(0, NULL);
  obs_source_release(filter);
  obs_source_release(camera);
  obs_shutdown();
  XCloseDisplay(display);
}
C
export HOME=$folder
hold "$(timeout 60 xvfb-run -a ./sizes root/usr/share/obs/libobs/)" \
  '10 of 64x48 kept back: 0x0, filter drawn' \
  '10 of 64x48 let through: 64x48, filter drawn' \
  '10 of 32x24 kept back: 64x48, filter drawn' \
  '10 of 32x24 let through: 32x24, filter drawn'
