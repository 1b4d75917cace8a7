// Intake: the body of one request, taken in pieces: a document, a form, or nothing.
//
// Holds at most kDocumentBytesMax; of a file only its MD5 and size are kept. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "service/cybertip_simulator/desk.hpp"
#include "service/cybertip_simulator/form.hpp"

namespace tutela::cybertip_simulator {

inline constexpr std::size_t kDocumentBytesMax = 1U << 20;

struct Body {
  std::string text;                // a document
  std::optional<std::int64_t> id;  // a form's
  std::optional<Received> file;    // a form's
  std::string wrong;               // why it cannot be read; nothing else counts then
};

class Intake {
 public:
  /// `form`: parameters and a file; otherwise a document.
  Intake(bool form, std::string_view content_type);
  Intake(Intake&&) noexcept;
  Intake& operator=(Intake&&) noexcept;
  ~Intake();

  void feed(ByteView bytes);
  /// Once.
  Body finish();

 private:
  struct Md5;

  std::optional<Form> form_;
  std::unique_ptr<Md5> md5_;
  Body body_;
};

}  // namespace tutela::cybertip_simulator
