#include "service/authorities/cybertip_upload.hpp"

#include <algorithm>
#include <utility>

namespace tutela::authorities {

namespace {

constexpr std::size_t kPieceBytes = 256U << 10;

}  // namespace

Upload::Upload(std::unique_ptr<Source> source, std::int64_t size_bytes, std::string md5)
    : source_(std::move(source)), size_bytes_(size_bytes), md5_(std::move(md5)) {
  now_.bytes.resize(kPieceBytes);
  next_.bytes.resize(kPieceBytes);
}

Result<std::unique_ptr<Upload>> Upload::open(std::unique_ptr<Source> source,
                                             std::int64_t size_bytes,
                                             std::string md5) {
  // tidy:allow(new): because make_unique cannot call a private constructor.
  std::unique_ptr<Upload> upload(new Upload(std::move(source), size_bytes, std::move(md5)));
  TUTELA_TRY(upload->fill(upload->now_));
  TUTELA_TRY(upload->fill(upload->next_));
  return upload;
}

Status Upload::fill(Piece& piece) {
  piece.size = 0;
  piece.at = 0;
  while (!ended_ && piece.size < piece.bytes.size()) {
    TUTELA_TRY_ASSIGN(const std::size_t size,
                      source_->read(std::span(piece.bytes).subspan(piece.size)));
    if (size == 0) {
      ended_ = true;
      return check_end();
    }
    digester_.update(ByteView(piece.bytes).subspan(piece.size, size));
    piece.size += size;
    taken_ += static_cast<std::int64_t>(size);
    if (taken_ > size_bytes_) {
      return check_end();
    }
  }
  return ok();
}

Status Upload::check_end() {
  if (taken_ == size_bytes_ && to_hex(digester_.finish().md5) == md5_) {
    return ok();
  }
  return Error{ErrorKind::kCorrupted,
               kOtherBytes,
               "the preserved file is not the one on record: its length or its MD5 differs; look "
               "at the evidence before anything is reported"};
}

Result<std::size_t> Upload::read(std::span<std::byte> out) {
  if (failure_) {
    return *failure_;
  }
  if (now_.at == now_.size) {
    std::swap(now_, next_);
    if (const Status filled = fill(next_); !filled) {
      failure_ = filled.error();
      return *failure_;
    }
  }
  const std::size_t size = std::min(out.size(), now_.size - now_.at);
  std::copy_n(now_.bytes.begin() + static_cast<std::ptrdiff_t>(now_.at), size, out.begin());
  now_.at += size;
  given_ += static_cast<std::int64_t>(size);
  return size;
}

}  // namespace tutela::authorities
