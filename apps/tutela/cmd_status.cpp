// tutela status: whether detection is on, on one screen, from what every server that runs on this
// data folder said last.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "members.hpp"
#include "output.hpp"
#include "service/pipeline/instance.hpp"
#include "watch/alarms/codes.hpp"

namespace tutela::cli {
namespace {

namespace json = boost::json;

constexpr const char* kClosing =
    "Asks nobody: it reads what every server on this data folder leaves in the store each few\n"
    "seconds. A server that is there and says nothing counts as blind, and so does none at all.\n"
    "Exit status: 0; with --exit-code 0 detection is on, 1 it is degraded, 2 blind, or nobody\n"
    "watches. Always 2 on an error.\n"
    "Examples:\n"
    "  tutela status\n"
    "  tutela status --exit-code > /dev/null || page-somebody\n"
    "  tutela status --json | jq .state";

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kSilentMs = 30 * kSecondMs;
constexpr int kOn = 0;
constexpr int kDegraded = 1;
constexpr int kBlind = 2;

/// What one process said last.
struct Said {
  std::string instance_id;
  UtcMs at_ms = 0;
  json::object body;  // schema Coverage of spec/openapi.yaml; empty: not readable
};

struct Shown {
  bool exit_code = false;
  bool json = false;
};

std::int64_t number_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) {
    return 0;
  }
  return value->is_double() ? static_cast<std::int64_t>(value->get_double())
                            : value->to_number<std::int64_t>();
}

const json::object& object_of(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

std::vector<const json::object*> members_of(const json::object& object, std::string_view name) {
  std::vector<const json::object*> members;
  const auto* const value = object.if_contains(name);
  if (value != nullptr && value->is_array()) {
    for (const json::value& member : value->get_array()) {
      if (member.is_object()) {
        members.push_back(&member.get_object());
      }
    }
  }
  return members;
}

std::string duration_text(std::int64_t ms) {
  return ms >= 48 * kHourMs    ? fmt::format("{} days", ms / (24 * kHourMs))
         : ms >= 2 * kHourMs   ? fmt::format("{} h", ms / kHourMs)
         : ms >= 2 * kMinuteMs ? fmt::format("{} min", ms / kMinuteMs)
                               : fmt::format("{} s", std::max<std::int64_t>(0, ms) / kSecondMs);
}

/// "3 min ago", of a time in JSON; "-" when there is none.
std::string ago_text(const json::object& object, std::string_view name, UtcMs now_ms) {
  const auto at_ms = parse_time(text_of(object, name));
  return at_ms ? duration_text(now_ms - *at_ms) + " ago" : "-";
}

bool is_silent(const Said& said, UtcMs now_ms) {
  // The clock may have been set back: what was said in the future is not of now either.
  return said.body.empty() || std::abs(now_ms - said.at_ms) > kSilentMs;
}

int level_of(const Said& said, UtcMs now_ms) {
  const std::string state = text_of(said.body, "state");
  return is_silent(said, now_ms) ? kBlind
         : state == "ok"         ? kOn
         : state == "degraded"   ? kDegraded
                                 : kBlind;
}

std::string_view state_of(int level) {
  return level == kOn ? "ok" : level == kDegraded ? "degraded" : "blind";
}

Result<std::vector<Said>> read_beats(const config::Config& config, bool& some_ended) {
  const std::filesystem::path& folder = config.store.folder;
  std::vector<Said> all;
  std::error_code failed;
  if (!std::filesystem::exists(folder / "tutela.db", failed)) {
    return all;
  }
  TUTELA_TRY_ASSIGN(const auto database,
                    store::Database::open(
                        {.path = folder / "tutela.db", .group_access = config.store.group_access}));
  TUTELA_TRY(database->read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT instance_id, at_ms, body FROM watch_beat ORDER BY started_ms",
        {},
        [&](const store::Row& row) {
          boost::system::error_code bad;
          json::value body = json::parse(row.text(2), bad);
          all.push_back({row.text(0),
                         row.integer(1),
                         !bad && body.is_object() ? std::move(body.get_object()) : json::object()});
          return ok();
        });
  }));
  const auto ended = std::ranges::remove_if(all, [&](const Said& said) {
    return !pipeline::is_instance_alive(folder / "instances", said.instance_id);
  });
  some_ended = !ended.empty();
  all.erase(ended.begin(), ended.end());
  return all;
}

/// Of one kind: `detection`, or what waits for people. What to do comes once for each code.
void print_alarms(const Said& said, bool detection, UtcMs now_ms) {
  std::string advised;
  const auto advise = [&] {
    print(advised.empty() ? "" : fmt::format("            {}\n", alarms::advice_of(advised)));
  };
  for (const json::object* const alarm : members_of(said.body, "alarms")) {
    const std::string code = text_of(*alarm, "code");
    if (alarms::concerns_detection(code) != detection) {
      continue;
    }
    if (code != advised) {
      advise();
      print(advised.empty() ? "\n" : "");
      advised = code;
    }
    const std::string object = text_of(*alarm, "object");
    print(printable(fmt::format("  {:<9} {}{}{}: {} (since {})",
                                detection ? text_of(*alarm, "level") : "waits",
                                code,
                                object.empty() ? "" : " ",
                                object,
                                text_of(*alarm, "why"),
                                ago_text(*alarm, "since", now_ms))) +
          "\n");
  }
  advise();
}

void print_canaries(const Said& said, UtcMs now_ms) {
  Table table({"CANARIES", "LAST", "LAST GOOD", "TOOK", "GOOD OF SENT"});
  for (const json::object* const line : members_of(said.body, "canaries")) {
    table.add({text_of(*line, "door") + "/" + text_of(*line, "format"),
               text_of(*line, "last"),
               ago_text(*line, "last_good_at", now_ms),
               line->contains("took_ms") ? fmt::format("{} ms", number_of(*line, "took_ms")) : "-",
               fmt::format("{} of {}", number_of(*line, "good"), number_of(*line, "sent"))});
  }
  if (!table.empty()) {
    print("\n");
    table.print();
  }
}

void print_doors(const Said& said) {
  Table table({"DOOR", "STATE", "SCANS", "ON ERROR", "TODAY", "LET THROUGH"});
  for (const json::object* const door : members_of(said.body, "doors")) {
    const auto* const scanning = door->if_contains("scanning");
    const bool scans = scanning != nullptr && scanning->is_bool() && scanning->get_bool();
    table.add({text_of(*door, "door"),
               text_of(*door, "level"),
               scans ? "yes" : "NO",
               text_of(*door, "on_error"),
               counted(static_cast<std::uint64_t>(number_of(*door, "items_today")), "item"),
               std::to_string(number_of(*door, "let_through"))});
  }
  if (!table.empty()) {
    print("\n");
    table.print();
  }
}

void print_lists(const Said& said, UtcMs now_ms) {
  Table table({"LIST", "PURPOSE", "SIGNALS", "CHANGED", "NOT SEARCHED AGAIN SINCE"});
  for (const json::object* const list : members_of(said.body, "lists")) {
    table.add({text_of(*list, "name"),
               text_of(*list, "purpose"),
               std::to_string(number_of(*list, "signals")),
               ago_text(*list, "changed_at", now_ms),
               list->contains("not_rescanned")
                   ? counted(static_cast<std::uint64_t>(number_of(*list, "not_rescanned")), "item")
                   : "-"});
  }
  if (!table.empty()) {
    print("\n");
    table.print();
  }
}

void print_rest(const Said& said, UtcMs now_ms) {
  const json::object& backlog = object_of(said.body, "backlog");
  std::string owed = counted(static_cast<std::uint64_t>(number_of(backlog, "owed")), "item");
  if (number_of(backlog, "owed") > 0) {
    owed += fmt::format(", the oldest came {}; {} made up",
                        ago_text(backlog, "oldest_at", now_ms),
                        number_of(backlog, "done"));
    if (const auto until_ms = parse_time(text_of(backlog, "finished_at"))) {
      owed += ", the rest in about " + duration_text(*until_ms - now_ms);
    }
  }
  const json::object& samples = object_of(said.body, "samples");
  print(fmt::format("\nOwed their scan  {}\n", owed));
  print(fmt::format("Last verdict     {}\n", ago_text(said.body, "last_verdict_at", now_ms)));
  print(fmt::format(
      "Sampling audits  {} the same, {} different, {} failed since the start; {} owed\n",
      number_of(samples, "same"),
      number_of(samples, "different"),
      number_of(samples, "failed"),
      number_of(samples, "owed")));
  const auto told_by = members_of(said.body, "told");
  if (told_by.empty()) {
    print(
        "Told: nobody     Set webhook.url, watch.email_to, watch.syslog or "
        "watch.heartbeat_url\n");
  }
  for (const json::object* const told : told_by) {
    const std::string failure = text_of(*told, "failure");
    print(fmt::format("{:<17}{} waiting, last taken {}{}\n",
                      "Told: " + text_of(*told, "channel"),
                      number_of(*told, "waiting"),
                      ago_text(*told, "last_success_at", now_ms),
                      failure.empty() ? "" : ", last failure: " + failure));
  }
}

void print_server(const Said& said, UtcMs now_ms) {
  const int level = level_of(said, now_ms);
  print(fmt::format("Detection is {}.\n",
                    level == kOn         ? "on"
                    : level == kDegraded ? "DEGRADED"
                                         : "BLIND"));
  print(fmt::format("Server {}, started {}, spoke {}.\n",
                    said.instance_id.substr(0, 8),
                    ago_text(said.body, "started_at", now_ms),
                    duration_text(now_ms - said.at_ms) + " ago"));
  if (is_silent(said, now_ms)) {
    print(fmt::format(
        "\n  blind     The server is there and has been silent for {}: what is below is "
        "old.\n            Look whether it hangs or cannot write to the store; "
        "restart it.\n",
        duration_text(now_ms - said.at_ms)));
  }
  print_alarms(said, true, now_ms);
  print_alarms(said, false, now_ms);
  print_canaries(said, now_ms);
  print_doors(said);
  print_lists(said, now_ms);
  print_rest(said, now_ms);
}

json::object report_of(const std::vector<Said>& servers, int level, UtcMs now_ms) {
  json::array all;
  for (const Said& said : servers) {
    all.push_back(json::object{{"instance", said.instance_id},
                               {"at", to_rfc3339(said.at_ms)},
                               {"silent", is_silent(said, now_ms)},
                               {"status", said.body}});
  }
  return {{"state", state_of(level)}, {"at", to_rfc3339(now_ms)}, {"servers", std::move(all)}};
}

int show_status(const Session& session, const Shown& shown) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  bool some_ended = false;
  const auto servers = read_beats(*config, some_ended);
  if (!servers) {
    return fail(servers.error());
  }
  const UtcMs now_ms = session.clock.now_ms();
  int level = servers->empty() ? kBlind : kOn;
  for (const Said& said : *servers) {
    level = std::max(level, level_of(said, now_ms));
  }
  if (shown.json) {
    print_json(report_of(*servers, level, now_ms));
    return shown.exit_code ? level : kNothingFound;
  }
  if (servers->empty()) {
    print(
        fmt::format("Detection is OFF: no server runs on this data folder{}.\n"
                    "Start one with tutela serve.\n",
                    some_ended ? "; the last one has ended" : ""));
  }
  for (const Said& said : *servers) {
    if (&said != &servers->front()) {
      print("\n");
    }
    print_server(said, now_ms);
  }
  return shown.exit_code ? level : kNothingFound;
}

}  // namespace

void add_status(CLI::App& app, Session& session) {
  CLI::App& status =
      add_command(app, "status", "Shows whether detection is on, and what to do", kClosing);
  const auto shown = std::make_shared<Shown>();
  status.add_flag("--exit-code", shown->exit_code, "Say it by the exit status, too");
  status.add_flag("--json", shown->json, "One JSON object");
  status.callback([&session, shown] {
    session.run = [&session, shown] {
      return show_status(session, *shown);
    };
  });
}

}  // namespace tutela::cli
