#include "model/metadata.h"

namespace backdrop {

Metadata read_metadata(std::span<const std::uint8_t>) { return {}; }

}  // namespace backdrop
