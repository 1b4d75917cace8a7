// Finish: the server's half of a derived view. Redacted pixels from a worker become a picture that
// a person can look at: large enough for the mark, marked visibly (mark.hpp) and invisibly
// (imprint.hpp), a PNG file. Pure functions.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/redact/mark.hpp"
#include "engine/redact/picture.hpp"
#include "engine/redact/redact.hpp"

namespace tutela::redact {

/// Enlarges what is smaller than the mark needs: squares for the mosaic, smoothly otherwise; very
/// wide and very high pictures get grey bars. Nothing is added that was not there: a mosaic has the
/// same cells.
[[nodiscard]] Picture enlarge(const Picture& picture, Grade grade);

/// The tiles of a sheet in rows on grey ground, each over its number and how many there are
/// ("3/48", from 1), in their shapes and all as large as there is room for.
[[nodiscard]] Picture arrange(const View& view, Grade grade);

struct Finished {
  Bytes png;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// `view` is an answer to `request`: it has a tile. Error: kInternal "redact.png".
Result<Finished> finish(const View& view, const Request& request, const Mark& mark);

}  // namespace tutela::redact
