#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/inspect/inspect.hpp"

namespace tutela::inspect {

namespace {

Inspection random_inspection(std::mt19937_64& random) {
  Inspection inspection;
  media::DecodeReport& report = inspection.report;
  report.type = static_cast<media::MediaType>(1 + random() % 8);
  report.width = static_cast<std::uint32_t>(1 + random() % 65'535);
  report.height = static_cast<std::uint32_t>(1 + random() % 65'535);
  report.frames_decoded = static_cast<std::uint32_t>(1 + random() % 64);
  report.frames_total = report.frames_decoded + static_cast<std::uint32_t>(random() % 3);
  report.partial = report.frames_total > report.frames_decoded || random() % 2 == 0;
  report.damaged = random() % 2 == 0;
  report.decoder = "libvips 8.14.1";
  const std::size_t frames = 1 + random() % report.frames_decoded;
  for (std::uint32_t i = 0; i < frames; ++i) {
    FrameFingerprint frame;
    frame.frame = i;
    frame.pdq.quality = static_cast<std::uint8_t>(random() % 101);
    for (auto& hash : frame.pdq.hashes) {
      for (auto& word : hash.words) {
        word = random();
      }
    }
    inspection.frames.push_back(frame);
  }
  return inspection;
}

void expect_same(const Inspection& left, const Inspection& right) {
  EXPECT_EQ(left.frames, right.frames);
  EXPECT_EQ(left.report.type, right.report.type);
  EXPECT_EQ(left.report.width, right.report.width);
  EXPECT_EQ(left.report.height, right.report.height);
  EXPECT_EQ(left.report.frames_total, right.report.frames_total);
  EXPECT_EQ(left.report.frames_decoded, right.report.frames_decoded);
  EXPECT_EQ(left.report.damaged, right.report.damaged);
  EXPECT_EQ(left.report.partial, right.report.partial);
  EXPECT_EQ(left.report.decoder, right.report.decoder);
}

void expect_bad(const Bytes& bytes) {
  const auto reply = decode_reply(bytes);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kCorrupted);
  EXPECT_EQ(reply.error().code, "worker.bad_reply");
}

TEST(Reply, ComesBackAsItWasSent) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const Inspection sent = random_inspection(random);
    const Bytes bytes = encode_reply(sent);
    ASSERT_LE(bytes.size(), kReplyBytesMax);
    const auto got = decode_reply(bytes);
    ASSERT_TRUE(got);
    ASSERT_TRUE(*got);
    expect_same(**got, sent);
  }
}

TEST(Reply, CarriesEveryErrorOfDecoding) {
  const std::vector<std::pair<std::string_view, ErrorKind>> errors = {
      {"media.empty", ErrorKind::kInvalidInput},
      {"media.unsupported_type", ErrorKind::kInvalidInput},
      {"media.corrupt", ErrorKind::kInvalidInput},
      {"media.too_large", ErrorKind::kLimitExceeded},
      {"media.too_many_pixels", ErrorKind::kLimitExceeded},
      {"media.no_decoder", ErrorKind::kUnavailable}};
  for (const auto& [code, kind] : errors) {
    const auto got = decode_reply(encode_reply(Error{kind, code, "what to do"}));
    ASSERT_TRUE(got) << code;
    ASSERT_FALSE(*got) << code;
    EXPECT_EQ(got->error().code, code);
    EXPECT_EQ(got->error().kind, kind);
    EXPECT_EQ(got->error().message, "what to do");
  }
}

TEST(Reply, NeverTurnsAnUnknownErrorIntoSuccess) {
  const auto got =
      decode_reply(encode_reply(Error{ErrorKind::kInternal, "new.code", std::string(9999, '\n')}));
  ASSERT_TRUE(got);
  ASSERT_FALSE(*got);
  EXPECT_EQ(got->error().code, "media.corrupt");
}

TEST(Reply, RefusesEveryCutAndEveryTail) {
  std::mt19937_64 random(7);
  for (const Bytes& whole :
       {encode_reply(random_inspection(random)),
        encode_reply(Error{ErrorKind::kInvalidInput, "media.empty", "text"})}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      expect_bad(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
    }
    Bytes longer = whole;
    longer.push_back(std::byte{0});
    expect_bad(longer);
  }
}

TEST(Reply, RefusesReportsThatContradictThemselves) {
  std::mt19937_64 random(7);
  const Inspection good = random_inspection(random);
  const auto changed = [&](auto&& change) {
    Inspection bad = good;
    change(bad);
    return encode_reply(bad);
  };
  expect_bad(changed([](Inspection& i) { i.report.type = media::MediaType::kUnknown; }));
  expect_bad(changed([](Inspection& i) { i.report.type = static_cast<media::MediaType>(9); }));
  expect_bad(changed([](Inspection& i) { i.report.width = 0; }));
  expect_bad(changed([](Inspection& i) { i.report.height = 0; }));
  expect_bad(changed([](Inspection& i) { i.report.frames_decoded = 0; }));
  expect_bad(changed([](Inspection& i) { i.report.frames_decoded = i.report.frames_total + 1; }));
  expect_bad(changed([](Inspection& i) { i.report.decoder = "line\nbreak"; }));
  expect_bad(changed([](Inspection& i) { i.frames.clear(); }));
  expect_bad(changed([](Inspection& i) { i.frames[0].pdq.quality = 101; }));
  expect_bad(changed([](Inspection& i) { i.frames[0].frame = i.report.frames_total; }));
  expect_bad(changed([](Inspection& i) { i.frames.push_back(i.frames[0]); }));
  expect_bad(changed([](Inspection& i) {
    i.report.partial = false;
    i.report.frames_total = i.report.frames_decoded + 1;
  }));
}

TEST(Reply, RefusesForeignBytes) {
  expect_bad({});
  expect_bad(Bytes(100));
  expect_bad(Bytes(kReplyBytesMax + 1));
  std::mt19937_64 random(7);
  for (std::size_t at = 0; at < 6; ++at) {  // magic, version, kind
    Bytes bytes = encode_reply(random_inspection(random));
    bytes[at] ^= std::byte{0x40};
    expect_bad(bytes);
  }
}

}  // namespace

}  // namespace tutela::inspect
