// Contact: how to reach whoever sent a notice, sealed before it is written anywhere. Doors seal it
// with the newest public key of the vault process, which alone can open it again, after an entry in
// the audit log. Functions; thread-safe as far as the database is.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/intake/notices.hpp"
#include "custody/store/store.hpp"

namespace tutela::contact {

// The most characters of each, as utf8_length() counts them.
inline constexpr std::size_t kNameMax = 200;
inline constexpr std::size_t kEmailMax = 254;
inline constexpr std::size_t kPhoneMax = 64;

struct Contact {
  std::string name;
  std::string email;
  std::string phone;

  [[nodiscard]] bool empty() const noexcept {
    return name.empty() && email.empty() && phone.empty();
  }
};

/// Errors: kInvalidInput "contact.bad_name", "contact.bad_email", "contact.bad_phone": too long,
/// no UTF-8, or with control characters; an address without "@".
Status check(const Contact& contact);

/// Checks and seals. Errors: those of check(); kUnavailable "contact.no_key": the vault process has
/// not made its key yet. Then the notice is taken without a contact, and its sender is told so.
Result<intake::SealedContact> seal(store::Database& database, const Contact& contact);

/// What was sealed. Error: kCorrupted "contact.corrupt".
Result<Contact> parse(ByteView plain);

/// For the vault process: its public key is the newest from now on. Returns the key's name.
Result<std::string> publish(store::Database& database, std::string_view public_key, UtcMs now_ms);

}  // namespace tutela::contact
