#include "service/cybertip_simulator/form.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tutela::cybertip_simulator {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=------------------------d74496d";
const std::string kBoundary = "--------------------------d74496d";

struct Taken {
  std::string code = "ok";
  std::optional<std::int64_t> id;
  bool has_file = false;
  std::string file;

  friend bool operator==(const Taken&, const Taken&) = default;
};

Taken take(std::string_view body, std::size_t piece, std::string_view type = kType) {
  Taken taken;
  auto form = Form::open(type, [&](ByteView bytes) { taken.file += as_text(bytes); });
  if (!form) {
    taken.code = form.error().code;
    return taken;
  }
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (const Status fed = form->feed(as_bytes(body.substr(at, piece))); !fed) {
      taken.code = fed.error().code;
      taken.file.clear();
      return taken;
    }
  }
  if (const Status ended = form->finish(); !ended) {
    taken.code = ended.error().code;
    taken.file.clear();
    return taken;
  }
  taken.id = form->id();
  taken.has_file = form->has_file();
  return taken;
}

std::string part(const std::string& head, const std::string& body) {
  return kBoundary + "\r\n" + head + "\r\n\r\n" + body + "\r\n";
}

const std::string kIdPart = part("Content-Disposition: form-data; name=\"id\"", "4564654");
const std::string kFileHead =
    "Content-Disposition: form-data; name=\"file\"; filename=\"file.jpg\"\r\n"
    "Content-Type: image/jpeg";
const std::string kEnd = kBoundary + "--\r\n";

TEST(Form, TakesWhatCurlSendsInPiecesOfAnySize) {
  const std::string file =
      "\r\n--\r\n-----\r\n--------------------------d74\r\n\0a\r"
      "\n--------------------------d7449";
  for (const bool file_first : {false, true}) {
    const std::string file_part = part(kFileHead, file);
    const std::string body = (file_first ? file_part + kIdPart : kIdPart + file_part) + kEnd;
    for (std::size_t piece = 1; piece <= body.size(); ++piece) {
      const Taken taken = take(body, piece);
      ASSERT_EQ(taken.code, "ok") << piece;
      ASSERT_EQ(taken.id, 4564654);
      ASSERT_TRUE(taken.has_file);
      ASSERT_EQ(taken.file, file) << piece;
    }
  }
}

TEST(Form, TakesAnEmptyFileAndNone) {
  EXPECT_EQ(take(kIdPart + part(kFileHead, "") + kEnd, 7), (Taken{"ok", 4564654, true, ""}));
  EXPECT_EQ(take(kIdPart + kEnd, 7), (Taken{"ok", 4564654, false, ""}));
}

TEST(Form, TakesAnEncodedId) {
  constexpr std::string_view kEncoded = "application/x-www-form-urlencoded";
  EXPECT_EQ(take("id=17", 1, kEncoded).id, 17);
  EXPECT_EQ(take("a=b&id=17", 3, "application/x-www-form-urlencoded; charset=UTF-8").id, 17);
  EXPECT_EQ(take("id=17&id=18", 3, kEncoded).code, "form.malformed");
  EXPECT_EQ(take("", 3, kEncoded).id, std::nullopt);
  for (const std::string_view bad :
       {"id=", "id=0", "id=-1", "id=1a", "id=99999999999999999999", "x=1"}) {
    EXPECT_EQ(take(bad, 3, kEncoded).id, std::nullopt) << bad;
  }
  EXPECT_EQ(take(std::string(5000, 'a'), 1000, kEncoded).code, "form.malformed");
}

TEST(Form, RefusesOtherTypes) {
  for (const std::string_view type : {"",
                                      "text/xml",
                                      "multipart/form-data",
                                      "multipart/form-data; boundary=",
                                      "multipart/mixed; boundary=a",
                                      "application/x-www-form-urlencodedness"}) {
    EXPECT_EQ(take("", 1, type).code, "form.type") << type;
  }
}

TEST(Form, RefusesWhatIsMalformed) {
  const std::vector<std::string> bodies = {
      "",
      "preamble\r\n" + kIdPart + kEnd,
      kIdPart,
      kIdPart.substr(0, 50),
      kBoundary + "x\r\n",
      kIdPart + kIdPart + kEnd,
      part(kFileHead, "a") + part(kFileHead, "b") + kEnd,
      part("Content-Type: text/plain", "a") + kEnd,
      part("Content-Disposition: attachment; name=\"id\"", "1") + kEnd,
      part("Content-Disposition: form-data; filename=\"\\\"; name=id\"", "1") + kEnd,
      part("Content-Disposition: form-data; name=\"id", "1") + kEnd,
      part("Content-Disposition: form-data; name=\"id\"", std::string(65, '1')) + kEnd,
      part(std::string(10'000, 'a'), "1") + kEnd,
  };
  for (const std::string& body : bodies) {
    EXPECT_EQ(take(body, 5).code, "form.malformed") << body.substr(0, 200);
  }
  std::string many;
  for (std::size_t i = 0; i <= kPartsMax; ++i) {
    many += part("Content-Disposition: form-data; name=\"x\"", "1");
  }
  EXPECT_EQ(take(many + kEnd, 100).code, "form.malformed");
}

TEST(Form, SaysTheSameOfMutatedBodiesInPiecesOfAnySize) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string good = kIdPart + part(kFileHead, "\r\n--------------------------d74496") + kEnd;
  for (int round = 0; round < 2000; ++round) {
    std::string body = good;
    for (unsigned i = 0; i <= random() % 3; ++i) {
      body[random() % body.size()] = "\r\n-\"; a"[random() % 7];
    }
    const Taken whole = take(body, body.size());
    ASSERT_EQ(take(body, 1), whole) << body;
    ASSERT_EQ(take(body, 1 + random() % 40), whole) << body;
  }
}

}  // namespace
}  // namespace tutela::cybertip_simulator
