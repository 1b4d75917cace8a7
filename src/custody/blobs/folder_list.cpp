// The ordered walk over a folder of blobs, in bounded memory: a folder's smallest names are taken
// in pages, each page by one pass over the folder.
#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>

#include "custody/blobs/folder_files.hpp"
#include "custody/blobs/format.hpp"

namespace tutela::blobs {
namespace {

constexpr std::size_t kPage = 65'536;

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

// A file's key is its blob's last part; a folder's ends with "/". In the order of keys, the names
// under them are in order.
std::string key_of(const dirent& entry) {
  std::string name(static_cast<const char*>(entry.d_name));
  if (name.ends_with('_')) {
    name.pop_back();
    return check_name(name) ? name : std::string();
  }
  return check_name(name) ? name + "/" : std::string();
}

// Whether names under `path` ("ab/cd/", "ab/cd") can begin with the prefix.
bool may_hold(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) || (path.ends_with('/') && prefix.starts_with(path));
}

/// The smallest keys after `after`, at most kPage, in order.
Result<std::vector<std::string>> next_page(const std::filesystem::path& folder,
                                           const std::string& below,
                                           std::string_view prefix,
                                           const std::string& after) {
  std::vector<std::string> heap;
  const std::unique_ptr<DIR, CloseFolder> stream(::opendir(folder.c_str()));
  if (stream == nullptr) {
    return errno == ENOENT ? Result<std::vector<std::string>>(std::move(heap))
                           : Result<std::vector<std::string>>(folder_error("list blobs"));
  }
  errno = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own.
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string key = key_of(*entry);
    if (key.empty() || key <= after || !may_hold(below + key, prefix) ||
        (heap.size() == kPage && key >= heap.front())) {
      errno = 0;
      continue;
    }
    heap.push_back(std::move(key));
    std::push_heap(heap.begin(), heap.end());
    if (heap.size() > kPage) {
      std::pop_heap(heap.begin(), heap.end());
      heap.pop_back();
    }
    errno = 0;
  }
  if (errno != 0) {
    return folder_error("list blobs");
  }
  std::sort_heap(heap.begin(), heap.end());
  return heap;
}

}  // namespace

Status FolderFiles::list_folder(const std::string& below,
                                std::string_view prefix,
                                const std::function<Status(std::string_view)>& on_name) {
  std::string after;
  while (true) {
    TUTELA_TRY_ASSIGN(const std::vector<std::string> page,
                      next_page(folder_ / below, below, prefix, after));
    for (const std::string& key : page) {
      if (key.ends_with('/')) {
        TUTELA_TRY(list_folder(below + key, prefix, on_name));
      } else {
        TUTELA_TRY(on_name(below + key));
      }
    }
    if (page.size() < kPage) {
      return ok();
    }
    after = page.back();
  }
}

Status FolderFiles::list(std::string_view prefix,
                         const std::function<Status(std::string_view)>& on_name) {
  return list_folder("", prefix, on_name);
}

}  // namespace tutela::blobs
