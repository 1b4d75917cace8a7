// Page words: what the page calls the elements of the schema, and where values come from.
// Immutable; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tutela::cybertip {

/// "Entire file viewed by the company" for "fileViewedByEsp"; of a name that is not in the table
/// its own words: "someNewElement" is "Some new element".
std::string label_of(std::string_view name);

/// "upload ledger" for the Origin's source "ledger"; an unknown one as it is.
std::string_view source_words(std::string_view source) noexcept;

/// The names of what an element can hold, as the schema orders them: "files/0", "report/victim/1".
/// Nothing where the schema knows no such element.
std::vector<std::string_view> order_of(std::string_view path);

/// A fact that a reader asks for: where it is absent, the page says so.
struct Wanted {
  std::string_view name;
  bool yes_no = false;  // "not stated"; else "not known"
};

/// What is wanted of an element: "incidentSummary", "reporter", "personOrUserReported", "files".
std::span<const Wanted> wanted_of(std::string_view element) noexcept;

}  // namespace tutela::cybertip
