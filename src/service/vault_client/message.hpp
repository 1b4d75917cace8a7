// Message: what a frame of kind M holds: a flat JSON object whose values are texts.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"

namespace tutela::vault_client {

class Message {
 public:
  Message() = default;
  /// Of `call` (a request) or of nothing (a reply).
  explicit Message(std::string_view call);

  Message& set(std::string_view name, std::string_view value);

  /// Empty when absent.
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;

  [[nodiscard]] bool has(std::string_view name) const noexcept { return !get(name).empty(); }

  /// Error: kInvalidInput "uuid.bad".
  [[nodiscard]] Result<Uuid> id(std::string_view name) const;

  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& values() const noexcept {
    return values_;
  }

  [[nodiscard]] Bytes encode() const;
  /// Error: kInvalidInput "vault.bad_message".
  static Result<Message> parse(ByteView bytes);

  /// An error as a message, and back. Codes that come back live as long as the process.
  static Message of(const Error& error);
  /// Success where the message is none of an error.
  [[nodiscard]] Status status() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace tutela::vault_client
