// Facts: what the database has of a case, as far as reports need it. Internal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/cases/cases.hpp"
#include "casework/intake/model.hpp"
#include "casework/reports/reports.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"

namespace tutela::reporting {

/// One content of a case.
struct FileFacts {
  cases::Item item;
  std::string md5;  // hex, of the bytes as they arrived
  std::string sha1;
  std::string sha256;
  std::string pdq;              // of the only frame; empty: of none or of many
  bool let_through = false;     // a verdict let it pass, whatever came later
  std::optional<Uuid> list_id;  // that matched
  opening::Viewed viewed = opening::Viewed::kNo;
  std::optional<Uuid> attested;  // the file was viewed outside Tutela
  std::optional<Uuid> attested_exif;
};

/// What somebody outside told us.
struct Told {
  Uuid notice_id;
  UtcMs received_ms = 0;
  intake::Body body;
};

struct CaseFacts {
  cases::Case of;
  std::vector<FileFacts> files;  // in the order of their ids
  std::vector<Told> told;        // in the order in which they came
  cases::Decision decision;      // of the content
  bool minor = false;            // a legal officer was to decide about the person
  bool about_person = true;      // what is known of the person is reported
};

/// Errors: those of gather().
Result<CaseFacts> read_facts(store::Database& database,
                             opening::Opening& opening,
                             reports::Reports& reports,
                             const std::string& tenant_id,
                             const Uuid& case_id);

}  // namespace tutela::reporting
