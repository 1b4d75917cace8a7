// A database with rows of evidence, for tests of what needs no bytes of it.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "support/folder.hpp"

namespace tutela::testing {

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "ok" : std::string(result.error().code);
}

inline std::unique_ptr<store::Database> open_database(const std::filesystem::path& folder) {
  auto opened = store::Database::open({.path = folder / "tutela.db"});
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
  return opened ? *std::move(opened) : nullptr;
}

/// The first column of each row.
inline std::vector<std::string> texts(store::Database& database, const std::string& sql) {
  std::vector<std::string> found;
  const Status status = database.read([&](store::Transaction& transaction) {
    return transaction.query(sql, {}, [&](const store::Row& row) {
      found.push_back(row.text(0));
      return ok();
    });
  });
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  return found;
}

/// The one that a query finds.
inline std::int64_t number(store::Database& database, const std::string& sql) {
  return std::stoll(texts(database, sql).at(0));
}

inline std::int64_t count(store::Database& database, const std::string& from) {
  return number(database, "SELECT COUNT(*) FROM " + from);
}

/// "action object purpose result" of each entry, in order, without the ids of objects.
inline std::vector<std::string> entries(store::Database& database) {
  return texts(database,
               "SELECT principal_id || ' ' || action || ' ' || substr(object, 1, instr(object, "
               "':') - 1) || ' ' || purpose || ' ' || result FROM audit ORDER BY id");
}

inline void run_sql(store::Database& database,
                    const std::string& sql,
                    const std::vector<store::Value>& values) {
  const Status status = database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(sql, values));
    return ok();
  });
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
}

inline Uuid add_evidence(store::Database& database,
                         const std::string& tenant_id,
                         const std::string& case_ref,
                         const std::string& state = "kept") {
  const Uuid id = new_uuid(SystemClock().now_ms());
  run_sql(database,
          "INSERT INTO evidence (id, tenant_id, principal_id, content_id, case_ref, media_type, "
          "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, :tenant_id, "
          "'system', NULL, :case_ref, 'image/png', 1, '', '', '', 1, :state, 1)",
          {to_string(id), tenant_id, case_ref, state});
  return id;
}

/// Calls `act` with 0 to `threads` - 1, all at the same time.
template <class Act>
void all_at_once(int threads, const Act& act) {
  std::vector<std::thread> running;
  running.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&act, i] { act(i); });
  }
  for (std::thread& thread : running) {
    thread.join();
  }
}

}  // namespace tutela::testing
