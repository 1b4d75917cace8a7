#include <utility>

#include <fcntl.h>
#include <sys/mman.h>

#include "service/workers/workers.hpp"

namespace tutela::workers {

Result<ItemBytes> ItemBytes::create() {
  ItemBytes item;
  item.fd_ = Fd(::memfd_create("item", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!item.fd_.valid()) {
    return system_error("workers.down", "create memory for an item");
  }
  return item;
}

Result<ItemBytes> ItemBytes::from(ByteView bytes) {
  TUTELA_TRY_ASSIGN(ItemBytes item, create());
  TUTELA_TRY(item.append(bytes));
  return item;
}

Status ItemBytes::append(ByteView bytes) {
  TUTELA_TRY(write_all(fd_.get(), bytes));
  size_ += bytes.size();
  return ok();
}

Status ItemBytes::seal() const {
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  // Fails where an earlier call sealed it already, hence the question afterwards.
  static_cast<void>(::fcntl(fd_.get(), F_ADD_SEALS, kSeals));
  if (::fcntl(fd_.get(), F_GET_SEALS) != kSeals) {
    return system_error("workers.down", "seal an item");
  }
  return ok();
}

}  // namespace tutela::workers
