#include "service/watch/drawing.hpp"

#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "crypto/secret.hpp"
#include "service/watch/stock.hpp"
#include "support/folder.hpp"

namespace tutela::watch {
namespace {

using canaries::Expected;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const std::filesystem::path kTutela = std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela";

std::vector<canaries::Order> orders(std::size_t count) {
  std::vector<canaries::Order> made;
  const auto formats = canaries::formats();
  for (std::size_t i = 0; i < count; ++i) {
    canaries::Order order;
    order.format = formats[i % formats.size()];
    crypto::random_bytes(order.seed);
    crypto::random_bytes(order.fresh);
    made.push_back(order);
  }
  return made;
}

/// What is drawn by a shell script that stands in for the program.
Result<std::vector<Bytes>> drawn_by(const std::string& script,
                                    std::size_t count = 1,
                                    milliseconds longest = std::chrono::seconds(30)) {
  const std::atomic<bool> stop = false;
  return draw_pictures({"/bin/sh", {"-c", script}, longest}, orders(count), stop);
}

TEST(DrawingTest, TheProgramDrawsWhatIsOrdered) {
  const std::atomic<bool> stop = false;
  const auto pictures = draw_pictures({kTutela, {"canary", "draw"}}, orders(16), stop);
  ASSERT_TRUE(pictures) << pictures.error().message;
  ASSERT_EQ(pictures->size(), 16U);
  for (const Bytes& picture : *pictures) {
    EXPECT_GT(picture.size(), 500U);
  }
  EXPECT_EQ(as_text(pictures->at(0)).substr(0, 3), "\xFF\xD8\xFF");
  EXPECT_EQ(as_text(pictures->at(7)).substr(0, 2), "BM");
  EXPECT_EQ(as_text(pictures->at(9)).substr(1, 3), "PNG");
}

TEST(DrawingTest, APictureThatCouldNotBeMadeIsEmpty) {
  const auto none = drawn_by(R"(printf '\0\0\0\0')");
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, std::vector<Bytes>{Bytes()});
}

TEST(DrawingTest, AProgramThatDoesNotDoItsWorkIsNoPicture) {
  EXPECT_EQ(drawn_by("exit 2").error().code, "canary.no_pictures");
  EXPECT_EQ(drawn_by(R"(printf '\0\0\0\2a')").error().code, "canary.no_pictures") << "cut short";
  EXPECT_EQ(drawn_by(R"(printf '\0\0\0\0\0\0\0\0')").error().code, "canary.no_pictures")
      << "more than was ordered";
  const std::atomic<bool> stop = false;
  EXPECT_EQ(draw_pictures({"/nowhere/tutela", {}}, orders(1), stop).error().code,
            "canary.no_pictures");
}

TEST(DrawingTest, WhatClaimsToBeTooLongIsNotTaken) {
  EXPECT_EQ(drawn_by("cat /dev/zero | tr '\\0' '\\377'").error().code, "canary.bad_frame");
  EXPECT_EQ(drawn_by("cat").error().code, "canary.bad_frame") << "the orders themselves";
}

TEST(DrawingTest, AHangingProgramIsEndedInTime) {
  const auto began = Clock::now();
  EXPECT_EQ(drawn_by("exec sleep 100", 300, milliseconds(300)).error().code, "canary.no_pictures");
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(20));
}

TEST(StockTest, HasPicturesOfEveryKindAndGetsMore) {
  const canaries::Seeds seeds(crypto::Key::random());
  std::atomic<int> arrivals = 0;
  Stock stock({kTutela, {"canary", "draw"}}, seeds, [&] { ++arrivals; });
  stock.want({{{"jpeg", Expected::kMatch}, 2}, {{"gif", Expected::kNoMatch}, 1}});
  EXPECT_FALSE(stock.take("png", Expected::kMatch)) << "nobody wanted it";
  std::set<Bytes> taken;
  const auto end = Clock::now() + std::chrono::seconds(60);
  while (taken.size() < 8 && Clock::now() < end) {
    for (const auto& [format, expected] :
         {std::pair("jpeg", Expected::kMatch), std::pair("gif", Expected::kNoMatch)}) {
      if (auto picture = stock.take(format, expected)) {
        EXPECT_TRUE(taken.insert(*std::move(picture)).second) << "never the same bytes";
      }
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(taken.size(), 8U);
  EXPECT_EQ(stock.problem(), "");
  EXPECT_GT(arrivals, 0);
}

TEST(StockTest, SaysWhyItHasNone) {
  const canaries::Seeds seeds(crypto::Key::random());
  for (const auto& [script, problem] : {std::pair("exit 1", "canary.no_pictures"),
                                        std::pair(R"(printf '\0\0\0\0')", "canary.no_encoder")}) {
    Stock stock({"/bin/sh", {"-c", script}}, seeds, [] {});
    stock.want({{{"jpeg", Expected::kMatch}, 1}});
    const auto end = Clock::now() + std::chrono::seconds(30);
    while (stock.problem().empty() && Clock::now() < end) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_EQ(stock.problem(), problem);
    EXPECT_FALSE(stock.take("jpeg", Expected::kMatch));
  }
}

}  // namespace
}  // namespace tutela::watch
