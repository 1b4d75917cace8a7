// Strong<Tag, Rep>: a named value that does not mix with others of the same Rep.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace tutela {

template <class Tag, class Rep>
class Strong {
 public:
  constexpr explicit Strong(Rep value) noexcept : value_(std::move(value)) {}

  [[nodiscard]] constexpr const Rep& value() const noexcept { return value_; }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Rep value_;
};

}  // namespace tutela

template <class Tag, class Rep>
struct std::hash<tutela::Strong<Tag, Rep>> {
  std::size_t operator()(const tutela::Strong<Tag, Rep>& strong) const noexcept {
    return std::hash<Rep>{}(strong.value());
  }
};
