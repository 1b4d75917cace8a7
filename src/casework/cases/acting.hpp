// Acting: what closed cases ask others to do, and the offer to appeal. Internal.
//
// An order is a row of case_action and a message of the outbox in one unit of work. All messages of
// a case have one key, so that what undoes something comes after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "casework/cases/decision_rows.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

struct Order {
  std::string kind;
  std::string target;
  std::optional<Uuid> content_id;
  std::optional<std::string> external_id;
  std::optional<std::string> account;
  std::optional<Uuid> list_id;  // with signal_id: for the operator, never for the service
  std::int64_t signal_id = 0;
};

/// What goes to the service with an order, for whoever it concerns.
struct Offer {
  std::string token;
  std::string statement;
  UtcMs until_ms = 0;
};

enum class Stage : std::uint8_t {
  kWhole,    // contents and accounts
  kContent,  // a legal officer decides about the person later
  kPerson,   // the legal officer has
};

/// In the order of `kinds`. `named`: the claimed accounts that the decision is about. "content.*":
/// one a content, or where there is none one a link; "account.*": one a distinct account;
/// "signal.dispute": one a signal that matched; anything else one for the case.
Result<std::vector<Order>> orders_of(store::Transaction& transaction,
                                     const std::vector<std::string>& kinds,
                                     const Case& of,
                                     const std::vector<Part>& parts,
                                     Stage stage,
                                     const std::vector<std::string>& named);
/// What takes back all that was asked for because of confirming decisions of this case.
Result<std::vector<Order>> reversed_orders(store::Transaction& transaction,
                                           const Case& of,
                                           const std::vector<Part>& parts);

Status write_orders(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const Case& of,
                    const Uuid& decision_id,
                    const std::vector<Order>& orders,
                    const std::optional<Offer>& offer);
/// "case.decided": the outcome, for whoever sent the contents.
Status tell_outcome(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const Case& of,
                    const std::vector<Part>& parts);

/// Makes the row of an appeal. Absent where telling is delayed: tell_delayed() makes the token
/// then.
Result<std::optional<Offer>> add_offer(store::Transaction& transaction,
                                       const store::Actor& actor,
                                       const Rules& rules,
                                       UtcMs now_ms,
                                       const Case& of,
                                       const Decision& decision,
                                       const std::vector<Order>& orders);
/// Sends an offer whose delay is over ("content.statement", one a content); false where it is not.
Result<bool> tell_delayed(store::Transaction& transaction,
                          const Rules& rules,
                          UtcMs now_ms,
                          const std::string& tenant_id,
                          const Uuid& appeal_id);

}  // namespace tutela::cases
