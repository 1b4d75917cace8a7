#include "service/cybertip_simulator/intake.hpp"

#include <array>
#include <utility>

#include <openssl/evp.h>

namespace tutela::cybertip_simulator {

struct Intake::Md5 {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
  std::uint64_t size_bytes = 0;

  Md5() { EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr); }

  void update(ByteView bytes) {
    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
    size_bytes += bytes.size();
  }

  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context.get(), digest.data(), &size);
    return to_hex(std::as_bytes(std::span(digest).first(size)));
  }
};

Intake::Intake(bool form, std::string_view content_type) {
  if (!form) {
    return;
  }
  md5_ = std::make_unique<Md5>();
  auto opened =
      Form::open(content_type, [md5 = md5_.get()](ByteView bytes) { md5->update(bytes); });
  if (!opened) {
    body_.wrong = opened.error().message;
    return;
  }
  form_ = *std::move(opened);
}

Intake::Intake(Intake&&) noexcept = default;
Intake& Intake::operator=(Intake&&) noexcept = default;
Intake::~Intake() = default;

void Intake::feed(ByteView bytes) {
  if (!body_.wrong.empty()) {
    return;
  }
  if (form_) {
    if (const Status fed = form_->feed(bytes); !fed) {
      body_.wrong = fed.error().message;
    }
    return;
  }
  if (body_.text.size() + bytes.size() > kDocumentBytesMax) {
    body_.wrong = "the document is larger than the simulator takes";
    body_.text.clear();
    return;
  }
  body_.text += as_text(bytes);
}

Body Intake::finish() {
  if (form_ && body_.wrong.empty()) {
    if (const Status ended = form_->finish(); !ended) {
      body_.wrong = ended.error().message;
    } else {
      body_.id = form_->id();
      if (form_->has_file()) {
        const std::uint64_t size = md5_->size_bytes;
        body_.file = Received{md5_->finish(), size};
      }
    }
  }
  return std::move(body_);
}

}  // namespace tutela::cybertip_simulator
