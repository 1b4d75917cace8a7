// Signals of all kinds for the tests of segments and sets, and what a linear search of all of them
// finds: the definition.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "engine/match/digest_set.hpp"
#include "engine/match/match.hpp"
#include "engine/match/segment_format.hpp"
#include "engine/match/test_values.hpp"

namespace tutela::match {

struct TestSignal {
  std::uint32_t list = 0;  // in the test's own lists
  std::int64_t id = 0;
  SignalKind kind = SignalKind::kPdq;
  std::array<std::byte, 32> value{};

  [[nodiscard]] ByteView bytes() const {
    return ByteView(value).first(kind == SignalKind::kPdq ? 32 : digest_length(kind));
  }

  [[nodiscard]] Pdq256 pdq() const {
    Pdq256 pdq;
    for (std::size_t i = 0; i < value.size(); ++i) {
      pdq.words[i / 8] = pdq.words[i / 8] << 8 | std::to_integer<std::uint64_t>(value[i]);
    }
    return pdq;
  }
};

inline std::array<std::byte, 32> bytes_of(const Pdq256& pdq) {
  std::array<std::byte, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(pdq.words[i / 8] >> (56 - 8 * (i % 8)));
  }
  return bytes;
}

inline std::vector<ListEntry> test_lists(std::initializer_list<int> distances) {
  std::vector<ListEntry> lists;
  for (const int distance : distances) {
    lists.push_back({.id = new_uuid(1), .version = 1, .pdq_distance_max = distance});
  }
  return lists;
}

inline std::vector<Pdq256> random_variants(Random& random) {
  std::vector<Pdq256> variants(fingerprint::kOrientations);
  std::ranges::generate(variants, [&] { return random_pdq(random); });
  return variants;
}

/// Within 60 bits of one of the variants.
inline TestSignal near_signal(std::uint32_t list,
                              std::int64_t id,
                              const std::vector<Pdq256>& variants,
                              Random& random) {
  const Pdq256& near = variants[random() % variants.size()];
  return {list, id, SignalKind::kPdq, bytes_of(flipped(near, random() % 60, random))};
}

inline crypto::Digests test_digests(std::size_t content) {
  return crypto::digests_of(as_bytes("content " + std::to_string(content)));
}

/// A digest of one kind of one content.
inline TestSignal digest_signal(std::uint32_t list, std::int64_t id, std::size_t content) {
  const crypto::Digests digests = test_digests(content);
  TestSignal signal{list, id, kDigestKindOf[content % kDigestKinds], {}};
  const ByteView bytes = signal.kind == SignalKind::kMd5    ? ByteView(digests.md5)
                         : signal.kind == SignalKind::kSha1 ? ByteView(digests.sha1)
                                                            : ByteView(digests.sha256);
  std::ranges::copy(bytes, signal.value.begin());
  return signal;
}

/// What search_pdq finds, word for word from its header.
inline std::vector<Hit> naive_pdq(const std::vector<TestSignal>& signals,
                                  const std::vector<ListEntry>& lists,
                                  const std::vector<Pdq256>& variants,
                                  int distance_max) {
  std::map<std::pair<std::uint32_t, std::int64_t>, Hit> nearest;
  for (const TestSignal& signal : signals) {
    for (std::size_t v = 0; signal.kind == SignalKind::kPdq && v < variants.size(); ++v) {
      const int bits = fingerprint::distance(signal.pdq(), variants[v]);
      if (bits > lists[signal.list].pdq_distance_max || bits > distance_max) {
        continue;
      }
      const auto orientation = static_cast<fingerprint::Orientation>(v);
      const Hit hit{signal.list, signal.id, SignalKind::kPdq, bits, 3, orientation};
      const auto [place, is_new] = nearest.try_emplace({signal.list, signal.id}, hit);
      if (!is_new && bits < place->second.distance) {
        place->second = hit;
      }
    }
  }
  std::vector<Hit> hits;
  for (const auto& [key, hit] : nearest) {
    hits.push_back(hit);
  }
  return hits;
}

inline std::vector<Hit> naive_digest(const std::vector<TestSignal>& signals,
                                     const TestSignal& wanted) {
  std::map<std::pair<std::uint32_t, std::int64_t>, Hit> hits;
  for (const TestSignal& signal : signals) {
    if (signal.kind == wanted.kind && signal.value == wanted.value) {
      hits[{signal.list, signal.id}] = {
          .list = signal.list, .signal_id = signal.id, .kind = signal.kind};
    }
  }
  std::vector<Hit> all;
  for (const auto& [key, hit] : hits) {
    all.push_back(hit);
  }
  return all;
}

/// `signals` are those that a generation with these lists should find, and no others.
inline void expect_agrees(const Generation& generation,
                          const std::vector<TestSignal>& signals,
                          const std::vector<ListEntry>& lists,
                          const std::vector<Pdq256>& variants,
                          Random& random) {
  EXPECT_EQ(generation.search_pdq({variants, 3}), naive_pdq(signals, lists, variants, 31));
  const int narrow = static_cast<int>(random() % 32);
  EXPECT_EQ(generation.search_pdq({variants, 3}, narrow),
            naive_pdq(signals, lists, variants, narrow));
  const std::vector<Pdq256> one = {variants[random() % variants.size()]};
  EXPECT_EQ(generation.search_pdq({one, 3}), naive_pdq(signals, lists, one, 31));
  for (int i = 0; i < 20; ++i) {
    const TestSignal wanted = digest_signal(0, 0, random() % 600);
    EXPECT_EQ(generation.search_digest(wanted.kind, wanted.bytes()), naive_digest(signals, wanted));
  }
}

/// A thread a step.
inline void run_in_threads(std::size_t count, const std::function<void(std::size_t)>& step) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back(step, i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

inline bool write_plain(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << as_text(bytes);
  file.close();
  return file.good();
}

inline SegmentHeader header_of(const Bytes& bytes) {
  SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

/// Makes the checksums of a file's bytes right again.
inline void reseal(Bytes& bytes) {
  SegmentHeader header = header_of(bytes);
  for (SectionEntry& entry : header.table) {
    Checksummer checksummer;
    checksummer.add(ByteView(bytes).subspan(entry.extent.offset, entry.extent.size));
    entry.checksum = checksummer.finish_padded();
  }
  header.checksum = header_checksum(header);
  std::memcpy(bytes.data(), &header, sizeof(header));
}

}  // namespace tutela::match
