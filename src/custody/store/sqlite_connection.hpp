// Connection: one SQLite session through SOCI with its prepared statements.
//
// The only place where SOCI's exceptions are caught. Not thread-safe: one caller at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <soci/soci.h>

#include "base/result.hpp"
#include "custody/store/store.hpp"

namespace tutela::store {

class Connection final : public Transaction {
 public:
  enum class Mode : std::uint8_t { kRead, kWrite };

  /// The file must exist.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path, Mode mode);
  ~Connection() override;

  Result<std::int64_t> execute(std::string_view sql, const std::vector<Value>& values) override;
  Status query(std::string_view sql,
               const std::vector<Value>& values,
               const std::function<Status(const Row&)>& on_row) override;
  Result<std::int64_t> last_insert_id() override;

  /// A statement without values, its rows ignored.
  Status run(std::string_view sql);
  /// The first column of the first row: as a number 0, as a text empty where there is none.
  Result<std::int64_t> query_integer(std::string_view sql);
  Result<std::string> query_text(std::string_view sql);
  /// False also when SQLite has rolled back by itself (disk full, input/output error).
  [[nodiscard]] bool in_transaction();

 private:
  struct Statement;
  class Use;

  explicit Connection(Mode mode) : mode_(mode) {}

  Result<std::shared_ptr<Statement>> prepare(const std::string& sql,
                                             const std::vector<Value>& values);
  Result<std::shared_ptr<Statement>> prepared(std::string_view sql,
                                              const std::vector<Value>& values);
  Result<bool> step(Statement& statement, bool first);
  Error translate(const soci::soci_error& error, bool preparing);

  Mode mode_;
  soci::session session_;
  std::unordered_map<std::string, std::shared_ptr<Statement>> statements_;
};

}  // namespace tutela::store
