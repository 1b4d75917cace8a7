// A process that dies while it destroys: at every step the next tick goes on, an object is gone
// once with one certificate, and a hold that is set between two steps is kept to. The test program
// starts itself again as the process that dies. The vault here is a folder with one file an object.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "casework/preservation/preservation.hpp"
#include "support/driven.hpp"
#include "support/folder.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

constexpr UtcMs kDay = 24LL * 3'600'000;
constexpr UtcMs kStart = 1'795'000'000'000;  // November 2026
const store::Actor kLead{"default", "person:lead", "lead"};
const std::vector<Uuid> kObjects = {*parse_uuid("01890a5d-ac96-774b-bcce-b302099a8051"),
                                    *parse_uuid("01890a5d-ac96-774b-bcce-b302099a8052"),
                                    *parse_uuid("01890a5d-ac96-774b-bcce-b302099a8053")};

/// One process's view of the folder.
struct World {
  explicit World(const std::filesystem::path& at, UtcMs now_ms, bool automatic)
      : folder(at), clock(now_ms) {
    auto opened = store::Database::open({.path = folder / "tutela.db"});
    EXPECT_TRUE(opened) << opened.error().message;
    database = *std::move(opened);
    Rules rules;
    rules.automatic_disposal = automatic;
    rules.clock_jump_days_max = 365;
    auto made = Preservation::open(
        *database,
        clock,
        rules,
        Signer{"test", crypto::SigningKey(*crypto::Key::from_bytes(Bytes(32, std::byte{7})))},
        [this](const store::Actor&, const Uuid&, std::string_view, const auto& with) {
          return database->write([&](store::Transaction& transaction) {
            return with(transaction, {"person:a", "person:b"});
          });
        },
        [this](const Uuid& id) -> Result<vault::Destroyed> {
          std::filesystem::remove(folder / to_string(id));
          return vault::Destroyed{1, clock.now_ms() + kDay};
        });
    EXPECT_TRUE(made) << made.error().message;
    preservation = *std::move(made);
  }

  [[nodiscard]] bool has_bytes(const Uuid& id) const {
    return std::filesystem::exists(folder / to_string(id));
  }

  ObjectStatus status(const Uuid& id) {
    auto status = preservation->status("default", id);
    EXPECT_TRUE(status) << status.error().message;
    return *std::move(status);
  }

  std::int64_t count(const std::string& sql) {
    std::int64_t found = -1;
    EXPECT_TRUE(database->read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) -> Status {
        found = row.integer(0);
        return ok();
      });
    }));
    return found;
  }

  std::filesystem::path folder;
  ManualClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Preservation> preservation;
};

bool never() {
  return false;
}

Status tick(World& world) {
  TUTELA_TRY(world.preservation->tick(never));
  return ok();
}

/// Three objects as the vault leaves them.
void seal(World& world) {
  for (const Uuid& id : kObjects) {
    EXPECT_TRUE(write_file_atomic(world.folder / to_string(id), as_bytes("sealed")));
    const Status added = world.database->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO evidence (id, tenant_id, principal_id, case_ref, media_type, size_bytes, "
          "md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, 'default', 'system', 'CASE-1', "
          "'', 6, '', '', '', 1, 'kept', :sealed)",
          {to_string(id), world.clock.now_ms()}));
      return ok();
    });
    EXPECT_TRUE(added) << (added ? "" : added.error().message);
  }
}

/// What the process does that dies when it passes the armed point for the `passing`th time.
int drive(const std::string& what, const std::string& folder, const std::string& passing) {
  ::setenv("TUTELA_FAULT", (std::string(std::getenv("TUTELA_FAULT")) + "@" + passing).c_str(), 1);
  World world(folder, kStart + (what == "adopt" ? 0 : 100 * kDay), what == "policy");
  if (what == "dispose") {
    return world.preservation->dispose(kLead, kObjects[0], {Ground::kExpired, "", Uuid{}}) ? 0 : 3;
  }
  if (what == "hold") {
    return world.preservation->set_hold(kLead, {{}, "CASE-1", "1", {}}) ? 0 : 3;
  }
  return tick(world) ? 0 : 3;
}

/// A folder with three objects, in which processes die.
class Scene {
 public:
  Scene() {
    World world = start(0);
    seal(world);
  }

  World start(std::int64_t days, bool automatic = false) {
    return World(folder_.path(), kStart + days * kDay, automatic);
  }

  /// False when the process came to its end without passing the point that often.
  bool die(const std::string& point, int passing, const std::string& what) {
    const testing::Driven driven = testing::run_driver(
        point, {"--drive", what, folder_.path().string(), std::to_string(passing)});
    EXPECT_TRUE(driven.killed || driven.status == 0);
    return driven.killed;
  }

  void make_due() {
    World world = start(0);
    EXPECT_TRUE(tick(world));
    world.clock.advance(100 * kDay);
    EXPECT_TRUE(tick(world));
    for (const Uuid& id : kObjects) {
      EXPECT_EQ(world.status(id).item.state, State::kDue);
    }
  }

  void give_to_destruction() {
    make_due();
    World world = start(100);
    for (const Uuid& id : kObjects) {
      EXPECT_TRUE(world.preservation->dispose(kLead, id, {Ground::kExpired, "", Uuid{}}));
    }
  }

 private:
  testing::TemporaryFolder folder_;
};

void expect_destroyed_once(World& world) {
  for (const Uuid& id : kObjects) {
    const ObjectStatus status = world.status(id);
    EXPECT_EQ(status.item.state, State::kDestroyed);
    EXPECT_FALSE(world.has_bytes(id));
    const auto certificate = verify_certificate(
        status.certificate, {"test", world.preservation->signer()->key.public_key()});
    ASSERT_TRUE(certificate) << certificate.error().message;
    EXPECT_EQ(certificate->object, id);
  }
  EXPECT_EQ(world.count("SELECT COUNT(*) FROM audit WHERE action = 'evidence.destroyed'"), 3);
  EXPECT_EQ(world.count("SELECT MAX(id) - COUNT(*) FROM audit"), 0) << "the log has a gap";
}

class PreservationCrashTest : public ::testing::TestWithParam<const char*> {
 protected:
  /// Runs `then` after the process died at each passing of the point; returns how many there were.
  int at_every_passing(const std::string& what,
                       const std::function<void(Scene&)>& before,
                       const std::function<void(Scene&)>& then) {
    for (int passing = 1;; ++passing) {
      SCOPED_TRACE(what + " " + GetParam() + " " + std::to_string(passing));
      Scene scene;
      before(scene);
      if (!scene.die(GetParam(), passing, what) || HasFailure()) {
        return passing - 1;
      }
      then(scene);
    }
  }
};

TEST_P(PreservationCrashTest, EveryObjectIsGoneOnceWhereverTheProcessDied) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  const int passings = at_every_passing(
      "finish",
      [](Scene& scene) { scene.give_to_destruction(); },
      [](Scene& scene) {
        World world = scene.start(100);
        for (const Uuid& id : kObjects) {
          const State state = world.status(id).item.state;
          EXPECT_TRUE(state == State::kDestroying || state == State::kDestroyed);
          EXPECT_FALSE(state == State::kDestroyed && world.has_bytes(id));
        }
        ASSERT_TRUE(tick(world));
        expect_destroyed_once(world);
      });
  // Only this way of destruction passes not by here.
  const std::string point = GetParam();
  const bool elsewhere =
      point == "preservation.after_policy" || point == "preservation.after_destroying";
  EXPECT_EQ(passings == 0, elsewhere);
}

TEST_P(PreservationCrashTest, AHoldThatIsSetAfterTheDeathKeepsWhatIsStillThere) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  at_every_passing(
      "finish",
      [](Scene& scene) { scene.give_to_destruction(); },
      [](Scene& scene) {
        World world = scene.start(100);
        const auto hold = world.preservation->set_hold(kLead, {{}, "CASE-1", "1", {}});
        ASSERT_TRUE(hold);
        std::vector<bool> before;
        for (const Uuid& id : kObjects) {
          before.push_back(world.has_bytes(id));
        }
        ASSERT_TRUE(tick(world));
        std::int64_t unsure = 0;
        for (std::size_t i = 0; i < kObjects.size(); ++i) {
          EXPECT_EQ(world.has_bytes(kObjects[i]), before[i]);
          const State state = world.status(kObjects[i]).item.state;
          EXPECT_TRUE(state == State::kHeld || state == State::kDestroying ||
                      state == State::kDestroyed);
          EXPECT_TRUE(before[i] || state != State::kHeld) << "held, and not there";
          unsure += state == State::kDestroying ? 1 : 0;
        }
        EXPECT_EQ(hold->too_late, unsure);
        // Released, everything goes on: what was stopped needs a new decision.
        ASSERT_TRUE(world.preservation->release_hold(kLead, hold->id, "over"));
        ASSERT_TRUE(tick(world));
        for (const Uuid& id : kObjects) {
          if (world.status(id).item.state == State::kDue) {
            ASSERT_TRUE(world.preservation->dispose(kLead, id, {Ground::kExpired, "", Uuid{}}));
          }
        }
        ASSERT_TRUE(tick(world));
        expect_destroyed_once(world);
      });
}

TEST_P(PreservationCrashTest, WhatPolicyDestroysIsFinished) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  at_every_passing(
      "policy",
      [](Scene& scene) {
        World world = scene.start(0);
        EXPECT_TRUE(tick(world));
      },
      [](Scene& scene) {
        World world = scene.start(100, true);
        ASSERT_TRUE(tick(world));
        expect_destroyed_once(world);
      });
}

TEST_P(PreservationCrashTest, TheFirstTickGivesEveryObjectOneClock) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  at_every_passing(
      "adopt",
      [](Scene&) {},
      [](Scene& scene) {
        World world = scene.start(0);
        ASSERT_TRUE(tick(world));
        for (const Uuid& id : kObjects) {
          EXPECT_EQ(world.status(id).bases.size(), 1U);
          EXPECT_TRUE(world.status(id).item.due_ms);
        }
        EXPECT_EQ(world.count("SELECT COUNT(*) FROM audit WHERE action = 'preservation.keep'"), 3);
      });
}

TEST_P(PreservationCrashTest, ADecisionIsThereWithItsEntryOrNotAtAll) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  at_every_passing(
      "dispose",
      [](Scene& scene) { scene.make_due(); },
      [](Scene& scene) {
        World world = scene.start(100);
        const bool decided = world.status(kObjects[0]).item.state == State::kDestroying;
        EXPECT_EQ(world.count("SELECT COUNT(*) FROM audit WHERE action = 'evidence.destroying'"),
                  decided ? 1 : 0);
        EXPECT_EQ(world.count("SELECT COUNT(*) FROM destruction WHERE entry_index IS NOT NULL"),
                  decided ? 1 : 0);
        EXPECT_TRUE(world.has_bytes(kObjects[0]));
      });
  at_every_passing(
      "hold",
      [](Scene& scene) { scene.make_due(); },
      [](Scene& scene) {
        World world = scene.start(100);
        const bool held = world.preservation->counts()->holds == 1;
        for (const Uuid& id : kObjects) {
          EXPECT_EQ(world.status(id).item.state, held ? State::kHeld : State::kDue);
        }
        EXPECT_EQ(world.count("SELECT COUNT(*) FROM audit WHERE action = 'hold.set'"),
                  held ? 1 : 0);
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         PreservationCrashTest,
                         ::testing::Values("preservation.after_clock",
                                           "preservation.after_adopt",
                                           "preservation.after_due",
                                           "preservation.after_policy",
                                           "preservation.after_destroying",
                                           "preservation.after_mark",
                                           "preservation.after_destroy",
                                           "preservation.after_destroyed",
                                           "store.before_commit",
                                           "store.after_commit"));

}  // namespace
}  // namespace tutela::preservation

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::preservation::drive, argc, argv);
}
