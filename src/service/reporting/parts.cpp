#include "service/reporting/parts.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "service/reporting/account.hpp"

namespace tutela::reporting {

namespace json = boost::json;

namespace {

constexpr std::string_view kConfiguration = "configuration";

struct Who {
  const std::string& first_name;
  const std::string& last_name;
  const std::string& email;
  const std::string& phone;
};

json::object with_text(const std::string& text) {
  json::object element;
  element["#text"] = to_text(text);
  return element;
}

void put_who(Paper& paper, const std::string& at, const Who& who, const std::string& key) {
  paper.put(at + "firstName", to_text(who.first_name), kConfiguration, key + "first_name");
  paper.put(at + "lastName", to_text(who.last_name), kConfiguration, key + "last_name");
  if (!who.phone.empty()) {
    paper.put(at + "phone/0", with_text(who.phone), kConfiguration, key + "phone");
  }
  if (!who.email.empty()) {
    paper.put(at + "email/0", with_text(who.email), kConfiguration, key + "email");
  }
}

/// Ids of other systems may be no numbers: the CyberTipline's are.
std::optional<std::int64_t> to_report_id(const std::string& text) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  return error == std::errc() && stop == end && id > 0 ? std::optional(id) : std::nullopt;
}

Status put_prior(Paper& paper,
                 reports::Reports& reports,
                 const reports::Authority& authority,
                 const std::string& tenant_id,
                 const std::string& account) {
  const std::string path = std::string(kReported) + "/priorCTReports";
  TUTELA_TRY_ASSIGN(const std::vector<std::string> prior,
                    reports.prior(tenant_id, account, authority.name, authority.environment));
  for (const std::string& text : prior) {
    const std::optional<std::int64_t> id = to_report_id(text);
    const json::value* const present = find(paper.body(), path);
    const bool known =
        id && present != nullptr && present->is_array() &&
        std::ranges::find(present->get_array(), json::value(*id)) != present->get_array().end();
    if (id && !known) {
      paper.add(path, *id, "ledger", "prior_report");
    }
  }
  return ok();
}

}  // namespace

void put_reporter(Paper& paper, const Provider& provider) {
  const std::string at = "report/reporter/";
  const std::string key = "reporting.";
  put_who(paper,
          at + "reportingPerson/",
          {provider.first_name, provider.last_name, provider.email, provider.phone},
          key);
  put_who(paper,
          at + "contactPerson/",
          {provider.contact_first_name,
           provider.contact_last_name,
           provider.contact_email,
           provider.contact_phone},
          key + "contact_");
  paper.put(at + "companyTemplate", to_text(provider.company), kConfiguration, key + "company");
  paper.put(at + "termsOfService",
            to_text(provider.terms_of_service),
            kConfiguration,
            key + "terms_of_service");
  paper.put(at + "legalURL", to_text(provider.legal_url), kConfiguration, key + "legal_url");
}

Result<std::vector<cybertip::Problem>> put_person(Paper& paper,
                                                  reports::Reports& reports,
                                                  const Provider& provider,
                                                  const reports::Authority& authority,
                                                  const std::string& tenant_id,
                                                  const std::string& account) {
  const std::string at = std::string(kReported) + "/";
  paper.put(at + "espIdentifier", to_text(account), "ledger", "account");
  paper.put(at + "espService", to_text(provider.company), kConfiguration, "reporting.company");
  TUTELA_TRY_ASSIGN(const std::optional<std::string> said,
                    reports.account_facts(tenant_id, account));
  const std::vector<cybertip::Problem> problems = put_account(paper, said, SystemClock().now_ms());
  TUTELA_TRY(put_prior(paper, reports, authority, tenant_id, account));
  return problems;
}

}  // namespace tutela::reporting
