#include "service/http/list_stats.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::array kKinds = {match::SignalKind::kPdq,
                               match::SignalKind::kMd5,
                               match::SignalKind::kSha1,
                               match::SignalKind::kSha256};

template <class Count>
void set_counts(json::object& object, const std::array<Count, 4>& counts) {
  json::object by_kind;
  for (const match::SignalKind kind : kKinds) {
    by_kind[match::to_string(kind)] = counts.at(static_cast<std::size_t>(kind));
  }
  object["signals"] = std::move(by_kind);
  object["signals_total"] = std::accumulate(counts.begin(), counts.end(), Count{0});
}

void set_times(json::object& object, std::optional<UtcMs> newest_ms, UtcMs updated_ms) {
  if (newest_ms) {
    object["newest_signal_at"] = to_rfc3339(*newest_ms);
  }
  object["updated_at"] = to_rfc3339(updated_ms);
}

}  // namespace

SearchedSet searched_set(const pipeline::Pipeline& pipeline) {
  const auto generation = pipeline.generation();
  SearchedSet searched;
  for (const match::SignalKind kind : kKinds) {
    searched.signals.at(static_cast<std::size_t>(kind)) = generation->size(kind);
  }
  searched.size_bytes = generation->size_bytes();
  searched.index = pipeline.index_stats();
  return searched;
}

json::object list_stats_json(const lists::ListStats& stats) {
  json::object object = {{"id", to_string(stats.list.id)},
                         {"name", stats.list.spec.name},
                         {"state", lists::to_string(stats.list.state)},
                         {"version", stats.list.version}};
  set_counts(object, stats.signals);
  set_times(object, stats.newest_signal_ms, stats.list.updated_ms);
  return object;
}

json::object total_stats_json(const std::vector<lists::ListStats>& all) {
  std::array<std::int64_t, 4> counts{};
  std::optional<UtcMs> newest_ms;
  UtcMs updated_ms = 0;
  for (const lists::ListStats& stats : all) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts.at(i) += stats.signals.at(i);
    }
    newest_ms = std::max(newest_ms, stats.newest_signal_ms);
    updated_ms = std::max(updated_ms, stats.list.updated_ms);
  }
  json::object object;
  set_counts(object, counts);
  if (!all.empty()) {
    set_times(object, newest_ms, updated_ms);
  }
  return object;
}

json::object searched_json(const SearchedSet& searched) {
  const match::SignalSet::Stats& set = searched.index.signals;
  json::object object = {{"position", searched.index.position}};
  set_counts(object, searched.signals);
  object["bytes"] = searched.size_bytes;
  json::object file = {{"signals", set.segment_signals}, {"bytes", set.segment_bytes}};
  if (set.segment_written_ms != 0) {
    file["written_at"] = to_rfc3339(set.segment_written_ms);
  }
  if (!searched.index.refused.empty()) {
    file["refused"] = searched.index.refused;
  }
  object["file"] = std::move(file);
  object["delta"] = {{"signals", set.delta_signals}, {"bytes", set.delta_bytes}};
  object["removed"] = set.removed;
  if (const auto& contents = searched.index.contents) {
    object["contents"] = {{"contents", contents->contents},
                          {"frames", contents->frames},
                          {"bytes", contents->bytes},
                          {"segments", contents->segments}};
  }
  return object;
}

Response get_list_stats(App& app, const Request& request) {
  // One at a time: at 100 million signals it is seconds of a thread that others need.
  const Admission::Slot slot = app.counting.enter(1);
  if (!slot) {
    return problem({ErrorKind::kUnavailable,
                    "server.overloaded",
                    "the signals are being counted for another caller; try again later"},
                   request.id);
  }
  const auto all = app.pipeline.lists().stats(request.principal->actor);
  if (!all) {
    return problem(all.error(), request.id);
  }
  json::array items;
  for (const lists::ListStats& stats : *all) {
    items.push_back(list_stats_json(stats));
  }
  return json_response(200,
                       {{"items", std::move(items)},
                        {"total", total_stats_json(*all)},
                        {"search", searched_json(searched_set(app.pipeline))}});
}

}  // namespace tutela::http
