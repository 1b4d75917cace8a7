// Marks: how far this database has let the files of the indexes come.
//
// The files are derived from the database. When an older database is put in their place (a restored
// backup), they hold what it never had, or what it will give other numbers to, and a search would
// miss in silence. So the database is told before a file grows: one that is ahead of its mark is
// of another time, and is made again. Thread-safe (the store is).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "custody/store/store.hpp"

namespace tutela::pipeline {

class Marks {
 public:
  static constexpr std::string_view kSignals = "signals";    // the greatest signal id
  static constexpr std::string_view kRemovals = "removals";  // of the log of removals
  static constexpr std::string_view kContents = "contents";  // of the ledger

  explicit Marks(store::Database& database) : database_(database) {}

  /// 0 where there is none.
  Result<std::int64_t> get(std::string_view name);
  /// Durable when it returns. A mark never goes back.
  Status raise(std::string_view name, std::int64_t position);

 private:
  store::Database& database_;
};

}  // namespace tutela::pipeline
