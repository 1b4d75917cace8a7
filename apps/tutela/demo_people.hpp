// DemoPeople: people of every role for the demo, who sign in as real ones do: with a password that
// was generated and a second factor. Their passwords and seeds lie in a file of the demo's folder,
// for its owner alone: the demo is the only place where they do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"
#include "service/auth/permission.hpp"

namespace tutela::cli {

struct DemoPerson {
  std::string name;
  auth::Role role = auth::Role::kReviewer;
  std::string password;
  std::string seed;  // base32
};

/// Makes those who are absent and brings those whose password is not known back to a known one.
/// Returns them all, in the order in which they are shown.
Result<std::vector<DemoPerson>> make_demo_people(const std::filesystem::path& people_file,
                                                 const std::filesystem::path& store_folder,
                                                 store::Database& database,
                                                 const Clock& clock);

/// Errors: kNotFound "demo.no_people", "demo.no_person".
Result<std::string> demo_code(const std::filesystem::path& people_file,
                              std::string_view name,
                              UtcMs now_ms);

/// What a person of this role does, in a few words.
[[nodiscard]] std::string_view demo_work_of(auth::Role role) noexcept;

}  // namespace tutela::cli
