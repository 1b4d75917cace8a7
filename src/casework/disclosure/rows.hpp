// Rows of disclosures, and what they read of evidence, contents and the audit log. Internal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casework/disclosure/disclosure.hpp"
#include "casework/disclosure/package.hpp"
#include "custody/store/store.hpp"

namespace tutela::disclosure {

inline constexpr std::size_t kObjectsMax = 1000;

/// Of a package that is not whole yet.
[[nodiscard]] std::string partial_name(const std::string& name);

Status insert_disclosure(store::Transaction& transaction,
                         const store::Actor& actor,
                         const Disclosure& disclosure,
                         const std::vector<Object>& objects);

/// `column` is "id" or "request_id".
Result<Disclosure> find_disclosure(store::Transaction& transaction,
                                   std::string_view column,
                                   const std::string& tenant_id,
                                   const Uuid& id);
Result<std::vector<Disclosure>> newest_disclosures(store::Transaction& transaction,
                                                   const std::string& tenant_id,
                                                   std::size_t limit);
/// Of all tenants.
Result<std::vector<Disclosure>> running_disclosures(store::Transaction& transaction);

/// In the order in which they were asked for.
Result<std::vector<Uuid>> disclosure_objects(store::Transaction& transaction, const Uuid& id);

/// An object that may be disclosed. Errors: kNotFound "evidence.not_found", "evidence.destroyed".
Result<Object> find_object(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const std::string& case_ref,
                           const Uuid& id);
/// Of a case, in order of ids: at most one more than kObjectsMax.
Result<std::vector<Uuid>> preserved_objects(store::Transaction& transaction,
                                            const std::string& tenant_id,
                                            const std::string& case_ref);

/// What the log says of the object and of its content, the oldest first. Error: kLimitExceeded
/// "disclosure.long_history".
Result<std::vector<Entry>> history_of(store::Transaction& transaction, const Object& object);

}  // namespace tutela::disclosure
