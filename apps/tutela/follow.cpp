#include "follow.hpp"

#include <fmt/format.h>

#include "interrupt.hpp"
#include "output.hpp"

namespace tutela::cli {
Result<Followed> follow(pipeline::Pipeline& pipeline) {
  Followed followed;
  ProgressLine progress;
  const auto done = pipeline.catch_up(stop_requested, [&](const pipeline::Rescan& rescan) {
    progress.draw(static_cast<std::uint64_t>(rescan.examined),
                  static_cast<std::uint64_t>(rescan.contents),
                  fmt::format("contents searched for {}, {} found",
                              counted(static_cast<std::uint64_t>(rescan.signals), "signal"),
                              rescan.found));
    if (rescan.state == pipeline::RescanState::kDone) {
      followed.ended.insert_or_assign(rescan.id, rescan);
    }
  });
  progress.clear();
  if (!done) {
    return done.error();
  }
  followed.elsewhere = done->elsewhere;
  return followed;
}

Status follow_and_tell(pipeline::Pipeline& pipeline) {
  TUTELA_TRY_ASSIGN(const Followed followed, follow(pipeline));
  if (followed.elsewhere) {
    print("The running server searches what was posted before.\n");
    return ok();
  }
  for (const auto& [id, rescan] : followed.ended) {
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
