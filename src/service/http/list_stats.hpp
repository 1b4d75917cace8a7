// List stats: what is stored of the lists and what uploads are compared with, as the API and the
// command tell it. Plain functions, safe from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "exchange/lists/lists.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::http {

struct SearchedSet {
  std::array<std::size_t, 4> signals{};  // by SignalKind
  std::size_t size_bytes = 0;
  pipeline::IndexStats index;
};

/// The only place that asks the pipeline what it searches; what a set has to tell goes through
/// here.
[[nodiscard]] SearchedSet searched_set(const pipeline::Pipeline& pipeline);

[[nodiscard]] boost::json::object list_stats_json(const lists::ListStats& stats);
/// Of all lists together.
[[nodiscard]] boost::json::object total_stats_json(const std::vector<lists::ListStats>& all);
[[nodiscard]] boost::json::object searched_json(const SearchedSet& searched);

}  // namespace tutela::http
