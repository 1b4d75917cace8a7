#include "watch/groups/groups.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::groups {
namespace {

using fingerprint::Orientation;
using fingerprint::Pdq256;
using Random = std::mt19937_64;

Pdq256 random_hash(Random& random) {
  Pdq256 hash;
  for (auto& word : hash.words) {
    word = random();
  }
  return hash;
}

Pdq256 flipped(Pdq256 hash, int first, int count) {
  for (int bit = first; bit < first + count; ++bit) {
    hash.words[static_cast<std::size_t>(bit) / 64 % 4] ^= std::uint64_t{1} << (bit % 64);
  }
  return hash;
}

/// Contents in a database, and groups over them.
class World {
 public:
  World() {
    database_ = *store::Database::open({folder_.path() / "t.db"});
    ledger_ = std::make_unique<ledger::Ledger>(*database_, clock_, "instance-a");
    reopen();
  }

  void reopen() {
    groups_.reset();
    auto opened = Groups::open(*database_, {folder_.path() / "groups.index", {}, position_});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    groups_ = *std::move(opened);
  }

  /// A content with its verdict; quality 0 where there is no hash.
  void decide(const Newcomer& made) {
    ledger::Arrival arrival;
    arrival.id = made.content_id;
    arrival.door = "http";
    const store::Actor actor{made.tenant_id, "token:a"};
    ASSERT_TRUE(ledger_->add_owed(actor, arrival));
    ledger::Outcome outcome;
    outcome.verdict = policy::Verdict::kNoMatch;
    outcome.inspection = inspect::Inspection{};
    inspect::FrameFingerprint frame{0, {}};
    if (made.hash) {
      frame.pdq.quality = 90;
      frame.pdq.hashes[0] = *made.hash;
    }
    outcome.inspection->frames.push_back(frame);
    ASSERT_TRUE(ledger_->decide(actor, made.content_id, outcome));
  }

  void add(std::vector<Newcomer> newcomers) {
    for (Newcomer& newcomer : newcomers) {
      newcomer.position = ++position_;
      decide(newcomer);
    }
    const Status added = groups_->add(newcomers);
    EXPECT_TRUE(added) << added.error().message;
    EXPECT_TRUE(groups_->add(newcomers)) << "twice is as once";
  }

  Group group(const Uuid& id, const std::string& tenant = "default", std::size_t limit = 1000) {
    auto found = Groups::of(*database_, {tenant, "token:a"}, 1, id, limit);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : Group{};
  }

  store::Database& database() { return *database_; }

  Groups& groups() { return *groups_; }

 private:
  testing::TemporaryFolder folder_;
  ManualClock clock_{1'900'000'000'000};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Groups> groups_;
  std::int64_t position_ = 0;
};

Newcomer content(std::optional<Pdq256> hash, const std::string& tenant = "default") {
  static UtcMs time_ms = 1'900'000'000'000;
  return {0, new_uuid(++time_ms), tenant, hash};
}

TEST(ContentDistance, IsTheSameFromBothSides) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const Pdq256 left = random_hash(random);
    const Pdq256 right =
        flipped(fingerprint::reoriented(left, static_cast<Orientation>(i % 8)), i, i % 40);
    EXPECT_EQ(content_distance(left, right), content_distance(right, left));
    EXPECT_LE(content_distance(left, right), i % 40);
  }
}

TEST(Groups, JoinContentsWithinTheDistanceAndNoOthers) {
  Random random(2);
  World world;
  const Pdq256 hash = random_hash(random);
  const auto first = content(hash);
  const auto near = content(flipped(hash, 0, kGroupDistance));
  const auto beyond = content(flipped(hash, 100, kGroupDistance + 1));
  world.add({first, near, beyond});
  const Group group = world.group(near.content_id);
  EXPECT_EQ(group.id, first.content_id);
  EXPECT_EQ(group.size, 2);
  ASSERT_EQ(group.members.size(), 2U);
  EXPECT_EQ(group.members[0].content_id, near.content_id);
  EXPECT_EQ(group.members[1].distance, kGroupDistance);
  EXPECT_EQ(world.group(beyond.content_id).id, beyond.content_id);
}

TEST(Groups, JoinTurnedCopies) {
  Random random(3);
  World world;
  const Pdq256 hash = random_hash(random);
  const auto first = content(hash);
  world.add({first});
  for (const auto orientation : {Orientation::kRotate90, Orientation::kFlipX}) {
    const auto turned = content(flipped(fingerprint::reoriented(hash, orientation), 7, 9));
    world.add({turned});
    EXPECT_EQ(world.group(turned.content_id).id, first.content_id);
  }
}

TEST(Groups, TellTheProgramWhichContentsAreNearAndNotThoseOfAChain) {
  Random random(3);
  World world;
  const Pdq256 hash = random_hash(random);
  const auto first = content(hash);
  const auto same = content(hash);
  const auto near = content(flipped(hash, 0, kGroupDistance));
  const auto chained = content(flipped(hash, 0, 2 * kGroupDistance));
  const auto blank = content({});
  world.add({first, same, near, chained, blank});
  const auto near_of = [&](const Uuid& id) {
    std::set<Uuid> ids;
    EXPECT_TRUE(world.database().read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(const auto found, Groups::near(transaction, id));
      ids.insert(found.begin(), found.end());
      return ok();
    }));
    return ids;
  };
  EXPECT_EQ(world.group(first.content_id).size, 4);
  EXPECT_EQ(near_of(first.content_id), (std::set{same.content_id, near.content_id}));
  EXPECT_EQ(near_of(chained.content_id), (std::set{near.content_id}));
  EXPECT_TRUE(near_of(blank.content_id).empty());
  EXPECT_TRUE(near_of(new_uuid(1)).empty()) << "not grouped yet";
}

TEST(Groups, TellMembersThatOnlyAChainConnects) {
  Random random(4);
  World world;
  const Pdq256 hash = random_hash(random);
  const auto first = content(hash);
  const auto middle = content(flipped(hash, 0, 30));
  const auto last = content(flipped(flipped(hash, 0, 30), 30, 30));
  world.add({first});
  world.add({last});
  EXPECT_NE(world.group(first.content_id).id, world.group(last.content_id).id);
  world.add({middle});
  const Group group = world.group(first.content_id);
  ASSERT_EQ(group.members.size(), 3U);
  EXPECT_TRUE(group.members[1].is_near());
  EXPECT_EQ(group.members[1].content_id, middle.content_id);
  EXPECT_EQ(group.members[2].content_id, last.content_id);
  EXPECT_EQ(group.members[2].distance, 60);
  EXPECT_FALSE(group.members[2].is_near()) << "a decision on the first does not reach the last";
  EXPECT_EQ(world.group(first.content_id, "default", 2).members.size(), 2U);
  EXPECT_EQ(world.group(first.content_id, "default", 2).size, 3);
}

TEST(Groups, LeaveContentsWithoutAFitFrameAlone) {
  World world;
  const auto one = content(std::nullopt);
  const auto two = content(std::nullopt);
  world.add({one, two});
  EXPECT_EQ(world.group(two.content_id).id, two.content_id);
  EXPECT_EQ(world.group(two.content_id).size, 1);
  EXPECT_EQ(world.group(two.content_id).members[0].distance, 0);
}

TEST(Groups, NeverCrossTenants) {
  Random random(5);
  World world;
  const Pdq256 hash = random_hash(random);
  const auto ours = content(hash, "ours");
  const auto theirs = content(hash, "theirs");
  world.add({ours});
  world.add({theirs, content(random_hash(random), "ours")});
  EXPECT_EQ(world.group(ours.content_id, "ours").size, 1);
  EXPECT_EQ(Groups::of(world.database(), {"ours", "token:a"}, 1, theirs.content_id, 9).error().code,
            "group.not_found");
}

TEST(Groups, AskingIsAudited) {
  World world;
  const auto one = content(std::nullopt);
  world.add({one});
  world.group(one.content_id);
  std::string object;
  EXPECT_TRUE(world.database().read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT object FROM audit WHERE action = 'group.show'", {}, [&](const store::Row& row) {
          object = row.text(0);
          return ok();
        });
  }));
  EXPECT_EQ(object, "content:" + to_string(one.content_id));
}

/// The least id that links connect each content with, by trying all pairs.
std::map<Uuid, Uuid> naive_groups(const std::vector<Newcomer>& contents) {
  std::vector<std::size_t> root(contents.size());
  std::iota(root.begin(), root.end(), 0U);
  const auto find = [&](std::size_t i) {
    while (root[i] != i) {
      i = root[i];
    }
    return i;
  };
  for (std::size_t i = 0; i < contents.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (content_distance(*contents[i].hash, *contents[j].hash) <= kGroupDistance) {
        root[find(i)] = find(j);
      }
    }
  }
  std::map<std::size_t, Uuid> least;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const auto [entry, is_new] = least.emplace(find(i), contents[i].content_id);
    entry->second = std::min(entry->second, contents[i].content_id);
  }
  std::map<Uuid, Uuid> groups;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    groups[contents[i].content_id] = least[find(i)];
  }
  return groups;
}

TEST(Groups, AreTheSameInWhateverOrderContentsComeAndAcrossRestarts) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  std::vector<Newcomer> contents;
  for (int cluster = 0; cluster < 12; ++cluster) {
    Pdq256 hash = random_hash(random);
    for (int i = 0; i < 9; ++i) {
      contents.push_back(content(hash));
      const auto turned = fingerprint::reoriented(hash, static_cast<Orientation>(random() % 8));
      hash = flipped(turned, static_cast<int>(random() % 256), static_cast<int>(random() % 42));
    }
  }
  const auto expected = naive_groups(contents);
  std::set<Uuid> distinct;
  for (const auto& [id, group] : expected) {
    distinct.insert(group);
  }
  EXPECT_GT(distinct.size(), 12U);
  EXPECT_LT(distinct.size(), contents.size());
  for (int order = 0; order < 3; ++order) {
    std::ranges::shuffle(contents, random);
    World world;
    for (std::size_t next = 0; next < contents.size();) {
      const std::size_t count = std::min<std::size_t>(random() % 20 + 1, contents.size() - next);
      world.add({contents.begin() + static_cast<std::ptrdiff_t>(next),
                 contents.begin() + static_cast<std::ptrdiff_t>(next + count)});
      next += count;
      if (random() % 4 == 0) {
        world.reopen();
      }
    }
    for (const auto& [id, group] : expected) {
      EXPECT_EQ(world.group(id).id, group) << "order " << order;
    }
  }
}

}  // namespace
}  // namespace tutela::groups
