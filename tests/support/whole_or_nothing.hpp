// kill -9 inside one unit of work: nothing half is there, and the same again is done once.
//
// The test program runs itself as "--drive FOLDER WORK" with one fault point armed.
#pragma once

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "custody/store/store.hpp"
#include "support/driven.hpp"
#include "support/folder.hpp"

namespace tutela::testing {

struct Step {
  const char* what;   // the work
  const char* point;  // where it is killed
};

/// What a program has to say of its works.
struct Works {
  std::function<void(store::Database&, const std::string& what)> prepare;
  std::function<Status(store::Database&, const std::string& what)> work;
  std::vector<std::string> queries;  // one column each: all that a work may change
};

inline Result<std::unique_ptr<store::Database>> open_in(const std::filesystem::path& folder) {
  return store::Database::open({.path = folder / "tutela.db"});
}

inline std::string rows_of(store::Database& database, const std::vector<std::string>& queries) {
  std::string found;
  for (const std::string& sql : queries) {
    const Status done = database.read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) -> Status {
        found += row.text(0) + "\n";
        return ok();
      });
    });
    EXPECT_TRUE(done) << (done ? "" : done.error().message) << sql;
  }
  return found;
}

/// Prepares a folder, has another process killed in the work, and does the work again.
inline void expect_whole_or_nothing(const Works& works, const Step& step) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  const TemporaryFolder folder;
  std::string before;
  {
    auto database = open_in(folder.path());
    ASSERT_TRUE(database) << database.error().message;
    works.prepare(**database, step.what);
    if (::testing::Test::HasFatalFailure()) {
      return;
    }
    before = rows_of(**database, works.queries);
  }
  const Driven driven = run_driver(step.point, {"--drive", folder.path(), step.what});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached";
  auto database = open_in(folder.path());
  ASSERT_TRUE(database) << database.error().message;
  const bool committed = std::string_view(step.point) == "store.after_commit";
  const std::string after_kill = rows_of(**database, works.queries);
  EXPECT_EQ(after_kill == before, !committed) << after_kill;
  // With its key or not, what is done again adds nothing; some works say that they are done.
  const Status again = works.work(**database, step.what);
  EXPECT_TRUE(again || (committed && again.error().kind == ErrorKind::kConflict))
      << again.error().message;
  EXPECT_EQ(rows_of(**database, works.queries) == after_kill, committed) << "once, and not twice";
}

inline std::string name_of(const ::testing::TestParamInfo<Step>& step) {
  return std::string(step.param.what) + "_" + name_of_point(step.param.point);
}

/// main(): the tests, or the one work as "--drive FOLDER WORK".
inline int run_works(const Works& works, int argc, char** argv) {
  if (argc != 4 || std::string_view(argv[1]) != "--drive") {
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
  }
  auto database = open_in(argv[2]);
  const Status done = database ? works.work(**database, argv[3]) : Status(database.error());
  if (!done) {
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 3;
  }
  return 0;
}

}  // namespace tutela::testing
