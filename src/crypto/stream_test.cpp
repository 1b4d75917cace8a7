#include "crypto/stream.hpp"

#include <gtest/gtest.h>

#include "crypto/wrap.hpp"

namespace tutela::crypto {
namespace {

Key key_of(std::byte value) {
  return *Key::from_bytes(Bytes(32, value));
}

struct Sealed {
  Bytes header;
  std::vector<Bytes> messages;
};

Sealed seal(const Key& key, std::string_view context) {
  StreamSealer sealer(key, as_bytes(context));
  Sealed sealed{{sealer.header().begin(), sealer.header().end()}, {}};
  for (const auto& [text, mark] : {std::pair{"first", Mark::kPlain},
                                   std::pair{"second", Mark::kOther},
                                   std::pair{"", Mark::kFinal}}) {
    Bytes out;
    sealer.push(as_bytes(text), mark, out);
    sealed.messages.push_back(out);
  }
  return sealed;
}

Result<Mark> pull(StreamOpener& opener, const Bytes& message, std::string* text = nullptr) {
  Bytes plain(message.size() - kMessageOverhead);
  Result<Mark> mark = opener.pull(message, plain);
  if (text != nullptr) {
    *text = as_text(plain);
  }
  return mark;
}

TEST(StreamTest, GivesBackMessagesWithTheirMarks) {
  const Key key = key_of(std::byte{1});
  const Sealed sealed = seal(key, "context");
  StreamOpener opener(key, sealed.header, as_bytes("context"));
  std::string text;
  EXPECT_EQ(*pull(opener, sealed.messages[0], &text), Mark::kPlain);
  EXPECT_EQ(text, "first");
  EXPECT_EQ(*pull(opener, sealed.messages[1], &text), Mark::kOther);
  EXPECT_EQ(text, "second");
  EXPECT_EQ(*pull(opener, sealed.messages[2], &text), Mark::kFinal);
  EXPECT_EQ(text, "");
}

TEST(StreamTest, RefusesWhatIsOutOfPlaceChangedOrOfAnotherContextOrKey) {
  const Key key = key_of(std::byte{1});
  const Sealed sealed = seal(key, "context");
  StreamOpener skipping(key, sealed.header, as_bytes("context"));
  EXPECT_EQ(pull(skipping, sealed.messages[1]).error().code, "seal.corrupt");
  StreamOpener elsewhere(key, sealed.header, as_bytes("contexu"));
  EXPECT_FALSE(pull(elsewhere, sealed.messages[0]));
  StreamOpener other(key_of(std::byte{2}), sealed.header, as_bytes("context"));
  EXPECT_FALSE(pull(other, sealed.messages[0]));
  for (std::size_t i = 0; i < sealed.messages[0].size(); ++i) {
    Bytes changed = sealed.messages[0];
    changed[i] ^= std::byte{1};
    StreamOpener opener(key, sealed.header, as_bytes("context"));
    EXPECT_FALSE(pull(opener, changed)) << i;
  }
}

TEST(WrapTest, UnwrapsOnlyWithTheSameKeyAndContext) {
  const Key with = key_of(std::byte{3});
  const Key key = Key::random();
  const WrappedKey wrapped = wrap_key(with, key, as_bytes("epoch:7"));
  const Result<Key> again = unwrap_key(with, wrapped, as_bytes("epoch:7"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(equal_constant_time(again->bytes(), key.bytes()));
  EXPECT_EQ(unwrap_key(with, wrapped, as_bytes("epoch:8")).error().code, "key.not_unwrapped");
  EXPECT_FALSE(unwrap_key(key_of(std::byte{4}), wrapped, as_bytes("epoch:7")));
  EXPECT_FALSE(unwrap_key(with, ByteView(wrapped).first(71), as_bytes("epoch:7")));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    WrappedKey changed = wrapped;
    changed[i] ^= std::byte{0x80};
    EXPECT_FALSE(unwrap_key(with, changed, as_bytes("epoch:7"))) << i;
  }
}

TEST(WrapTest, KeyIdsTellKeysApartAndAreStable) {
  EXPECT_EQ(key_id(key_of(std::byte{1})).size(), 16U);
  EXPECT_EQ(key_id(key_of(std::byte{1})), key_id(key_of(std::byte{1})));
  EXPECT_NE(key_id(key_of(std::byte{1})), key_id(key_of(std::byte{2})));
}

}  // namespace
}  // namespace tutela::crypto
