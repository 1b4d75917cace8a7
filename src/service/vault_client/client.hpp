// Client: what a server asks of its vault process. Keys and plain evidence stay over there; what
// comes back was entered in the audit log before its first byte.
//
// Thread-safe; each call is a connection of its own and blocks. Errors of every call: kUnavailable
// "vault.down", "vault.cut"; else what the vault process says.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "service/vault_client/message.hpp"
#include "service/vault_client/wire.hpp"

namespace tutela::vault_client {

/// Plain bytes that arrive. Dropping it early ends the call.
class Stream {
 public:
  Stream(Channel channel, Message reply) : channel_(std::move(channel)), reply_(std::move(reply)) {}

  /// The next bytes, or nothing at the end. An error: what came so far is not whole.
  Result<std::optional<Bytes>> next();

  /// What the reply says of them: "media_type", "width".
  [[nodiscard]] const Message& about() const noexcept { return reply_; }

 private:
  Channel channel_;
  Message reply_;
  bool ended_ = false;
};

/// Bytes that leave for the vault.
class Sealing {
 public:
  explicit Sealing(Channel channel) : channel_(std::move(channel)) {}

  Status append(ByteView plain);
  /// The id of the evidence, when it is durable.
  Result<Uuid> finish();

 private:
  Channel channel_;
};

class Client {
 public:
  explicit Client(std::filesystem::path socket,
                  std::chrono::milliseconds patience = std::chrono::seconds(60));

  /// What the vault process says of itself.
  Result<Message> status() const;

  /// Keeps the bytes of a content of the ledger as evidence of a case.
  Result<Sealing> seal(const store::Actor& actor,
                       const Uuid& content_id,
                       std::string_view case_ref,
                       std::string_view media_type) const;

  /// One file of a report that this process is filing: `lease` proves it. Errors: those of
  /// reports::Reports::open_file(), "evidence.destroyed", "vault.corrupt".
  Result<Stream> report_file(std::string_view tenant_id,
                             const Uuid& report,
                             std::int64_t lease,
                             std::int64_t file) const;

  /// A receipt for an item (spec/scan-receipt.md), to give to `actor`: there is an entry of that
  /// before it comes back. Errors: those of receipts::statement_of().
  Result<std::string> receipt(const store::Actor& actor, const Uuid& content_id) const;
  /// The public keys of receipts, old ones too, as a JWK set.
  Result<std::string> receipt_keys() const;

  /// Who sent a notice, as "name", "email" and "phone"; those that are empty are absent.
  Result<Message> identity(std::string_view credential,
                           const Uuid& notice_id,
                           std::string_view purpose,
                           std::string_view reason) const;

  /// A call that answers with bytes: "view", "original", "break_glass", "export". `credential` is
  /// what the person signed in with; the vault process looks up itself who that is.
  Result<Stream> open(const Message& request) const;

 private:
  Result<Channel> call(const Message& request) const;

  std::filesystem::path socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace tutela::vault_client
