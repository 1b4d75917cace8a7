#include "service/authorities/cybertip_answer.hpp"

#include <algorithm>
#include <utility>

namespace tutela::authorities {

using cybertip::Meaning;
using reports::Phase;
using reports::Step;

namespace {

constexpr std::size_t kDescriptionBytesMax = 2000;
constexpr std::size_t kIdDigitsMax = 18;
constexpr std::size_t kDigitsMax = 8;
constexpr std::size_t kHexMax = 15;
constexpr std::string_view kLeftOut = "[...]";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Made of names of the schema alone, as 'incidentType' is.
bool is_vocabulary(std::string_view quoted) {
  const std::string_view known = cybertip::form_json();
  for (std::size_t at = 0; at < quoted.size();) {
    const std::size_t begin = at;
    while (at < quoted.size() && is_word(quoted[at])) {
      ++at;
    }
    if (at == begin) {
      ++at;
      continue;
    }
    const std::string word = '"' + std::string(quoted.substr(begin, at - begin)) + '"';
    if (known.find(word) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

/// "name@host", "a.jpg", "10.1.2.3", "https://...", numbers of telephones, digests.
bool may_be_personal(std::string_view token) {
  std::size_t digits = 0;
  std::size_t hex = 0;
  for (std::size_t at = 0; at < token.size(); ++at) {
    const char c = token[at];
    const bool digit = c >= '0' && c <= '9';
    digits += digit ? 1 : 0;
    hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ? hex + 1 : 0;
    const bool inner_dot = c == '.' && at > 0 && at + 1 < token.size() && is_word(token[at + 1]);
    if (c == '@' || c == '\\' || digits > kDigitsMax || hex > kHexMax ||
        (inner_dot && !token.starts_with("cvc-"))) {  // the rules of XML Schema have dotted names
      return true;
    }
  }
  return token.find("//") != std::string_view::npos;
}

bool is_quote(char c) {
  return c == '\'' || c == '"';
}

/// The end of what is quoted from `begin` on, after its quote; nothing where none is.
std::size_t quoted_end(std::string_view text, std::size_t begin) {
  if (!is_quote(text[begin]) || (begin > 0 && is_word(text[begin - 1]))) {
    return begin;  // an apostrophe, or no quote
  }
  const std::size_t end = text.find(text[begin], begin + 1);
  return end == std::string_view::npos ? text.size() : end + 1;
}

/// What an answer of success lacks to be the one that was asked for; empty: nothing.
std::string_view lack_of(const Expected& expected, const cybertip::Answer& answer) {
  const bool of_ours = answer.report_id && *answer.report_id == number_of(expected.authority_id);
  switch (expected.step) {
    case Step::kSubmit:
      return answer.report_id && *answer.report_id > 0 ? "" : "it names no report";
    case Step::kUpload:
      if (!of_ours) {
        return "it names another report";
      }
      if (!answer.file_id) {
        return "it names no file";
      }
      return answer.hash ? "" : "it does not say what was received";
    case Step::kFinish:
      return answer.done && of_ours ? "" : "it does not say that this report is finished";
    case Step::kFileInfo:
    case Step::kRetract:
      return answer.report_id && !of_ours ? "it names another report" : "";
    case Step::kDeliver:
      break;
  }
  return "it is of no step of this service";
}

void judge_success(const Expected& expected, const cybertip::Answer& answer, Took& took) {
  const std::string_view lack = lack_of(expected, answer);
  if (!lack.empty()) {
    took.phase = Phase::kUnclear;
    took.description = "the service answers success, but " + std::string(lack);
    return;
  }
  took.phase = Phase::kDone;
  switch (expected.step) {
    case Step::kSubmit:
      took.authority_id = std::to_string(*answer.report_id);
      break;
    case Step::kUpload:
      took.file_id = *answer.file_id;
      if (*answer.hash != expected.md5) {
        took.phase = Phase::kOtherBytes;
        took.description = "the service received other bytes than were sent";
      }
      break;
    case Step::kFinish:
      took.file_ids = answer.file_ids;
      break;
    case Step::kFileInfo:
    case Step::kRetract:
    case Step::kDeliver:
      break;
  }
}

Phase phase_of(Meaning meaning, Step step) {
  switch (meaning) {
    case Meaning::kSuccess:
    case Meaning::kServerTrouble:
      return Phase::kUnclear;
    case Meaning::kCredentials:
      return Phase::kCredentials;
    case Meaning::kRejected:
      return Phase::kRejected;
    case Meaning::kNoReport:
    case Meaning::kNoFile:
      return Phase::kGone;
    case Meaning::kRetracted:
      return Phase::kRetracted;
    case Meaning::kFinished:
      return Phase::kFinished;
    case Meaning::kUnknown:
      break;
  }
  // Whether a report became final must never be guessed; anything else a person can look at.
  return step == Step::kFinish ? Phase::kUnclear : Phase::kRejected;
}

/// Of an answer without XML that can be read. What ends a report may have worked all the same.
void judge_status(Step step, std::int64_t status, Took& took) {
  const std::string said = "the service answers with HTTP " + std::to_string(status);
  if (status == 401 || status == 403) {
    took.phase = Phase::kCredentials;
    took.description = said + ": check cybertip.username and cybertip.password";
  } else if (status == 429) {  // refused before it was looked at
    took.phase = Phase::kTrouble;
    took.description = said + ": too many calls; lower reporting.calls_per_minute";
  } else if (status >= 400 && status < 500 && status != 408) {
    took.phase =
        step == Step::kFinish || step == Step::kRetract ? Phase::kUnclear : Phase::kRejected;
    took.description = said +
                       " and no answer of the Reporting API; check cybertip.url, and what "
                       "lies between this machine and the service";
  } else if (status >= 300 && status < 400) {
    took.phase = Phase::kUnclear;
    took.description = said + ", which sends elsewhere and is not followed; check cybertip.url";
  } else {
    took.phase = Phase::kUnclear;
    took.description = said + " and no answer of the Reporting API that can be read";
  }
}

bool is_state(Phase phase) {
  return phase == Phase::kGone || phase == Phase::kRetracted || phase == Phase::kFinished;
}

void judge_answer(const Expected& expected,
                  const Got& got,
                  const cybertip::Answer& answer,
                  Took& took) {
  took.code = answer.code;
  took.description = presentable(answer.description);
  took.simulated = took.simulated || answer.description.starts_with(kSimulated);
  const Meaning meaning = cybertip::meaning_of(answer.code);
  const bool good_status = got.status >= 200 && got.status < 300;
  if (meaning == Meaning::kSuccess && good_status) {
    judge_success(expected, answer, took);
    return;
  }
  took.phase = phase_of(meaning, expected.step);
  if ((got.status == 401 || got.status == 403) && !is_state(took.phase)) {
    took.phase = Phase::kCredentials;
  }
}

}  // namespace

std::optional<std::int64_t> number_of(std::string_view text) noexcept {
  std::int64_t number = 0;
  if (text.empty() || text.size() > kIdDigitsMax) {
    return std::nullopt;
  }
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    number = number * 10 + (c - '0');
  }
  return number;
}

std::string presentable(std::string_view description) {
  std::string text;
  const auto add = [&](std::string_view part, bool keep) {
    for (const char c : keep ? part : kLeftOut) {
      text += c >= ' ' && c < '\x7f' ? c : '?';
    }
  };
  for (std::size_t at = 0; at < description.size() && text.size() < kDescriptionBytesMax;) {
    std::size_t end = quoted_end(description, at);
    if (end > at) {
      const std::string_view quoted = description.substr(at, end - at);
      add(quoted, is_vocabulary(quoted));
    } else if (is_quote(description[at]) || description[at] == ' ') {
      end = at + 1;
      add(description.substr(at, 1), true);
    } else {
      while (end < description.size() && description[end] != ' ' &&
             quoted_end(description, end) == end) {
        ++end;
      }
      add(description.substr(at, end - at), !may_be_personal(description.substr(at, end - at)));
    }
    at = end;
  }
  text.resize(std::min(text.size(), kDescriptionBytesMax));
  return text;
}

Took judge(const Expected& expected, const Got& got) {
  Took took;
  took.request_ref = got.request_id;
  took.simulated = got.marked;
  if (got.status != 0) {
    took.http_status = got.status;
  }
  const Result<cybertip::Answer> answer =
      got.failure.empty() ? cybertip::parse_answer(got.body)
                          : Error{ErrorKind::kUnavailable, "authorities.no_answer", got.failure};
  if (answer) {
    judge_answer(expected, got, *answer, took);
  } else if (got.status == 401 || got.status == 403 || got.failure.empty()) {
    judge_status(expected.step, got.status, took);
  } else {
    took.phase = got.issued ? Phase::kUnclear : Phase::kTrouble;
    took.description = got.failure;
  }
  if (took.simulated && !took.description.starts_with(kSimulated)) {
    took.description.insert(0, std::string(kSimulated) + ' ');  // the journal keeps it
  }
  const bool final = took.phase == Phase::kDone || took.phase == Phase::kFinished;
  if (answer && ((expected.step == Step::kFinish && final) ||
                 (expected.step == Step::kRetract && took.phase == Phase::kFinished))) {
    took.raw = as_text(got.body);
  }
  return took;
}

}  // namespace tutela::authorities
