// Upload: a request whose body is fed as it arrives, from its parameters to its answer.
//
// Used by one thread at a time; append() and what follows block. Dropped before complete() it
// leaves nothing behind.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "service/http/request.hpp"

namespace tutela::http {

class Upload {
 public:
  Upload() = default;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  virtual ~Upload() = default;

  /// Checks what is known before the body. Does not block.
  virtual Status begin() = 0;
  virtual Status append(ByteView bytes) = 0;

  struct Completion {
    Response response;
    bool scan_later = false;  // call scan_owed() after answering
  };

  /// Takes the last bytes and answers.
  virtual Completion complete(ByteView last_bytes) = 0;

  /// What complete() left to do.
  virtual void scan_owed() {}
};

}  // namespace tutela::http
