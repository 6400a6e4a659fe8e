#include "stream.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "person_network.h"

namespace backdrop::gstreamer::test {
namespace {

namespace fs = std::filesystem;

// A folder of this process's own.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "backdrop-gstreamer-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string write_model() {
  const auto model = backdrop::test::person_network(64, 64);
  std::string path = temporary_path("person.tflite");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(model.data()),
             static_cast<std::streamsize>(model.size()));
  return path;
}

}  // namespace

std::string temporary_path(const std::string& name) {
  static const Folder folder;
  return folder.path() / name;
}

const std::string& model_path() {
  static const std::string path = write_model();
  return path;
}

Stream::Stream() : bus_(gst_bus_new()) {
  GstElement* element = gst_element_factory_make_full("backdrop", "model", model_path().c_str(),
                                                      "threads", 1, nullptr);
  harness_ = gst_harness_new_with_element(element, "sink", "src");
  gst_element_set_bus(element, bus_);
  gst_object_unref(element);  // the harness holds it
}

Stream::~Stream() {
  gst_element_set_bus(element(), nullptr);
  gst_harness_teardown(harness_);
  gst_object_unref(bus_);
}

void Stream::set_caps(const GstVideoInfo& info) {
  set_caps(caps_of(GST_VIDEO_INFO_FORMAT(&info), info.width, info.height));
}

GstFlowReturn Stream::push(GstBuffer* buffer) {
  GST_BUFFER_PTS(buffer) = time_;
  GST_BUFFER_DURATION(buffer) = GST_SECOND / 30;
  time_ += GST_SECOND / 30;
  return gst_harness_push(harness_, buffer);
}

GstBuffer* Stream::process(const GstVideoInfo& info, const Scene& scene, int padding) {
  push(make_buffer(info, scene, padding));
  return pull();
}

guint64 Stream::count(const char* name) const {
  GstStructure* counts = nullptr;
  g_object_get(element(), "stats", &counts, nullptr);
  guint64 value = 0;
  gst_structure_get_uint64(counts, name, &value);
  gst_structure_free(counts);
  return value;
}

std::string Stream::messages(GstMessageType type) {
  std::string texts;
  while (GstMessage* message = gst_bus_pop_filtered(bus_, type)) {
    GError* error = nullptr;
    if (type == GST_MESSAGE_ERROR) gst_message_parse_error(message, &error, nullptr);
    if (type == GST_MESSAGE_WARNING) gst_message_parse_warning(message, &error, nullptr);
    if (error) texts += std::string(error->message) + "\n";
    g_clear_error(&error);
    gst_message_unref(message);
  }
  return texts;
}

}  // namespace backdrop::gstreamer::test
