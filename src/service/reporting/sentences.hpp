// Sentences: what a report says in words of what it cannot say with yes or no. Internal.
//
// A closed set, so that a sentence of facts is told from one that a person wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/reporting/facts.hpp"

namespace tutela::reporting {

/// Whether it was viewed, how it was found, whose it is; as far as fields do not say it.
[[nodiscard]] std::vector<std::string_view> sentences_of(const FileFacts& file,
                                                         const CaseFacts& facts);
[[nodiscard]] bool is_sentence(std::string_view text) noexcept;

/// What the time of the incident is.
[[nodiscard]] std::string_view sentence_of_time(bool uploaded, std::size_t files) noexcept;

/// Of messages that somebody told us: where they come from, and how many had no place.
[[nodiscard]] std::string sentence_of_messages(std::size_t left_out);

inline constexpr std::string_view kToldMessages =
    "Given to the provider by somebody who reported it; the provider did not record it itself.";
inline constexpr std::string_view kToldTime =
    "When somebody first told the provider of it; when it happened is as they gave it.";
inline constexpr std::string_view kToldAccounts =
    "Other accounts that were named to the provider: ";
inline constexpr std::string_view kEscalate =
    "A reviewer marked this case because a child may be in imminent danger.";
inline constexpr std::string_view kNewVictim =
    "A reviewer marked this case because it may show a child who is not known yet.";

}  // namespace tutela::reporting
