#include "watch/content_index/digest_prefixes.hpp"

#include <gtest/gtest.h>

#include "watch/content_index/test_entries.hpp"

namespace tutela::content_index {
namespace {

using match::SignalKind;

TEST(DigestPrefixes, FindsNothingWhenEmpty) {
  const DigestPrefixes none({});
  EXPECT_FALSE(none.any_of({0, 0, 0}));
  EXPECT_FALSE(none.any_of(prefixes_of(entry_of(7).digests)));
}

TEST(DigestPrefixes, FindsEachKindInItsOwnPlaceOnly) {
  const Entry entry = entry_of(1);
  const Entry other = entry_of(2);
  const auto& digests = entry.digests;
  for (const Digest& digest : {Digest{SignalKind::kMd5, digests.md5},
                               Digest{SignalKind::kSha1, digests.sha1},
                               Digest{SignalKind::kSha256, digests.sha256}}) {
    const DigestPrefixes prefixes({&digest, 1});
    EXPECT_TRUE(prefixes.any_of(prefixes_of(digests)));
    EXPECT_FALSE(prefixes.any_of(prefixes_of(other.digests)));
    Prefixes turned = prefixes_of(digests);
    std::rotate(turned.begin(), turned.begin() + 1, turned.end());
    EXPECT_FALSE(prefixes.any_of(turned));
  }
}

TEST(DigestPrefixes, AgreesWithASetForManyAndForAlikeOnes) {
  Random random(3);
  std::vector<crypto::Sha256> values;
  for (std::size_t i = 0; i < 20'000; ++i) {
    crypto::Sha256 value{};
    // Half of them alike in all but the last bytes of the prefix: one bit of the map for all.
    std::ranges::generate(std::span(value).subspan(i % 2 == 0 ? 0 : 7),
                          [&] { return static_cast<std::byte>(random()); });
    values.push_back(value);
  }
  std::vector<Digest> half;
  std::vector<Prefixes> known;
  for (std::size_t i = 0; i < values.size() / 2; ++i) {
    half.push_back({SignalKind::kSha256, values[i]});
    known.push_back(prefixes_of({{}, {}, values[i]}));
  }
  std::ranges::sort(known);
  const DigestPrefixes prefixes(half);
  for (const auto& value : values) {
    const Prefixes wanted = prefixes_of({{}, {}, value});
    EXPECT_EQ(prefixes.any_of(wanted), std::ranges::binary_search(known, wanted));
  }
}

}  // namespace
}  // namespace tutela::content_index
