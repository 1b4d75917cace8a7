// How a content index is streamed past a query: threads take chunks in turn, and give their hits
// and the progress one at a time. Internal to content_index.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "engine/match/match.hpp"
#include "watch/content_index/content_index.hpp"
#include "watch/content_index/reader.hpp"

namespace tutela::content_index {

/// ContentIndex::search() over what the reader has.
Status search_blocks(Reader& reader,
                     const Uuid& index,
                     const Query& query,
                     const match::RunSteps& run_steps,
                     const OnHit& on_hit,
                     const OnProgress& on_progress);

}  // namespace tutela::content_index
