// tutela hash: the fingerprints of files.
#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/mutex.hpp"
#include "commands.hpp"
#include "file_hash.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "A file that cannot be read or decoded gives its error; the others still print.\n"
    "Exit status: 0 all hashed, 2 error.\n"
    "Examples:\n"
    "  tutela hash picture.jpg\n"
    "  tutela hash --json *.jpg | jq -r .pdq\n"
    "  curl -s https://example.org/a.png | tutela hash -";

struct HashOptions {
  std::vector<std::filesystem::path> files;
  bool json = false;
};

boost::json::array dihedral_json(const fingerprint::PdqResult& pdq) {
  boost::json::array hashes;
  for (const fingerprint::Pdq256& hash : pdq.hashes) {
    hashes.emplace_back(to_hex(hash));
  }
  return hashes;
}

void set_inspection(boost::json::object& object, const inspect::Inspection& inspection) {
  const media::DecodeReport& report = inspection.report;
  object["media_type"] = media::mime_type(report.type);
  object["width"] = report.width;
  object["height"] = report.height;
  if (!inspection.frames.empty()) {
    const fingerprint::PdqResult& first = inspection.frames.front().pdq;
    object["pdq"] = to_hex(first.hashes[0]);
    object["quality"] = first.quality;
    object["dihedral"] = dihedral_json(first);
  }
}

/// What not every picture has, after what every picture has.
void set_peculiarities(boost::json::object& object, const inspect::Inspection& inspection) {
  const media::DecodeReport& report = inspection.report;
  if (report.frames_total > 1) {
    object["frames_total"] = report.frames_total;
    boost::json::array frames;
    for (const inspect::FrameFingerprint& frame : inspection.frames) {
      frames.push_back(boost::json::object{{"frame", frame.frame},
                                           {"pdq", to_hex(frame.pdq.hashes[0])},
                                           {"quality", frame.pdq.quality},
                                           {"dihedral", dihedral_json(frame.pdq)}});
    }
    object["frames"] = std::move(frames);
  }
  if (report.damaged) {
    object["damaged"] = true;
  }
  if (report.partial) {
    object["partial"] = true;
  }
  object["decoder"] = valid_utf8(report.decoder);
}

void print_as_json(const FileHash& hash) {
  boost::json::object object;
  set_file(object, hash.path);
  if (hash.inspection) {
    set_inspection(object, *hash.inspection);
  }
  if (hash.digests) {
    object["md5"] = to_hex(hash.digests->md5);
    object["sha1"] = to_hex(hash.digests->sha1);
    object["sha256"] = to_hex(hash.digests->sha256);
  }
  if (hash.inspection) {
    set_peculiarities(object, *hash.inspection);
  } else {
    object["error"] = error_json(hash.inspection.error());
  }
  print_json(object);
}

void print_as_text(const FileHash& hash) {
  print(printable(hash.path.native()) + "\n");
  if (hash.inspection) {
    const media::DecodeReport& report = hash.inspection->report;
    print(fmt::format("  {}, {} x {}{}{}\n",
                      media::mime_type(report.type),
                      report.width,
                      report.height,
                      report.damaged ? ", damaged" : "",
                      report.partial ? ", not decoded whole" : ""));
    for (const inspect::FrameFingerprint& frame : hash.inspection->frames) {
      const std::string name =
          report.frames_total > 1 ? fmt::format("pdq of frame {}", frame.frame) : "pdq";
      print(
          fmt::format("  {:<8}{}  quality {}{}\n",
                      name,
                      to_hex(frame.pdq.hashes[0]),
                      frame.pdq.quality,
                      frame.pdq.quality < match::kPdqQualityMin ? " (not fit for matching)" : ""));
    }
  }
  if (hash.digests) {
    print(fmt::format("  md5     {}\n  sha1    {}\n  sha256  {}\n",
                      to_hex(hash.digests->md5),
                      to_hex(hash.digests->sha1),
                      to_hex(hash.digests->sha256)));
  }
  if (!hash.inspection) {
    const Error& error = hash.inspection.error();
    print(fmt::format("  error   {} [{}]\n", printable(error.message), error.code));
  }
}

/// Prints results in the order of the arguments, each as soon as all before it are there.
class InOrder {
 public:
  InOrder(std::size_t count, bool json) : waiting_(count), json_(json) {}

  void add(std::size_t index, FileHash hash) {
    const MutexLock lock(mutex_);
    waiting_[index] = std::move(hash);
    while (next_ < waiting_.size() && waiting_[next_]) {
      failed_ = failed_ || !waiting_[next_]->inspection;
      (json_ ? print_as_json : print_as_text)(*waiting_[next_]);
      waiting_[next_++].reset();
    }
  }

  [[nodiscard]] bool failed() {
    const MutexLock lock(mutex_);
    return failed_;
  }

 private:
  Mutex mutex_;
  std::vector<std::optional<FileHash>> waiting_ TUTELA_GUARDED_BY(mutex_);
  std::size_t next_ TUTELA_GUARDED_BY(mutex_) = 0;
  bool failed_ TUTELA_GUARDED_BY(mutex_) = false;
  const bool json_;
};

int hash(const Session& session, const HashOptions& options) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  const auto workers = start_workers(*config);
  if (!workers) {
    return fail(workers.error());
  }
  InOrder results(options.files.size(), options.json);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < options.files.size(); i = next++) {
      results.add(i, hash_file(**workers, options.files[i], config->limits.size_bytes_max));
    }
  };
  const std::size_t count = std::min<std::size_t>(
      options.files.size(), std::max(1U, std::thread::hardware_concurrency()) + 1U);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back(work);
    }
  }
  return results.failed() ? kError : kNothingFound;
}

}  // namespace

void add_hash(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "hash", "Prints the fingerprints of files", kClosing);
  const auto options = std::make_shared<HashOptions>();
  command.add_option("files", options->files, "Files; - is standard input")
      ->required()
      ->type_name("FILE");
  command.add_flag("--json", options->json, "One JSON object a line");
  command.callback([&session, options] {
    session.run = [&session, options] {
      return hash(session, *options);
    };
  });
}

}  // namespace tutela::cli
