#include "engine/redact/finish.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "engine/redact/imprint.hpp"
#include "engine/redact/png.hpp"
#include "engine/redact/resize.hpp"

namespace tutela::redact {

Picture enlarge(const Picture& picture, Grade grade) {
  const std::uint32_t longer = std::max(picture.width, picture.height);
  Size size{picture.width, picture.height};
  if (longer < kMarkedLongerMin) {
    const auto scaled = [&](std::uint32_t side) {
      return std::max(side, (side * kMarkedLongerMin + longer / 2) / longer);
    };
    size = {scaled(picture.width), scaled(picture.height)};
  }
  Picture large =
      size == Size{picture.width, picture.height} ? picture : resize(picture, size, grade);
  return add_bars(std::move(large), {kMarkedShorterMin, kMarkedShorterMin});
}

Result<Finished> finish(const View& view, const Request& request, const Mark& mark) {
  TUTELA_CHECK(!view.tiles.empty());
  Picture picture = request.is_sheet() ? arrange(view, request.grade)
                                       : enlarge(view.tiles.front().picture, request.grade);
  draw_mark(picture, mark);
  imprint(picture, mark);
  TUTELA_TRY_ASSIGN(Bytes png, to_png(picture));
  return Finished{.png = std::move(png), .width = picture.width, .height = picture.height};
}

}  // namespace tutela::redact
