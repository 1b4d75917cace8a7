// Grades: what each grade does with a picture. The size is where most is lost, and it is lost
// first: whatever comes after works on a few pixels. Internal to redact; pure functions.
#pragma once

#include "engine/redact/picture.hpp"
#include "engine/redact/redact.hpp"
#include "engine/redact/shrink.hpp"

namespace tutela::redact {

/// To what an original of this size is shrunk. The mosaic never has cells of less than 4 x 4
/// pixels, so that it hides something of small pictures too.
[[nodiscard]] Size size_of(Size original, Grade grade) noexcept;

/// The grade of a picture that was shrunk to size_of().
[[nodiscard]] Picture apply(Picture shrunk, Grade grade);

/// Luma, 0.299 R + 0.587 G + 0.114 B.
[[nodiscard]] Picture to_grey(Picture picture);

/// Gaussian with this standard deviation in pixels; the border is repeated outwards. Grey only.
[[nodiscard]] Picture blur(const Picture& grey, float sigma);

}  // namespace tutela::redact
