// The frames of a source's video, one after the other.
#pragma once

#include <functional>
#include <vector>

#include "source.h"
#include "video_decoder.h"

namespace backdrop::cli {

class FrameReader {
 public:
  using ReadPacket = std::function<PacketPtr()>;

  // The next frame; null after the last one. `read` gives the packets of `source`, of all streams.
  FramePtr next(const Source& source, VideoDecoder& decoder, const ReadPacket& read);

 private:
  std::vector<FramePtr> ready_;  // in reverse order
  bool is_at_end_ = false;
};

}  // namespace backdrop::cli
