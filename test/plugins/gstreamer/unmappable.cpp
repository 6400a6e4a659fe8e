#include "unmappable.h"

struct UnmappableAllocator {
  GstAllocator parent;
};
struct UnmappableAllocatorClass {
  GstAllocatorClass parent;
};

G_DEFINE_TYPE(UnmappableAllocator, unmappable_allocator, GST_TYPE_ALLOCATOR)

static void unmappable_allocator_class_init(UnmappableAllocatorClass* allocator_class) {
  GST_ALLOCATOR_CLASS(allocator_class)->free = [](GstAllocator*, GstMemory* memory) {
    g_free(memory);
  };
}

static void unmappable_allocator_init(UnmappableAllocator* allocator) {
  allocator->parent.mem_type = "unmappable";
  allocator->parent.mem_map = [](GstMemory*, gsize, GstMapFlags) -> gpointer { return nullptr; };
  allocator->parent.mem_unmap = [](GstMemory*) {};
}

namespace backdrop::gstreamer::test {

GstBuffer* make_unmappable_buffer(gsize size) {
  auto* allocator =
      static_cast<GstAllocator*>(g_object_new(unmappable_allocator_get_type(), nullptr));
  gst_object_ref_sink(allocator);
  GstMemory* memory = g_new0(GstMemory, 1);
  gst_memory_init(memory, GST_MEMORY_FLAG_NO_SHARE, allocator, nullptr, size, 0, 0, size);
  gst_object_unref(allocator);  // the memory holds it
  GstBuffer* buffer = gst_buffer_new();
  gst_buffer_append_memory(buffer, memory);
  return buffer;
}

}  // namespace backdrop::gstreamer::test
