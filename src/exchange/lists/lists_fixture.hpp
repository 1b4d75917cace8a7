// ListsTest: a real database in a folder of its own, a clock set by hand, and lists over them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "exchange/lists/lists.hpp"

namespace tutela::lists {

class ListsTest : public testing::Test {
 protected:
  ListsTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "tutela-lists-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    auto database = store::Database::open({.path = folder_ / "tutela.db"});
    EXPECT_TRUE(database) << database.error().message;
    database_ = *std::move(database);
    set_rules({});
  }

  ~ListsTest() override {
    lists_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  void set_rules(ConsentRules rules) {
    lists_ = std::make_unique<Lists>(*database_, clock_, rules);
  }

  static store::Actor person(const std::string& name) {
    return {.tenant_id = "default", .principal_id = "token:" + name};
  }

  static NewList spec(const std::string& name, Purpose purpose = Purpose::kKnownCsam) {
    NewList list;
    list.name = name;
    list.source = "own";
    list.provenance = "made for a test";
    list.classification = "A1";
    list.purpose = purpose;
    return list;
  }

  List make(const NewList& list) {
    auto created = lists_->create(ann_, list);
    EXPECT_TRUE(created) << created.error().message;
    return created ? *created : List{};
  }

  ImportReport import(const List& list, const std::string& text) {
    ImportReport report;
    const Status status = lists_->import_signals(ann_, list.id, text, {}, report);
    EXPECT_TRUE(status) << status.error().message;
    return report;
  }

  List now(const List& list) { return *lists_->get(ann_, to_string(list.id)); }

  DryRun dry_run(const List& list) {
    auto run = lists_->record_dry_run(
        ann_, list.id, {.list_version = now(list).version, .sample_size = 100});
    EXPECT_TRUE(run) << run.error().message;
    return run ? *run : DryRun{};
  }

  ActivationState activate(const store::Actor& actor, const List& list) {
    auto activation = lists_->activate(actor, list.id);
    EXPECT_TRUE(activation) << activation.error().message;
    return activation ? activation->state : ActivationState::kNeedsSecondPerson;
  }

  /// Through dry run and the consent of two.
  void make_active(const List& list) {
    dry_run(list);
    activate(ann_, list);
    EXPECT_EQ(activate(bob_, list), ActivationState::kActive);
  }

  /// What a search finds now.
  std::shared_ptr<const match::Generation> searchable() {
    auto set = match::SignalSet::open({.file = folder_ / "signals.index", .run_steps = {}});
    EXPECT_TRUE(set) << set.error().message;
    const auto missing = lists_->missing(**set, 1000);
    EXPECT_TRUE(missing) << missing.error().message;
    return (*set)->apply(missing->update);
  }

  /// "action result" of every audit row of the list, in order.
  std::vector<std::string> audit_of(const List& list) {
    std::vector<std::string> rows;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT action, result FROM audit WHERE object = :object ORDER BY id",
          {"list:" + to_string(list.id)},
          [&](const store::Row& row) {
            rows.push_back(row.text(0) + " " + row.text(1));
            return ok();
          });
    }));
    return rows;
  }

  std::vector<Signal> exported(const List& list,
                               std::int64_t after_id = 0,
                               std::int64_t limit = 1000) {
    std::vector<Signal> signals;
    EXPECT_TRUE(lists_->export_signals(ann_, list.id, after_id, limit, [&](const Signal& signal) {
      signals.push_back(signal);
      return ok();
    }));
    return signals;
  }

  /// A PDQ value that only `number` decides.
  static std::string value(int number) {
    const std::string digits = std::to_string(number);
    return std::string(64 - digits.size(), '0') + digits;
  }

  std::filesystem::path folder_;
  ManualClock clock_{1'795'319'553'120};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Lists> lists_;
  const store::Actor ann_ = person("ann");
  const store::Actor bob_ = person("bob");
};

}  // namespace tutela::lists
