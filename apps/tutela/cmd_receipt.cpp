// tutela receipt: signed statements that items were scanned, and the check of them.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "custody/audit/note.hpp"
#include "output.hpp"
#include "service/vault_client/client.hpp"
#include "service/vault_process/places.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Prints the receipt of an item: what an auditor needs to know that it was scanned, when, and\n"
    "with which lists and policy; not what matched. The vault process makes it, so that must run.\n"
    "Each one given out is an entry of the audit log. spec/scan-receipt.md has the format.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela receipt 0192f0aa-0000-7000-8000-000000000001 > receipt.json\n"
    "  tutela receipt keys > keys.json\n"
    "  tutela receipt verify receipt.json --keys keys.json --log-key vkey";

constexpr const char* kVerifyClosing =
    "Needs no data folder and no network. The keys are what the service publishes at\n"
    "/.well-known/tutela-receipt-keys.json, the key of the log is what `tutela audit verify "
    "--key`\n"
    "takes; get both from somebody you trust.\n"
    "Exit status: 0 good, 1 the signature or the proof is not, 2 no receipt, or an error.\n"
    "Example: tutela receipt verify receipt.json --keys keys.json --log-key vkey";

constexpr const char* kKeysClosing =
    "As the service publishes them at /.well-known/tutela-receipt-keys.json; older keys too.\n"
    "Exit status: 0 done, 2 error.\n"
    "Example: tutela receipt keys > keys.json";

/// The exit status of what is not as it was signed.
constexpr int kNotGood = 1;

struct ReceiptOptions {
  std::string id;
  std::string file;
  std::string keys;
  std::string log_key;
  bool json = false;
};

Result<vault_client::Client> vault_of(const Session& session) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_config(session));
  return vault_client::Client(vault_process::socket_of(config));
}

Status show_receipt(const Session& session, const ReceiptOptions& options) {
  if (options.id.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "cli.usage",
                 "say of which item: tutela receipt ID; tutela receipt --help says more"};
  }
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(options.id));
  TUTELA_TRY_ASSIGN(const vault_client::Client vault, vault_of(session));
  TUTELA_TRY_ASSIGN(const std::string receipt, vault.receipt(actor(), id));
  print(receipt + "\n");
  return ok();
}

Status show_keys(const Session& session) {
  TUTELA_TRY_ASSIGN(const vault_client::Client vault, vault_of(session));
  TUTELA_TRY_ASSIGN(const std::string keys, vault.receipt_keys());
  print(keys + "\n");
  return ok();
}

Result<std::string> read_text(const std::string& path, std::size_t size_max) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(path, size_max));
  return std::string(as_text(bytes));
}

void tell_good(const receipts::Statement& statement) {
  print(fmt::format("Good: {} signed at {} that item {}\n",
                    printable(statement.issuer),
                    to_rfc3339(statement.issued_ms),
                    printable(statement.content_id)));
  Table table({"RECEIPT", ""});
  table.add({"sha256", statement.sha256});
  table.add({"door", statement.door});
  table.add({"received", to_rfc3339(statement.received_ms)});
  table.add({"decided", to_rfc3339(statement.decided_ms)});
  table.add({"verdict", statement.verdict});
  table.add({"policy", statement.policy_version});
  for (const receipts::ListSeen& list : statement.lists) {
    table.add({"list",
               list.id + (list.version > 0 ? " version " + std::to_string(list.version) : "") +
                   (list.digest.empty() ? ", state without a digest" : ", state " + list.digest)});
  }
  table.add({"entry", std::to_string(statement.audit_index)});
  table.add({"in the log",
             statement.audit_proof
                 ? "proved"
                 : "not proved: it was not signed yet when the receipt was made"});
  table.print();
}

Status verify_receipt(const ReceiptOptions& options) {
  TUTELA_TRY_ASSIGN(const std::string receipt, read_text(options.file, receipts::kReceiptBytesMax));
  TUTELA_TRY_ASSIGN(const std::string set, read_text(options.keys, receipts::kKeySetBytesMax));
  TUTELA_TRY_ASSIGN(const auto keys, receipts::parse_key_set(set));
  std::string log_key = options.log_key;
  if (log_key.find('+') == std::string::npos) {  // no key has none
    TUTELA_TRY_ASSIGN(log_key, read_text(options.log_key, audit::kNoteBytesMax));
  }
  TUTELA_TRY(audit::parse_verifier_key(log_key));
  TUTELA_TRY_ASSIGN(const receipts::Statement statement, receipts::verify(receipt, keys, log_key));
  if (options.json) {
    print_json({{"issuer", valid_utf8(statement.issuer)},
                {"content", valid_utf8(statement.content_id)},
                {"sha256", valid_utf8(statement.sha256)},
                {"verdict", valid_utf8(statement.verdict)},
                {"decided", to_rfc3339(statement.decided_ms)},
                {"entry", statement.audit_index},
                {"proved", statement.audit_proof.has_value()}});
  } else {
    tell_good(statement);
  }
  return ok();
}

int ended(const Status& status) {
  return status ? kNothingFound : fail(status.error());
}

int ended_verify(const Status& status) {
  const bool not_good = !status && (status.error().code == "receipt.bad_signature" ||
                                    status.error().code == "receipt.bad_proof");
  const int exit_status = ended(status);
  return not_good ? kNotGood : exit_status;
}

using Options = std::shared_ptr<ReceiptOptions>;

void add_verify(CLI::App& receipt, Session& session, const Options& options) {
  CLI::App& verify = add_command(
      receipt, "verify", "Checks a receipt: signature, statement, and proof", kVerifyClosing);
  verify.add_option("file", options->file, "The receipt")->required();
  verify.add_option("--keys", options->keys, "The key set of the service")
      ->required()
      ->type_name("FILE");
  verify
      .add_option("--log-key", options->log_key, "Public key of its audit log, or a file with it")
      ->required()
      ->type_name("VKEY");
  verify.add_flag("--json", options->json, "One JSON object");
  verify.callback([&session, options] {
    session.run = [options] {
      return ended_verify(verify_receipt(*options));
    };
  });
}

}  // namespace

void add_receipt(CLI::App& app, Session& session) {
  CLI::App& receipt = add_command(app, "receipt", "Shows and checks receipts of scans", kClosing);
  const auto options = std::make_shared<ReceiptOptions>();
  receipt.add_option("id", options->id, "Of the item, as the scan answered with it");
  receipt.require_subcommand(0, 1);
  add_verify(receipt, session, options);
  CLI::App& keys = add_command(receipt, "keys", "Prints the public keys of receipts", kKeysClosing);
  keys.callback([&session] {
    session.run = [&session] {
      return ended(show_keys(session));
    };
  });
  // Called after those of the commands under it.
  receipt.callback([&session, &receipt, options] {
    if (receipt.get_subcommands().empty()) {
      session.run = [&session, options] {
        return ended(show_receipt(session, *options));
      };
    }
  });
}

}  // namespace tutela::cli
