// What can be read of disclosures.
#include <algorithm>

#include "casework/disclosure/disclosure.hpp"
#include "casework/disclosure/rows.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::size_t kListMax = 200;

}  // namespace

Result<Disclosure> Disclosures::find(const std::string& tenant_id, const Uuid& id) {
  std::optional<Disclosure> found;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, find_disclosure(transaction, "id", tenant_id, id));
    return ok();
  }));
  return *std::move(found);
}

Result<Disclosure> Disclosures::find_by_request(const std::string& tenant_id,
                                                const Uuid& request_id) {
  std::optional<Disclosure> found;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, find_disclosure(transaction, "request_id", tenant_id, request_id));
    return ok();
  }));
  return *std::move(found);
}

Result<std::vector<Uuid>> Disclosures::objects_of(const std::string& tenant_id, const Uuid& id) {
  std::vector<Uuid> ids;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(find_disclosure(transaction, "id", tenant_id, id));
    TUTELA_TRY_ASSIGN(ids, disclosure_objects(transaction, id));
    return ok();
  }));
  return ids;
}

Result<std::vector<Disclosure>> Disclosures::list(const std::string& tenant_id, std::size_t limit) {
  std::vector<Disclosure> found;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, newest_disclosures(transaction, tenant_id, std::min(limit, kListMax)));
    return ok();
  }));
  return found;
}

}  // namespace tutela::disclosure
