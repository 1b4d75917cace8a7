// Handed on: what one process leaves to the next of its alarms: which are raised, and who waits to
// be told of what. So an alarm that nobody was told of is told by the next process, under the same
// id, and one that was told is not told again at every start. Text in watch_beat; written beside
// the beat, at best: alarms never wait for the store. Stateless. Internal to watch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "watch/alarms/alarms.hpp"

namespace tutela::watch {

/// One change on its way. The number grows from change to change, and tells gaps; the id is the
/// same at every attempt, of the next process, too, and no other's.
struct Numbered {
  std::int64_t number = 0;
  alarms::Change change;
  std::string id = {};
};

/// Who is told, and of what that one has not been told yet.
struct LineState {
  std::string channel;  // "webhook" "email" "syslog"
  std::string to;       // an address of e-mail; else empty
  std::vector<Numbered> waiting;
  std::int64_t lost = 0;  // pushed out, and not yet told of
};

struct HandedOn {
  std::vector<alarms::Alarm> raised;
  std::vector<LineState> lines;
};

[[nodiscard]] std::string to_text(const HandedOn& handed_on);
/// Absent where it is none of to_text(): nothing is known then, and what is wrong is raised anew.
[[nodiscard]] std::optional<HandedOn> parse_handed_on(std::string_view text);

}  // namespace tutela::watch
