// Words: what an operator is told to do when the log does not agree with itself.
#pragma once

#include <string_view>

namespace tutela::audit {

inline constexpr std::string_view kWhatToDo =
    "Stop Tutela and keep the database and the folder of the audit log for examination. After a "
    "restore from a backup that you know of, \"tutela audit recover --reason WORD\" goes on with a "
    "new log";

/// For files that can be made again from the database.
inline constexpr std::string_view kHowToRebuild =
    "Keep a copy of the folder of the audit log for examination; with its folder \"tile\" moved "
    "away, the next start makes it again from the database and holds it against the checkpoint";

}  // namespace tutela::audit
