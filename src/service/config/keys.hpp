// Keys: the table of every configuration key. Internal to this module.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "service/config/config.hpp"

namespace tutela::config {

/// Where a key's value lies in a Config.
using Slot =
    std::variant<std::string*, std::filesystem::path*, std::uint32_t*, std::uint64_t*, bool*>;

struct Key {
  std::string_view name;
  Slot (*slot)(Config&);
  std::string_view help;
  std::uint64_t min = 0;  // of numbers
  std::uint64_t max = 0;
  std::string_view choices = {};  // of texts, separated by blanks; empty: any
  bool reloadable = false;
  bool secret = false;       // never printed
  bool secret_path = false;  // of a URL: what stands behind the host may be a secret
  /// Of texts: what is wrong, without repeating it; empty: nothing.
  std::string_view (*complaint)(std::string_view) = nullptr;
};

[[nodiscard]] std::span<const Key> key_table();
/// The part of the table that is about the work of people: cases, exposure, webhook, support.
[[nodiscard]] std::span<const Key> review_keys() noexcept;
/// A value without what of it is secret: "(set)" stands for that.
[[nodiscard]] std::string readable(const Key& key, std::string value);
/// The part about authorities: reporting, cybertip, smtp.
[[nodiscard]] std::span<const Key> report_keys() noexcept;
/// The part about doors, the ledger and the watch.
[[nodiscard]] std::span<const Key> watch_keys() noexcept;
/// The part about what people outside tell us.
[[nodiscard]] std::span<const Key> intake_keys() noexcept;
/// nullptr when there is no such key.
[[nodiscard]] const Key* find_key(std::string_view name);

}  // namespace tutela::config
