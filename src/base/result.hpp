// Result<T>: a value or an Error, never both and never neither.
//
// Every fallible function in this project returns Result<T>; no project code throws. A Result is
// as thread-safe as its T. An error is never "no match": callers that cannot go on say so.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tutela {

/// What a caller can do about a failure. Keep this list short.
enum class ErrorKind : std::uint8_t {
  kInvalidInput,   // the input is wrong: change it
  kNotFound,       // there is no such thing
  kConflict,       // it contradicts what is already there
  kLimitExceeded,  // it is over a configured bound
  kUnavailable,    // try again later
  kForbidden,      // the caller may not
  kCorrupted,      // stored bytes are not what was written
  kInternal,       // our own fault
};

/// A failure. `code` is stable, lower_snake with dots ("media.too_many_pixels"), always a string
/// literal, and is shown to callers of the API. `message` is for operators: what happened and what
/// to do. Neither ever holds content, hashes, file names or personal data.
struct Error {
  ErrorKind kind;
  std::string_view code;
  std::string message;
};

struct Unit {};

template <class T = Unit>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` must stay natural.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{...};` likewise.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }

  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& operator*() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  [[nodiscard]] const T& operator*() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  /// By value, so that a loop over `*f()` does not dangle.
  [[nodiscard]] T operator*() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }

  [[nodiscard]] T* operator->() {
    assert(has_value());
    return std::get_if<0>(&state_);
  }

  [[nodiscard]] const T* operator->() const {
    assert(has_value());
    return std::get_if<0>(&state_);
  }

  [[nodiscard]] const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

  [[nodiscard]] Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Unit>;

/// Success without a value: `return ok();`.
[[nodiscard]] inline Status ok() {
  return Unit{};
}

}  // namespace tutela

#define TUTELA_CONCAT_INNER(a, b) a##b
#define TUTELA_CONCAT(a, b) TUTELA_CONCAT_INNER(a, b)

/// Returns early with the error of `expr`, which must be a Result.
#define TUTELA_TRY_INNER(temporary, expr)      \
  do {                                         \
    if (auto temporary = (expr); !temporary) { \
      return std::move(temporary).error();     \
    }                                          \
  } while (false)
#define TUTELA_TRY(expr) TUTELA_TRY_INNER(TUTELA_CONCAT(tutela_result_, __COUNTER__), expr)

/// `TUTELA_TRY_ASSIGN(auto x, f())`: binds the value of f() or returns its error.
#define TUTELA_TRY_ASSIGN_INNER(temporary, declaration, expr) \
  auto temporary = (expr);                                    \
  if (!temporary) {                                           \
    return std::move(temporary).error();                      \
  }                                                           \
  declaration = *std::move(temporary)
#define TUTELA_TRY_ASSIGN(declaration, expr) \
  TUTELA_TRY_ASSIGN_INNER(TUTELA_CONCAT(tutela_result_, __COUNTER__), declaration, expr)
