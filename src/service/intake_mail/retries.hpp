// Retries: letters that failed, each with a next try of its own, so that none of them holds up
// another. In memory alone: after a start every letter is tried at once. Bounded; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tutela::intake_mail {

class Retries {
 public:
  static constexpr std::int64_t kFirstMs = 10'000;
  static constexpr std::int64_t kLongestMs = 600'000;

  /// Remembers so many. Where more fail, the others take turns, in the order of their names.
  explicit Retries(std::size_t most = 10'000) : most_(most) {}

  /// Around one listing of the whole mailbox: what is not there any more is forgotten.
  void begin_round();
  void end_round();

  /// Of a letter that lies there: whether it is to be tried now.
  [[nodiscard]] bool is_due(std::string_view letter, UtcMs now_ms);

  /// True: for the first time, or for another reason than the last time.
  bool note_failure(std::string_view letter, std::string_view code, UtcMs now_ms);
  void note_success(std::string_view letter);

  /// How often it failed, as far as is remembered.
  [[nodiscard]] int failures(std::string_view letter) const;

  [[nodiscard]] bool none() const noexcept { return failed_.empty(); }

 private:
  struct Failed {
    std::string code;
    int times = 0;
    std::int64_t pause_ms = 0;
    UtcMs next_ms = 0;
    std::uint64_t round = 0;  // of the last listing that had it
  };

  std::size_t most_;
  std::uint64_t round_ = 0;
  std::map<std::string, Failed, std::less<>> failed_;
  std::string behind_;  // of those that are not remembered, the last one tried
  bool found_behind_ = false;
};

}  // namespace tutela::intake_mail
