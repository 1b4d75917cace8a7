#include "service/intake_mail/retries.hpp"

#include <algorithm>

namespace tutela::intake_mail {

void Retries::begin_round() {
  ++round_;
  found_behind_ = false;
}

void Retries::end_round() {
  std::erase_if(failed_, [&](const auto& entry) { return entry.second.round != round_; });
  if (!found_behind_) {
    behind_.clear();  // all had their turn
  }
}

bool Retries::is_due(std::string_view letter, UtcMs now_ms) {
  const auto found = failed_.find(letter);
  if (found == failed_.end()) {
    const bool turn = letter > behind_;
    found_behind_ = found_behind_ || turn;
    return turn;
  }
  found->second.round = round_;
  // A clock that was set back makes nobody wait longer.
  return found->second.next_ms <= now_ms || found->second.next_ms - now_ms > kLongestMs;
}

bool Retries::note_failure(std::string_view letter, std::string_view code, UtcMs now_ms) {
  auto found = failed_.find(letter);
  if (found == failed_.end()) {
    if (failed_.size() >= most_) {
      behind_ = letter;
      return false;
    }
    found = failed_.try_emplace(std::string(letter)).first;
    found->second.round = round_;
  }
  Failed& failed = found->second;
  ++failed.times;
  failed.pause_ms = std::clamp(2 * failed.pause_ms, kFirstMs, kLongestMs);
  failed.next_ms = now_ms + failed.pause_ms;
  const bool is_new = failed.code != code;
  failed.code = code;
  return is_new;
}

int Retries::failures(std::string_view letter) const {
  const auto found = failed_.find(letter);
  return found == failed_.end() ? 0 : found->second.times;
}

void Retries::note_success(std::string_view letter) {
  const auto found = failed_.find(letter);
  if (found != failed_.end()) {
    failed_.erase(found);
  }
}

}  // namespace tutela::intake_mail
