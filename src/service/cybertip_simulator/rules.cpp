#include "service/cybertip_simulator/rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>

#include <arpa/inet.h>

namespace tutela::cybertip_simulator {

namespace {

/// Length in characters, not bytes.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

struct Limit {
  std::string_view parent;  // empty: wherever the element is
  std::string_view element;
  std::size_t length_max;
};

// The first that fits holds.
constexpr std::array kLimits = {
    Limit{"associatedAccount", "firstName", 256},
    Limit{"associatedAccount", "lastName", 256},
    Limit{"associatedAccount", "middleName", 256},
    Limit{"associatedAccount", "espService", 256},
    Limit{"associatedAccount", "espIdentifier", 256},
    Limit{"associatedAccount", "groupIdentifier", 256},
    Limit{"associatedAccount", "platform", 256},
    Limit{"incidentSummary", "platform", 256},
    Limit{"estimatedLocation", "city", 255},
    Limit{"newsgroupIncident", "name", 255},
    Limit{"nameValuePair", "name", 64},
    Limit{"", "idType", 255},
    Limit{"", "idValue", 2083},
    Limit{"address", "address", 255},
    Limit{"", "city", 100},
    Limit{"", "zipCode", 20},
    Limit{"", "nonUsaState", 100},
    Limit{"", "phone", 50},
    Limit{"", "phoneNumber", 50},
    Limit{"", "email", 255},
    Limit{"", "emailAddress", 255},
    Limit{"", "region", 255},
    Limit{"", "firstName", 100},
    Limit{"", "lastName", 100},
    Limit{"", "escalateToHighPriority", 3000},
    Limit{"", "incidentDateTimeDescription", 3000},
    Limit{"", "url", 2083},
    Limit{"", "chatClient", 255},
    Limit{"", "chatRoomName", 255},
    Limit{"", "gameName", 255},
    Limit{"", "console", 255},
    Limit{"", "locationName", 255},
    Limit{"peer2peerIncident", "client", 255},
    Limit{"", "agencyName", 255},
    Limit{"", "caseNumber", 100},
    Limit{"", "legalURL", 2083},
    Limit{"", "vehicleDescription", 300},
    Limit{"", "espIdentifier", 255},
    Limit{"", "espService", 100},
    Limit{"", "screenName", 256},
    Limit{"", "displayName", 255},
    Limit{"", "profileUrl", 2083},
    Limit{"", "groupIdentifier", 255},
    Limit{"", "schoolName", 255},
    Limit{"", "originalFileName", 2056},
    Limit{"", "locationOfFile", 2083},
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool is_true(std::string_view text) {
  return is_one_of(trimmed(text), {"true", "1"});
}

/// A time with its zone; nothing where the zone is missing.
std::optional<UtcMs> time_of(std::string_view text) {
  const std::string_view time = trimmed(text);
  if (time.size() < 11 || time[10] != 'T') {
    return {};
  }
  if (time.substr(0, 4) < "1970") {
    return time.ends_with("Z") || time.substr(11).find_first_of("+-") != std::string_view::npos
               ? std::optional<UtcMs>(0)
               : std::nullopt;
  }
  const auto parsed = parse_time(time);
  return parsed ? std::optional<UtcMs>(*parsed) : std::nullopt;
}

std::string complaint_of_past(std::string_view what, std::string_view text, UtcMs now_ms) {
  const auto time = time_of(text);
  if (!time) {
    return std::string(what) + " needs a date and time with its time zone";
  }
  return *time <= now_ms ? std::string() : std::string(what) + " must be in the past";
}

bool is_address(std::string_view text) {
  const std::string address(trimmed(text));
  std::array<unsigned char, 16> space{};
  return ::inet_pton(AF_INET, address.c_str(), space.data()) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), space.data()) == 1;
}

bool is_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 3);
  constexpr std::string_view kScheme =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
  return scheme.find_first_not_of(kScheme) == std::string_view::npos && !rest.empty() &&
         std::string_view("/?#:").find(rest.front()) == std::string_view::npos &&
         rest.find_first_of(" \t\r\n<>\"") == std::string_view::npos;
}

std::string complaint_of_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  const std::string_view domain = at == std::string_view::npos ? "" : text.substr(at + 1);
  const bool good = at != std::string_view::npos && at > 0 && !domain.empty() &&
                    text.find_first_of(" \t\r\n<>\"") == std::string_view::npos &&
                    text.find('@') == at && domain.find('.') != std::string_view::npos &&
                    domain.front() != '.' && domain.back() != '.' &&
                    domain.find("..") == std::string_view::npos;
  if (!good) {
    return "email must be a well-formed e-mail address";
  }
  return at > 64 ? "the local part of an email is at most 64 characters" : "";
}

bool is_within(std::string_view text, std::int64_t least, std::int64_t most) {
  const std::string_view number = trimmed(text);
  std::int64_t value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc() && read.ptr == number.data() + number.size() && value >= least &&
         value <= most;
}

std::string complaint_of_length(const Element& parent, const Element& element) {
  for (const Limit& limit : kLimits) {
    if (limit.element == element.name && (limit.parent.empty() || limit.parent == parent.name)) {
      return length_of(element.text) <= limit.length_max
                 ? std::string()
                 : element.name + " is at most " + std::to_string(limit.length_max) + " characters";
    }
  }
  return {};
}

std::string complaint_of_text(const Element& element, UtcMs now_ms) {
  const std::string& name = element.name;
  if (is_one_of(name, {"incidentDateTime", "dateTime", "uploadedToEspTimestamp"})) {
    return complaint_of_past(name, element.text, now_ms);
  }
  if (name == "dateOfBirth") {
    const std::string today = to_rfc3339(now_ms).substr(0, 10);
    return trimmed(element.text).substr(0, 10) < today ? "" : "dateOfBirth must be in the past";
  }
  if (is_one_of(
          name,
          {"escalateToHighPriority", "ipAddress", "idType", "idValue", "fileId", "agencyName"}) &&
      is_blank(element.text)) {
    return name + " must not be blank";
  }
  if (name == "ipAddress" && !is_address(element.text)) {
    return "ipAddress must be a valid IPv4 or IPv6 address";
  }
  if (name == "port" && !is_within(element.text, 1, 65535)) {
    return "port must be between 1 and 65535";
  }
  if (is_one_of(name, {"age", "approximateAge"}) && !is_within(element.text, 0, 150)) {
    return name + " must be between 0 and 150";
  }
  if (is_one_of(name, {"url", "profileUrl", "legalURL", "locationOfFile"}) &&
      !is_url(trimmed(element.text))) {
    return name + " must be a valid URL";
  }
  if (is_one_of(name, {"email", "emailAddress"})) {
    return complaint_of_email(trimmed(element.text));
  }
  if (is_one_of(name, {"priorCTReports", "priorCTReport", "reportId"}) &&
      !is_within(element.text, 1, INT64_MAX)) {
    return name + " must be a CyberTipline report ID";
  }
  return {};
}

std::string complaint_of_dates(const Element& element, UtcMs now_ms) {
  for (const std::string_view name :
       {"verificationDate", "timestamp", "disabledDate", "userNotifiedDate"}) {
    const std::string* const value = element.attribute(name);
    if (value != nullptr) {
      if (std::string found = complaint_of_past(name, *value, now_ms); !found.empty()) {
        return found;
      }
    }
  }
  const std::string* const disabled = element.attribute("disabledDate");
  const std::string* const notified = element.attribute("userNotifiedDate");
  const std::string* const again = element.attribute("reenabledDate");
  if (again != nullptr && !time_of(*again)) {
    return "reenabledDate needs a date and time with its time zone";
  }
  if (disabled != nullptr && notified != nullptr && *time_of(*notified) < *time_of(*disabled)) {
    return "userNotifiedDate must be on or after the disabledDate";
  }
  if (disabled != nullptr && again != nullptr && *time_of(*again) <= *time_of(*disabled)) {
    return "reenabledDate must be after the disabledDate";
  }
  return {};
}

std::string complaint_of_attributes(const Element& element) {
  const std::string* const verified = element.attribute("verified");
  if (element.attribute("verificationDate") != nullptr &&
      (verified == nullptr || !is_true(*verified))) {
    return "verified must be true when verificationDate is supplied";
  }
  const std::string* const calling = element.attribute("countryCallingCode");
  if (calling != nullptr && trimmed(element.text).starts_with(*calling)) {
    return "a phone with a countryCallingCode must not start with it";
  }
  const std::string* const extension = element.attribute("extension");
  if (extension != nullptr && extension->size() > 10) {
    return "extension is at most 10 characters";
  }
  const std::string* const kind = element.attribute("hashType");
  if (kind != nullptr && length_of(*kind) > 64) {
    return "hashType is at most 64 characters";
  }
  return {};
}

bool is_us_state(std::string_view text) {
  static const std::set<std::string_view> kStates = {
      "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE",
      "FL", "FM", "GA", "GU", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA",
      "MD", "ME", "MH", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH",
      "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "PW", "RI", "SC", "SD",
      "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY", "UM"};
  return kStates.contains(text);
}

std::string complaint_of_whole(const Element& element) {
  if (element.name == "estimatedLocation") {
    const std::string_view country = trimmed(element.child_text("countryCode"));
    const std::string_view region = trimmed(element.child_text("region"));
    if (country.empty()) {
      return "estimatedLocation needs a countryCode";
    }
    if (country == "US" && !region.empty() && !is_us_state(region)) {
      return "region must be a US postal abbreviation when countryCode is US";
    }
    if (country == "US" && region.empty() && !is_blank(element.child_text("city"))) {
      return "region must not be blank when city is supplied and countryCode is US";
    }
  }
  if (element.child("approximateAge") != nullptr && element.child("dateOfBirth") != nullptr) {
    return "approximateAge may not be set if dateOfBirth is supplied";
  }
  return {};
}

std::string complaint_of_tree(const Element& element, UtcMs now_ms) {
  std::string found = complaint_of_dates(element, now_ms);
  if (found.empty()) {
    found = complaint_of_attributes(element);
  }
  if (found.empty()) {
    found = complaint_of_whole(element);
  }
  for (std::size_t i = 0; found.empty() && i < element.children.size(); ++i) {
    const Element& child = element.children[i];
    found = complaint_of_length(element, child);
    if (found.empty()) {
      found = complaint_of_text(child, now_ms);
    }
    if (found.empty()) {
      found = complaint_of_tree(child, now_ms);
    }
  }
  return found;
}

std::string lower(std::string_view text) {
  std::string small(trimmed(text));
  for (char& byte : small) {
    byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  }
  return small;
}

/// Addresses of the incident must be somebody's (B.2.2, B.2.3).
std::string complaint_of_incident_emails(const Element& report) {
  std::set<std::string> known;
  for (const Element& part : report.children) {
    for (const Element& person : part.children) {
      if (is_one_of(person.name,
                    {"personOrUserReportedPerson", "intendedRecipientPerson", "victimPerson"})) {
        for (const Element& one : person.children) {
          if (one.name == "email") {
            known.insert(lower(one.text));
          }
        }
      }
    }
  }
  for (const Element& part : report.children) {
    for (const Element& incident : part.children) {
      for (const Element& one : incident.children) {
        if (part.name == "internetDetails" && one.name == "emailAddress" &&
            !known.contains(lower(one.text))) {
          return "an emailAddress of the incident must also be supplied as an email of the person "
                 "reported, an intended recipient or a victim";
        }
      }
    }
  }
  return {};
}

/// Appendix E.1.
std::string complaint_of_batch(const Element& report) {
  for (const Element& part : report.children) {
    if (is_one_of(part.name,
                  {"internetDetails",
                   "lawEnforcement",
                   "intendedRecipient",
                   "victim",
                   "additionalInfo"})) {
      return part.name + " is not allowed in a batched report";
    }
    for (const Element& one : part.children) {
      if (part.name == "personOrUserReported" && one.name != "espIdentifier") {
        return "only espIdentifier is allowed of who is reported in a batched report";
      }
      if (one.name == "escalateToHighPriority") {
        return "escalateToHighPriority is not allowed in a batched report";
      }
    }
  }
  return {};
}

std::string complaint_of_batched_file(const Element& details) {
  for (const Element& part : details.children) {
    if (is_one_of(part.name,
                  {"originalFileName",
                   "locationOfFile",
                   "originalFileHash",
                   "ipCaptureEvent",
                   "deviceId",
                   "details",
                   "additionalInfo"})) {
      return part.name + " is not allowed of a file of a batched report";
    }
  }
  const Element* const annotations = details.child("fileAnnotations");
  bool named = false;
  for (std::size_t i = 0; annotations != nullptr && i < annotations->children.size(); ++i) {
    const std::string& name = annotations->children[i].name;
    if (!is_one_of(name, {"viral", "potentialMeme"})) {
      return name + " is not allowed of a file of a batched report";
    }
    named = true;
  }
  if (!named) {
    return "a file of a batched report must be annotated as viral or potentialMeme";
  }
  const std::string_view relevance = trimmed(details.child_text("fileRelevance"));
  return relevance.empty() || relevance == "Reported" ? "" : "fileRelevance must be \"Reported\"";
}

}  // namespace

bool is_batched(const Element& report) {
  return report.child("batchedReport") != nullptr;
}

std::string complaint_of_report(const Element& report, UtcMs now_ms) {
  std::string found = complaint_of_tree(report, now_ms);
  if (!found.empty()) {
    return found;
  }
  const Element* const reporter = report.child("reporter");
  const Element* const person = reporter == nullptr ? nullptr : reporter->child("reportingPerson");
  if (person == nullptr || person->child("email") == nullptr) {
    return "email is required of the reportingPerson";
  }
  if (is_batched(report)) {
    return complaint_of_batch(report);
  }
  const auto reported =
      std::count_if(report.children.begin(), report.children.end(), [](const Element& one) {
        return one.name == "personOrUserReported";
      });
  if (reported > 1) {
    return "at most one personOrUserReported is allowed";
  }
  return complaint_of_incident_emails(report);
}

std::string complaint_of_file(const Element& details, bool batched, UtcMs now_ms) {
  std::string found = complaint_of_tree(details, now_ms);
  if (!found.empty()) {
    return found;
  }
  if (is_true(details.child_text("exifViewedByEsp")) &&
      !is_true(details.child_text("fileViewedByEsp"))) {
    return "fileViewedByEsp must be true when exifViewedByEsp is true";
  }
  const Element* const annotations = details.child("fileAnnotations");
  const bool meme = is_true(details.child_text("potentialMeme")) ||
                    (annotations != nullptr && annotations->child("potentialMeme") != nullptr);
  const bool supplemental = trimmed(details.child_text("fileRelevance")) == "Supplemental Reported";
  if (supplemental && (meme || details.child("industryClassification") != nullptr)) {
    return "fileRelevance may not be \"Supplemental Reported\" with potentialMeme or "
           "industryClassification";
  }
  return batched ? complaint_of_batched_file(details) : std::string();
}

}  // namespace tutela::cybertip_simulator
