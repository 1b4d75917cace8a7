// Follow: what commands do after they scanned something or changed a list: new verdicts go into the
// content index, and what was judged before is searched again.
#pragma once

#include <map>

#include "service/pipeline/pipeline.hpp"

namespace tutela::cli {

struct Followed {
  bool elsewhere = false;                  // another process does it
  std::map<Uuid, pipeline::Rescan> ended;  // here, now
};

/// Works with a progress line until nothing is left to do or somebody stops it. Where another
/// process (a server) has the content index, that one does it, and nothing is done here.
Result<Followed> follow(pipeline::Pipeline& pipeline);

/// follow(), then tells on standard output what the rescans that ended found.
Status follow_and_tell(pipeline::Pipeline& pipeline);

}  // namespace tutela::cli
