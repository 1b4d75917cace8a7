#include "watch/canaries/orders.hpp"

#include <random>

#include <gtest/gtest.h>

#include "crypto/digest.hpp"

namespace tutela::canaries {
namespace {

Order order_of(std::string format) {
  return {std::move(format), crypto::sha256_of(as_bytes("a")), crypto::sha256_of(as_bytes("b"))};
}

TEST(OrderTest, ALineSaysAllOfIt) {
  for (const std::string_view format : formats()) {
    const Order order = order_of(std::string(format));
    const auto parsed = parse_order(to_line(order));
    ASSERT_TRUE(parsed) << format;
    EXPECT_EQ(*parsed, order);
  }
}

TEST(OrderTest, RefusesEverythingElse) {
  const std::string good = to_line(order_of("jpeg"));
  for (const std::string& bad : {std::string(),
                                 std::string("jpeg"),
                                 std::string(" "),
                                 good + " ",
                                 good.substr(1),
                                 good.substr(0, good.size() - 1),
                                 "exe" + good.substr(4),
                                 "jpeg  " + good.substr(6),
                                 "jpeg g" + good.substr(6),
                                 good + "\n",
                                 std::string(200, ' ')}) {
    const auto parsed = parse_order(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, "canary.bad_order");
  }
}

TEST(FrameReaderTest, TakesPiecesOfAnySize) {
  const std::vector<Bytes> pictures = {
      Bytes(3, std::byte{1}), {}, Bytes(70'000, std::byte{2}), Bytes(1, std::byte{3}), {}};
  Bytes stream;
  for (const Bytes& picture : pictures) {
    const Bytes frame = frame_of(picture);
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    FrameReader reader;
    std::vector<Bytes> taken;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t most = round % 2 == 0 ? 7 : 20'000;
      const std::size_t count = std::min<std::size_t>(1 + random() % most, stream.size() - at);
      ASSERT_TRUE(reader.feed(ByteView(stream).subspan(at, count),
                              [&](Bytes picture) { taken.push_back(std::move(picture)); }));
      at += count;
    }
    EXPECT_EQ(taken, pictures);
  }
}

TEST(FrameReaderTest, RefusesAFrameThatClaimsTooMuch) {
  const Bytes largest = frame_of(Bytes(kPictureBytesMax));
  FrameReader reader;
  int taken = 0;
  const auto count = [&](const Bytes&) {
    ++taken;
  };
  EXPECT_TRUE(reader.feed(largest, count));
  EXPECT_EQ(taken, 1);
  const Bytes head = {std::byte{0}, std::byte{0x10}, std::byte{0}, std::byte{1}};
  EXPECT_EQ(reader.feed(head, count).error().code, "canary.bad_frame");
  EXPECT_EQ(reader.feed(frame_of({}), count).error().code, "canary.bad_frame");
  EXPECT_EQ(reader.feed({}, count).error().code, "canary.bad_frame") << "for good";
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace tutela::canaries
