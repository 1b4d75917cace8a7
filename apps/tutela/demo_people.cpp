#include "demo_people.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <oath.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "crypto/secret.hpp"
#include "service/auth/people.hpp"
#include "service/auth/sign_in.hpp"

namespace tutela::cli {
namespace {

using auth::Role;

constexpr std::uint64_t kFileBytesMax = 64 * 1024;
constexpr std::int64_t kStepMs = 30'000;  // of TOTP
constexpr const char* kAddress = "127.0.0.1";

const std::vector<DemoPerson>& cast() {
  static const std::vector<DemoPerson> kCast = {{"lena", Role::kReviewer, {}, {}},
                                                {"omar", Role::kReviewer, {}, {}},
                                                {"kim", Role::kContractor, {}, {}},
                                                {"mira", Role::kLead, {}, {}},
                                                {"paul", Role::kLegal, {}, {}},
                                                {"ada", Role::kAuditor, {}, {}},
                                                {"otto", Role::kOperator, {}, {}},
                                                {"anna", Role::kAdmin, {}, {}}};
  return kCast;
}

/// Of a domain that nobody has (RFC 2606).
std::string email_of(const std::string& name) {
  return name + "@example.org";
}

/// Four groups of four, without letters that look alike: 79 bits.
std::string new_password() {
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789";
  std::array<std::byte, 16> random{};
  crypto::random_bytes(random);
  std::string password;
  for (std::size_t i = 0; i < random.size(); ++i) {
    password += i != 0 && i % 4 == 0 ? "-" : "";
    password += kLetters[std::to_integer<std::size_t>(random[i]) % kLetters.size()];
  }
  return password;
}

/// One person a line: name, role, password, seed. Absent: nobody yet.
Result<std::vector<DemoPerson>> read_people(const std::filesystem::path& file) {
  const auto bytes = read_file(file, kFileBytesMax);
  if (!bytes) {
    return bytes.error().kind == ErrorKind::kNotFound
               ? Result<std::vector<DemoPerson>>(std::vector<DemoPerson>())
               : bytes.error();
  }
  std::vector<DemoPerson> people;
  std::string_view text = as_text(*bytes);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string> words = config::words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.size() == 4) {
      TUTELA_TRY_ASSIGN(const Role role, auth::parse_role(words[1]));
      people.push_back({words[0], role, words[2], words[3]});
    }
  }
  return people;
}

/// Those who were made, and those known before whose turn is still to come.
Status write_people(const std::filesystem::path& file,
                    const std::vector<DemoPerson>& made,
                    const std::vector<DemoPerson>& known) {
  std::vector<DemoPerson> people = made;
  for (const DemoPerson& person : known) {
    if (std::ranges::find(made, person.name, &DemoPerson::name) == made.end()) {
      people.push_back(person);
    }
  }
  std::string text;
  for (const DemoPerson& person : people) {
    text += fmt::format(
        "{} {} {} {}\n", person.name, auth::to_string(person.role), person.password, person.seed);
  }
  return write_file_atomic(file, as_bytes(text));
}

Result<std::string> code_of(std::string_view seed, UtcMs now_ms) {
  char* decoded = nullptr;
  std::size_t size = 0;
  if (oath_init() != OATH_OK ||
      oath_base32_decode(seed.data(), seed.size(), &decoded, &size) != OATH_OK) {
    return Error{ErrorKind::kCorrupted,
                 "demo.bad_seed",
                 "the file of the demo's people is damaged: remove it and start the demo again"};
  }
  const std::unique_ptr<char, decltype(&std::free)> owned(decoded, &std::free);
  std::array<char, 7> code{};
  if (oath_totp_generate(owned.get(), size, now_ms / 1000, 30, 0, 6, code.data()) != OATH_OK) {
    return Error{ErrorKind::kInternal, "demo.no_code", "no code could be made"};
  }
  return std::string(code.data());
}

/// From an invitation to a second factor, as a person does it.
Status enrol(auth::SignIn& sign_in,
             const auth::Invitation& invitation,
             DemoPerson& person,
             const Clock& clock) {
  auth::Caller caller{kAddress};
  TUTELA_TRY(sign_in.accept_invitation(caller, invitation.code, person.password));
  TUTELA_TRY_ASSIGN(const auth::OpenedSession first,
                    sign_in.with_password(caller, person.name, person.password));
  TUTELA_TRY_ASSIGN(const auth::Principal begun, sign_in.authenticate(first.secret));
  TUTELA_TRY_ASSIGN(const auth::Enrolment enrolment, sign_in.enrol(begun));
  person.seed = enrolment.secret;
  // No code is taken twice: with the one before, the present one is still good to sign in with. The
  // step may end just now: then once more.
  const auto confirm = [&]() -> Result<auth::Enrolled> {
    TUTELA_TRY_ASSIGN(const std::string code, code_of(person.seed, clock.now_ms() - kStepMs));
    return sign_in.confirm(caller, begun, code);
  };
  Result<auth::Enrolled> enrolled = confirm();
  if (!enrolled && enrolled.error().code == "auth.bad_code") {
    enrolled = confirm();
  }
  TUTELA_TRY(enrolled);
  TUTELA_TRY_ASSIGN(const auth::Principal open, sign_in.authenticate(enrolled->opened.secret));
  return sign_in.sign_out(open);
}

}  // namespace

Result<std::vector<DemoPerson>> make_demo_people(const std::filesystem::path& people_file,
                                                 const std::filesystem::path& store_folder,
                                                 store::Database& database,
                                                 const Clock& clock) {
  TUTELA_TRY_ASSIGN(const std::vector<DemoPerson> known, read_people(people_file));
  TUTELA_TRY_ASSIGN(crypto::Key seed_key, auth::load_seed_key(store_folder));
  auth::People people(database, clock);
  auth::SignIn sign_in(database, clock, std::move(seed_key), {});
  std::vector<DemoPerson> made;
  for (const DemoPerson& wanted : cast()) {
    const auto found = people.find(actor(), wanted.name);
    if (!found && found.error().kind != ErrorKind::kNotFound) {
      return found.error();
    }
    const auto before = std::ranges::find(known, wanted.name, &DemoPerson::name);
    if (found && found->has_second_factor && before != known.end()) {
      made.push_back(*before);
      continue;
    }
    TUTELA_TRY_ASSIGN(
        const auth::Invitation invitation,
        found ? people.reset(actor(), wanted.name)
              : people.invite(actor(), wanted.name, wanted.role, email_of(wanted.name)));
    DemoPerson& person = made.emplace_back(wanted);
    person.password = new_password();
    TUTELA_TRY(enrol(sign_in, invitation, person, clock));
    TUTELA_TRY(write_people(people_file, made, known));
  }
  return made;
}

Result<std::string> demo_code(const std::filesystem::path& people_file,
                              std::string_view name,
                              UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const std::vector<DemoPerson> people, read_people(people_file));
  if (people.empty()) {
    return Error{ErrorKind::kNotFound,
                 "demo.no_people",
                 "there is no demo in this folder: start tutela demo first"};
  }
  const auto person = std::ranges::find(people, name, &DemoPerson::name);
  if (person == people.end()) {
    return Error{ErrorKind::kNotFound,
                 "demo.no_person",
                 "the people of the demo are lena, omar, kim, mira, paul, ada, otto and anna"};
  }
  return code_of(person->seed, now_ms);
}

std::string_view demo_work_of(Role role) noexcept {
  switch (role) {
    case Role::kReviewer:
      return "decides cases";
    case Role::kContractor:
      return "decides the cases that are assigned";
    case Role::kLead:
      return "resolves disagreements, assigns, sees the team's load";
    case Role::kLegal:
      return "holds, disclosure, cases about the person";
    case Role::kAuditor:
      return "reads the audit log, sees no picture";
    case Role::kOperator:
      return "lists, tokens, deliveries, settings";
    case Role::kAdmin:
      return "people and their rights, sees no content";
    case Role::kSolo:
      break;
  }
  return "everything, alone";
}

}  // namespace tutela::cli
