#include <algorithm>

#include "service/watch/outlets.hpp"
#include "watch/alarms/codes.hpp"

namespace tutela::watch {

namespace {

using alarms::Change;
using alarms::Condition;
using alarms::What;

constexpr std::size_t kChangesMax = 50;

std::string name_of(const Condition& condition) {
  return condition.object.empty() ? condition.code : condition.code + " " + condition.object;
}

/// Of each alarm what was said of it last: what came and went within one mail is over.
std::vector<Numbered> last_of_each(const std::vector<Numbered>& changes) {
  std::vector<Numbered> last;
  for (const Numbered& each : changes) {
    const Condition& condition = each.change.alarm.condition;
    std::erase_if(last, [&](const Numbered& before) {
      const Condition& other = before.change.alarm.condition;
      return other.code == condition.code && other.object == condition.object;
    });
    last.push_back(each);
  }
  return last;
}

/// What a reader should see first: what is wrong before what is over, the worst of it.
int weight_of(const Numbered& each) {
  const Change& change = each.change;
  const auto level = static_cast<int>(change.alarm.condition.level);
  return change.what == What::kCleared ? 0 : 1 + level;
}

std::string paragraph(const Change& change) {
  const Condition& condition = change.alarm.condition;
  const std::string head = std::string(to_string(change.what)) + ": " + name_of(condition);
  if (change.what == What::kCleared) {
    return head + "\n  over since " + to_rfc3339(change.at_ms) + "; it was " +
           std::string(to_string(condition.level)) + " since " + to_rfc3339(change.alarm.since_ms) +
           "\n  What happened: " + condition.why + "\n\n";
  }
  const alarms::CodeRule& rule = alarms::rule_of(condition.code);
  const std::string again =
      change.alarm.times > 1
          ? ", raised " + std::to_string(change.alarm.times) + " times within a day"
          : "";
  return head + "\n  " + std::string(to_string(condition.level)) + " since " +
         to_rfc3339(change.alarm.since_ms) + again + "\n  What happened: " + condition.why +
         "\n  What is safe: " + std::string(rule.meanwhile) +
         "\n  What to do: " + std::string(rule.advice) + "\n\n";
}

}  // namespace

MailWords mail_words(const std::vector<Numbered>& changes,
                     std::int64_t lost,
                     const std::string& host) {
  std::vector<Numbered> sorted = last_of_each(changes);
  std::ranges::stable_sort(sorted, std::ranges::greater(), weight_of);
  const Change& first = sorted.front().change;
  const std::string state(to_string(changes.back().change.level));
  MailWords words;
  // What waits for people says nothing of detection.
  words.subject =
      alarms::concerns_detection(first.alarm.condition.code) ? "Tutela " + state : "Tutela";
  words.subject += ": " + name_of(first.alarm.condition) + " " + std::string(to_string(first.what));
  if (sorted.size() > 1) {
    words.subject += " (and " + std::to_string(sorted.size() - 1) + " more)";
  }
  words.body = "State of detection: " + state + "\nServer: " + host +
               "\nAs of: " + to_rfc3339(changes.back().change.at_ms) + "\n\n";
  for (std::size_t i = 0; i < std::min(sorted.size(), kChangesMax); ++i) {
    words.body += paragraph(sorted[i].change);
  }
  if (sorted.size() > kChangesMax) {
    words.body += "And " + std::to_string(sorted.size() - kChangesMax) + " more.\n";
  }
  if (lost > 0) {
    words.body += "Before these " + std::to_string(lost) + " could not be sent.\n";
  }
  words.body += "Everything at this moment: tutela status\n";
  return words;
}

}  // namespace tutela::watch
