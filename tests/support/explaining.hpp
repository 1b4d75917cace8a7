// A database that keeps the plan of every statement that reads: how it answers what is asked often.
//
// The store has no statistics, so that a plan is the same for an empty table and for 100,000 rows.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "custody/store/store.hpp"

namespace tutela::testing {

// Passes everything on, and keeps the plan of every statement that reads.
class Explaining final : public store::Database {
 public:
  explicit Explaining(store::Database& real) : real_(real) {}

  Status write(const std::function<Status(store::Transaction&)>& work) override {
    return real_.write([&](store::Transaction& transaction) {
      Listening listening(transaction, plans);
      return work(listening);
    });
  }

  Status read(const std::function<Status(store::Transaction&)>& work) override {
    return real_.read([&](store::Transaction& transaction) {
      Listening listening(transaction, plans);
      return work(listening);
    });
  }

  Result<std::int64_t> change_counter() override { return real_.change_counter(); }

  std::vector<std::string> plans;

 private:
  class Listening final : public store::Transaction {
   public:
    Listening(store::Transaction& real, std::vector<std::string>& kept)
        : real_transaction_(real), kept_(kept) {}

    Result<std::int64_t> execute(std::string_view sql,
                                 const std::vector<store::Value>& values) override {
      return real_transaction_.execute(sql, values);
    }

    Status query(std::string_view sql,
                 const std::vector<store::Value>& values,
                 const std::function<Status(const store::Row&)>& on_row) override {
      TUTELA_TRY(real_transaction_.query(
          "EXPLAIN QUERY PLAN " + std::string(sql), values, [&](const store::Row& row) -> Status {
            kept_.push_back(row.text(3));
            return ok();
          }));
      return real_transaction_.query(sql, values, on_row);
    }

    Result<std::int64_t> last_insert_id() override { return real_transaction_.last_insert_id(); }

   private:
    store::Transaction& real_transaction_;
    std::vector<std::string>& kept_;
  };

  store::Database& real_;
};

}  // namespace tutela::testing
