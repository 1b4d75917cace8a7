// Imprint: the mark once more, spread over the pixels themselves, for what is left when somebody
// cut the letters away: a pattern of faint squares that hangs on the person, the minute and the
// case, repeated every 128 pixels. Whoever has the log of views has the candidates, and reads from
// the picture alone which of them it was; the original is not needed.
//
// Direct-sequence spread spectrum (Cox, Miller, Bloom: Digital Watermarking, 2002): a candidate's
// score is the best normalised correlation of its 1024 random signs with the picture, over every
// place where the cut could begin. For any picture that does not hold it, a place passes a score of
// t with a chance of at most exp(-t^2 / 2) (Hoeffding), whatever the picture shows; there are
// kImprintPlaces of them. So a score of kImprintScoreMin is passed by a wrong candidate with a
// chance below 1.0e-8, by one of a thousand below 1.0e-5.
//
// Reads: cuts of 128 x 128 pixels or more (4,999 of 5,000), as PNG or as JPEG of quality 75, at the
// size at which they were served. Of photographs in full, which are restless themselves, 128 pixels
// are enough in about nine cases of ten, and 384 in all that the tests cut. Does not read: what was
// scaled or turned, a photograph of a screen (there the letters of mark.hpp speak), less than 128
// pixels. It names a careless leak; it is not secret, and no proof against somebody who sets out to
// remove it or to blame another. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/redact/mark.hpp"
#include "engine/redact/picture.hpp"

namespace tutela::redact {

inline constexpr std::uint32_t kImprintSide = 128;
inline constexpr std::size_t kImprintPlaces = std::size_t{kImprintSide} * kImprintSide;
inline constexpr double kImprintScoreMin = 7.5;

/// Changes no pixel by more than 8.
void imprint(Picture& picture, const Mark& mark);

struct Reading {
  std::size_t candidate = 0;  // its place among the candidates
  double score = 0;
};

/// The candidate with the best score; its seconds do not count. The score is 0 where there is no
/// candidate or the picture is smaller than kImprintSide.
[[nodiscard]] Reading best_candidate(const Picture& picture, std::span<const Mark> candidates);

/// Who looked at this: best_candidate() where its score is at least kImprintScoreMin. Some
/// milliseconds a candidate.
[[nodiscard]] std::optional<Reading> read_mark(const Picture& picture,
                                               std::span<const Mark> candidates);

}  // namespace tutela::redact
