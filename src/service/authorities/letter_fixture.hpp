// A released report as the channels of letters get it, for tests.
#pragma once

#include "service/authorities/channel.hpp"

namespace tutela::authorities::testing {

struct Given {
  reports::Leased leased;
  reports::Next next;

  [[nodiscard]] Task task() const { return {leased, next, nullptr, {}, {}}; }
};

inline Given given_report() {
  Given given;
  reports::Report& report = given.leased.of;
  report.id = *parse_uuid("0192f0aa-0000-7000-8000-000000000001");
  report.authority = "hotline";
  report.jurisdiction = "DE";
  given.leased.document.number = 3;
  given.leased.document.at_ms = 1'790'000'000'000;
  given.leased.document.body =
      R"({"report": {"incidentSummary": {"incidentType": "Child Sex Tourism",
          "incidentDateTime": "2026-01-02T03:04:05Z", "platform": "M\u00fcller & <S\u00f6hne>"}},
          "files": [{"fileViewedByEsp": false}]})";
  given.leased.document.provenance =
      R"([{"path": "files/0/fileViewedByEsp", "source": "exposure", "detail": ""}])";
  given.next.step = reports::Step::kDeliver;
  return given;
}

}  // namespace tutela::authorities::testing
