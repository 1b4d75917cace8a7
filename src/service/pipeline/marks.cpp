#include "service/pipeline/marks.hpp"

#include <string>

namespace tutela::pipeline {

Result<std::int64_t> Marks::get(std::string_view name) {
  std::int64_t position = 0;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query("SELECT position FROM index_mark WHERE name = :name",
                             {std::string(name)},
                             [&](const store::Row& row) {
                               position = row.integer(0);
                               return ok();
                             });
  }));
  return position;
}

Status Marks::raise(std::string_view name, std::int64_t position) {
  TUTELA_TRY_ASSIGN(const std::int64_t before, get(name));
  if (position <= before) {
    return ok();
  }
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO index_mark (name, tenant_id, principal_id, position) "
        "VALUES (:name, 'default', 'system', :position) ON CONFLICT (name) DO UPDATE "
        "SET position = excluded.position WHERE excluded.position > index_mark.position",
        {std::string(name), position}));
    return ok();
  });
}

}  // namespace tutela::pipeline
