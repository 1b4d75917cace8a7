#include "service/reporting/account.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tutela::reporting {

namespace json = boost::json;

namespace {

constexpr int kRoundsMax = 200;

constexpr auto kMembers = std::to_array<std::string_view>({"personOrUserReportedPerson",
                                                           "vehicleDescription",
                                                           "compromisedAccount",
                                                           "screenName",
                                                           "displayName",
                                                           "profileUrl",
                                                           "profileBio",
                                                           "ipCaptureEvent",
                                                           "deviceId",
                                                           "thirdPartyUserReported",
                                                           "priorCTReports",
                                                           "groupIdentifier",
                                                           "accountTemporarilyDisabled",
                                                           "accountPermanentlyDisabled",
                                                           "estimatedLocation",
                                                           "allEmailsReported",
                                                           "associatedAccount",
                                                           "additionalInfo"});

cybertip::Problem left_out(std::string_view path, std::string_view code, std::string message) {
  return {std::string(path), std::string(code), std::move(message)};
}

/// Whether `path` begins with `prefix` and ends there or at a slash.
bool lies_in(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

/// A document that has no fault but what the person may have.
json::value around(const json::object& person) {
  json::value document =
      json::parse(R"({"report":{"incidentSummary":{"incidentType":"Child Sexual Molestation",)"
                  R"("incidentDateTime":"2020-01-01T00:00:00Z"},"reporter":{"reportingPerson":)"
                  R"({"email":[{"#text":"reports@example.org"}]}}},"files":[]})");
  document.at("report").as_object()["personOrUserReported"] = json::array{person};
  return document;
}

/// Takes away the least part that a path leads to, and what is empty without it.
void remove(json::value& in, std::string_view path) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, slash);
  const std::string_view rest = path.substr(std::min(slash + 1, path.size()));
  if (json::object* const group = in.if_object()) {
    const auto found = group->find(part);
    const bool whole = rest.empty() || rest.starts_with('#') || rest.starts_with('@');
    if (found == group->end()) {
      group->clear();  // what must be said is missing: the group is nothing without it
    } else if (whole || !found->value().is_structured()) {
      group->erase(found);
    } else {
      remove(found->value(), rest);
      const bool empty = found->value().is_object() ? found->value().get_object().empty()
                                                    : found->value().get_array().empty();
      if (empty) {
        group->erase(found);
      }
    }
  } else if (json::array* const all = in.if_array()) {
    const std::string place(part);
    for (std::size_t i = 0; i < all->size(); ++i) {
      if (std::to_string(i) != place) {
        continue;
      }
      json::value& element = (*all)[i];
      if (!rest.empty() && !rest.starts_with('#') && !rest.starts_with('@') &&
          element.is_structured()) {
        remove(element, rest);
      } else {
        element = nullptr;
      }
      const bool gone = element.is_null() ||
                        (element.is_object() && element.get_object().empty()) ||
                        (element.is_array() && element.get_array().empty());
      if (gone) {
        all->erase(all->begin() + static_cast<std::ptrdiff_t>(i));
      }
      return;
    }
  }
}

json::object known_members(const json::object& said, std::vector<cybertip::Problem>& problems) {
  json::object person;
  for (const auto& member : said) {
    if (std::ranges::find(kMembers, std::string_view(member.key())) != kMembers.end()) {
      person[member.key()] = member.value();
    } else {
      problems.push_back(left_out(kReported,
                                  "unknown",
                                  "The service names something of the account that a report does "
                                  "not have; it was left out."));
    }
  }
  return person;
}

/// Takes away what does not check until nothing is left that does not.
void keep_good(json::object& person, UtcMs now_ms, std::vector<cybertip::Problem>& problems) {
  for (int round = 0; round < kRoundsMax && !person.empty(); ++round) {
    const auto verdict = cybertip::check(json::serialize(around(person)), now_ms);
    const auto wrong = std::ranges::find_if(verdict.problems, [](const cybertip::Problem& problem) {
      return lies_in(problem.path, kReported);
    });
    if (wrong == verdict.problems.end()) {
      if (verdict.problems.empty()) {
        return;
      }
      break;  // it cannot be told which part of it is wrong
    }
    problems.push_back(left_out(
        wrong->path, wrong->code, "What the service says here was left out. " + wrong->message));
    const std::string_view rest =
        std::string_view(wrong->path).substr(std::min(kReported.size() + 1, wrong->path.size()));
    if (rest.empty()) {
      break;
    }
    json::value whole(person);
    remove(whole, rest);
    person = whole.as_object();
  }
  if (!person.empty()) {
    person.clear();
    problems.push_back(left_out(
        kReported, "unreadable", "What the service says of the account does not fit together."));
  }
}

}  // namespace

std::vector<cybertip::Problem> put_account(Paper& paper,
                                           const std::optional<std::string>& said,
                                           UtcMs now_ms) {
  std::vector<cybertip::Problem> problems;
  if (!said) {
    return problems;
  }
  boost::system::error_code failed;
  const json::value facts = json::parse(*said, failed);
  if (failed || !facts.is_object()) {
    problems.push_back(left_out(
        kReported, "unreadable", "What the service says of the account is not a JSON object."));
    return problems;
  }
  json::object person = known_members(facts.get_object(), problems);
  keep_good(person, now_ms, problems);
  for (const auto& member : person) {
    const std::string path = std::string(kReported) + "/" + std::string(member.key());
    paper.put(path, member.value(), "service", "account");
  }
  return problems;
}

std::optional<std::string> country_of(const Paper& paper) {
  const std::string person(kReported);
  for (const std::string& path : {person + "/personOrUserReportedPerson/address/0/country",
                                  person + "/estimatedLocation/countryCode"}) {
    const json::value* const country = find(paper.body(), path);
    if (country != nullptr && country->is_string()) {
      return std::string(country->get_string());
    }
  }
  return {};
}

}  // namespace tutela::reporting
