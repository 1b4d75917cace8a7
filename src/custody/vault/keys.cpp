#include "custody/vault/keys.hpp"

#include <cstdlib>

#include "crypto/wrap.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/vault/pkcs11_key.hpp"

namespace tutela::vault {
namespace {

// A key that this process holds: 32 bytes of a file.
class FileKey final : public KeyEncryptionKey {
 public:
  explicit FileKey(crypto::Key key) : key_(std::move(key)), id_(crypto::key_id(key_)) {}

  [[nodiscard]] std::string id() const override { return id_; }

  Result<Bytes> wrap(const crypto::Key& key, std::string_view purpose) override {
    return evidence_format::wrap_for(key_, key, purpose);
  }

  Result<crypto::Key> unwrap(ByteView wrapped, std::string_view purpose) override {
    Result<crypto::Key> key = evidence_format::unwrap_for(key_, wrapped, purpose);
    if (!key) {
      return Error{ErrorKind::kCorrupted,
                   "vault.bad_key",
                   "the key-encryption key does not open this wrapped key"};
    }
    return key;
  }

 private:
  const crypto::Key key_;
  const std::string id_;
};

Error bad_source(std::string_view what) {
  return Error{ErrorKind::kInvalidInput,
               "vault.bad_key_source",
               "the vault's key must be \"file:/path\", \"systemd:name\" or "
               "\"pkcs11:/module.so?token=LABEL&object=LABEL&pin-file=/path\": " +
                   std::string(what)};
}

Result<std::unique_ptr<KeyEncryptionKey>> open_file(const std::filesystem::path& path,
                                                    bool create) {
  Result<crypto::Key> key = create ? crypto::load_or_create_key(path) : crypto::load_key(path);
  if (!key) {
    return std::move(key).error();
  }
  return std::unique_ptr<KeyEncryptionKey>(std::make_unique<FileKey>(*std::move(key)));
}

Result<std::unique_ptr<KeyEncryptionKey>> open_credential(std::string_view name) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) {
    return bad_source("there are no credentials; set LoadCredential= in the unit");
  }
  if (name.empty() || name.find('/') != std::string_view::npos || name == "." || name == "..") {
    return bad_source("a credential has a name without slashes");
  }
  return open_file(std::filesystem::path(folder) / name, false);
}

}  // namespace

std::unique_ptr<KeyEncryptionKey> make_file_key(crypto::Key key) {
  return std::make_unique<FileKey>(std::move(key));
}

Result<std::unique_ptr<KeyEncryptionKey>> open_key(std::string_view where, bool create) {
  const std::size_t colon = where.find(':');
  const std::string_view kind = where.substr(0, colon);
  if (colon == std::string_view::npos) {
    return bad_source("it names no kind");
  }
  const std::string_view rest = where.substr(colon + 1);
  if (kind == "file") {
    return rest.empty() ? bad_source("the path is empty") : open_file(rest, create);
  }
  if (kind == "systemd") {
    return open_credential(rest);
  }
  if (kind == "pkcs11") {
    TUTELA_TRY_ASSIGN(const Pkcs11Source source, parse_pkcs11_source(rest));
    return open_pkcs11_key(source);
  }
  return bad_source("it names no known kind");
}

}  // namespace tutela::vault
