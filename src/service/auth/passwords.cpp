#include "service/auth/passwords.hpp"

#include <algorithm>
#include <string>

#include "crypto/password.hpp"
#include "service/auth/opaque.hpp"

namespace tutela::auth {

namespace {

constexpr std::uint32_t kRunningMax = 2;
constexpr std::uint32_t kWaitingMax = 2;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(
      out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

Status check_password(std::string_view password, std::string_view name) {
  const auto weak = [](std::string message) {
    return Error{ErrorKind::kInvalidInput, "password.too_weak", std::move(message)};
  };
  if (characters_of(password) < kPasswordCharactersMin || password.size() > kPasswordBytesMax) {
    return weak("a password has at least 12 characters and at most 1024 bytes");
  }
  const std::string low = lower(password);
  const std::string low_name = lower(name.substr(0, name.find('@')));
  if (low_name.size() >= 3 && low.find(low_name) != std::string::npos) {
    return weak("a password does not hold the person's name");
  }
  if (std::ranges::all_of(low, [&](char c) { return c == low.front(); })) {
    return weak("a password is more than one character repeated");
  }
  return ok();
}

/// One of the few that hash at the same time.
class Passwords::Turn {
 public:
  explicit Turn(Passwords& passwords) : passwords_(passwords) {
    const MutexLock lock(passwords_.mutex_);
    if (passwords_.running_ >= kRunningMax && passwords_.waiting_ >= kWaitingMax) {
      return;
    }
    ++passwords_.waiting_;
    while (passwords_.running_ >= kRunningMax) {
      passwords_.freed_.wait(passwords_.mutex_);
    }
    --passwords_.waiting_;
    ++passwords_.running_;
    taken_ = true;
  }

  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  ~Turn() {
    if (taken_) {
      const MutexLock lock(passwords_.mutex_);
      --passwords_.running_;
      passwords_.freed_.notify_one();
    }
  }

  [[nodiscard]] Status status() const {
    return taken_ ? ok()
                  : Error{ErrorKind::kUnavailable,
                          "auth.busy",
                          "too many people are signing in; try again later"};
  }

 private:
  Passwords& passwords_;
  bool taken_ = false;
};

Result<std::string> Passwords::hash(std::string_view password) {
  const Turn turn(*this);
  TUTELA_TRY(turn.status());
  return crypto::hash_password(password);
}

Result<bool> Passwords::verify(const std::optional<std::string>& hash, std::string_view password) {
  const Turn turn(*this);
  TUTELA_TRY(turn.status());
  std::string against;
  {
    const MutexLock lock(stand_in_mutex_);
    if (stand_in_.empty()) {
      TUTELA_TRY_ASSIGN(stand_in_, crypto::hash_password(new_opaque("")));
    }
    against = hash.value_or(stand_in_);
  }
  const bool right = crypto::verify_password(against, password);
  return hash.has_value() && right;
}

}  // namespace tutela::auth
