// What tests of filing stand on: a database with released reports, and an authority that does as it
// is told, in this process.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "service/reporting/filer.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::reporting {

using reports::Environment;
using reports::Phase;
using reports::State;
using reports::Step;

inline constexpr UtcMs kNow = 1'800'000'000'000;
inline constexpr std::string_view kTextDocument =
    R"({"report":{"incidentSummary":{)"
    R"("incidentType":"Online Enticement of Children for Sexual Acts",)"
    R"("incidentDateTime":"2026-01-02T03:04:05Z"},)"
    R"("reporter":{"reportingPerson":{"email":[{"#text":"safety@example.org"}]}}},"files":[]})";

inline std::string document_with(std::size_t files) {
  std::string document(kTextDocument.substr(0, kTextDocument.size() - 2));
  for (std::size_t file = 0; file < files; ++file) {
    document += std::string(file == 0 ? "" : ",") + R"({"originalFileName":"holiday.jpg"})";
  }
  return document + "]}";
}

class OfBytes final : public authorities::Source {
 public:
  explicit OfBytes(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    const ByteView left = as_bytes(bytes_).subspan(at_);
    const std::size_t size = std::min(out.size(), left.size());
    std::copy_n(left.begin(), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

/// An authority that keeps to the protocol, unless the test says otherwise for the next call.
class Scripted final : public authorities::Channel {
 public:
  using Act = std::function<authorities::Took(const authorities::Task&)>;

  authorities::Took take(const authorities::Task& task) override {
    taken.push_back(task.next.step);
    reports_seen.push_back(task.leased.of.id);
    if (!next_acts.empty()) {
      const Act act = std::move(next_acts.front());
      next_acts.pop_front();
      if (act) {
        return act(task);
      }
    }
    return behave(task);
  }

  authorities::Reached status() override { return {true, ""}; }

  authorities::Took behave(const authorities::Task& task) {
    authorities::Took took;
    took.phase = Phase::kDone;
    took.code = 0;
    const std::string& id = task.next.authority_id;
    const bool of_open_report = task.next.step != Step::kSubmit && task.next.step != Step::kDeliver;
    if (of_open_report && finished.contains(id)) {
      took.phase = Phase::kFinished;
      took.raw = "finished before";
      return took;
    }
    if (of_open_report && !open.contains(id)) {
      took.phase = Phase::kGone;
      return took;
    }
    switch (task.next.step) {
      case Step::kSubmit:
      case Step::kDeliver:
        took.authority_id = std::to_string(++last_id);
        (task.next.step == Step::kSubmit ? open : finished).insert(took.authority_id);
        took.raw = task.next.step == Step::kDeliver ? "delivered" : "";
        break;
      case Step::kUpload:
        return upload(task, std::move(took));
      case Step::kFileInfo:
        break;
      case Step::kFinish:
        finished.insert(id);
        took.raw = "done";
        break;
      case Step::kRetract:
        open.erase(id);
        break;
    }
    return took;
  }

  static authorities::Took upload(const authorities::Task& task, authorities::Took took) {
    auto source = task.open_file(task.next.file);
    std::string bytes;
    Bytes piece(3);
    while (source) {
      const auto size = (*source)->read(piece);
      if (!size) {
        took.phase = Phase::kUnclear;
        return took;
      }
      if (*size == 0) {
        took.file_id = "f-" + bytes;
        return took;
      }
      bytes += as_text(ByteView(piece).first(*size));
    }
    took.phase = Phase::kTrouble;
    return took;
  }

  static Act answers(Phase phase, std::optional<std::int64_t> code = {}) {
    return [phase, code](const authorities::Task&) {
      authorities::Took took;
      took.phase = phase;
      took.code = code;
      return took;
    };
  }

  /// Does it, and its answer is lost.
  Act lost() {
    return [this](const authorities::Task& task) {
      static_cast<void>(behave(task));
      authorities::Took took;
      took.phase = Phase::kUnclear;
      return took;
    };
  }

  std::vector<Step> taken;
  std::vector<Uuid> reports_seen;
  std::deque<Act> next_acts;  // an empty one behaves
  std::set<std::string> open;
  std::set<std::string> finished;
  std::int64_t last_id = 100;
};

class Filings : public ::testing::Test {
 protected:
  Filings() : database_(testing::open_database(folder_.path())) {
    authority_.name = "ncmec";
    authority_.channel = reports::Channel::kCybertip;
    authority_.jurisdiction = "US";
  }

  reports::File add_file(std::int64_t number, const std::string& bytes) {
    const crypto::Digests digests = crypto::digests_of(as_bytes(bytes));
    reports::File file;
    file.number = number;
    file.content_id = new_uuid(clock_.now_ms());
    file.md5 = to_hex(digests.md5);
    file.size_bytes = static_cast<std::int64_t>(bytes.size());
    testing::run_sql(*database_,
                     "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, "
                     "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled) "
                     "VALUES (:id, 'default', 'token:1', 'public', 'api', :size, :md5, :sha1, "
                     ":sha256, 1, '', 0, 'match', 1)",
                     {to_string(file.content_id),
                      file.size_bytes,
                      file.md5,
                      to_hex(digests.sha1),
                      to_hex(digests.sha256)});
    file.evidence_id = testing::add_evidence(*database_, "default", "case-1");
    return file;
  }

  /// Released by a lead.
  reports::Report release(const std::vector<std::string>& files = {}, bool urgent = false) {
    reports::NewDraft draft;
    draft.authority = authority_;
    draft.urgent = urgent;
    draft.due_ms = clock_.now_ms() + 3'600'000;
    draft.body = body_.empty() ? document_with(files.size()) : body_;
    draft.provenance = "[]";
    for (const std::string& bytes : files) {
      draft.files.push_back(add_file(static_cast<std::int64_t>(draft.files.size()), bytes));
    }
    const auto drafted = reports_.draft(lead_.actor, draft);
    EXPECT_TRUE(drafted) << drafted.error().message;
    const auto released =
        reports_.release(lead_, drafted->id, {drafted->version, ""}, drafted->document);
    EXPECT_TRUE(released) << released.error().message;
    bytes_ = files;
    return *released;
  }

  std::unique_ptr<Filer> filer(std::unique_ptr<authorities::Channel> channel) {
    FilerOptions options;
    options.authorities.push_back({authority_, std::move(channel)});
    options.heard = [this](const std::string& name, bool good, std::string_view failure) {
      heard_ = name + (good ? " good" : " " + std::string(failure));
    };
    return std::make_unique<Filer>(
        reports_,
        clock_,
        std::move(options),
        [this](const reports::Leased&,
               std::int64_t file) -> Result<std::unique_ptr<authorities::Source>> {
          if (no_evidence_) {
            return *no_evidence_;
          }
          return std::unique_ptr<authorities::Source>(
              std::make_unique<OfBytes>(bytes_.at(static_cast<std::size_t>(file))));
        },
        [this](std::string_view what, const Uuid&, std::string_view detail) {
          told_.push_back(std::string(what) + " " + std::string(detail));
        });
  }

  std::unique_ptr<Filer> scripted() {
    auto channel = std::make_unique<Scripted>();
    authority_of_ncmec_ = channel.get();
    return filer(std::move(channel));
  }

  std::size_t work(Filer& filer) {
    const auto done = filer.work([] { return false; });
    EXPECT_TRUE(done) << done.error().code << ": " << done.error().message;
    return done ? *done : 0;
  }

  reports::Whole whole(const Uuid& id) {
    auto found = reports_.whole("default", id);
    EXPECT_TRUE(found) << found.error().message;
    return *std::move(found);
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{kNow};
  std::unique_ptr<store::Database> database_;
  dual_control::DualControl dual_control_{*database_, clock_, {}};
  reports::Reports reports_{*database_, dual_control_, clock_, {}};
  reports::Person lead_{{"default", "person:" + to_string(new_uuid(1)), "lead"}, true, true};
  reports::Authority authority_;
  std::string body_;  // empty: as many files as there are
  std::vector<std::string> bytes_;
  std::optional<Error> no_evidence_;
  std::vector<std::string> told_;
  std::string heard_;
  Scripted* authority_of_ncmec_ = nullptr;
};

}  // namespace tutela::reporting
