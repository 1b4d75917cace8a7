// Visit: what every visitor of fields() shares: what a member is, and where it stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "exchange/cybertip/parts.hpp"

namespace tutela::cybertip {

/// How often a member may be said, and what of.
template <class Member>
struct Cardinality;

template <class T>
struct Cardinality<One<T>> {
  using Value = T;
  static constexpr std::size_t kLeast = 1;
  static constexpr bool kMany = false;
};

template <class T>
struct Cardinality<std::optional<T>> {
  using Value = T;
  static constexpr std::size_t kLeast = 0;
  static constexpr bool kMany = false;
};

template <class T>
struct Cardinality<std::vector<T>> {
  using Value = T;
  static constexpr std::size_t kLeast = 0;
  static constexpr bool kMany = true;
};

template <class T>
struct Cardinality<Some<T>> {
  using Value = T;
  static constexpr std::size_t kLeast = 1;
  static constexpr bool kMany = true;
};

template <class T>
inline constexpr bool kIsChoice = false;
template <class... Alternatives>
inline constexpr bool kIsChoice<std::variant<Alternatives...>> = true;

template <class T>
concept Choice = kIsChoice<T>;

struct AnyVisitor {
  template <class Member>
  void operator()(std::string_view, Member&, std::string_view) {}
};

template <class T>
concept Structure = requires(T& value, AnyVisitor& visit) { T::fields(value, visit); };

/// A group of which `{}` is a statement.
template <class T>
constexpr bool may_be_empty() {
  if constexpr (requires { T::kMayBeEmpty; }) {
    return T::kMayBeEmpty;
  } else {
    return false;
  }
}

/// Whether a member is said.
template <class Member>
bool is_said(const Member& member) {
  if constexpr (Cardinality<Member>::kMany) {
    return !member.empty();
  } else {
    return member.has_value();
  }
}

/// Whether no member of a group is said, where that is no statement.
template <class T>
bool says_nothing(const T& group) {
  bool any = may_be_empty<T>();
  auto look = [&](std::string_view /*name*/, const auto& member, std::string_view /*help*/) {
    any = any || is_said(member);
  };
  T::fields(group, look);
  return !any;
}

/// What a leaf is made of.
template <class T>
struct InputOf {
  using Type = typename T::Input;
};

template <>
struct InputOf<bool> {
  using Type = bool;
};

template <class T>
LeafInfo leaf_info() {
  if constexpr (std::is_same_v<T, bool>) {
    return {.kind = Kind::kYesNo, .wants = "yes or no"};
  } else {
    return T::info();
  }
}

template <class T>
std::string leaf_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else {
    return value.text();
  }
}

/// "report" + "incidentSummary" is "report/incidentSummary".
inline std::string path_to(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "/" + std::string(name);
}

inline std::string path_to(const std::string& path, std::size_t number) {
  return path + "/" + std::to_string(number);
}

}  // namespace tutela::cybertip
