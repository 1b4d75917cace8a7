// A process that dies anywhere in a notice's life: of each step nothing is there, or all of it,
// and the step done again ends as if nothing had happened.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "casework/intake/intake_fixture.hpp"
#include "support/disabled_test.hpp"

namespace tutela::intake {
namespace {

const Uuid kCase = *parse_uuid("01900000-0000-7000-8000-000000000001");
const Uuid kFirstFile = *parse_uuid("01900000-0000-7000-8000-000000000002");
const Uuid kSecondFile = *parse_uuid("01900000-0000-7000-8000-000000000003");

NewNotice the_notice() {
  NewNotice notice = a_notice();
  notice.body.accounts = {"someone"};
  notice.files = {kFirstFile};
  notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
  notice.idempotency_key = "the-key";
  return notice;
}

/// Number and PIN are said once: what is said here stands in a file.
void prepare_notice(const std::filesystem::path& folder) {
  World world(folder);
  const Accepted accepted = world.accept(the_notice());
  std::ofstream(folder / "said") << accepted.number << " " << accepted.pin;
}

void prepare_two(const std::filesystem::path& folder) {
  prepare_notice(folder);
  World world(folder);
  static_cast<void>(world.accept(a_notice("second")));
}

void prepare_answered(const std::filesystem::path& folder) {
  prepare_notice(folder);
  World world(folder);
  world.answer(*parse_uuid(world.text("SELECT id FROM notice")), Outcome::kGone, "It was gone.");
}

/// One that is to be told to a deputy, one to be closed, and one to be removed.
void prepare_time(const std::filesystem::path& folder) {
  prepare_answered(folder);
  World world(folder);
  const Accepted removed = world.accept(a_notice("removed"));
  EXPECT_TRUE(world.notices_.withdraw(removed.number, removed.pin));
  EXPECT_TRUE(world.notices_.sort(
      10, [](auto&&...) -> Result<std::optional<Uuid>> { return std::optional<Uuid>(); }));
  static_cast<void>(world.accept(a_notice("waits")));
}

struct Said {
  std::string number;
  std::string pin;
};

Said said(const std::filesystem::path& folder) {
  Said said;
  std::ifstream(folder / "said") >> said.number >> said.pin;
  return said;
}

using Step = void (*)(World&, const std::filesystem::path&);

void accept(World& world, const std::filesystem::path&) {
  static_cast<void>(world.accept(the_notice()));
}

void add(World& world, const std::filesystem::path& folder) {
  if (world.count("notice_event WHERE kind = 'reopened'") == 0) {
    const Said of = said(folder);
    EXPECT_TRUE(world.notices_.add(of.number, of.pin, "more", {kSecondFile}));
  }
}

void withdraw(World& world, const std::filesystem::path& folder) {
  const Said of = said(folder);
  const Result<Followed> done = world.notices_.withdraw(of.number, of.pin);
  EXPECT_TRUE(done || done.error().code == "notice.over");
}

void answer(World& world, const std::filesystem::path&) {
  const Uuid id = *parse_uuid(world.text("SELECT id FROM notice"));
  if (is_waiting(world.get(id).state)) {
    world.answer(id, Outcome::kActed, "We removed it.");
  }
}

void sort(World& world, const std::filesystem::path&) {
  EXPECT_TRUE(world.notices_.sort(10,
                                  [](store::Transaction& transaction, const Notice& of, auto&&...)
                                      -> Result<std::optional<Uuid>> {
                                    TUTELA_TRY(add_subject(transaction, of, "content", "sha256"));
                                    return std::optional(kCase);
                                  }));
}

void tick(World& world, const std::filesystem::path&) {
  world.rules_.limits.keep_days = 30;
  world.clock_.advance(30 * kDay);
  EXPECT_TRUE(world.notices_.tick(
      [](auto&&...) -> Result<std::string> { return std::string("person:9"); }));
}

void wrong_pin(World& world, const std::filesystem::path& folder) {
  EXPECT_FALSE(world.notices_.follow(said(folder).number, "wrong"));
}

struct Life {
  const char* name;
  void (*prepare)(const std::filesystem::path&);
  Step step;
  std::vector<std::string> done;  // what "SELECT ..." gives afterwards, in order: sql, value, ...
};

void prepare_nothing(const std::filesystem::path& folder) {
  World world(folder);
}

const std::vector<Life>& lives() {
  static const std::vector<Life> kLives = {
      {"accept",
       prepare_nothing,
       accept,
       {"SELECT COUNT(*) FROM notice",
        "1",
        "SELECT COUNT(*) FROM notice_subject",
        "3",
        "SELECT COUNT(*) FROM notice_file",
        "1",
        "SELECT COUNT(*) FROM notice_contact",
        "1",
        "SELECT SUM(received) FROM notice_promise_day",
        "1"}},
      {"add",
       prepare_answered,
       add,
       {"SELECT COUNT(*) FROM notice_message",
        "2",
        "SELECT COUNT(*) FROM notice_file",
        "2",
        "SELECT state FROM notice",
        "open",
        "SELECT SUM(received) FROM notice_promise_day",
        "2"}},
      {"withdraw",
       prepare_notice,
       withdraw,
       {"SELECT COUNT(*) FROM notice_contact",
        "0",
        "SELECT state FROM notice",
        "withdrawn",
        "SELECT SUM(withdrawn) FROM notice_promise_day",
        "1"}},
      {"answer",
       prepare_notice,
       answer,
       {"SELECT answer FROM notice",
        "We removed it.",
        "SELECT SUM(kept) FROM notice_promise_day",
        "1"}},
      {"sort",
       prepare_two,
       sort,
       {"SELECT DISTINCT case_id FROM notice",
        to_string(kCase),
        "SELECT COUNT(*) FROM notice_subject",
        "6",
        "SELECT COUNT(*) FROM notice_event WHERE kind = 'sorted'",
        "2"}},
      {"tick",
       prepare_time,
       tick,
       {"SELECT COUNT(*) FROM notice",
        "2",
        "SELECT COUNT(*) FROM notice_event WHERE kind = 'escalated'",
        "1",
        "SELECT COUNT(*) FROM notice_event WHERE kind = 'closed'",
        "1",
        "SELECT COUNT(*) FROM notice_contact",
        "0",
        "SELECT COUNT(*) FROM audit WHERE action = 'notice.remove'",
        "1"}},
      {"wrong_pin", prepare_notice, wrong_pin, {"SELECT pin_tries % 256 > 0 FROM notice", "1"}}};
  return kLives;
}

const Life& life_of(std::string_view name) {
  return *std::ranges::find_if(lives(), [&](const Life& life) { return life.name == name; });
}

/// All of a step or nothing of it: figures, events and entries agree.
void expect_whole(World& world) {
  EXPECT_EQ(world.count("notice_event WHERE kind <> 'closed' AND kind <> 'escalated'"),
            world.count("audit WHERE action NOT IN ('notice.remove', 'notice.close', "
                        "'notice.escalate')") -
                3 * world.count("audit WHERE action = 'notice.remove'"));
  EXPECT_EQ(world.text("SELECT COALESCE(SUM(received - kept - broken - withdrawn), 0) FROM "
                       "notice_promise_day"),
            world.text("SELECT COUNT(*) FROM notice WHERE waiting = 1"));
  EXPECT_EQ(world.count("notice WHERE (waiting IS NULL) = (state IN ('open', 'question'))"), 0);
  EXPECT_EQ(world.count("notice_contact c JOIN notice n ON n.id = c.notice_id WHERE n.closed_ms "
                        "IS NOT NULL"),
            0);
  EXPECT_EQ(world.count("notice n WHERE NOT EXISTS (SELECT 1 FROM notice_event e WHERE "
                        "e.notice_id = n.id AND e.kind = 'received')"),
            0);
}

TEST(IntakeChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  std::string name;
  std::ifstream(std::filesystem::path(folder) / "life") >> name;
  World world(folder);
  life_of(name).step(world, folder);
}

struct Death {
  const char* life;
  const char* point;
};

class IntakeCrash : public ::testing::TestWithParam<Death> {};

TEST_P(IntakeCrash, OfEachStepNothingIsThereOrAllOfItWhereverTheProcessDied) {
  const Life& life = life_of(GetParam().life);
  testing::kill_at_each_passing(
      "IntakeChild.DISABLED_Works",
      GetParam().point,
      [&](const std::filesystem::path& folder) {
        life.prepare(folder);
        std::ofstream(folder / "life") << life.name;
      },
      [&](const std::filesystem::path& folder) {
        World world(folder);
        expect_whole(world);
        life.step(world, folder);
        expect_whole(world);
        for (std::size_t i = 0; i + 1 < life.done.size(); i += 2) {
          EXPECT_EQ(world.text(life.done[i]), life.done[i + 1]) << life.done[i];
        }
        EXPECT_EQ(world.text("SELECT COUNT(*) - COALESCE(MAX(id), 0) FROM audit"), "0");
      });
}

INSTANTIATE_TEST_SUITE_P(
    Points,
    IntakeCrash,
    ::testing::ValuesIn(std::vector<Death>{
        {"accept", "intake.after_row"},       {"accept", "intake.after_subject"},
        {"accept", "intake.after_file"},      {"accept", "intake.after_contact"},
        {"accept", "intake.after_tally"},     {"accept", "intake.after_event"},
        {"accept", "intake.after_entry"},     {"accept", "store.before_commit"},
        {"accept", "store.after_commit"},     {"add", "intake.after_message"},
        {"add", "intake.after_file"},         {"add", "intake.after_subject"},
        {"add", "intake.after_tally"},        {"add", "intake.after_row"},
        {"add", "intake.after_event"},        {"add", "intake.after_entry"},
        {"add", "store.before_commit"},       {"add", "store.after_commit"},
        {"withdraw", "intake.after_tally"},   {"withdraw", "intake.after_contact"},
        {"withdraw", "intake.after_row"},     {"withdraw", "intake.after_event"},
        {"withdraw", "intake.after_entry"},   {"withdraw", "store.before_commit"},
        {"withdraw", "store.after_commit"},   {"answer", "intake.after_tally"},
        {"answer", "intake.after_row"},       {"answer", "intake.after_event"},
        {"answer", "intake.after_entry"},     {"answer", "store.before_commit"},
        {"answer", "store.after_commit"},     {"sort", "intake.after_subject"},
        {"sort", "intake.after_place"},       {"sort", "intake.after_row"},
        {"sort", "intake.after_event"},       {"sort", "intake.after_entry"},
        {"sort", "store.before_commit"},      {"sort", "store.after_commit"},
        {"tick", "intake.after_contact"},     {"tick", "intake.after_delete"},
        {"tick", "intake.after_row"},         {"tick", "intake.after_event"},
        {"tick", "intake.after_entry"},       {"tick", "store.before_commit"},
        {"tick", "store.after_commit"},       {"wrong_pin", "intake.after_try"},
        {"wrong_pin", "store.before_commit"}, {"wrong_pin", "store.after_commit"}}),
    [](const auto& tested) {
      std::string name = std::string(tested.param.life) + "_" + tested.param.point;
      std::ranges::replace(name, '.', '_');
      return name;
    });

}  // namespace
}  // namespace tutela::intake
