#include "person_at_terminal.hpp"

#include <iostream>
#include <utility>

#include <termios.h>
#include <unistd.h>

#include "output.hpp"
#include "service/vault_process/places.hpp"

namespace tutela::cli {
namespace {

constexpr std::size_t kLineMax = 1024;

/// The terminal shows nothing of what is typed while this lives.
class Unseen {
 public:
  Unseen() : changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (changed_) {
      termios quiet = before_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
  }

  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

  ~Unseen() {
    if (changed_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
      complain("\n");
    }
  }

 private:
  termios before_ = {};
  bool changed_;
};

Result<std::string> ask(std::string_view what) {
  std::string line;
  {
    if (::isatty(STDIN_FILENO) == 1) {
      complain(std::string(what) + ": ");
    }
    const Unseen unseen;
    std::getline(std::cin, line);
  }
  if (line.empty() || line.size() > kLineMax) {
    return Error{ErrorKind::kInvalidInput,
                 "auth.nothing_given",
                 "standard input has a line with the password and one with the code"};
  }
  return line;
}

}  // namespace

PersonAtTerminal::PersonAtTerminal(store::Database& database,
                                   const Clock& clock,
                                   crypto::Key seed_key,
                                   auth::SessionRules rules)
    : door_(database, clock, std::move(seed_key), rules) {}

PersonAtTerminal::~PersonAtTerminal() {
  if (open_) {
    static_cast<void>(door_.sign_out(principal_));
  }
}

Result<std::unique_ptr<PersonAtTerminal>> PersonAtTerminal::sign_in(const config::Config& config,
                                                                    store::Database& database,
                                                                    const Clock& clock,
                                                                    const std::string& name) {
  TUTELA_TRY_ASSIGN(crypto::Key seed_key, auth::load_seed_key(config.store.folder));
  // tidy:allow(new): because the constructor is private.
  std::unique_ptr<PersonAtTerminal> person(new PersonAtTerminal(
      database, clock, std::move(seed_key), vault_process::session_rules_of(config)));
  auth::Caller caller{"cli", 0};
  TUTELA_TRY_ASSIGN(const std::string password, ask("Password of " + printable(name)));
  TUTELA_TRY_ASSIGN(const auth::OpenedSession first,
                    person->door_.with_password(caller, name, password));
  TUTELA_TRY_ASSIGN(person->principal_, person->door_.authenticate(first.secret));
  person->open_ = true;
  if (first.session.stage == auth::Stage::kEnrol) {
    return Error{ErrorKind::kForbidden,
                 "auth.not_enrolled",
                 "this person has no second factor yet: sign in at the console once"};
  }
  TUTELA_TRY_ASSIGN(const std::string code, ask("Code"));
  TUTELA_TRY_ASSIGN(const auth::OpenedSession opened,
                    person->door_.second_factor(caller, person->principal_, code));
  TUTELA_TRY_ASSIGN(person->principal_, person->door_.authenticate(opened.secret));
  return person;
}

}  // namespace tutela::cli
