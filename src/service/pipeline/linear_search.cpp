#include "service/pipeline/linear_search.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace tutela::pipeline {
namespace {

using match::SignalKind;

constexpr std::int64_t kPage = 2000;
constexpr int kFarAway = 257;

using Value = std::array<std::byte, 32>;

consteval std::array<std::uint8_t, 256> count_bits() {
  std::array<std::uint8_t, 256> counts{};
  for (std::size_t value = 1; value < counts.size(); ++value) {
    counts[value] = static_cast<std::uint8_t>((value & 1) + counts[value / 2]);
  }
  return counts;
}

constexpr std::array<std::uint8_t, 256> kBits = count_bits();

Value bytes_of(const fingerprint::Pdq256& hash) {
  Value value{};
  for (std::size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<std::byte>(hash.words[i / 8] >> (56 - 8 * (i % 8)) & 0xFF);
  }
  return value;
}

/// A frame that is fit for matching, in its eight orientations.
struct Frame {
  std::uint32_t number = 0;
  std::array<Value, fingerprint::kOrientations> values{};
};

std::vector<Frame> frames_of(const LinearItem& item) {
  std::vector<Frame> frames;
  for (const inspect::FrameFingerprint& from : item.frames) {
    if (from.pdq.quality < match::kPdqQualityMin) {
      continue;
    }
    Frame& frame = frames.emplace_back();
    frame.number = from.frame;
    for (std::size_t i = 0; i < frame.values.size(); ++i) {
      frame.values[i] = bytes_of(from.pdq.hashes[i]);
    }
  }
  return frames;
}

void compare_picture(const lists::PackedSignal& signal,
                     int distance_max,
                     const Frame& frame,
                     match::Hit hit,
                     std::vector<match::Hit>& hits) {
  hit.distance = kFarAway;
  for (std::size_t i = 0; i < frame.values.size(); ++i) {
    if (const int bits = differing_bits(frame.values[i], signal.value); bits < hit.distance) {
      hit.distance = bits;
      hit.orientation = static_cast<fingerprint::Orientation>(i);
    }
  }
  if (hit.distance <= distance_max) {
    hit.frame = frame.number;
    hits.push_back(hit);
  }
}

bool equal_digest(const lists::PackedSignal& signal, const crypto::Digests& digests) {
  const auto equals = [&](ByteView digest) {
    return std::equal(digest.begin(), digest.end(), signal.value.begin());
  };
  switch (signal.kind) {
    case SignalKind::kMd5:
      return equals(digests.md5);
    case SignalKind::kSha1:
      return equals(digests.sha1);
    case SignalKind::kSha256:
      return equals(digests.sha256);
    case SignalKind::kPdq:
      break;
  }
  return false;
}

}  // namespace

int differing_bits(std::span<const std::byte, 32> left,
                   std::span<const std::byte, 32> right) noexcept {
  int bits = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    bits += kBits[std::to_integer<std::size_t>(left[i] ^ right[i])];
  }
  return bits;
}

Status search_linearly(lists::Lists& signals,
                       std::span<const lists::List> lists,
                       std::span<LinearItem> items,
                       const std::function<bool()>& stop_requested) {
  std::vector<std::vector<Frame>> frames;
  std::ranges::transform(items, std::back_inserter(frames), frames_of);
  const auto compare = [&](std::uint32_t list, const lists::PackedSignal& signal) {
    const match::Hit hit{.list = list, .signal_id = signal.id, .kind = signal.kind};
    const int distance_max = std::min(lists[list].spec.pdq_distance_max, match::kPdqDistanceMax);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (signal.kind == SignalKind::kPdq) {
        for (const Frame& frame : frames[i]) {
          compare_picture(signal, distance_max, frame, hit, items[i].hits);
        }
      } else if (equal_digest(signal, items[i].digests)) {
        items[i].hits.push_back(hit);
      }
    }
  };
  std::vector<lists::PackedSignal> page;
  for (std::uint32_t list = 0; list < lists.size(); ++list) {
    std::int64_t from = 0;
    do {
      if (stop_requested()) {
        return Error{ErrorKind::kUnavailable, "samples.stopped", "the audit was interrupted"};
      }
      page.clear();
      TUTELA_TRY(signals.for_each_signal(lists[list].id,
                                         from,
                                         std::numeric_limits<std::int64_t>::max(),
                                         kPage,
                                         [&](const lists::PackedSignal& signal) {
                                           page.push_back(signal);
                                           return ok();
                                         }));
      for (const lists::PackedSignal& signal : page) {
        compare(list, signal);
        from = signal.id + 1;
      }
    } while (!page.empty());
  }
  return ok();
}

}  // namespace tutela::pipeline
