#include "follow.hpp"

#include <map>

#include <fmt/format.h>

#include "interrupt.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

using Ended = std::map<Uuid, pipeline::Rescan>;

Result<pipeline::CatchUp> follow(pipeline::Pipeline& pipeline, Ended& ended) {
  ProgressLine progress;
  auto done = pipeline.catch_up(stop_requested, [&](const pipeline::Rescan& rescan) {
    progress.draw(static_cast<std::uint64_t>(rescan.examined),
                  static_cast<std::uint64_t>(rescan.contents),
                  fmt::format("contents searched for {}, {} found",
                              counted(static_cast<std::uint64_t>(rescan.signals), "signal"),
                              rescan.found));
    if (rescan.state == pipeline::RescanState::kDone) {
      ended.insert_or_assign(rescan.id, rescan);
    }
  });
  progress.clear();
  return done;
}

}  // namespace

Result<pipeline::CatchUp> follow(pipeline::Pipeline& pipeline) {
  Ended ended;
  return follow(pipeline, ended);
}

Status follow_and_tell(pipeline::Pipeline& pipeline) {
  Ended ended;
  TUTELA_TRY_ASSIGN(const pipeline::CatchUp done, follow(pipeline, ended));
  if (done.elsewhere) {
    print("The running server searches what was posted before.\n");
    return ok();
  }
  for (const auto& [id, rescan] : ended) {
    const auto contents = counted(static_cast<std::uint64_t>(rescan.examined), "content");
    const auto verdicts = counted(static_cast<std::uint64_t>(rescan.found), "new verdict");
    if (rescan.cause == pipeline::RescanCause::kListWithdrawn) {
      print(fmt::format("Judged again without what was withdrawn: {}, {}.\n", contents, verdicts));
    } else {
      print(fmt::format("Searched what was posted before: {}, {}.\n", contents, verdicts));
    }
    if (rescan.found > 0) {
      print(fmt::format("They are listed by: tutela rescan --show {}\n", to_string(id)));
    }
  }
  return ok();
}

}  // namespace tutela::cli
