// Person at the terminal: signs somebody in where the rules ask for a role and not for the machine,
// with password and second factor, and signs them out at the end. Main thread.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"
#include "service/auth/sign_in.hpp"
#include "service/config/config.hpp"

namespace tutela::cli {

class PersonAtTerminal {
 public:
  /// Asks for password and code: at the terminal without showing them, else two lines of standard
  /// input. Errors: those of auth::SignIn; kForbidden "auth.not_enrolled".
  static Result<std::unique_ptr<PersonAtTerminal>> sign_in(const config::Config& config,
                                                           store::Database& database,
                                                           const Clock& clock,
                                                           const std::string& name);
  PersonAtTerminal(const PersonAtTerminal&) = delete;
  PersonAtTerminal& operator=(const PersonAtTerminal&) = delete;
  ~PersonAtTerminal();

  [[nodiscard]] const auth::Principal& principal() const noexcept { return principal_; }

 private:
  PersonAtTerminal(store::Database& database,
                   const Clock& clock,
                   crypto::Key seed_key,
                   auth::SessionRules rules);
  auth::SignIn door_;
  auth::Principal principal_;
  bool open_ = false;
};

}  // namespace tutela::cli
