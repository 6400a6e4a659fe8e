#!/usr/bin/env bash
# Expected: what mmap() gives of the buffers of a V4L2 device stays mapped until munmap(), even when the device goes.
# Behaviour: under pw-v4l2, buffers that a camera leaves to the daemon to allocate are unmapped when the camera goes,
# though the program has not called munmap(). mmap() has given it addresses inside of PipeWire's own mapping, which a
# thread of PipeWire removes. Who reads there then gets SIGSEGV. Buffers that the camera allocates itself stay mapped.
# Seen with PipeWire 0.3.65 (Debian 12: libpipewire-0.3-0 and pipewire-v4l2 0.3.65-3+deb12u1), asked with mincore():
#   allocated by the daemon: 4 of 4 are mapped at the first frame, 0 after the camera has gone
#   allocated by the camera: 4 of 4 are mapped at the first frame, 4 after the camera has gone
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take_pipewire
take pipewire-v4l2=0.3.65-3+deb12u1
compile camera -Wno-unused-function "${pipewire[@]}" <<'C' # ends with its daemon, if not before
#define _GNU_SOURCE
#include <pipewire-streams.h>
#include <sys/mman.h>
#include <unistd.h>
static struct pw_stream *camera;
static void make(void *data) {
  struct pw_buffer *buffer = pw_stream_dequeue_buffer(camera);
  if (!buffer) return;
  *buffer->buffer->datas[0].chunk = (struct spa_chunk){.size = 256, .stride = 16};
  pw_stream_queue_buffer(camera, buffer);
}
static void answer(void *data, uint32_t id, const struct spa_pod *param) {
  if (id == SPA_PARAM_Format && param) ask_for_buffers(camera, 4, 4);
}
static void allocate(void *data, struct pw_buffer *buffer) {
  struct spa_data *memory = buffer->buffer->datas;
  memory->type = SPA_DATA_MemFd;
  memory->flags = SPA_DATA_FLAG_READWRITE;
  memory->fd = memfd_create("frame", MFD_CLOEXEC);
  memory->maxsize = 256;
  if (ftruncate(memory->fd, memory->maxsize)) abort();
}
static void link_to(void *data, uint32_t id, uint32_t permissions, const char *type, uint32_t version,
                    const struct spa_dict *properties) {
  if (strcmp(type, PW_TYPE_INTERFACE_Port) || strcmp(spa_dict_lookup(properties, PW_KEY_PORT_DIRECTION), "in")) return;
  struct pw_properties *ends = pw_properties_new(NULL, NULL);
  pw_properties_setf(ends, PW_KEY_LINK_OUTPUT_NODE, "%u", pw_stream_get_node_id(camera));
  pw_properties_set(ends, PW_KEY_LINK_INPUT_NODE, spa_dict_lookup(properties, PW_KEY_NODE_ID));
  pw_core_create_object(core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &ends->dict, 0);
}
int main(int argc, char **arguments) {
  const int allocates = !strcmp(arguments[1], "camera");
  const struct pw_stream_events makes = {PW_VERSION_STREAM_EVENTS, .param_changed = answer, .process = make,
                                         .add_buffer = allocates ? allocate : NULL};
  static const struct pw_registry_events links = {PW_VERSION_REGISTRY_EVENTS, .global = link_to};
  struct spa_hook hooks[2] = {0};
  start();
  camera = connect_stream("camera", PW_DIRECTION_OUTPUT,
                          PW_STREAM_FLAG_DRIVER | (allocates ? PW_STREAM_FLAG_ALLOC_BUFFERS : 0), &hooks[0], &makes, 0);
  pw_registry_add_listener(pw_core_get_registry(core, PW_VERSION_REGISTRY, 0), &hooks[1], &links, NULL);
  puts("ready");
  fflush(stdout);
  while (pw_stream_get_state(camera, NULL) >= PW_STREAM_STATE_PAUSED) {
    run_for(20);
    pw_stream_trigger_process(camera);
  }
}
C
compile reader <<'C' # of any V4L2 device
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
static void *buffers[32];
static int count;
static void check(int succeeded, const char *name) {
  if (succeeded) return;
  perror(name);
  exit(1);
}
static int mapped(void) {
  const uintptr_t page = sysconf(_SC_PAGESIZE);
  unsigned char resident;
  int found = 0;
  for (int i = 0; i < count; ++i) found += !mincore((void *)((uintptr_t)buffers[i] / page * page), 1, &resident);
  return found;
}
int main(int argc, char **arguments) {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  struct v4l2_format format = {.type = type};
  struct v4l2_requestbuffers request = {.count = 4, .type = type, .memory = V4L2_MEMORY_MMAP};
  struct v4l2_buffer buffer = {.type = type, .memory = V4L2_MEMORY_MMAP};
  const int device = open("/dev/video0", O_RDWR);
  check(device >= 0, "open");
  check(!ioctl(device, VIDIOC_G_FMT, &format), "VIDIOC_G_FMT");
  check(!ioctl(device, VIDIOC_S_FMT, &format), "VIDIOC_S_FMT");
  check(!ioctl(device, VIDIOC_REQBUFS, &request), "VIDIOC_REQBUFS");
  for (; count < request.count; ++count) {
    buffer.index = count;
    check(!ioctl(device, VIDIOC_QUERYBUF, &buffer), "VIDIOC_QUERYBUF");
    buffers[count] = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, device, buffer.m.offset);
    check(buffers[count] != MAP_FAILED, "mmap");
    check(!ioctl(device, VIDIOC_QBUF, &buffer), "VIDIOC_QBUF");
  }
  check(!ioctl(device, VIDIOC_STREAMON, &type), "VIDIOC_STREAMON");
  check(!ioctl(device, VIDIOC_DQBUF, &buffer), "VIDIOC_DQBUF");
  printf("allocated by %s: %d of %d are mapped at the first frame", arguments[2], mapped(), count);
  check(!kill(atoi(arguments[1]), SIGTERM), "kill");
  int left = count;
  for (int i = 0; i < 200 && left; ++i) {
    usleep(10000);
    left = mapped();
  }
  printf(", %d after the camera has gone\n", left);
}
C
mkfifo started
read_from() { # NAME: of who allocates
  PIPEWIRE_PROPS='media.class = Video/Source' ./camera "$1" >started &
  read -r _ <started
  LD_PRELOAD=$libraries/pipewire-0.3/v4l2/libpw-v4l2.so timeout 20 ./reader $! "the $1"
}
hold "$(read_from daemon && read_from camera)" \
  'allocated by the daemon: 4 of 4 are mapped at the first frame, 0 after the camera has gone' \
  'allocated by the camera: 4 of 4 are mapped at the first frame, 4 after the camera has gone'
