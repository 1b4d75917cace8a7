#include "service/workers/protocol.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tutela::workers::protocol {
namespace {

struct Pair {
  Fd one;
  Fd other;
};

Pair make_pair() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(text.c_str());
  }
  return pointers;
}

TEST(Protocol, CarriesAMessageAndBothDescriptors) {
  const Pair pair = make_pair();
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  const Message sent{.kind = Kind::kRender,
                     .wait_status = -5,
                     .job = 1ULL << 60,
                     .size_bytes = 9,
                     .view = {redact::Grade::kFull, 7}};
  ASSERT_TRUE(send(pair.one.get(), sent, {read_end.get(), write_end.get()}, 0));
  const auto received = receive(pair.other.get());
  ASSERT_TRUE(received && received->has_value());
  EXPECT_EQ((*received)->message.kind, Kind::kRender);
  EXPECT_EQ((*received)->message.wait_status, -5);
  EXPECT_EQ((*received)->message.job, 1ULL << 60);
  EXPECT_EQ((*received)->message.size_bytes, 9U);
  EXPECT_EQ((*received)->message.view.grade, redact::Grade::kFull);
  EXPECT_EQ((*received)->message.view.frame, 7);
  // Really the same pipe, in this order.
  ASSERT_EQ(::write((*received)->reply.get(), "x", 1), 1);
  char got = 0;
  ASSERT_EQ(::read((*received)->item.get(), &got, 1), 1);
  EXPECT_EQ(got, 'x');
}

TEST(Protocol, ASilentEndIsNotAnError) {
  Pair pair = make_pair();
  pair.one.reset();
  const auto received = receive(pair.other.get());
  ASSERT_TRUE(received.has_value());
  EXPECT_FALSE(received->has_value());
}

TEST(Protocol, RefusesAMessageOfAnotherSize) {
  const Pair pair = make_pair();
  const std::vector<char> sizes[] = {std::vector<char>(1), std::vector<char>(sizeof(Message) + 1)};
  for (const auto& bytes : sizes) {
    ASSERT_GT(::send(pair.one.get(), bytes.data(), bytes.size(), 0), 0);
    EXPECT_FALSE(receive(pair.other.get()).has_value()) << bytes.size();
  }
}

TEST(Protocol, SendingToNobodyIsAnErrorAndNotASignal) {
  Pair pair = make_pair();
  pair.other.reset();
  const auto sent = send(pair.one.get(), {}, {}, 0);
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, "workers.down");
}

TEST(LimitArguments, SurviveTheWay) {
  const media::Limits limits{.size_bytes_max = 1,
                             .pixels_max = ~0ULL,
                             .side_pixels_max = 3,
                             .frames_max = 4,
                             .time_ms_max = 5,
                             .cpu_seconds_max = 6,
                             .memory_bytes_max = 7};
  const auto arguments = to_arguments(limits);
  const auto back = from_arguments(pointers_to(arguments));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(to_arguments(*back), arguments);
}

TEST(LimitArguments, RefuseWhatIsNoLimit) {
  for (const char* const bad : {"",
                                "pixels_max",
                                "pixels_max=",
                                "pixels_max=-1",
                                "pixels_max=1x",
                                "pixels=1",
                                "frames_max=4294967296",
                                "x"}) {
    const std::vector<std::string> arguments = {bad};
    EXPECT_FALSE(from_arguments(pointers_to(arguments)).has_value()) << bad;
  }
}

}  // namespace
}  // namespace tutela::workers::protocol
