#include "exchange/cybertip/page_words.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "exchange/cybertip/describe.hpp"

namespace tutela::cybertip {
namespace {

using Word = std::pair<std::string_view, std::string_view>;

// What a name does not say by itself. Sorted.
constexpr auto kLabels = std::to_array<Word>({
    {"accountPermanentlyDisabled", "Account disabled for good"},
    {"accountTemporarilyDisabled", "Account disabled for a time"},
    {"additionalInfo", "Further information"},
    {"address", "Street address"},
    {"allEmailsReported", "These are all e-mail addresses known"},
    {"animeDrawingVirtualHentai", "Drawing, anime or virtual"},
    {"associatedAccount", "Other account of the same user"},
    {"batchedReport", "Several people reported together"},
    {"caseNumber", "Number of their case"},
    {"cellPhoneIncident", "By mobile phone"},
    {"chatClient", "Chat program"},
    {"chatImIncident", "In a chat or by instant messages"},
    {"companyTemplate", "What every report of the company says"},
    {"compromisedAccount", "Somebody else took the account over"},
    {"contactPerson", "Whom law enforcement may ask"},
    {"countryCode", "Country"},
    {"csamSolicitation", "Asking for material"},
    {"dateTime", "When"},
    {"details", "Metadata"},
    {"deviceId", "Device"},
    {"disabledDate", "Disabled at"},
    {"email", "E-mail address"},
    {"emailAddress", "E-mail address"},
    {"emailIncident", "By e-mail"},
    {"escalateToHighPriority", "URGENT because"},
    {"espIdentifier", "Account id at the service"},
    {"espService", "Service"},
    {"eventName", "What was done"},
    {"exifViewedByEsp", "EXIF data viewed by a person of the company"},
    {"fileAnnotations", "What describes the file"},
    {"fileRelevance", "What the file is to the report"},
    {"fileViewedByEsp", "Entire file viewed by a person of the company"},
    {"fleaCountry", "Country"},
    {"generativeAi", "Believed to be made by a model"},
    {"hashType", "Kind"},
    {"idType", "Kind of id"},
    {"idValue", "Id"},
    {"incidentDateTime", "When it happened"},
    {"incidentDateTimeDescription", "What this time is"},
    {"incidentSummary", "What happened"},
    {"incidentType", "Kind of incident"},
    {"industryClassification", "Class of the industry's scale"},
    {"intendedRecipient", "Intended recipient"},
    {"internetDetails", "Where on the internet"},
    {"ipAddress", "IP address"},
    {"ipCaptureEvent", "IP address recorded"},
    {"lawEnforcement", "Law enforcement that knows of it"},
    {"legalURL", "Web address for legal matters"},
    {"liveStreaming", "Streamed live when uploaded"},
    {"locationOfFile", "Web address where the file was"},
    {"minorToMinorInteraction", "Between minors"},
    {"nameValuePair", "Entry"},
    {"newsgroupIncident", "In a newsgroup"},
    {"nonInternetIncident", "Outside of the internet"},
    {"nonUsaState", "State or province"},
    {"onlineGamingIncident", "In an online game"},
    {"originalFileHash", "Hash of the file as it was uploaded"},
    {"originalFileName", "Name of the file when it was uploaded"},
    {"peer2peerIncident", "In a peer-to-peer network"},
    {"personOrUserReported", "Person or account reported"},
    {"personOrUserReportedPerson", "Person"},
    {"possibleProxy", "Possibly a proxy"},
    {"possibleSelfProduction", "Possibly made by the child itself"},
    {"priorCTReport", "Earlier CyberTipline report"},
    {"priorCTReports", "Earlier CyberTipline report"},
    {"profileBio", "What the profile says"},
    {"publiclyAvailable", "Entire file was accessible to the public"},
    {"reenabledDate", "Enabled again at"},
    {"reportAnnotations", "What describes the incident"},
    {"reportedToLe", "The company reported it to them"},
    {"reporter", "Who reports"},
    {"reportingPerson", "Reporting person"},
    {"sadisticOnlineExploitation", "Sadistic exploitation"},
    {"servedLegalProcessDomestic", "They served legal process (at home)"},
    {"servedLegalProcessInternational", "They served legal process (from abroad)"},
    {"state", "State (USA)"},
    {"thirdPartyHostedContent", "Content hosted by another company"},
    {"thirdPartyUser", "User of another company"},
    {"thirdPartyUserReported", "User of another company"},
    {"uploadedToEspTimestamp", "When the file was uploaded"},
    {"url", "Web address"},
    {"userNotified", "User told"},
    {"userNotifiedDate", "User told at"},
    {"verificationDate", "Verified at"},
    {"victimPerson", "Child"},
    {"webPageIncident", "On a web page"},
    {"zipCode", "Postal code"},
});

constexpr auto kSources = std::to_array<Word>({
    {"attestation", "attestation"},
    {"configuration", "configuration"},
    {"decision", "decision"},
    {"door", "entry point"},
    {"exposure", "record of views"},
    {"ledger", "upload ledger"},
    {"list", "signal list"},
    {"notice", "somebody who told the provider"},
    {"person", "a person"},
    {"service", "service data"},
});

constexpr auto kIncident = std::to_array<Wanted>({{"incidentType"}, {"incidentDateTime"}});
constexpr auto kReporter = std::to_array<Wanted>({{"reportingPerson"}});
constexpr auto kReported = std::to_array<Wanted>({{"espIdentifier"}, {"ipCaptureEvent"}});
constexpr auto kFiles = std::to_array<Wanted>({{"fileViewedByEsp", true},
                                               {"exifViewedByEsp", true},
                                               {"publiclyAvailable", true},
                                               {"uploadedToEspTimestamp"},
                                               {"originalFileHash"},
                                               {"ipCaptureEvent"}});

static_assert(std::ranges::is_sorted(kLabels, {}, &Word::first));
static_assert(std::ranges::is_sorted(kSources, {}, &Word::first));

std::string_view find(std::span<const Word> words, std::string_view name) noexcept {
  const auto found =
      std::lower_bound(words.begin(), words.end(), name, [](const Word& a, std::string_view b) {
        return a.first < b;
      });
  return found != words.end() && found->first == name ? found->second : std::string_view();
}

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

}  // namespace

std::string label_of(std::string_view name) {
  if (name.starts_with('@')) {
    name.remove_prefix(1);
  }
  if (const std::string_view known = find(kLabels, name); !known.empty()) {
    return std::string(known);
  }
  std::string words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool starts_word = i > 0 && is_upper(c) && !is_upper(name[i - 1]);
    words += starts_word ? " " : "";
    if (i == 0 && c >= 'a' && c <= 'z') {
      words += static_cast<char>(c - 'a' + 'A');
    } else if (starts_word && (i + 1 == name.size() || !is_upper(name[i + 1]))) {
      words += static_cast<char>(c - 'A' + 'a');
    } else {
      words += c;
    }
  }
  return words;
}

std::string_view source_words(std::string_view source) noexcept {
  const std::string_view known = find(kSources, source);
  return known.empty() ? source : known;
}

std::vector<std::string_view> order_of(std::string_view path) {
  const Group* group = &description();
  while (group != nullptr && !path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.find_first_not_of("0123456789") == std::string_view::npos) {
      continue;
    }
    const auto field = std::ranges::find(group->fields, part, &Field::name);
    group = field == group->fields.end() ? nullptr : field->group;
  }
  std::vector<std::string_view> names;
  if (group != nullptr) {
    std::ranges::transform(group->fields, std::back_inserter(names), &Field::name);
  }
  return names;
}

std::span<const Wanted> wanted_of(std::string_view element) noexcept {
  if (element == "incidentSummary") {
    return kIncident;
  }
  if (element == "reporter") {
    return kReporter;
  }
  if (element == "personOrUserReported") {
    return kReported;
  }
  return element == "files" ? std::span<const Wanted>(kFiles) : std::span<const Wanted>();
}

}  // namespace tutela::cybertip
