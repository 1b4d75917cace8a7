// Guidance: pages for young people, parents and teachers, and what happens after a report. Written
// in CommonMark; those in the operator's folder (<language>/<name>.md) take the place of ours, one
// by one. Raw HTML in them is left out, and so are links that are no web addresses. Pure but for
// reading files.
//
// Source: CommonMark 0.30 (libcmark).
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tutela::intake_page {

inline constexpr std::array<std::string_view, 4> kGuides = {
    "young", "parents", "teachers", "after"};

struct Guide {
  std::string title;  // its first heading
  std::string html;
};

/// By "en/young". `folder` may be empty: then ours. Errors: kInvalidInput "guidance.bad_file": one
/// that cannot be read, is larger than 64 KiB, no UTF-8, begins with no heading "# ...", or has a
/// name that is not read.
Result<std::map<std::string, Guide, std::less<>>> load_guidance(
    const std::filesystem::path& folder);

}  // namespace tutela::intake_page
