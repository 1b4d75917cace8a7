#include "audit_actions.hpp"

#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "crypto/base64.hpp"
#include "custody/audit/log.hpp"
#include "custody/audit/recover.hpp"
#include "custody/audit/search.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "service/vault_process/places.hpp"

namespace tutela::cli {
namespace {

/// What all commands need of the data folder.
struct AuditPlace {
  audit::LogOptions options;
  std::unique_ptr<store::Database> database;
};

Result<std::string> read_text(const std::string& path) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(path, audit::kProofBytesMax));
  return std::string(as_text(bytes));
}

/// The text of a public key, given as such or as the name of its file.
Result<std::string> key_text(const std::string& key) {
  return key.empty() || audit::parse_verifier_key(key) ? Result<std::string>(key) : read_text(key);
}

Result<AuditPlace> open_place(const Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_config(session));
  const std::filesystem::path file = vault_process::places_of(config).database;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return Error{ErrorKind::kNotFound,
                 "audit.no_data",
                 "there is no database in the data folder; --data or store.folder say where it is"};
  }
  AuditPlace place;
  place.options = vault_process::log_options_of(config);
  TUTELA_TRY_ASSIGN(place.options.verifier_key, key_text(options.key));
  TUTELA_TRY_ASSIGN(
      place.database,
      store::Database::open({.path = file, .group_access = config.store.group_access}));
  return place;
}

Result<std::optional<UtcMs>> time_of(const std::string& text) {
  if (text.empty()) {
    return std::optional<UtcMs>();
  }
  TUTELA_TRY_ASSIGN(const UtcMs time, parse_time(text));
  return std::optional(time);
}

Result<audit::Filter> filter_of(const AuditOptions& options) {
  audit::Filter filter;
  TUTELA_TRY_ASSIGN(filter.since_ms, time_of(options.since));
  TUTELA_TRY_ASSIGN(filter.until_ms, time_of(options.until));
  filter.principal = options.actor;
  filter.action = options.action;
  filter.object = options.object;
  filter.result = options.result;
  return filter;
}

Status show_entries(Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const AuditPlace place, open_place(session, options));
  TUTELA_TRY_ASSIGN(const audit::Filter filter, filter_of(options));
  audit::Page page;
  page.order = options.oldest_first ? audit::Order::kOldestFirst : audit::Order::kNewestFirst;
  page.limit = options.limit;
  if (options.after >= 0) {
    page.after = static_cast<std::uint64_t>(options.after);
  }
  TUTELA_TRY_ASSIGN(const auto entries,
                    audit::search(*place.database, actor(), session.clock.now_ms(), filter, page));
  Table table({"ENTRY", "TIME", "WHO", "ROLE", "ACTION", "OBJECT", "PURPOSE", "RESULT"});
  for (const audit::LoggedEntry& logged : entries) {
    if (options.json) {
      print(audit::to_leaf(logged) + "\n");
      continue;
    }
    table.add({std::to_string(logged.index),
               to_rfc3339(logged.at_ms),
               logged.actor.principal_id,
               logged.actor.role,
               logged.entry.action,
               logged.entry.object,
               logged.entry.purpose,
               logged.entry.result});
  }
  if (!options.json && table.empty()) {
    print("No entry fits.\n");
  } else if (!options.json) {
    table.print();
  }
  return ok();
}

/// A proof alone: on the machine of whoever was given it.
Status verify_proof(const AuditOptions& options) {
  if (options.key.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "audit.no_key",
                 "--proof needs --key: the public key of the log, from somebody you trust"};
  }
  TUTELA_TRY_ASSIGN(const std::string vkey, key_text(options.key));
  TUTELA_TRY_ASSIGN(const audit::VerifierKey key, audit::parse_verifier_key(vkey));
  TUTELA_TRY_ASSIGN(const std::string text, read_text(options.proof));
  TUTELA_TRY_ASSIGN(const audit::Proof proof, audit::parse_proof(text));
  TUTELA_TRY_ASSIGN(const audit::Checkpoint checkpoint, audit::check_proof(proof, key));
  if (options.json) {
    print_json({{"index", proof.index},
                {"entry", valid_utf8(proof.leaf)},
                {"origin", checkpoint.origin},
                {"size", checkpoint.head.size}});
    return ok();
  }
  print(fmt::format("Good: entry {} of {} in the log {}:\n{}\n",
                    proof.index,
                    checkpoint.head.size,
                    checkpoint.origin,
                    printable(proof.leaf)));
  return ok();
}

void tell_verified(const audit::Log& log, const audit::Verified& verified, bool json) {
  const audit::Checkpoint& checkpoint = log.checkpoint();
  if (json) {
    print_json({{"origin", checkpoint.origin},
                {"checked", verified.checked},
                {"entries", verified.sequenced + verified.waiting},
                {"sequenced", verified.sequenced},
                {"waiting", verified.waiting},
                {"root", crypto::to_base64(checkpoint.head.root)}});
    return;
  }
  print(
      fmt::format("Good: {} compared with tiles, checkpoint and signature of {}.\n"
                  "{} in the database, {} of them signed{}.\n",
                  verified.checked == 1 ? "1 entry" : fmt::format("{} entries", verified.checked),
                  checkpoint.origin,
                  verified.sequenced + verified.waiting,
                  verified.sequenced,
                  verified.waiting == 0 ? ""
                                        : fmt::format("; {} later ones are not signed yet, and "
                                                      "nothing proves them",
                                                      verified.waiting)));
}

Status verify_log(Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const AuditPlace place, open_place(session, options));
  auto log = audit::Log::open(place.options, *place.database);
  if (!log && log.error().code == "audit.no_log") {
    TUTELA_TRY_ASSIGN(const std::uint64_t entries, audit::count_entries(*place.database));
    Error error = log.error();
    error.message = fmt::format("{} entries in the database, 0 of them signed. {}",
                                entries,
                                "Nothing of the audit log is signed yet: that is done while the "
                                "vault process runs. If it ran before, the folder of the log is "
                                "gone");
    return error;
  }
  TUTELA_TRY_ASSIGN(audit::Log opened, std::move(log));
  if (!options.checkpoint.empty()) {
    TUTELA_TRY_ASSIGN(const std::string note, read_text(options.checkpoint));
    TUTELA_TRY(opened.check_against(note));
  }
  audit::EntryRange range;
  range.first = static_cast<std::uint64_t>(options.from);
  if (options.to >= 0) {
    range.end = static_cast<std::uint64_t>(options.to) + 1;
  }
  const InterruptGuard guard;
  ProgressLine line;
  auto verified = opened.verify(range, [&](std::uint64_t done, std::uint64_t total) {
    line.draw(done, total, "entries");
    return !stop_requested();
  });
  line.clear();
  TUTELA_TRY_ASSIGN(const audit::Verified good, std::move(verified));
  tell_verified(opened, good, options.json);
  return ok();
}

Status prove_entry(Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const AuditPlace place, open_place(session, options));
  TUTELA_TRY_ASSIGN(audit::Log log, audit::Log::open(place.options, *place.database));
  TUTELA_TRY_ASSIGN(const audit::Proof proof, log.prove(static_cast<std::uint64_t>(options.entry)));
  const std::string object = "entry:" + std::to_string(options.entry);
  TUTELA_TRY(audit::record(
      *place.database, actor(), session.clock.now_ms(), {"audit.prove", object, "", "ok"}));
  if (options.out.empty()) {
    print(audit::to_text(proof));
    return ok();
  }
  TUTELA_TRY(write_file_atomic(options.out, as_bytes(audit::to_text(proof))));
  print(
      fmt::format("Written. Whoever has the public key can check it:\n"
                  "  tutela audit verify --proof FILE --key '{}'\n",
                  audit::to_text(log.key())));
  return ok();
}

boost::json::array texts_of(const std::vector<audit::Hash>& hashes) {
  boost::json::array texts;
  for (const audit::Hash& hash : hashes) {
    texts.emplace_back(crypto::to_base64(hash));
  }
  return texts;
}

Status show_checkpoint(Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const AuditPlace place, open_place(session, options));
  TUTELA_TRY_ASSIGN(audit::Log log, audit::Log::open(place.options, *place.database));
  boost::json::object object = {{"checkpoint", log.note()},
                                {"vkey", audit::to_text(log.key())},
                                {"origin", log.checkpoint().origin},
                                {"size", log.checkpoint().head.size}};
  std::string proof_lines;
  if (options.since_size >= 0) {
    const auto old_size = static_cast<std::uint64_t>(options.since_size);
    TUTELA_TRY_ASSIGN(const auto proof, log.prove_consistency(old_size));
    object["old_size"] = old_size;
    object["consistency_proof"] = texts_of(proof);
    for (const audit::Hash& hash : proof) {
      proof_lines += crypto::to_base64(hash) + "\n";
    }
  }
  if (options.json) {
    print_json(object);
  } else {
    print(log.note() + (options.since_size < 0 ? "" : "\n" + proof_lines));
  }
  return ok();
}

/// Standard output, or a file that is whole or absent.
class Out {
 public:
  static Result<Out> open(const std::string& path) {
    Out out;
    if (!path.empty()) {
      out.path_ = path;
      out.fd_ =
          Fd(::open((path + ".part").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
      if (!out.fd_.valid()) {
        return system_error("file.write_failed", "create the file of the export");
      }
    }
    return out;
  }

  Status write(std::string_view text) {
    if (path_.empty()) {
      print(text);
      return ok();
    }
    waiting_ += text;
    return waiting_.size() < kWaitingMax ? ok() : flush();
  }

  Status finish() {
    if (path_.empty()) {
      return ok();
    }
    TUTELA_TRY(flush());
    if (::fsync(fd_.get()) != 0 || ::rename((path_ + ".part").c_str(), path_.c_str()) != 0) {
      return system_error("file.write_failed", "finish the file of the export");
    }
    return ok();
  }

 private:
  static constexpr std::size_t kWaitingMax = std::size_t{1} << 20;

  Status flush() {
    TUTELA_TRY(write_all(fd_.get(), as_bytes(waiting_)));
    waiting_.clear();
    return ok();
  }

  std::string path_;
  Fd fd_;
  std::string waiting_;
};

Status export_log(Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const AuditPlace place, open_place(session, options));
  TUTELA_TRY_ASSIGN(const audit::Filter filter, filter_of(options));
  TUTELA_TRY_ASSIGN(audit::Log log, audit::Log::open(place.options, *place.database));
  TUTELA_TRY_ASSIGN(Out out, Out::open(options.out));
  const std::uint64_t end = log.checkpoint().head.size;
  const InterruptGuard guard;
  ProgressLine line;
  std::uint64_t count = 0;
  const auto write_entry = [&](const audit::LoggedEntry& logged) -> Status {
    if (stop_requested()) {
      return Error{ErrorKind::kUnavailable, "audit.stopped", "stopped; the export is not whole"};
    }
    if (++count % 10'000 == 0) {
      line.draw(logged.index, end, "entries");
    }
    const std::string leaf = audit::to_leaf(logged);
    if (!options.proofs) {
      return out.write(leaf + "\n");
    }
    TUTELA_TRY_ASSIGN(const audit::Proof proof, log.prove(logged.index));
    return out.write(R"({"entry":)" + leaf + R"(,"proof":)" +
                     boost::json::serialize(texts_of(proof.path)) + "}\n");
  };
  const Status exported = audit::export_entries(
      *place.database, actor(), session.clock.now_ms(), filter, end, write_entry);
  line.clear();
  TUTELA_TRY(exported);
  const boost::json::object last = {{"checkpoint", log.note()},
                                    {"vkey", audit::to_text(log.key())}};
  TUTELA_TRY(out.write(boost::json::serialize(last) + "\n"));
  TUTELA_TRY(out.finish());
  complain(
      fmt::format("{} entries, and the checkpoint of {} that they are proved by.\n", count, end));
  return ok();
}

Status recover_log(Session& session, const AuditOptions& options) {
  TUTELA_TRY_ASSIGN(const AuditPlace place, open_place(session, options));
  TUTELA_TRY_ASSIGN(
      const audit::Recovered recovered,
      audit::recover(
          place.options, *place.database, actor(), session.clock.now_ms(), options.reason));
  print(
      fmt::format("The old audit log is set aside in {}; keep it.\n"
                  "An entry names it ({}). The vault process begins a new log with another name\n"
                  "when it starts: give its public key (the file vkey) to whoever checks it.\n",
                  printable(recovered.old_folder.string()),
                  recovered.old_checkpoint));
  return ok();
}

int status_of(const Status& status) {
  return status ? kNothingFound : fail(status.error());
}

}  // namespace

int show_audit_log(Session& session, const AuditOptions& options) {
  return status_of(show_entries(session, options));
}

int verify_audit_log(Session& session, const AuditOptions& options) {
  return status_of(options.proof.empty() ? verify_log(session, options) : verify_proof(options));
}

int prove_audit_entry(Session& session, const AuditOptions& options) {
  return status_of(prove_entry(session, options));
}

int show_audit_checkpoint(Session& session, const AuditOptions& options) {
  return status_of(show_checkpoint(session, options));
}

int export_audit_log(Session& session, const AuditOptions& options) {
  return status_of(export_log(session, options));
}

int recover_audit_log(Session& session, const AuditOptions& options) {
  return status_of(recover_log(session, options));
}

}  // namespace tutela::cli
