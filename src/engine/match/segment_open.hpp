// Segment files, opened and told apart. Internal to match.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "engine/match/segment.hpp"
#include "engine/match/segment_state.hpp"

namespace tutela::match {

/// What becomes of the pages that were mapped for the check: kForget while another segment is
/// still in use, so that a process never has two of them mapped.
enum class Pages : std::uint8_t { kKeep, kForget };

/// Segment::open.
Result<std::shared_ptr<const Segment>> open_segment(const std::filesystem::path& file,
                                                    const RunSteps& run_steps,
                                                    Pages pages);

/// Unmaps all pages of a file that is hardly used any more.
void forget_pages(const Segment& segment);

/// Maps what was forgotten, before searches need it.
void map_pages(const Segment& segment);

/// Errors as those of Segment::open.
Result<FileIdentity> file_identity(const std::filesystem::path& file);

}  // namespace tutela::match
