// What every store of blobs does in the same way: read one whole, and scrub them all.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "custody/blobs/blobs.hpp"

namespace tutela::blobs {

/// Reads to the end, so that the checksum is compared. Error: kLimitExceeded "blob.too_large".
Result<Bytes> read_whole(Reader& reader, std::uint64_t size_bytes_max);

/// Blobs::scrub, at most `bytes_per_second` (0: as fast as it goes). What goes away meanwhile is
/// skipped. An error other than a corrupt blob ends it.
Result<Scrub> scrub_blobs(Blobs& blobs,
                          std::string_view prefix,
                          std::uint64_t bytes_per_second,
                          const std::function<bool()>& stop_requested,
                          const std::function<void(const Scrub&)>& on_progress);

}  // namespace tutela::blobs
