// Views through real processes: every test starts the program tutela-decode.
#include <algorithm>
#include <future>
#include <iostream>
#include <random>

#include "engine/redact/png.hpp"
#include "engine/sandbox/sandbox.hpp"
#include "service/workers/test_support.hpp"

namespace tutela::workers {
namespace {

const redact::Mark kMark{
    .person = "p-3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-00417"};

Result<Rendered> show(Workers& workers,
                      std::string_view item,
                      redact::Grade grade,
                      std::int32_t frame = 0) {
  return workers.render(item_of(item), {.view = {grade, frame}, .mark = kMark});
}

/// "answered", or the code of the error.
std::string_view code_of(const Result<Rendered>& rendered) {
  return rendered ? "answered" : rendered.error().code;
}

std::string_view act_out(Workers& workers, const std::string& fault, redact::Grade grade) {
  return code_of(show(workers, "TUTELA-FAULT:" + fault, grade));
}

TEST(RenderWorkers, GiveTheSameViewAsThisProcess) {
  const auto workers = start();
  const std::string picture = make_picture();
  for (const redact::Grade grade : redact::kGrades) {
    const auto there = show(*workers, picture, grade);
    ASSERT_TRUE(there.has_value()) << there.error().code;
    const auto view = redact::render(as_bytes(picture), {}, {grade});
    ASSERT_TRUE(view.has_value());
    const auto here = redact::finish(*view, {grade}, kMark);
    ASSERT_TRUE(here.has_value());
    EXPECT_EQ(there->png, here->png);
    EXPECT_EQ(there->width, here->width);
    EXPECT_EQ(there->height, here->height);
    EXPECT_EQ(there->frames_total, 1U);
    EXPECT_FALSE(there->damaged);
  }
  EXPECT_EQ(workers->health().crashes, 0U);
}

TEST(RenderWorkers, ShowEveryFormatAndFrameInsideTheSandbox) {
  const std::filesystem::path folder = TUTELA_SOURCE_DIR "/src/engine/media/testdata";
  const auto workers = start();
  ASSERT_TRUE(media::warm_up());
  int answered = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    const auto bytes = read_file(entry.path(), 64U << 20);
    ASSERT_TRUE(bytes.has_value());
    for (const std::int32_t frame : {0, 1, redact::kSheet}) {
      const auto there = show(*workers, as_text(*bytes), redact::Grade::kGreySmall, frame);
      const auto here = redact::render(*bytes, {}, {redact::Grade::kGreySmall, frame});
      ASSERT_EQ(there.has_value(), here.has_value()) << (there ? "" : there.error().message);
      if (!there) {
        EXPECT_EQ(there.error().code, here.error().code);
        continue;
      }
      ++answered;
      EXPECT_EQ(there->damaged, here->damaged);
      EXPECT_EQ(there->frames_total, here->frames_total);
    }
  }
  EXPECT_GE(answered, 25);
  EXPECT_EQ(workers->health().crashes, 0U);
}

TEST(RenderWorkers, GiveTheLargestViewWholly) {
  const auto workers = start();
  std::mt19937_64 random(1);
  redact::Picture picture = redact::make_picture(2100, 2100, 3);
  for (std::uint8_t& value : picture.pixels) {
    value = static_cast<std::uint8_t>(random());
  }
  const auto file = redact::to_png(picture);
  ASSERT_TRUE(file.has_value());
  const auto rendered = show(*workers, as_text(*file), redact::Grade::kFull);
  ASSERT_TRUE(rendered.has_value()) << rendered.error().code;
  EXPECT_EQ(rendered->width, 2048U);
  EXPECT_EQ(rendered->height, 2048U);
  EXPECT_LT(rendered->png.size(), std::size_t{16} << 20);
}

TEST(RenderWorkers, GiveTheSameSheetAsThisProcess) {
  const auto workers = start();
  const auto file =
      read_file(TUTELA_SOURCE_DIR "/src/engine/media/testdata/animated.gif", 1U << 20);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE(media::warm_up());
  for (const redact::Grade grade : redact::kGrades) {
    const redact::Request request{grade, redact::kSheet};
    const auto there = show(*workers, as_text(*file), grade, redact::kSheet);
    if (grade == redact::Grade::kFull) {
      EXPECT_EQ(code_of(there), "redact.sheet_full");
      continue;
    }
    ASSERT_TRUE(there.has_value()) << there.error().code;
    const auto view = redact::render(*file, {}, request);
    ASSERT_TRUE(view.has_value());
    EXPECT_GT(view->tiles.size(), 1U);
    const auto here = redact::finish(*view, request, kMark);
    ASSERT_TRUE(here.has_value());
    EXPECT_EQ(there->png, here->png);
  }
}

TEST(RenderWorkers, SayWhyThereIsNoView) {
  const auto workers = start({.size_bytes_max = 100'000});
  const redact::Grade grade = redact::Grade::kMosaic;
  EXPECT_EQ(code_of(show(*workers, "", grade)), "media.empty");
  EXPECT_EQ(code_of(show(*workers, "just text", grade)), "media.unsupported_type");
  EXPECT_EQ(code_of(show(*workers, make_picture() + std::string(100'000, 'x'), grade)),
            "media.too_large");
  EXPECT_EQ(code_of(show(*workers, make_picture(), grade, 1)), "redact.no_frame");
  EXPECT_EQ(code_of(show(*workers, make_picture(), grade, -2)), "redact.no_frame");
  EXPECT_EQ(code_of(show(*workers, make_picture(), grade)), "answered");
  EXPECT_EQ(workers->health().crashes, 0U);
}

TEST(RenderWorkers, ShareTheirProcessesWithInspection) {
  const auto workers = start({}, 2);
  const std::string picture = make_picture();
  std::vector<std::future<bool>> all;
  for (int i = 0; i < 16; ++i) {
    all.push_back(std::async(std::launch::async, [&, i] {
      return i % 2 == 0 ? show(*workers, picture, redact::Grade::kOutline).has_value()
                        : workers->inspect(item_of(picture)).has_value();
    }));
  }
  EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](auto& done) { return done.get(); }));
  EXPECT_EQ(workers->health().items, 16U);
  EXPECT_EQ(workers->health().busy, 0U);
}

TEST(RenderWorkers, MutatedFilesNeverMakeARendererTryWhatIsForbidden) {
  const std::filesystem::path folder = TUTELA_SOURCE_DIR "/src/engine/media/testdata";
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const auto workers = start();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto original = read_file(entry.path(), 64U << 20);
    ASSERT_TRUE(original.has_value());
    for (int round = 0; round < 4 && !original->empty(); ++round) {
      Bytes bytes = *original;
      for (int flips = 0; flips < 8; ++flips) {
        bytes[random() % bytes.size()] ^= static_cast<std::byte>(1U << (random() % 8));
      }
      const redact::Grade grade = redact::kGrades[random() % redact::kGrades.size()];
      const std::string_view code = code_of(show(*workers, as_text(bytes), grade));
      EXPECT_NE(code, "worker.sandbox_violation") << entry.path() << " seed " << seed;
      EXPECT_NE(code, "worker.bad_reply") << entry.path() << " seed " << seed;
      EXPECT_NE(code, "workers.down") << entry.path() << " seed " << seed;
    }
  }
}

struct Misdeed {
  const char* fault;
  redact::Grade grade;
  std::string_view code;
};

class MisbehavingRenderer : public testing::TestWithParam<Misdeed> {};

TEST_P(MisbehavingRenderer, ShowsNothing) {
  SKIP_WITHOUT_FAULT_HOOKS();
  if (sandbox::kSanitizerBuild && GetParam().fault == std::string_view("open")) {
    GTEST_SKIP() << "a sanitizer's runtime opens files itself; only Landlock refuses them there";
  }
  const auto workers = start();
  EXPECT_EQ(act_out(*workers, GetParam().fault, GetParam().grade), GetParam().code);
  EXPECT_EQ(code_of(show(*workers, make_picture(), GetParam().grade)), "answered");
  const auto health = workers->health();
  EXPECT_EQ(health.crashes, 1U);
  EXPECT_EQ(health.restarts, 0U);
  EXPECT_TRUE(children_of(health.parent_pid).empty());
}

using redact::Grade;

INSTANTIATE_TEST_SUITE_P(
    Each,
    MisbehavingRenderer,
    testing::Values(Misdeed{"crash", Grade::kFull, "worker.crashed"},
                    Misdeed{"abort", Grade::kFull, "worker.crashed"},
                    Misdeed{"socket", Grade::kFull, "worker.sandbox_violation"},
                    Misdeed{"open", Grade::kFull, "worker.sandbox_violation"},
                    Misdeed{"execve", Grade::kFull, "worker.sandbox_violation"},
                    Misdeed{"exit-badly", Grade::kFull, "worker.bad_reply"},
                    Misdeed{"say-nothing", Grade::kFull, "worker.bad_reply"},
                    Misdeed{"say-garbage", Grade::kFull, "worker.bad_reply"},
                    Misdeed{"say-more-than-any-view", Grade::kFull, "worker.bad_reply"},
                    Misdeed{"claim-wrong-counts", Grade::kFull, "worker.bad_reply"},
                    Misdeed{"show-everything", Grade::kGreySmall, "worker.bad_reply"},
                    Misdeed{"show-colours", Grade::kGreyBlurred, "worker.bad_reply"},
                    Misdeed{"show-too-few-pixels", Grade::kMosaic, "worker.bad_reply"},
                    Misdeed{"show-nothing", Grade::kMosaic, "worker.bad_reply"}),
    [](const auto& instance) {
      std::string name = instance.param.fault;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(RenderWorkers, ThatShowWhatTheGradeAllowsAreBelieved) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  EXPECT_EQ(act_out(*workers, "show-everything", Grade::kFull), "answered");
  EXPECT_EQ(act_out(*workers, "show-colours", Grade::kMosaic), "answered");
}

TEST(RenderWorkers, ThatShowMoreThanASheetAllowsAreNotBelieved) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  for (const char* const fault : {"show-everything", "show-thirteen-tiles"}) {
    const std::string item = std::string("TUTELA-FAULT:") + fault;
    EXPECT_EQ(code_of(show(*workers, item, redact::Grade::kGreySmall, redact::kSheet)),
              "worker.bad_reply")
        << fault;
  }
}

TEST(RenderWorkers, ThatLoopAreKilledAtTheDeadline) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 500});
  for (const char* const fault : {"loop", "close-and-loop"}) {
    const auto began = steady_clock::now();
    EXPECT_EQ(act_out(*workers, fault, Grade::kFull), "worker.timeout");
    EXPECT_LT(steady_clock::now() - began, std::chrono::seconds(30));
    EXPECT_TRUE(children_of(workers->health().parent_pid).empty());
  }
  EXPECT_EQ(code_of(show(*workers, make_picture(), Grade::kMosaic)), "answered");
}

TEST(RenderWorkers, ThatTakeMemoryWithoutBoundAreKilled) {
  SKIP_WITHOUT_FAULT_HOOKS();
  if (sandbox::kSanitizerBuild) {
    GTEST_SKIP() << "a sanitizer reserves more address space than any limit allows";
  }
  const auto workers = start({.memory_bytes_max = 512ULL << 20});
  EXPECT_EQ(act_out(*workers, "memory", Grade::kFull), "worker.memory");
}

}  // namespace
}  // namespace tutela::workers
