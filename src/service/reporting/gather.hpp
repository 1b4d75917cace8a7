// Gather: what Tutela knows of a case, as a document for an authority, with where each field comes
// from. Nothing is invented: what is not known is absent.
//
// Truth of views (18 USC 2258A; fileViewedByEsp is "the entire contents"): true only where one
// person was shown every frame in full here, or where somebody attested it; false only of what was
// matched by its bytes and of which nobody was shown anything; else absent, and said in words
// (additionalInfo of the file). exifViewedByEsp only by attestation. publiclyAvailable only of what
// a public door had let through (and true then). Hashes and times are the ledger's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/reports/reports.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "exchange/cybertip/cybertip.hpp"

namespace tutela::reporting {

/// What the operator says of themself and their service, from configuration.
struct Provider {
  std::string company;  // espService, companyTemplate
  std::string email;    // of the person who reports: an authority requires it
  std::string first_name;
  std::string last_name;
  std::string phone;
  std::string contact_first_name;  // of whom the authority may ask
  std::string contact_last_name;
  std::string contact_email;
  std::string contact_phone;
  std::string terms_of_service;
  std::string legal_url;
  std::string platform;
  std::string service_country;
  std::string server_country;
  std::vector<std::string> public_doors;
};

struct Gathered {
  std::string body;
  std::string provenance;
  std::string_view incident;  // its type: of the table in incidents.hpp
  std::vector<reports::File> files;
  std::optional<std::string> account;
  bool urgent = false;
  bool minor = false;
  bool automatic_allowed = false;  // safeguards.md 1, 2 and 5 hold for every file
  std::optional<UtcMs> due_ms;
  std::optional<std::string> account_country;  // what the service says of it
  std::vector<cybertip::Problem> problems;     // what the service says and was left out
};

/// What the service says of the account (Reports::account_facts) is taken as it is, where it fits;
/// what does not is left out, and `problems` says so. Where a legal officer was to decide about the
/// person, nothing is said of them unless that officer confirmed.
///
/// Error: kNotFound "case.not_found"; kConflict "case.not_closed" (not confirmed, or not in
/// effect), "report.no_evidence" (a file of it is not in the vault yet).
Result<Gathered> gather(store::Database& database,
                        opening::Opening& opening,
                        reports::Reports& reports,
                        const Provider& provider,
                        const reports::Authority& authority,
                        const std::string& tenant_id,
                        const Uuid& case_id);

/// What a person wrote (`edited`), with the fields that only facts may fill taken from `facts`:
/// views, hashes, times of upload, public availability, what files there are. Returns the document
/// and its provenance ("person" where the value differs from the facts).
struct Merged {
  std::string body;
  std::string provenance;
};

Result<Merged> merge(const Gathered& facts, std::string_view edited, std::string_view principal_id);

/// A document that people wrote, with what the service says of the account by now: what it said
/// before and nobody changed follows it, and what no version had (`earlier`: all their bodies) is
/// added, so that what a person took out stays out. `last`: the latest version.
Result<std::string> follow_service(const Gathered& facts,
                                   const Merged& last,
                                   const std::vector<std::string>& earlier);

/// A document of text alone, for what is not of a case: incident type and time, provider, account.
Result<Gathered> blank(store::Database& database,
                       reports::Reports& reports,
                       const Provider& provider,
                       const reports::Authority& authority,
                       const std::string& tenant_id,
                       const std::optional<std::string>& account,
                       std::string_view incident_type,
                       UtcMs incident_ms);

}  // namespace tutela::reporting
