// A blob's file as rot or an attacker with the disk would leave it: it opens only as what was
// written. The input is a whole file, or an edit of an honest one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "custody/blobs/folder_blobs.hpp"
#include "custody/blobs/format.hpp"

namespace {

using tutela::Bytes;
using tutela::ByteView;

struct Place {
  Place()
      : folder(std::filesystem::temp_directory_path() /
               ("blobs-fuzz-" + std::to_string(::getpid()))) {
    blobs = *tutela::blobs::open_folder(folder, {0});
  }

  ~Place() { std::filesystem::remove_all(folder); }

  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::filesystem::path folder;
  std::unique_ptr<tutela::blobs::Blobs> blobs;
};

void check(Place& place, const Bytes& file) {
  const std::string path = place.folder / "x_";
  {
    const tutela::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    TUTELA_CHECK(tutela::write_all(fd.get(), file).has_value());
  }
  const tutela::Result<Bytes> got = place.blobs->get("x", file.size());
  // What opens is exactly what writing its bytes makes.
  TUTELA_CHECK(!got || tutela::blobs::with_footer(*got) == file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Place place;
  static const Bytes honest = tutela::blobs::with_footer(Bytes(300, std::byte{3}));
  const ByteView input = std::as_bytes(std::span(data, size));
  static_cast<void>(tutela::blobs::footer_size_bytes(input).has_value());
  check(place, Bytes(input.begin(), input.end()));
  if (size >= 3) {
    // The first two bytes say where, the third how much is cut, the rest overwrites.
    Bytes edited(honest.begin(), honest.end() - data[2]);
    const std::size_t at = (data[0] * 256U + data[1]) % honest.size();
    if (at < edited.size()) {
      std::copy_n(input.begin() + 3,
                  std::min(size - 3, edited.size() - at),
                  edited.begin() + static_cast<std::ptrdiff_t>(at));
    }
    check(place, edited);
  }
  return 0;
}
