#include "casework/disclosure/openpgp.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

namespace tutela::disclosure {
namespace {

constexpr std::string_view kPublic = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kPrivate = "PRIVATE KEY";
constexpr std::uint32_t kRsaBitsMin = 2048;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* what) const noexcept {
    kFree(what);
  }
};

using Ffi = std::unique_ptr<rnp_ffi_st, Free<rnp_ffi_destroy>>;
using Key = std::unique_ptr<rnp_key_handle_st, Free<rnp_key_handle_destroy>>;
using Input = std::unique_ptr<rnp_input_st, Free<rnp_input_destroy>>;
using Output = std::unique_ptr<rnp_output_st, Free<rnp_output_destroy>>;
using Encrypt = std::unique_ptr<rnp_op_encrypt_st, Free<rnp_op_encrypt_destroy>>;

Error refused(std::string_view code, std::string message) {
  return Error{ErrorKind::kInvalidInput, code, std::move(message)};
}

Error bad_key() {
  return refused("openpgp.bad_key",
                 "this is not one whole armoured OpenPGP public key with a valid self-signature: "
                 "ask the agency for its key again (gpg --armor --export)");
}

// The text of one of rnp's getters, which it allocates.
std::string text_of(rnp_result_t (*get)(rnp_key_handle_t, char**), const Key& key) {
  char* text = nullptr;
  if (get(key.get(), &text) != RNP_SUCCESS || text == nullptr) {
    return {};
  }
  std::string copy = text;
  rnp_buffer_destroy(text);
  return copy;
}

bool flag_of(rnp_result_t (*get)(rnp_key_handle_t, bool*), const Key& key, bool if_unknown) {
  bool flag = false;
  return get(key.get(), &flag) == RNP_SUCCESS ? flag : if_unknown;
}

bool may_encrypt(const Key& key) {
  bool allowed = false;
  return rnp_key_allows_usage(key.get(), "encrypt", &allowed) == RNP_SUCCESS && allowed;
}

struct Ring {
  Ffi ffi;
  Key primary;
  Key encrypting;  // the primary key or one of its subkeys
};

Result<Ffi> import(std::string_view armored_key, UtcMs now_ms) {
  if (armored_key.find(kPrivate) != std::string_view::npos) {
    return refused("openpgp.secret_key",
                   "this is a secret key: whoever sent it must replace it; ask for the public one");
  }
  if (!armored_key.starts_with(kPublic)) {
    return bad_key();
  }
  rnp_ffi_t raw_ffi = nullptr;
  if (rnp_ffi_create(&raw_ffi, "GPG", "GPG") != RNP_SUCCESS) {
    return Error{ErrorKind::kInternal, "openpgp.failed", "librnp does not start"};
  }
  Ffi ffi(raw_ffi);
  rnp_set_timestamp(ffi.get(), static_cast<std::uint64_t>(std::max<UtcMs>(now_ms / 1000, 1)));
  rnp_input_t raw_input = nullptr;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): characters to the library's bytes.
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(armored_key.data());
  if (rnp_input_from_memory(&raw_input, bytes, armored_key.size(), false) != RNP_SUCCESS) {
    return bad_key();
  }
  const Input input(raw_input);
  if (rnp_import_keys(ffi.get(), input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS, nullptr) != RNP_SUCCESS) {
    return bad_key();
  }
  return ffi;
}

// The only primary key of the ring; nothing where there are several.
Key only_primary(const Ffi& ffi) {
  rnp_identifier_iterator_t raw_iterator = nullptr;
  if (rnp_identifier_iterator_create(ffi.get(), &raw_iterator, "fingerprint") != RNP_SUCCESS) {
    return nullptr;
  }
  const std::unique_ptr<rnp_identifier_iterator_st, Free<rnp_identifier_iterator_destroy>> iterator(
      raw_iterator);
  Key primary;
  const char* fingerprint = nullptr;
  while (rnp_identifier_iterator_next(iterator.get(), &fingerprint) == RNP_SUCCESS &&
         fingerprint != nullptr) {
    rnp_key_handle_t raw_key = nullptr;
    if (rnp_locate_key(ffi.get(), "fingerprint", fingerprint, &raw_key) != RNP_SUCCESS) {
      return nullptr;
    }
    Key key(raw_key);
    if (flag_of(rnp_key_is_primary, key, false)) {
      if (primary != nullptr) {
        return nullptr;
      }
      primary = std::move(key);
    }
  }
  return primary;
}

Error expired() {
  return refused("openpgp.expired", "this key has expired: ask the agency for its present one");
}

// Why no part of the key can encrypt.
Error cannot_encrypt(const Key& primary) {
  std::size_t count = 0;
  rnp_key_get_subkey_count(primary.get(), &count);
  for (std::size_t i = 0; i < count; ++i) {
    rnp_key_handle_t raw_key = nullptr;
    if (rnp_key_get_subkey_at(primary.get(), i, &raw_key) != RNP_SUCCESS) {
      continue;
    }
    const Key subkey(raw_key);
    if (may_encrypt(subkey) && flag_of(rnp_key_is_expired, subkey, false)) {
      return expired();
    }
  }
  return refused("openpgp.cannot_encrypt",
                 "this key has no part to encrypt to (it may only sign): ask the agency for one "
                 "that has");
}

Status check_strength(const Key& key) {
  const std::string algorithm = text_of(rnp_key_get_alg, key);
  std::uint32_t bits = 0;
  if (algorithm == "ECDH" ||
      (algorithm == "RSA" && rnp_key_get_bits(key.get(), &bits) == RNP_SUCCESS &&
       bits >= kRsaBitsMin)) {
    return ok();
  }
  return refused("openpgp.weak_key",
                 "this key is too weak for evidence: ask the agency for RSA of 2048 bits or more, "
                 "or for an elliptic curve");
}

Result<Ring> read_key(std::string_view armored_key, UtcMs now_ms) {
  Ring ring;
  TUTELA_TRY_ASSIGN(ring.ffi, import(armored_key, now_ms));
  ring.primary = only_primary(ring.ffi);
  if (ring.primary == nullptr) {
    return bad_key();
  }
  if (flag_of(rnp_key_is_revoked, ring.primary, true)) {
    return refused("openpgp.revoked", "the agency has revoked this key: ask for its present one");
  }
  if (flag_of(rnp_key_is_expired, ring.primary, true)) {
    return expired();
  }
  if (!flag_of(rnp_key_is_valid, ring.primary, false)) {
    return bad_key();
  }
  rnp_key_handle_t raw_key = nullptr;
  if (rnp_key_get_default_key(ring.primary.get(), "encrypt", 0, &raw_key) != RNP_SUCCESS ||
      raw_key == nullptr) {
    return cannot_encrypt(ring.primary);
  }
  ring.encrypting.reset(raw_key);
  if (!may_encrypt(ring.encrypting) || !flag_of(rnp_key_is_valid, ring.encrypting, false)) {
    return cannot_encrypt(ring.primary);
  }
  TUTELA_TRY(check_strength(ring.encrypting));
  return ring;
}

// What the library calls back, and the error that it cannot carry.
struct Stream {
  const Source& source;
  const Sink& sink;
  Bytes plain;
  std::size_t taken = 0;
  bool more = true;
  std::optional<Error> error;
};

bool read_plain(void* context, void* to, std::size_t size, std::size_t* read) {
  Stream& stream = *static_cast<Stream*>(context);
  while (stream.taken == stream.plain.size() && stream.more) {
    stream.plain.clear();
    stream.taken = 0;
    Result<bool> more = stream.source(stream.plain);
    if (!more) {
      stream.error = std::move(more).error();
      return false;
    }
    stream.more = *more;
  }
  *read = std::min(size, stream.plain.size() - stream.taken);
  if (*read > 0) {
    std::memcpy(to, stream.plain.data() + stream.taken, *read);
  }
  stream.taken += *read;
  return true;
}

bool write_encrypted(void* context, const void* bytes, std::size_t size) {
  Stream& stream = *static_cast<Stream*>(context);
  // After an error the library still ends its message: nobody gets that end.
  if (stream.error) {
    return false;
  }
  if (Status status = stream.sink({static_cast<const std::byte*>(bytes), size}); !status) {
    stream.error = std::move(status).error();
    return false;
  }
  return true;
}

}  // namespace

Result<std::string> openpgp_fingerprint(std::string_view armored_key, UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const Ring ring, read_key(armored_key, now_ms));
  std::string fingerprint = text_of(rnp_key_get_fprint, ring.primary);
  if (fingerprint.empty()) {
    return bad_key();
  }
  return fingerprint;
}

Status openpgp_encrypt(std::string_view armored_key,
                       UtcMs now_ms,
                       const Source& source,
                       const Sink& sink) {
  TUTELA_TRY_ASSIGN(const Ring ring, read_key(armored_key, now_ms));
  Stream stream{source, sink, {}, 0, true, {}};
  rnp_input_t raw_input = nullptr;
  rnp_output_t raw_output = nullptr;
  rnp_op_encrypt_t raw_encrypt = nullptr;
  if (rnp_input_from_callback(&raw_input, read_plain, nullptr, &stream) != RNP_SUCCESS) {
    return Error{ErrorKind::kInternal, "openpgp.failed", "librnp takes no input"};
  }
  const Input input(raw_input);
  if (rnp_output_to_callback(&raw_output, write_encrypted, nullptr, &stream) != RNP_SUCCESS) {
    return Error{ErrorKind::kInternal, "openpgp.failed", "librnp takes no output"};
  }
  const Output output(raw_output);
  rnp_result_t result =
      rnp_op_encrypt_create(&raw_encrypt, ring.ffi.get(), input.get(), output.get());
  const Encrypt encrypt(raw_encrypt);
  for (const auto step :
       {+[](rnp_op_encrypt_t op) { return rnp_op_encrypt_set_armor(op, false); },
        +[](rnp_op_encrypt_t op) { return rnp_op_encrypt_set_cipher(op, "AES256"); },
        +[](rnp_op_encrypt_t op) { return rnp_op_encrypt_set_aead(op, "None"); },
        +[](rnp_op_encrypt_t op) {
          return rnp_op_encrypt_set_compression(op, "Uncompressed", 0);
        }}) {
    result = result == RNP_SUCCESS ? step(encrypt.get()) : result;
  }
  result = result == RNP_SUCCESS
               ? rnp_op_encrypt_add_recipient(encrypt.get(), ring.encrypting.get())
               : result;
  result = result == RNP_SUCCESS ? rnp_op_encrypt_execute(encrypt.get()) : result;
  if (stream.error) {
    return *std::move(stream.error);
  }
  if (result != RNP_SUCCESS || stream.more) {
    return Error{ErrorKind::kInternal,
                 "openpgp.failed",
                 std::string("librnp did not encrypt: ") + rnp_result_to_string(result)};
  }
  return ok();
}

}  // namespace tutela::disclosure
