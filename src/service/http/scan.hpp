// Scan: one POST /v1/scan, from its parameters to its answer.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "service/http/app.hpp"
#include "service/http/multipart.hpp"
#include "service/http/request.hpp"
#include "service/http/upload.hpp"

namespace tutela::http {

class Scan final : public Upload {
 public:
  Scan(App& app, Request request, Admission::Slot slot);

  /// Errors: "request.bad_parameter", "request.bad_header", "request.media_type",
  /// "multipart.no_boundary".
  Status begin() override;

  /// Errors: those of pipeline::Intake and of MultipartReader.
  Status append(ByteView bytes) override;

  /// Takes the last bytes, makes the item durable and, unless the caller prefers not to wait, scans
  /// it. An item that is durable is never lost: at worst it is owed, and the caller is told what
  /// the door's on_error says: held, denied or, counted and logged, accepted.
  Completion complete(ByteView last_bytes) override;

  void scan_owed() override;

 private:
  Status take_field(std::string_view name, std::string value);
  Status open_intake();
  Result<Uuid> make_durable(ByteView last_bytes);
  Response verdict(const Uuid& id);
  void record(const ledger::Content& content, const pipeline::StageTimes& times);
  Response answer(const ledger::Content& content) const;
  Response answer_owed(const Uuid& id, std::string_view outcome = "held") const;
  /// Of an item that has no verdict yet, as the door's on_error says.
  Response without_verdict(const Uuid& id);
  Response let_through(const Uuid& id);
  void note_owed(const Error& error);

  App& app_;
  Request request_;
  Admission::Slot slot_;
  std::chrono::steady_clock::time_point started_;
  pipeline::Origin origin_;
  std::optional<std::string> source_;
  std::unique_ptr<MultipartReader> multipart_;
  std::optional<pipeline::Intake> intake_;
  bool repeated_ = false;
};

}  // namespace tutela::http
