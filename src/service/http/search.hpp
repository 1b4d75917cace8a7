// Search: the hashes of one POST /v1/search and their answer, which is made a piece at a time: a
// caller that reads slowly holds neither the answer nor a generation in memory.
//
// read_search() is pure. A SearchAnswer is used by one thread at a time; next() blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "custody/store/store.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "engine/match/match.hpp"
#include "service/http/app.hpp"

namespace tutela::http {

/// In one request, and the bytes that so many take with room for blanks.
inline constexpr std::size_t kSearchQueriesMax = 10'000;
inline constexpr std::size_t kSearchBytesMax = 2U << 20;

struct SearchQuery {
  match::SignalKind kind = match::SignalKind::kPdq;
  fingerprint::Pdq256 pdq;             // of pdq
  std::array<std::byte, 32> digest{};  // of the other kinds: as many bytes as the kind has
  std::optional<int> distance_max;
};

/// The body is one query, or {"queries": [...]}. `bad` becomes the index of the first query of the
/// array that is wrong. Errors: kInvalidInput, those of ObjectReader, parse_signal_kind and
/// parse_hex.
Result<std::vector<SearchQuery>> read_search(std::string_view body,
                                             std::optional<std::size_t>& bad);

enum class SearchFormat : std::uint8_t { kArray, kLines };

class SearchAnswer {
 public:
  /// Borrows the app. Of the queries there is at least one.
  SearchAnswer(App& app, store::Actor actor, std::vector<SearchQuery> queries, SearchFormat format);

  /// Some more of the answer, with the lists as they are now; nothing after the end. A piece ends
  /// after about 64 KiB or 20 ms, so that answers take turns on their threads.
  Result<std::optional<std::string>> next();

  [[nodiscard]] bool whole() const noexcept { return done_ == queries_.size(); }

 private:
  App& app_;
  store::Actor actor_;
  std::vector<SearchQuery> queries_;
  SearchFormat format_;
  std::size_t done_ = 0;
};

}  // namespace tutela::http
