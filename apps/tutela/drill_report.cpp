#include "drill_report.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "output.hpp"

namespace tutela::cli {
namespace {

std::string after_text(const std::optional<DrillOutcome::Ms>& time) {
  return time ? seconds_text(*time) : "NOT NOTICED";
}

std::string said_text(const DrillOutcome& outcome) {
  return outcome.said_after
             ? fmt::format("{} after {}", outcome.said_by, seconds_text(*outcome.said_after))
             : "did not say";
}

std::string good_text(const DrillOutcome& outcome) {
  return outcome.good_after ? seconds_text(*outcome.good_after) : "NOT AGAIN";
}

}  // namespace

bool DrillOutcome::items_good() const {
  const bool wrong = items.wrong_before + items.wrong_after > 0 && !row->answers_wrongly;
  return !wrong && items.passed == 0 && items.owed == 0 && items.lost == 0 && items.mistaken == 0;
}

std::string seconds_text(std::chrono::milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

std::string codes_text(const DrillOutcome& outcome) {
  std::vector<std::pair<std::string, int>> codes;
  for (const DrillOutcome::Raised& raised : outcome.raised) {
    const auto found = std::ranges::find(codes, raised.code, &std::pair<std::string, int>::first);
    if (found == codes.end()) {
      codes.emplace_back(raised.code, 1);
    } else {
      ++found->second;
    }
  }
  std::string text;
  for (const auto& [code, times] : codes) {
    text += (text.empty() ? "" : ", ") + code + (times > 1 ? fmt::format(" ({})", times) : "");
  }
  return text.empty() ? "nothing" : text;
}

std::string to_line(const DrillOutcome& outcome) {
  if (!outcome.failed.empty()) {
    return "could not be tried: " + outcome.failed;
  }
  return fmt::format("{}: alarm after {} ({}); {}; good again after {}; {}",
                     outcome.good() ? "good" : "NOT GOOD",
                     after_text(outcome.alarm_after),
                     codes_text(outcome),
                     said_text(outcome),
                     good_text(outcome),
                     to_text(outcome.items));
}

void print_table(const std::vector<DrillOutcome>& outcomes) {
  Table table({"FAULT", "NOTICED BY", "ALARM AFTER", "SERVER SAYS SO", "GOOD AGAIN", "ITEMS"});
  for (const DrillOutcome& outcome : outcomes) {
    table.add({std::string(outcome.row->name),
               outcome.failed.empty() ? codes_text(outcome) : outcome.failed,
               after_text(outcome.alarm_after),
               said_text(outcome),
               good_text(outcome),
               to_text(outcome.items)});
  }
  table.print();
}

std::string to_markdown(const std::vector<DrillOutcome>& outcomes) {
  std::string text =
      "| Fault | Noticed by | Alarm after | The server itself says so | Good again after | Items "
      "meanwhile |\n|---|---|---|---|---|---|\n";
  for (const DrillOutcome& outcome : outcomes) {
    text += fmt::format("| {} (`{}`) | {} | {} | {} | {} | {} |\n",
                        outcome.row->title,
                        outcome.row->name,
                        outcome.failed.empty() ? codes_text(outcome) : outcome.failed,
                        after_text(outcome.alarm_after),
                        said_text(outcome),
                        good_text(outcome),
                        to_text(outcome.items));
  }
  return text;
}

}  // namespace tutela::cli
