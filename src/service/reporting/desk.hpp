// Desk: what people do with reports, the same at the API, at the command line and in the
// background: drafts with the facts, edits that cannot change facts, release of what is whole and
// still true, corrections.
//
// Thread-safe. Borrows what it is given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/reports/reports.hpp"
#include "casework/reports/routing.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "exchange/cybertip/cybertip.hpp"
#include "service/reporting/gather.hpp"

namespace tutela::reporting {

/// One version of a document with all that is said of it.
struct Shown {
  reports::Report of;
  reports::Document document;
  std::vector<cybertip::Origin> origins;
  std::vector<cybertip::Problem> problems;
  /// Where the facts are others by now than the document says; of drafts alone.
  std::vector<cybertip::Change> facts_changed;
  /// What the service says of the account and does not fit: it is not in the document.
  std::vector<cybertip::Problem> left_out;
};

/// A draft of text alone.
struct TextDraft {
  std::optional<std::string> account;
  std::string authority;      // empty: where the routes say
  std::string incident_type;  // as the CyberTipline calls it
  UtcMs incident_ms = 0;
  bool urgent = false;
};

class Desk {
 public:
  Desk(store::Database& database,
       opening::Opening& opening,
       reports::Reports& reports,
       const Clock& clock,
       Provider provider,
       std::vector<reports::Authority> authorities,
       std::vector<reports::Route> routes);

  [[nodiscard]] const std::vector<reports::Authority>& authorities() const noexcept {
    return authorities_;
  }

  /// Kept in mind for a correction of a report to `name`: "<name>_corrections" where it is
  /// configured, else by hand.
  [[nodiscard]] reports::Authority correction_authority(const reports::Report& of) const;
  /// Error: kInvalidInput "report.no_authority".
  Result<reports::Authority> authority(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> route(std::optional<std::string> account_country,
                                               std::string_view incident,
                                               bool urgent) const;

  /// Of a case, to one authority: the first that the routes say where none is named.
  /// Errors: those of gather(); "report.no_authority"; "report.exists".
  Result<reports::Report> draft_case(const store::Actor& actor,
                                     const Uuid& case_id,
                                     std::string_view authority_name);
  Result<reports::Report> draft_text(const store::Actor& actor, const TextDraft& what);
  /// Facts of before, prior report and the reason, no files. Error: kConflict
  /// "report.not_finished".
  Result<reports::Report> correct(const store::Actor& actor,
                                  const Uuid& id,
                                  std::string_view reason);

  /// `number` 0: the latest.
  Result<Shown> show(const std::string& tenant_id, const Uuid& id, std::int64_t number = 0);
  /// A new version; fields that only facts may fill keep the facts.
  Result<reports::Report> write(const store::Actor& actor,
                                const Uuid& id,
                                const reports::Command& command,
                                std::string_view body);
  /// The facts of now, and what people wrote.
  Result<reports::Report> refresh(const store::Actor& actor,
                                  const Uuid& id,
                                  const reports::Command& command);
  /// Checks, and compares with the facts of now, before Reports::release. Errors: kConflict
  /// "report.facts_changed", "report.incomplete" (with the first problem in words),
  /// "report.changed".
  Result<reports::Report> release(const reports::Person& person,
                                  const Uuid& id,
                                  const reports::Command& command,
                                  std::int64_t number);

 private:
  Result<Gathered> facts_of(const reports::Report& of);
  /// The latest version with the facts of now.
  Result<Merged> current(const reports::Report& of,
                         const reports::Document& last,
                         std::string_view principal_id,
                         Gathered& facts);
  Result<Merged> merged(const reports::Report& of,
                        std::string_view body,
                        std::string_view principal_id,
                        Gathered& facts);

  store::Database& database_;
  opening::Opening& opening_;
  reports::Reports& reports_;
  const Clock& clock_;
  Provider provider_;
  std::vector<reports::Authority> authorities_;
  std::vector<reports::Route> routes_;
};

/// The provenance of a document, as gather() and merge() write it. Error: kCorrupted
/// "store.corrupt".
Result<std::vector<cybertip::Origin>> origins_of(std::string_view provenance);

}  // namespace tutela::reporting
