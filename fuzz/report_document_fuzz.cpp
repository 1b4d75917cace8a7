// Arbitrary bytes as what a person wrote of a report, and as what a service says of an account:
// facts stay what they are, merging again changes nothing, and what is taken over checks.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "exchange/cybertip/cybertip.hpp"
#include "service/reporting/account.hpp"
#include "service/reporting/gather.hpp"
#include "service/reporting/paper.hpp"

namespace {

namespace reporting = tutela::reporting;

constexpr tutela::UtcMs kNow = 1'800'000'000'000;

reporting::Gathered facts() {
  reporting::Paper paper;
  paper.put("report/personOrUserReported/0/priorCTReports/0", 7, "ledger", "prior_report");
  paper.put("files/0/fileViewedByEsp", false, "exposure", "no");
  paper.put("files/0/originalFileHash/0/@hashType", "MD5", "ledger", "a");
  paper.put("files/0/originalFileHash/0/#text", "00", "ledger", "a");
  reporting::Gathered gathered;
  gathered.body = paper.text();
  gathered.provenance = paper.provenance();
  return gathered;
}

void merge(std::string_view edited) {
  const reporting::Gathered known = facts();
  const auto merged = reporting::merge(known, edited, "person:a");
  if (!merged) {
    return;
  }
  const auto document = boost::json::parse(merged->body);
  const auto* const viewed = reporting::find(document, "files/0/fileViewedByEsp");
  const auto again = reporting::merge(known, merged->body, "person:a");
  const bool same = again && boost::json::parse(again->body) == document;
  // A document near its limit may have grown past it.
  const bool too_large = merged->body.size() > tutela::cybertip::kDocumentBytesMax;
  if (viewed == nullptr || *viewed != false || document.at("files").as_array().size() != 1 ||
      (!same && !too_large)) {
    std::abort();
  }
}

void say(std::string_view said) {
  reporting::Paper paper;
  paper.put("report/incidentSummary/incidentType", "Child Sex Trafficking", "person", "");
  paper.put("report/incidentSummary/incidentDateTime", "2020-01-01T00:00:00Z", "person", "");
  paper.put("report/reporter/reportingPerson/email/0/#text", "a@example.org", "person", "");
  paper.put("report/personOrUserReported/0/espIdentifier", "a", "person", "");
  static_cast<void>(reporting::put_account(paper, std::string(said), kNow));
  static_cast<void>(reporting::country_of(paper));
  if (!tutela::cybertip::check(paper.text(), kNow).checked) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  merge(text);
  say(text);
  return 0;
}
