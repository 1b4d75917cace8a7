#include <array>
#include <string_view>

#include "engine/media/media.hpp"
#include "engine/media/vips.hpp"

namespace tutela::media {

Status warm_up() {
  return start_vips();
}

}  // namespace tutela::media
