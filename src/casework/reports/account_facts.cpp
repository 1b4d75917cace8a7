// What the service says of its accounts: the latest, and nothing older.
#include <boost/json.hpp>

#include "base/fault.hpp"
#include "casework/reports/rows.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kAccountMax = 512;
constexpr std::size_t kFactsMax = 64U << 10;

bool is_object(std::string_view text) {
  boost::system::error_code error;
  const boost::json::value value =
      boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  return !error && value.is_object();
}

}  // namespace

Status Reports::set_account_facts(const store::Actor& actor,
                                  const std::string& account,
                                  std::string_view body) {
  const bool named =
      !account.empty() && account.size() <= kAccountMax && account.find('\0') == std::string::npos;
  if (!named || body.size() > kFactsMax || body.find('\0') != body.npos || !is_object(body)) {
    return Error{ErrorKind::kInvalidInput,
                 "account.bad_facts",
                 "an account has 1 to 512 bytes, and what is said of it is a JSON object of at "
                 "most 64 KiB"};
  }
  return database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY(transaction.execute(
        "INSERT INTO account_facts (tenant_id, account, principal_id, body, at_ms) VALUES "
        "(:tenant, :account, :principal, :body, :at) ON CONFLICT (tenant_id, account) DO UPDATE "
        "SET principal_id = excluded.principal_id, body = excluded.body, at_ms = excluded.at_ms",
        {actor.tenant_id, account, actor.principal_id, std::string(body), now_ms}));
    TUTELA_FAULT_POINT("reports.after_facts");
    // An account's name is personal data, and stands in no entry.
    return audit::add(transaction, actor, now_ms, {"account.facts", "account", "", "ok"});
  });
}

Result<std::optional<std::string>> Reports::account_facts(const std::string& tenant_id,
                                                          const std::string& account) {
  std::optional<std::string> body;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT body FROM account_facts WHERE tenant_id = :tenant AND account = :account",
        {tenant_id, account},
        [&](const Row& row) -> Status {
          body = row.text(0);
          return ok();
        });
  }));
  return body;
}

}  // namespace tutela::reports
