#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <set>
#include <span>

#include "exchange/lists/lists_fixture.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;

TEST_F(ListsTest, ImportCountsWhatIsNewAndWhatIsThere) {
  const List list = make(spec("one"));
  const ImportReport first = import(list, value(1) + "\n" + value(2) + "\n" + value(1) + "\n");
  EXPECT_EQ(first.added, 2);
  EXPECT_EQ(first.already_there, 1);
  EXPECT_EQ(first.version, 2);
  const ImportReport second = import(list, value(2) + "\nsha256," + value(2));
  EXPECT_EQ(second.added, 1);
  EXPECT_EQ(second.already_there, 1);
  EXPECT_EQ(import(list, value(2)).version, 3);
  EXPECT_EQ(now(list).version, 3);
  EXPECT_EQ(now(list).signal_count, 3);
  EXPECT_EQ(audit_of(list).size(), 4U);
}

TEST_F(ListsTest, ImportTakesNothingOfAFileWithBadLines) {
  const List list = make(spec("one"));
  std::string text = value(1) + "\n";
  for (int i = 0; i < 150; ++i) {
    text += "bad\n";
  }
  ImportReport report;
  const Status status = lists_->import_signals(ann_, list.id, text, {}, report);
  EXPECT_EQ(status.error().code, "list.bad_lines");
  EXPECT_NE(status.error().message.find("line 2"), std::string::npos);
  EXPECT_EQ(report.bad, 150);
  EXPECT_EQ(report.bad_lines.size(), 100U);
  EXPECT_EQ(report.added, 0);
  EXPECT_EQ(now(list).signal_count, 0);
  EXPECT_EQ(now(list).version, 1);
  ASSERT_TRUE(lists_->import_signals(ann_, list.id, text, {.skip_bad = true}, report));
  EXPECT_EQ(report.added, 1);
  EXPECT_EQ(report.bad, 150);
  EXPECT_EQ(report.bad_lines[0].line, 2);
}

TEST_F(ListsTest, ImportTakesEverySizeAroundItsBatches) {
  int next = 0;
  for (const int size : {0, 1, 99, 100, 101, 200, 250}) {
    const List list = make(spec("size-" + std::to_string(size)));
    std::string text;
    for (int i = 0; i < size; ++i) {
      text += value(next++) + "\n";
    }
    EXPECT_EQ(import(list, text).added, size);
    EXPECT_EQ(import(list, text).already_there, size);
    EXPECT_EQ(exported(list).size(), static_cast<std::size_t>(size));
  }
}

TEST_F(ListsTest, ImportTakesAKindForTheWholeFile) {
  const List list = make(spec("one"));
  ImportReport report;
  ASSERT_TRUE(lists_->import_signals(
      ann_, list.id, value(1) + "\n", {.kind = SignalKind::kSha256}, report));
  EXPECT_EQ(exported(list).at(0).kind, SignalKind::kSha256);
}

TEST_F(ListsTest, RemovesSignalsByValueOfEveryKind) {
  const List list = make(spec("one"));
  const List other = make(spec("two"));
  const std::string md5 = std::string(30, 'a') + "bc";
  import(list, value(1) + "\nsha256," + value(1) + "\n" + value(2) + "\n" + md5);
  import(other, value(1));
  const auto removed = lists_->remove_signals(
      ann_, list.id, {value(1), std::string(30, 'A') + "BC", value(9), "no hash", ""});
  EXPECT_EQ(*removed, 3);
  EXPECT_EQ(now(list).signal_count, 1);
  EXPECT_EQ(now(list).version, 3);
  EXPECT_EQ(now(other).signal_count, 1);
  EXPECT_EQ(*lists_->remove_signals(ann_, list.id, {value(1)}), 0);
  EXPECT_EQ(now(list).version, 3);
}

TEST_F(ListsTest, ExportsPageByPageAndAuditsEach) {
  const List list = make(spec("one"));
  const List other = make(spec("two"));
  for (int i = 0; i < 10; ++i) {
    import(i % 3 == 0 ? other : list, value(i));
  }
  const auto whole = exported(list);
  ASSERT_EQ(whole.size(), 6U);
  std::vector<Signal> paged;
  for (std::int64_t after = 0;;) {
    const auto page = exported(list, after, 4);
    if (page.empty()) {
      break;
    }
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().id;
  }
  ASSERT_EQ(paged.size(), 6U);
  for (std::size_t i = 0; i < paged.size(); ++i) {
    EXPECT_EQ(paged[i].id, whole[i].id);
    EXPECT_EQ(paged[i].value, whole[i].value);
  }
  EXPECT_TRUE(exported(list, 0, 0).empty());
  EXPECT_TRUE(exported(list, 0, -5).empty());
  EXPECT_EQ(std::ranges::count(audit_of(list), "list.export ok"), 6);
}

TEST_F(ListsTest, ExportEndsWithTheErrorOfTheReceiver) {
  const List list = make(spec("one"));
  import(list, value(1));
  const Status status = lists_->export_signals(ann_, list.id, 0, 9, [](const Signal&) -> Status {
    return Error{ErrorKind::kUnavailable, "test.full", "no room"};
  });
  EXPECT_EQ(status.error().code, "test.full");
}

TEST_F(ListsTest, WhatCameFromAnExchangeIsNeverExported) {
  for (const char* source : {"exchange:example", "EXCHANGE:example"}) {
    NewList given = spec(source[0] == 'e' ? "one" : "two");
    given.source = source;
    const List list = make(given);
    import(list, value(1));
    int rows = 0;
    const Status status = lists_->export_signals(ann_, list.id, 0, 9, [&](const Signal&) {
      ++rows;
      return ok();
    });
    EXPECT_EQ(status.error().code, "list.not_exportable");
    EXPECT_EQ(status.error().kind, ErrorKind::kForbidden);
    EXPECT_EQ(rows, 0);
    EXPECT_EQ(audit_of(list).back(), "list.export refused");
  }
}

TEST_F(ListsTest, ImportFindsEachOfManyRandomSignalsAgain) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const List list = make(spec("one"));
  std::set<std::string> given;
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    std::array<std::uint64_t, 4> words{};
    std::ranges::generate(words, std::ref(random));
    const std::string hex = to_hex(std::as_bytes(std::span(words)));
    given.insert(hex);
    text += hex + "\n";
  }
  EXPECT_EQ(import(list, text).added, 3000);
  const auto signals = exported(list, 0, 5000);
  std::set<std::string> found;
  for (const Signal& signal : signals) {
    found.insert(signal.value);
  }
  EXPECT_EQ(found, given);
  const auto generation = *lists_->load_generation(list.id);
  for (const Signal& signal : signals) {
    const auto query = *fingerprint::parse_pdq(signal.value);
    const auto hits = generation->search_pdq({{&query, 1}, 0}, 0);
    ASSERT_EQ(hits.size(), 1U);
    ASSERT_EQ(hits[0].signal_id, signal.id);
  }
}

}  // namespace
}  // namespace tutela::lists
