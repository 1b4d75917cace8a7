#include "demo_cases.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/file.hpp"
#include "casework/cases/cases.hpp"
#include "commands.hpp"
#include "demo_scenes.hpp"
#include "file_hash.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "service/auth/people.hpp"
#include "service/review/rules.hpp"

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kWidth = 480;
constexpr std::uint32_t kHeight = 360;
constexpr std::uint64_t kPictureBytesMax = 16U << 20;

struct DemoList {
  std::string_view name;
  std::string_view classification;
  lists::Purpose purpose;
  std::uint32_t first_scene;
  std::uint32_t last_scene;
};

// The labels are those of real lists, so that the queue has an order; the pictures are of sailing
// boats and fruit.
constexpr auto kLists = std::to_array<DemoList>(
    {{"demo-vetted", "B2", lists::Purpose::kTest, 1, 8},
     {"demo-severe", "A1", lists::Purpose::kTest, 9, 11},
     {"demo-reported", "self_reported", lists::Purpose::kSelfReported, 12, 15}});

enum class Form : std::uint8_t { kCopy, kSmaller, kTurned, kRecompressed, kBroken };

/// What somebody uploaded.
struct Upload {
  std::string_view account;
  std::string_view source;
  std::uint32_t scene;
  Form form;
};

// Scenes of no list have numbers from 16 on.
constexpr auto kUploads = std::to_array<Upload>({
    // The same bytes as on a list that is trusted: decided without a view, many at once.
    {"harbour-12", "post", 1, Form::kCopy},
    {"lantern-3", "post", 2, Form::kCopy},
    {"meadow-77", "avatar", 3, Form::kCopy},
    {"orchard-5", "post", 4, Form::kCopy},
    {"kite-41", "message", 5, Form::kCopy},
    {"patchwork-8", "post", 6, Form::kCopy},
    {"skyline-19", "post", 7, Form::kCopy},
    {"tide-230", "avatar", 8, Form::kCopy},
    {"harbour-88", "post", 1, Form::kCopy},
    {"lantern-51", "message", 2, Form::kCopy},
    // Changed copies: a person looks.
    {"copper-4", "post", 3, Form::kSmaller},
    {"walnut-62", "post", 4, Form::kTurned},
    {"thimble-9", "message", 5, Form::kRecompressed},
    {"pebble-14", "avatar", 6, Form::kSmaller},
    {"ribbon-33", "post", 7, Form::kTurned},
    {"saddle-27", "post", 8, Form::kRecompressed},
    // One picture in the hands of several people: decided once.
    {"comet-2", "post", 9, Form::kSmaller},
    {"cinder-60", "post", 9, Form::kTurned},
    {"willow-71", "message", 9, Form::kRecompressed},
    {"bramble-6", "post", 10, Form::kSmaller},
    {"juniper-18", "post", 10, Form::kRecompressed},
    {"marble-45", "message", 11, Form::kSmaller},
    // Reported by the people in the pictures: a queue of its own.
    {"velvet-10", "post", 12, Form::kCopy},
    {"pepper-29", "post", 13, Form::kSmaller},
    {"saffron-7", "message", 14, Form::kTurned},
    {"indigo-81", "post", 15, Form::kRecompressed},
    // Accounts with several items.
    {"gallery-17", "post", 1, Form::kSmaller},
    {"gallery-17", "post", 4, Form::kRecompressed},
    {"gallery-17", "post", 10, Form::kTurned},
    {"gallery-17", "post", 16, Form::kCopy},
    {"market-204", "post", 2, Form::kSmaller},
    {"market-204", "post", 5, Form::kTurned},
    {"market-204", "post", 7, Form::kRecompressed},
    {"market-204", "message", 11, Form::kRecompressed},
    {"market-204", "post", 17, Form::kCopy},
    {"workshop-8", "avatar", 6, Form::kTurned},
    {"workshop-8", "post", 8, Form::kSmaller},
    // What cannot be scanned is held for a person.
    {"feather-36", "post", 18, Form::kBroken},
    {"anchor-52", "message", 19, Form::kBroken},
    // And ordinary life.
    {"harbour-12", "post", 20, Form::kCopy},
    {"teapot-1", "post", 21, Form::kCopy},
    {"teapot-1", "avatar", 22, Form::kCopy},
});

constexpr auto kUrgent = std::to_array<std::string_view>({"marble-45", "comet-2", "anchor-52"});
constexpr auto kForContractor = std::to_array<std::string_view>(
    {"copper-4", "pebble-14", "saddle-27", "juniper-18", "workshop-8"});

std::string_view word_of(Form form) {
  constexpr std::array<std::string_view, 5> kWords = {
      "copy", "smaller", "turned", "recompressed", "broken"};
  return kWords[static_cast<std::size_t>(form)];
}

fs::path original_of(const DemoWorld& world, std::uint32_t scene) {
  return world.scenes() / fmt::format("scene-{:02}.jpg", scene);
}

/// As the service names it.
std::string external_id_of(const Upload& upload) {
  return fmt::format(
      "{}-{}-{:02}-{}", upload.source, upload.account, upload.scene, word_of(upload.form));
}

Bytes bytes_of(const Upload& upload, const Picture& scene) {
  switch (upload.form) {
    case Form::kCopy:
      break;
    case Form::kSmaller:
      return encode_jpeg(resized(scene, kWidth / 2, kHeight / 2), 80);
    case Form::kTurned:
      return encode_png(mirrored(scene));
    case Form::kRecompressed:
      return encode_jpeg(scene, 30);
    case Form::kBroken: {
      Bytes whole = encode_jpeg(scene, 88);
      whole.resize(whole.size() / 3);
      return whole;
    }
  }
  return encode_jpeg(scene, 88);
}

fs::path file_of(const DemoWorld& world, const Upload& upload) {
  const std::string_view type = upload.form == Form::kTurned ? ".png" : ".jpg";
  return world.accounts() / upload.account / (external_id_of(upload) + std::string(type));
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return error ? Error{ErrorKind::kUnavailable,
                       "file.write_failed",
                       "the demo's folder cannot be made: " + error.message()}
               : ok();
}

Result<std::string> signals_of(const DemoWorld& world,
                               pipeline::Pipeline& pipeline,
                               const DemoList& list) {
  std::string text = "# Harmless scenes, painted by tutela demo.\n";
  for (std::uint32_t scene = list.first_scene; scene <= list.last_scene; ++scene) {
    const FileHash hash =
        hash_file(*pipeline.workers(), original_of(world, scene), kPictureBytesMax);
    TUTELA_TRY(hash.inspection);
    for (const inspect::FrameFingerprint& frame : hash.inspection->frames) {
      text += "pdq," + to_hex(frame.pdq.hashes[0]) + "\n";
    }
    text += "sha256," + to_hex(hash.digests->sha256) + "\n";
  }
  return text;
}

Result<store::Actor> actor_of(store::Database& database,
                              const Clock& clock,
                              std::string_view name) {
  TUTELA_TRY_ASSIGN(const auth::Person person, auth::People(database, clock).find(actor(), name));
  return store::Actor{person.tenant_id,
                      "person:" + to_string(person.id),
                      std::string(auth::to_string(person.role))};
}

Status make_list(const DemoWorld& world,
                 pipeline::Pipeline& pipeline,
                 const DemoList& wanted,
                 const std::vector<store::Actor>& consenting) {
  auto list = pipeline.lists().get(actor(), std::string(wanted.name));
  if (!list && list.error().kind == ErrorKind::kNotFound) {
    lists::NewList spec;
    spec.name = wanted.name;
    spec.source = "own";
    spec.provenance = "painted by tutela demo: harmless scenes";
    spec.classification = wanted.classification;
    spec.purpose = wanted.purpose;
    list = pipeline.lists().create(actor(), spec);
  }
  TUTELA_TRY(list);
  if (list->state == lists::State::kActive) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const std::string signals, signals_of(world, pipeline, wanted));
  lists::ImportReport report;
  TUTELA_TRY(pipeline.lists().import_signals(actor(), list->id, signals, {}, report));
  const std::vector<fs::path> sample = {original_of(world, 20)};
  TUTELA_TRY(
      pipeline.dry_run(actor(), list->id, sample, [](const pipeline::Pipeline::DryRunItem&) {}));
  lists::Activation activation;
  for (const store::Actor& who : consenting) {
    TUTELA_TRY_ASSIGN(activation, pipeline.lists().activate(who, list->id));
  }
  return activation.state == lists::ActivationState::kActive
             ? ok()
             : Error{ErrorKind::kConflict,
                     "demo.not_active",
                     "a list of the demo needs more consent than it has; give a new folder: tutela "
                     "demo FOLDER"};
}

/// What was scanned before is not scanned again.
Status scan(const DemoWorld& world, pipeline::Pipeline& pipeline, const Upload& upload) {
  const std::string external_id = external_id_of(upload);
  const auto earlier = pipeline.ledger().by_external_id(actor(), external_id);
  if (earlier || earlier.error().kind != ErrorKind::kNotFound) {
    return earlier ? ok() : Status(earlier.error());
  }
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(file_of(world, upload), kPictureBytesMax));
  TUTELA_TRY_ASSIGN(pipeline::Intake intake,
                    pipeline.receive({.actor = actor(),
                                      .door = "http",
                                      .source = std::string(upload.source),
                                      .external_id = external_id,
                                      .idempotency_key = external_id,
                                      .account = std::string(upload.account)}));
  TUTELA_TRY(intake.append(bytes));
  TUTELA_TRY(intake.finish());
  TUTELA_TRY(pipeline.scan(std::move(intake)));
  return ok();
}

Result<std::optional<cases::Case>> case_of(cases::Cases& all,
                                           const cases::Person& lead,
                                           std::string_view account) {
  cases::Filter filter;
  filter.account = std::string(account);
  filter.undecided = true;
  TUTELA_TRY_ASSIGN(const cases::Page page, all.list(lead, filter));
  return page.cases.empty() ? std::nullopt : std::optional(page.cases.front());
}

/// Once: when something is assigned to the contractor, this was done, and people have gone on.
Status shape(pipeline::Pipeline& pipeline, cases::Cases& all, const Clock& clock) {
  store::Database& database = pipeline.database();
  TUTELA_TRY_ASSIGN(const store::Actor mira, actor_of(database, clock, "mira"));
  TUTELA_TRY_ASSIGN(const auth::Person kim, auth::People(database, clock).find(actor(), "kim"));
  TUTELA_TRY_ASSIGN(const auto assigned, auth::assigned(database, mira, kim.id));
  if (!assigned.empty()) {
    return ok();
  }
  const cases::Person lead{.actor = mira, .is_lead = true};
  for (const std::string_view account : kUrgent) {
    TUTELA_TRY_ASSIGN(const auto found, case_of(all, lead, account));
    if (found && found->marks.empty()) {
      const cases::Mark mark =
          account == kUrgent.front() ? cases::Mark::kImminentHarm : cases::Mark::kPossibleNewVictim;
      TUTELA_TRY(all.mark(lead, found->id, {found->version, {}}, {mark}));
    }
  }
  for (const std::string_view account : kForContractor) {
    TUTELA_TRY_ASSIGN(const auto found, case_of(all, lead, account));
    if (found) {
      TUTELA_TRY(auth::assign(database, mira, clock.now_ms(), to_string(found->id), kim.id));
    }
  }
  return ok();
}

}  // namespace

Status make_demo_uploads(const DemoWorld& world) {
  TUTELA_TRY(make_folder(world.scenes()));
  ProgressLine progress;
  std::error_code error;
  std::uint64_t done = 0;
  for (const Upload& upload : kUploads) {
    progress.draw(done++, kUploads.size(), "painting scenes");
    const fs::path file = file_of(world, upload);
    if (stop_requested() || fs::exists(file, error)) {
      continue;
    }
    const Picture scene = make_scene(upload.scene, kWidth, kHeight);
    const fs::path original = original_of(world, upload.scene);
    if (!fs::exists(original, error)) {
      TUTELA_TRY(write_file_atomic(original, encode_jpeg(scene, 88)));
    }
    TUTELA_TRY(make_folder(file.parent_path()));
    TUTELA_TRY(write_file_atomic(file, bytes_of(upload, scene)));
  }
  return ok();
}

Status make_demo_lists(const DemoWorld& world, pipeline::Pipeline& pipeline) {
  const Clock& clock = pipeline.clock();
  TUTELA_TRY_ASSIGN(const store::Actor otto, actor_of(pipeline.database(), clock, "otto"));
  for (const DemoList& list : kLists) {
    // Lists of purpose test need one consent, this one two.
    const bool reported = list.purpose == lists::Purpose::kSelfReported;
    TUTELA_TRY(make_list(
        world, pipeline, list, reported ? std::vector{otto, actor()} : std::vector{otto}));
  }
  return pipeline.refresh_generation();
}

Result<std::int64_t> make_demo_cases(const DemoWorld& world,
                                     pipeline::Pipeline& pipeline,
                                     const config::Config& config) {
  ProgressLine progress;
  std::uint64_t done = 0;
  for (const Upload& upload : kUploads) {
    progress.draw(done++, kUploads.size(), "scanning what accounts uploaded");
    if (stop_requested()) {
      return 0;
    }
    TUTELA_TRY(scan(world, pipeline, upload));
  }
  progress.clear();
  cases::Cases all(pipeline.database(), pipeline.clock(), review::cases_rules(config));
  TUTELA_TRY(shape(pipeline, all, pipeline.clock()));
  const cases::Person lead{.actor = actor(), .is_lead = true};
  TUTELA_TRY_ASSIGN(const std::vector<cases::QueueCount> counts, all.counts(lead));
  std::int64_t waiting = 0;
  for (const cases::QueueCount& count : counts) {
    waiting += count.waiting;
  }
  return waiting;
}

}  // namespace tutela::cli
