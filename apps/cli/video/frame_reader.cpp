#include "frame_reader.h"

#include <algorithm>
#include <utility>

namespace backdrop::cli {

FramePtr FrameReader::next(const Source& source, VideoDecoder& decoder, const ReadPacket& read) {
  while (ready_.empty() && !is_at_end_) {
    const PacketPtr packet = read();
    if (packet && !source.is_video(*packet)) continue;
    is_at_end_ = !packet;
    decoder.decode(packet.get(), [&](FramePtr frame) { ready_.push_back(std::move(frame)); });
    std::ranges::reverse(ready_);
  }
  if (ready_.empty()) return nullptr;
  FramePtr frame = std::move(ready_.back());
  ready_.pop_back();
  return frame;
}

}  // namespace backdrop::cli
