#include "service/cybertip_simulator/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>

namespace tutela::cybertip_simulator {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMsMax = 24LL * 3'600'000;

struct NamedAct {
  std::string_view name;
  Act act;
};

constexpr std::array kActs = {
    NamedAct{"late", Act::kLate},
    NamedAct{"late_effect", Act::kLateEffect},
    NamedAct{"lose_answer", Act::kLoseAnswer},
    NamedAct{"close_before", Act::kCloseBefore},
    NamedAct{"cut", Act::kCut},
    NamedAct{"refuse", Act::kRefuse},
    NamedAct{"lie", Act::kLie},
    NamedAct{"other_bytes", Act::kOtherBytes},
    NamedAct{"truncated", Act::kTruncated},
    NamedAct{"half", Act::kHalf},
    NamedAct{"oversized", Act::kOversized},
    NamedAct{"deep", Act::kDeep},
    NamedAct{"doctype", Act::kDoctype},
    NamedAct{"twice", Act::kTwice},
    NamedAct{"empty", Act::kEmpty},
    NamedAct{"other_report", Act::kOtherReport},
    NamedAct{"no_files", Act::kNoFiles},
    NamedAct{"drip", Act::kDrip},
    NamedAct{"expire_before", Act::kExpireBefore},
};

constexpr std::array<std::string_view, 7> kEndpoints = {
    "status", "submit", "upload", "fileinfo", "finish", "retract", "any"};

Error bad(const std::string& what) {
  return {ErrorKind::kInvalidInput, "simulator.bad_faults", "faults: " + what};
}

Result<std::int64_t> number_of(const json::value& value, std::int64_t least, std::int64_t most) {
  if (!value.is_int64() || value.get_int64() < least || value.get_int64() > most) {
    return bad("a number is from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value.get_int64();
}

Status set_word(Fault& fault, std::string_view key, std::string_view word) {
  if (key == "do") {
    const auto* const found = std::find_if(
        kActs.begin(), kActs.end(), [&](const NamedAct& one) { return one.name == word; });
    if (found == kActs.end()) {
      return bad("\"do\" is one of the words of the help");
    }
    fault.act = found->act;
    return ok();
  }
  if (key == "on" && std::find(kEndpoints.begin(), kEndpoints.end(), word) != kEndpoints.end()) {
    fault.on = word;
    return ok();
  }
  if (key == "body" && (word == "xml" || word == "html" || word == "empty")) {
    fault.body = word;
    return ok();
  }
  return bad(
      "\"on\" is status, submit, upload, fileinfo, finish, retract or any; \"body\" is xml, "
      "html or empty; there is no other word");
}

Status set_number(Fault& fault, std::string_view key, const json::value& value) {
  if (key == "nth") {
    TUTELA_TRY_ASSIGN(fault.nth, number_of(value, 1, 1'000'000));
  } else if (key == "times") {
    TUTELA_TRY_ASSIGN(fault.times, number_of(value, 0, 1'000'000));
  } else if (key == "ms") {
    TUTELA_TRY_ASSIGN(fault.ms, number_of(value, 0, kMsMax));
  } else if (key == "code") {
    TUTELA_TRY_ASSIGN(fault.code, number_of(value, 0, 999'999));
  } else if (key == "http") {
    TUTELA_TRY_ASSIGN(const std::int64_t status, number_of(value, 200, 599));
    fault.http_status = static_cast<unsigned>(status);
  } else {
    return bad("a fault has on, do, nth, times, ms, code, http and body");
  }
  return ok();
}

Result<Fault> fault_of(const json::value& value) {
  const json::object* const object = value.if_object();
  if (object == nullptr || !object->contains("do")) {
    return bad("each is an object with at least \"do\"");
  }
  Fault fault;
  for (const json::key_value_pair& member : *object) {
    const std::string_view key = member.key();
    if (const json::string* const word = member.value().if_string()) {
      TUTELA_TRY(set_word(fault, key, {word->data(), word->size()}));
    } else {
      TUTELA_TRY(set_number(fault, key, member.value()));
    }
  }
  return fault;
}

struct Mode {
  std::string_view name;
  std::string_view faults;
};

constexpr std::array kModes = {
    Mode{"normal", "[]"},
    Mode{"slow", R"([{"do": "late", "times": 0, "ms": 5000}])"},
    Mode{"unavailable", R"([{"do": "refuse", "times": 0, "http": 503, "body": "html"}])"},
    Mode{"lost-answers",
         R"([{"on": "submit", "do": "lose_answer"}, {"on": "upload", "do": "lose_answer"},
             {"on": "fileinfo", "do": "lose_answer"}, {"on": "finish", "do": "lose_answer"},
             {"on": "retract", "do": "lose_answer"}])"},
    Mode{"wrong-password", R"([{"do": "refuse", "times": 0, "code": 2000}])"},
    Mode{"rejecting", R"([{"on": "submit", "do": "refuse", "times": 0, "code": 4100}])"},
    Mode{"other-bytes", R"([{"on": "upload", "do": "other_bytes", "times": 0}])"},
    Mode{"expiring", R"([{"on": "finish", "do": "expire_before", "times": 0}])"},
};

}  // namespace

Result<std::vector<Fault>> parse_faults(std::string_view text) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  const json::array* const array = failed ? nullptr : value.if_array();
  if (array == nullptr || array->size() > kFaultsMax) {
    return bad("a JSON array of at most 1000 faults is wanted");
  }
  std::vector<Fault> faults;
  for (const json::value& one : *array) {
    TUTELA_TRY_ASSIGN(Fault fault, fault_of(one));
    faults.push_back(std::move(fault));
  }
  return faults;
}

Result<std::vector<Fault>> faults_of_mode(std::string_view mode) {
  for (const Mode& one : kModes) {
    if (one.name == mode) {
      return parse_faults(one.faults);
    }
  }
  return Error{ErrorKind::kInvalidInput,
               "simulator.bad_mode",
               "the mode is normal, slow, unavailable, lost-answers, wrong-password, rejecting, "
               "other-bytes or expiring"};
}

void Faults::set(std::vector<Fault> faults) {
  rules_.clear();
  for (Fault& fault : faults) {
    rules_.push_back({std::move(fault), 0});
  }
}

std::optional<Fault> Faults::next(std::string_view on) {
  std::optional<Fault> acts;
  for (Rule& rule : rules_) {
    if (rule.fault.on != "any" && rule.fault.on != on) {
      continue;
    }
    ++rule.seen;
    const bool begun = rule.seen >= rule.fault.nth;
    const bool over = rule.fault.times > 0 && rule.seen >= rule.fault.nth + rule.fault.times;
    if (begun && !over && !acts) {
      acts = rule.fault;
    }
  }
  return acts;
}

}  // namespace tutela::cybertip_simulator
