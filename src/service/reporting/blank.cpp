#include "service/reporting/account.hpp"
#include "service/reporting/gather.hpp"
#include "service/reporting/paper.hpp"
#include "service/reporting/parts.hpp"

namespace tutela::reporting {

Result<Gathered> blank(store::Database& /*database*/,
                       reports::Reports& reports,
                       const Provider& provider,
                       const reports::Authority& authority,
                       const std::string& tenant_id,
                       const std::optional<std::string>& account,
                       std::string_view incident_type,
                       UtcMs incident_ms) {
  Paper paper;
  Gathered gathered;
  const std::string at = "report/incidentSummary/";
  paper.put(at + "incidentType", to_text(incident_type), "person", "");
  paper.put(at + "platform", to_text(provider.platform), "configuration", "reporting.platform");
  paper.put(at + "incidentDateTime", to_text(to_rfc3339(incident_ms)), "person", "");
  put_reporter(paper, provider);
  if (account) {
    gathered.account = account;
    TUTELA_TRY_ASSIGN(gathered.problems,
                      put_person(paper, reports, provider, authority, tenant_id, *account));
    gathered.account_country = country_of(paper);
  }
  gathered.body = paper.text();
  gathered.provenance = paper.provenance();
  return gathered;
}

}  // namespace tutela::reporting
