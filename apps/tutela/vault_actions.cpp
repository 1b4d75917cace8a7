#include "vault_actions.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "crypto/secret.hpp"
#include "crypto/stream.hpp"
#include "crypto/wrap.hpp"
#include "custody/audit/entry.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/vault/keys.hpp"
#include "custody/vault/shares.hpp"
#include "output.hpp"
#include "service/vault_process/opened.hpp"
#include "service/vault_process/places.hpp"

namespace tutela::cli {
namespace {

constexpr std::string_view kFile = "file:";
constexpr std::size_t kSharesBytesMax = std::size_t{32} * 1024;

/// Nobody of the same user reads this process's memory, and no core file keeps it.
void hold_secrets() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

/// A file of mode 0600 that was not there before, durable.
Status write_new_file(const std::filesystem::path& path, std::string_view text) {
  const Fd fd(::open(
      path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!fd.valid()) {
    return errno == EEXIST ? Error{ErrorKind::kConflict,
                                   "vault.file_exists",
                                   "a file of this name is there already; it was not touched"}
                           : system_error("file.write_failed", "make a file for a key");
  }
  Status written = write_all(fd.get(), as_bytes(text));
  if (written && ::fsync(fd.get()) != 0) {
    written = system_error("file.sync_failed", "fsync a file of a key");
  }
  if (written) {
    const std::filesystem::path folder = path.parent_path();
    written = sync_folder(folder.empty() ? "." : folder);
  }
  if (!written) {
    ::unlink(path.c_str());
  }
  return written;
}

/// The configuration of a data folder that a vault process was once started in.
Result<config::Config> load_started(const Session& session) {
  TUTELA_TRY_ASSIGN(config::Config config, load_config(session));
  std::error_code error;
  if (!std::filesystem::exists(vault_process::places_of(config).database, error)) {
    return Error{ErrorKind::kNotFound,
                 "vault.no_data",
                 "there is no database in the data folder; --data or store.folder say where it "
                 "is, and tutela serve or tutela vault serve makes it"};
  }
  return config;
}

// ----- split and join -----

std::filesystem::path share_path(const VaultOptions& options, std::size_t number) {
  return std::filesystem::path(options.out_folder) / fmt::format("share-{}.txt", number);
}

/// All or none.
Status write_shares(const VaultOptions& options, const std::vector<std::string>& shares) {
  if (::mkdir(options.out_folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return system_error("file.write_failed", "make the folder for shares");
  }
  for (std::size_t i = 0; i < shares.size(); ++i) {
    Status written = write_new_file(share_path(options, i + 1), shares[i] + "\n");
    if (!written) {
      for (; i > 0; --i) {
        ::unlink(share_path(options, i).c_str());
      }
      return written;
    }
  }
  return ok();
}

Status split(Session& session, const VaultOptions& options) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_started(session));
  const vault_process::Places places = vault_process::places_of(config);
  if (!places.key.starts_with(kFile)) {
    return Error{ErrorKind::kInvalidInput,
                 "vault.key_not_a_file",
                 "only a key in a file can be split. A key in a token is backed up by the token's "
                 "own means; for a credential of systemd, set vault.key to the file that it was "
                 "made of for this command alone (TUTELA_VAULT__KEY=file:/path)"};
  }
  TUTELA_TRY_ASSIGN(const crypto::Key key, crypto::load_key(places.key.substr(kFile.size())));
  TUTELA_TRY_ASSIGN(std::vector<std::string> shares,
                    vault::split_key(key, options.shares, options.needed));
  TUTELA_TRY_ASSIGN(
      const auto database,
      store::Database::open({.path = places.database, .group_access = config.store.group_access}));
  const std::string id = crypto::key_id(key);
  // Before anybody sees a share.
  TUTELA_TRY(audit::record(*database,
                           actor(),
                           session.clock.now_ms(),
                           {"vault.key_split", "key:" + id, "custody", "ok"}));
  if (options.out_folder.empty()) {
    for (const std::string& share : shares) {
      print(share + "\n");
    }
  } else {
    TUTELA_TRY(write_shares(options, shares));
  }
  complain(
      fmt::format("Key {} is in {} shares; any {} of them make it again, fewer tell nothing.\n"
                  "Give each to another person, on paper, and remove what is left here.\n",
                  id,
                  options.shares,
                  options.needed));
  for (std::string& share : shares) {
    crypto::wipe(std::as_writable_bytes(std::span(share)));
  }
  return ok();
}

Result<Bytes> read_stdin() {
  Bytes bytes(kSharesBytesMax + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(STDIN_FILENO, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("file.unreadable", "read shares");
    }
    if (got == 0) {
      bytes.resize(size);
      return bytes;
    }
    size += static_cast<std::size_t>(got);
  }
  return Error{ErrorKind::kLimitExceeded, "file.too_large", "this is more than shares can be"};
}

void add_lines(Bytes bytes, std::vector<std::string>& lines) {
  std::string_view text = as_text(bytes);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      lines.emplace_back(line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  crypto::wipe(bytes);
}

Status join(Session& /*session*/, const VaultOptions& options) {
  std::vector<std::string> lines;
  for (const std::string& file : options.share_files) {
    TUTELA_TRY_ASSIGN(Bytes bytes, read_file(file, kSharesBytesMax));
    add_lines(std::move(bytes), lines);
  }
  if (options.share_files.empty()) {
    TUTELA_TRY_ASSIGN(Bytes bytes, read_stdin());
    add_lines(std::move(bytes), lines);
  }
  TUTELA_TRY_ASSIGN(const crypto::Key key, vault::join_key(lines));
  std::string text = to_hex(key.bytes()) + "\n";
  const Status written = write_new_file(options.out, text);
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  for (std::string& line : lines) {
    crypto::wipe(std::as_writable_bytes(std::span(line)));
  }
  TUTELA_TRY(written);
  print(fmt::format("Key {} is whole again. tutela vault check shows whether it is the vault's.\n",
                    crypto::key_id(key)));
  return ok();
}

// ----- change and check -----

/// A path that means the same wherever the vault process starts.
std::string absolute_source(const std::string& source) {
  if (!source.starts_with(kFile) || source.size() == kFile.size()) {
    return source;
  }
  std::error_code error;
  const auto path = std::filesystem::absolute(source.substr(kFile.size()), error);
  return error ? source : std::string(kFile) + path.lexically_normal().string();
}

Status change(Session& session, const VaultOptions& options) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_started(session));
  TUTELA_TRY_ASSIGN(const vault_process::Opened opened,
                    vault_process::open_vault(config, session.clock));
  const std::string to = absolute_source(options.to);
  TUTELA_TRY_ASSIGN(auto next, vault::open_key(to, options.create));
  const std::string id = next->id();
  TUTELA_TRY(opened.vault->change_key(actor(), std::move(next)));
  print(
      fmt::format("The keys of epochs are wrapped with key {} now; key {} opens them no more.\n"
                  "Before the next start, set in the configuration:\n"
                  "  [vault]\n"
                  "  key = \"{}\"\n"
                  "Split the new key and destroy the shares of the old one.\n",
                  id,
                  opened.key_id,
                  printable(to)));
  return ok();
}

/// The names of whole files of epochs' keys in a folder; whether they open, the vault says.
std::set<std::string> keys_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.starts_with("epoch-") && name.ends_with(".key")) {
      const auto bytes = read_file(entries->path(), evidence_format::kEpochFileSizeMax);
      if (bytes && evidence_format::parse_epoch_file(as_text(*bytes))) {
        names.insert(name);
      }
    }
  }
  return names;
}

Status check(Session& session, const VaultOptions& /*options*/) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_started(session));
  const vault_process::Places places = vault_process::places_of(config);
  std::vector<std::set<std::string>> before;
  for (const std::filesystem::path& folder : places.epochs) {
    before.push_back(keys_in(folder));
  }
  TUTELA_TRY_ASSIGN(const vault_process::Opened opened,
                    vault_process::open_vault(config, session.clock));
  TUTELA_TRY_ASSIGN(const auto epochs, opened.vault->check());
  Table table({"EPOCH", "SINCE", "OBJECTS", "KEY OF AN OBJECT"});
  for (const vault::EpochCheck& epoch : epochs) {
    table.add({std::to_string(epoch.epoch),
               to_rfc3339(epoch.created_ms),
               std::to_string(epoch.objects),
               epoch.opened ? "opens" : "none to open"});
  }
  table.print();
  for (std::size_t i = 0; i < places.epochs.size(); ++i) {
    const std::set<std::string> after = keys_in(places.epochs[i]);
    if (after.size() != epochs.size()) {
      return Error{ErrorKind::kCorrupted,
                   "vault.epoch_missing",
                   "a key folder does not have the key of every epoch; look at its disk"};
    }
    const auto healed = std::ranges::count_if(
        after, [&](const std::string& name) { return !before[i].contains(name); });
    print(fmt::format("Key folder {}: complete", i + 1));
    print(healed == 0 ? ".\n"
                      : fmt::format("; missing or damaged before: {}.\n",
                                    counted(static_cast<std::uint64_t>(healed), "key")));
  }
  print(fmt::format(
      "Good: key {} opens {}.\n", opened.key_id, counted(epochs.size(), "living epoch")));
  return ok();
}

int ended(const Status& status) {
  return status ? kNothingFound : fail(status.error());
}

}  // namespace

int split_vault_key(Session& session, const VaultOptions& options) {
  hold_secrets();
  return ended(split(session, options));
}

int join_vault_key(Session& session, const VaultOptions& options) {
  hold_secrets();
  return ended(join(session, options));
}

int change_vault_key(Session& session, const VaultOptions& options) {
  hold_secrets();
  return ended(change(session, options));
}

int check_vault(Session& session, const VaultOptions& options) {
  hold_secrets();
  return ended(check(session, options));
}

}  // namespace tutela::cli
