// Schema: whether a database file is whole, and the migrations that bring it forward.
#pragma once

#include <cstdint>
#include <filesystem>

#include <sys/types.h>

#include "base/result.hpp"
#include "custody/store/sqlite_connection.hpp"

namespace tutela::store {

enum class Check : std::uint8_t { kNone, kQuick, kFull };

/// Makes the file if it is absent; `mode` for it and for what SQLite keeps beside it, where they
/// are this user's.
Status prepare_file(const std::filesystem::path& path, mode_t mode = 0600);

/// Checks, sets WAL and migrates. The caller is the only one who opens the database just now.
Status prepare_schema(const std::filesystem::path& path, Check check);

}  // namespace tutela::store
