// tutela list stats: what is stored of the lists, and what uploads are compared with.
#include "service/http/list_stats.hpp"

#include <array>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "list_actions.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

/// "5 min": one number that a person can take in.
std::string age_text(UtcMs age_ms) {
  constexpr std::array<std::pair<UtcMs, const char*>, 4> kUnits{
      {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1'000, "s"}}};
  for (const auto& [unit_ms, name] : kUnits) {
    if (age_ms >= unit_ms) {
      return fmt::format("{} {}", age_ms / unit_ms, name);
    }
  }
  return "0 s";
}

std::string time_text(const boost::json::object& stats, std::string_view name) {
  const boost::json::value* time = stats.if_contains(name);
  return time == nullptr ? "-" : std::string(time->as_string());
}

std::vector<std::string> row_of(std::string name,
                                std::string state,
                                const boost::json::object& stats,
                                std::string newest) {
  std::vector<std::string> row = {std::move(name), std::move(state)};
  for (const char* const kind : {"pdq", "md5", "sha1", "sha256"}) {
    row.push_back(boost::json::serialize(stats.at("signals").at(kind)));
  }
  row.push_back(boost::json::serialize(stats.at("signals_total")));
  row.push_back(std::move(newest));
  row.push_back(time_text(stats, "updated_at"));
  return row;
}

void print_searched(const http::SearchedSet& set) {
  const match::SignalSet::Stats& index = set.index.signals;
  std::size_t signals = 0;
  for (const std::size_t count : set.signals) {
    signals += count;
  }
  print(fmt::format("\nsearched now: {} at position {} of the lists' history, {}\n",
                    counted(signals, "signal"),
                    set.index.position,
                    size_text(set.size_bytes)));
  if (index.segment_written_ms != 0) {
    print(fmt::format("in the file: {}, {}, written {}\n",
                      counted(index.segment_signals, "signal"),
                      size_text(index.segment_bytes),
                      to_rfc3339(index.segment_written_ms)));
  }
  print(fmt::format("new since: {} in memory, {}; {} removed\n",
                    counted(index.delta_signals, "signal"),
                    size_text(index.delta_bytes),
                    index.removed));
}

void print_table(const std::vector<lists::ListStats>& all,
                 const boost::json::object& total,
                 UtcMs now_ms) {
  Table table({"NAME", "STATE", "PDQ", "MD5", "SHA1", "SHA256", "SIGNALS", "NEWEST", "CHANGED"});
  for (const lists::ListStats& stats : all) {
    table.add(row_of(stats.list.spec.name,
                     std::string(lists::to_string(stats.list.state)),
                     http::list_stats_json(stats),
                     stats.newest_signal_ms ? age_text(now_ms - *stats.newest_signal_ms) : "-"));
  }
  if (all.size() > 1) {
    table.add(row_of("all", "", total, ""));
  }
  table.print();
}

Result<std::vector<lists::ListStats>> stats_of(pipeline::Pipeline& pipeline,
                                               const std::string& name) {
  if (name.empty()) {
    return pipeline.lists().stats(actor());
  }
  TUTELA_TRY_ASSIGN(const lists::List list, pipeline.lists().get(actor(), name));
  return pipeline.lists().stats(actor(), list.id);
}

}  // namespace

int show_list_stats(pipeline::Pipeline& pipeline, const ListOptions& options) {
  const auto all = stats_of(pipeline, options.name);
  if (!all) {
    return fail(all.error());
  }
  const boost::json::object total = http::total_stats_json(*all);
  const http::SearchedSet set = http::searched_set(pipeline);
  const boost::json::object searched = http::searched_json(set);
  if (options.json) {
    for (const lists::ListStats& stats : *all) {
      print_json(http::list_stats_json(stats));
    }
    print_json({{"summary", {{"total", total}, {"search", searched}}}});
    return kNothingFound;
  }
  print_table(*all, total, pipeline.clock().now_ms());
  print_searched(set);
  return kNothingFound;
}

}  // namespace tutela::cli
