#include "custody/vault/pkcs11_key.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <vector>

#include <dlfcn.h>
#include <sys/stat.h>

#define CRYPTOKI_COMPAT
#include <p11-kit/pkcs11.h>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "crypto/digest.hpp"
#include "crypto/stream.hpp"

namespace tutela::vault {
namespace {

constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kKey = 32;

Error token_error(std::string_view what, CK_RV code = CKR_OK) {
  std::array<char, 24> number{};
  if (code != CKR_OK) {
    std::snprintf(number.data(), number.size(), " (0x%lx)", code);
  }
  return Error{ErrorKind::kUnavailable,
               "vault.token",
               "the token with the vault's key: " + std::string(what) + number.data()};
}

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): bytes to PKCS#11's bytes and back.
CK_BYTE* raw(std::byte* bytes) {
  return reinterpret_cast<CK_BYTE*>(bytes);
}

// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

// PKCS#11 takes what it only reads as pointers to what it could write.
struct Mutable {
  explicit Mutable(ByteView from) : bytes(from.begin(), from.end()) {}

  Mutable(const Mutable&) = delete;
  Mutable& operator=(const Mutable&) = delete;

  ~Mutable() { crypto::wipe(bytes); }

  CK_BYTE* data() { return raw(bytes.data()); }

  [[nodiscard]] CK_ULONG size() const { return bytes.size(); }

  Bytes bytes;
};

std::string_view trimmed(std::span<const CK_UTF8CHAR> padded) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): characters as text.
  std::string_view text(reinterpret_cast<const char*>(padded.data()), padded.size());
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

Result<CK_FUNCTION_LIST*> load_module(const std::filesystem::path& path) {
  // Never unloaded: modules keep threads and locks of their own.
  void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    return token_error("its module cannot be loaded; check the path of the .so file");
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym() is for.
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(module, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (get == nullptr || get(&functions) != CKR_OK || functions == nullptr) {
    return token_error("its module is no PKCS#11 module");
  }
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions->C_Initialize(&arguments);
  if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return token_error("its module does not start", code);
  }
  return functions;
}

Result<CK_SLOT_ID> find_slot(CK_FUNCTION_LIST& functions, const std::string& label, Bytes& serial) {
  CK_ULONG count = 0;
  CK_RV code = functions.C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (code == CKR_OK) {
    code = functions.C_GetSlotList(CK_TRUE, slots.data(), &count);
  }
  if (code != CKR_OK) {
    return token_error("its slots cannot be listed", code);
  }
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::vector<CK_SLOT_ID> matching;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (functions.C_GetTokenInfo(slot, &info) == CKR_OK && trimmed(info.label) == label) {
      matching.push_back(slot);
      const ByteView bytes = std::as_bytes(std::span(info.serialNumber));
      serial.assign(bytes.begin(), bytes.end());
    }
  }
  if (matching.size() != 1) {
    return token_error(matching.empty() ? "there is none with this label; is it plugged in?"
                                        : "several have this label; give it one of its own");
  }
  return matching.front();
}

Result<Bytes> read_pin(const std::filesystem::path& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return token_error("the file with its PIN is missing or unreadable");
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{ErrorKind::kInvalidInput,
                 "key.bad_file",
                 "the file with the token's PIN is open to its group or to others: run chmod 600 "
                 "on it, and change the PIN if anybody may have read it"};
  }
  Result<Bytes> pin = read_file(path, 256);
  while (pin && !pin->empty() &&
         (pin->back() == std::byte{'\n'} || pin->back() == std::byte{'\r'})) {
    pin->pop_back();
  }
  return pin;
}

Status log_in(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, ByteView pin_bytes) {
  Mutable pin(pin_bytes);
  const CK_RV code = functions.C_Login(session, CKU_USER, pin.data(), pin.size());
  switch (code) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN:
      return ok();
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
      return token_error(
          "it refuses the PIN; correct the file before trying again, tokens lock "
          "after some wrong ones");
    case CKR_PIN_LOCKED:
      return token_error("its PIN is locked after wrong tries; unlock it with the officer's PIN");
    default:
      return token_error("signing in failed", code);
  }
}

Result<CK_OBJECT_HANDLE> find_key(CK_FUNCTION_LIST& functions,
                                  CK_SESSION_HANDLE session,
                                  const std::string& label) {
  CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
  CK_KEY_TYPE type = CKK_AES;
  Mutable name(as_bytes(label));
  std::array<CK_ATTRIBUTE, 3> wanted = {{{CKA_CLASS, &kind, sizeof kind},
                                         {CKA_KEY_TYPE, &type, sizeof type},
                                         {CKA_LABEL, name.data(), name.size()}}};
  CK_RV code = functions.C_FindObjectsInit(session, wanted.data(), wanted.size());
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  if (code == CKR_OK) {
    code = functions.C_FindObjects(session, found.data(), found.size(), &count);
    functions.C_FindObjectsFinal(session);
  }
  if (code != CKR_OK) {
    return token_error("its keys cannot be searched", code);
  }
  if (count != 1) {
    return token_error(count == 0 ? "it holds no AES key with this label"
                                  : "it holds several AES keys with this label");
  }
  return found[0];
}

class Pkcs11Key final : public KeyEncryptionKey {
 public:
  Pkcs11Key(CK_FUNCTION_LIST& functions,
            CK_SESSION_HANDLE session,
            CK_OBJECT_HANDLE key,
            std::string id)
      : functions_(functions), session_(session), key_(key), id_(std::move(id)) {}

  Pkcs11Key(const Pkcs11Key&) = delete;
  Pkcs11Key& operator=(const Pkcs11Key&) = delete;

  ~Pkcs11Key() override { functions_.C_CloseSession(session_); }

  [[nodiscard]] std::string id() const override { return id_; }

  Result<Bytes> wrap(const crypto::Key& key, std::string_view purpose) override {
    Bytes wrapped(kIv + kKey + kTag);
    crypto::random_bytes(std::span(wrapped).first(kIv));
    Mutable plain(key.bytes());
    CK_ULONG size = kKey + kTag;
    const MutexLock lock(mutex_);
    Gcm gcm(ByteView(wrapped).first(kIv), purpose);
    CK_RV code = functions_.C_EncryptInit(session_, &gcm.mechanism, key_);
    if (code == CKR_OK) {
      code = functions_.C_Encrypt(
          session_, plain.data(), plain.size(), raw(wrapped.data() + kIv), &size);
    }
    if (code != CKR_OK || size != kKey + kTag) {
      return token_error("it does not encrypt with AES-GCM", code);
    }
    return wrapped;
  }

  Result<crypto::Key> unwrap(ByteView wrapped, std::string_view purpose) override {
    if (wrapped.size() != kIv + kKey + kTag) {
      return bad_key();
    }
    Mutable sealed(wrapped.subspan(kIv));
    Mutable plain{Bytes(kKey + kTag)};
    CK_ULONG size = plain.size();
    const MutexLock lock(mutex_);
    Gcm gcm(wrapped.first(kIv), purpose);
    CK_RV code = functions_.C_DecryptInit(session_, &gcm.mechanism, key_);
    if (code != CKR_OK) {
      return token_error("it does not decrypt with AES-GCM; start the vault again", code);
    }
    code = functions_.C_Decrypt(session_, sealed.data(), sealed.size(), plain.data(), &size);
    if (is_gone(code)) {
      return token_error("it is gone; plug it in and start the vault again", code);
    }
    if (code != CKR_OK || size != kKey) {
      return bad_key();
    }
    return crypto::Key::from_bytes(ByteView(plain.bytes).first(kKey));
  }

 private:
  // The parameters of one operation.
  struct Gcm {
    Gcm(ByteView iv_bytes, std::string_view purpose)
        : iv(iv_bytes), context(as_bytes("tutela key-encryption key 1 " + std::string(purpose))) {
      parameters.pIv = iv.data();
      parameters.ulIvLen = iv.size();
      parameters.ulIvBits = iv.size() * 8;
      parameters.pAAD = context.data();
      parameters.ulAADLen = context.size();
      parameters.ulTagBits = kTag * 8;
    }

    Mutable iv;
    Mutable context;
    CK_GCM_PARAMS parameters{};
    CK_MECHANISM mechanism{CKM_AES_GCM, &parameters, sizeof parameters};
  };

  static bool is_gone(CK_RV code) {
    return code == CKR_DEVICE_REMOVED || code == CKR_SESSION_HANDLE_INVALID ||
           code == CKR_DEVICE_ERROR || code == CKR_TOKEN_NOT_PRESENT ||
           code == CKR_USER_NOT_LOGGED_IN || code == CKR_HOST_MEMORY;
  }

  static Error bad_key() {
    return Error{
        ErrorKind::kCorrupted, "vault.bad_key", "the token's key does not open this wrapped key"};
  }

  CK_FUNCTION_LIST& functions_;
  const CK_SESSION_HANDLE session_;
  const CK_OBJECT_HANDLE key_;
  const std::string id_;
  Mutex mutex_;  // a session does one thing at a time
};

}  // namespace

Result<std::unique_ptr<KeyEncryptionKey>> open_pkcs11_key(const Pkcs11Source& source) {
  TUTELA_TRY_ASSIGN(Bytes pin, read_pin(source.pin_file));
  TUTELA_TRY_ASSIGN(CK_FUNCTION_LIST* const functions, load_module(source.module));
  Bytes identity;
  TUTELA_TRY_ASSIGN(const CK_SLOT_ID slot, find_slot(*functions, source.token, identity));
  CK_SESSION_HANDLE session = 0;
  const CK_RV code = functions->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
  if (code != CKR_OK) {
    return token_error("it takes no session", code);
  }
  const Status logged_in = log_in(*functions, session, pin);
  crypto::wipe(pin);
  const Result<CK_OBJECT_HANDLE> key = logged_in ? find_key(*functions, session, source.object)
                                                 : Result<CK_OBJECT_HANDLE>(logged_in.error());
  if (!key) {
    functions->C_CloseSession(session);
    return key.error();
  }
  const ByteView label = as_bytes(source.object);
  identity.insert(identity.end(), label.begin(), label.end());
  std::string id = "p11-" + to_hex(ByteView(crypto::sha256_of(identity)).first(8));
  return std::unique_ptr<KeyEncryptionKey>(
      std::make_unique<Pkcs11Key>(*functions, session, *key, std::move(id)));
}

}  // namespace tutela::vault
