// Blobs in a folder: one file each, with the footer of format.hpp.
//
// The file of blob "ab/cd" is FOLDER/ab/cd_ : no name holds "_", so that blobs, folders and what is
// unfinished (FOLDER/_unfinished) never meet. Folders are 0700, files 0600. Several processes may
// use one folder. A blob is written to a temporary file, synced, linked under its name, and its
// folder synced; what dead processes left unfinished is removed at the next open. Needs a file
// system with hard links and flock. Object locks do not exist here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "custody/blobs/blobs.hpp"

namespace tutela::blobs {

struct FolderOptions {
  std::uint64_t scrub_bytes_per_second = std::uint64_t{32} << 20;  // 0: as fast as it goes
};

/// Makes the folder where it is absent; its parent must exist.
Result<std::unique_ptr<Blobs>> open_folder(std::filesystem::path folder,
                                           FolderOptions options = {});

}  // namespace tutela::blobs
