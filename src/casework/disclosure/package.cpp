#include "casework/disclosure/package.hpp"

#include <algorithm>
#include <set>

#include "base/fault.hpp"
#include "casework/disclosure/documents.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} * 1024;
constexpr std::size_t kNameMax = 64;

Error changed() {
  return Error{ErrorKind::kCorrupted,
               "disclosure.changed",
               "an object is not what was sealed; the package was not made; check the vault"};
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name != "." && name != ".." &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

Package::Package(Contents contents)
    : contents_(std::move(contents)), tar_(contents_.about.created_ms), buffer_(kReadBytes) {
  // Steps that take a moment, each done at once.
  const auto at_once = [this](Status (Package::*part)()) {
    return [this, part]() -> Result<bool> {
      TUTELA_TRY((this->*part)());
      return true;
    };
  };
  steps_.emplace_back([this]() -> Result<bool> {
    TUTELA_TRY(add_file("VERIFY.txt", verify_text(contents_.about, contents_.proofs != nullptr)));
    return true;
  });
  for (const Object& object : contents_.objects) {
    steps_.emplace_back([this, &object] { return add_media_part(object); });
  }
  steps_.emplace_back(at_once(&Package::add_receipts));
  steps_.emplace_back(at_once(&Package::add_custody));
}

Result<bool> Package::more(Bytes& out) {
  if (steps_.empty()) {
    return false;
  }
  const Step step = steps_.front();
  Result<bool> done = step();
  if (!done) {
    steps_.clear();
    return done;
  }
  if (*done) {
    steps_.pop_front();
  }
  tar_.take(out);
  return !steps_.empty();
}

Status Package::add_file(const std::string& path, std::string_view body) {
  TUTELA_TRY(tar_.begin(path, body.size()));
  TUTELA_TRY(tar_.append(as_bytes(body)));
  sums_ += sum_line(crypto::sha256_of(as_bytes(body)), path);
  return ok();
}

Result<bool> Package::add_media_part(const Object& object) {
  const std::string path = "media/" + to_string(object.id);
  if (!reading_) {
    TUTELA_TRY_ASSIGN(reading_, contents_.open(object));
    TUTELA_FAULT_POINT("disclosure.after_open");
    TUTELA_TRY(tar_.begin(path, object.size_bytes));
    sha256_ = crypto::Sha256Stream();
    missing_bytes_ = object.size_bytes;
  }
  TUTELA_TRY_ASSIGN(const std::size_t got, (*reading_)(buffer_));
  if (got > missing_bytes_ || (got == 0 && missing_bytes_ > 0)) {
    return changed();
  }
  const ByteView bytes = ByteView(buffer_).first(got);
  TUTELA_TRY(tar_.append(bytes));
  sha256_.update(bytes);
  missing_bytes_ -= got;
  if (got > 0) {
    return false;
  }
  reading_.reset();
  const crypto::Sha256 sha256 = sha256_.finish();
  if (sha256 != object.digests.sha256) {
    return changed();
  }
  sums_ += sum_line(sha256, path);
  TUTELA_FAULT_POINT("disclosure.after_object");
  return true;
}

Status Package::add_receipts() {
  std::set<std::string_view> names;
  for (const Receipt& receipt : contents_.receipts) {
    if (!is_name(receipt.name) || !names.insert(receipt.name).second) {
      return Error{ErrorKind::kInvalidInput,
                   "disclosure.bad_receipt",
                   "names of receipts are different, and 1 to 64 of A-Z a-z 0-9 . _ -"};
    }
    TUTELA_TRY(add_file("receipts/" + receipt.name, receipt.body));
  }
  return ok();
}

Status Package::add_custody() {
  std::vector<Chain> chains;
  std::set<std::int64_t> indices;
  for (const Object& object : contents_.objects) {
    TUTELA_TRY_ASSIGN(std::vector<Entry> entries, contents_.history(object));
    for (const Entry& entry : entries) {
      indices.insert(entry.index);
    }
    chains.push_back({object.id, std::move(entries)});
  }
  TUTELA_TRY(add_file("custody.json", custody_json(contents_.about, chains)));
  if (contents_.proofs != nullptr && !indices.empty()) {
    TUTELA_TRY_ASSIGN(const std::string checkpoint,
                      contents_.proofs->checkpoint(*indices.rbegin() + 1));
    TUTELA_TRY(add_file("proofs/checkpoint", checkpoint));
    for (const std::int64_t index : indices) {
      steps_.emplace_back([this, index]() -> Result<bool> {
        TUTELA_TRY_ASSIGN(const Proof proof, contents_.proofs->prove(index));
        const std::string path = "proofs/" + std::to_string(index);
        TUTELA_TRY(add_file(path + ".entry", proof.entry));
        TUTELA_TRY(add_file(path + ".proof", proof.inclusion));
        return true;
      });
    }
  }
  steps_.emplace_back([this]() -> Result<bool> {
    TUTELA_TRY(add_end());
    return true;
  });
  return ok();
}

Status Package::add_end() {
  TUTELA_TRY(add_file("vics.json", vics_json(contents_.objects)));
  const std::string sums = std::move(sums_);
  TUTELA_TRY(add_file("SHA256SUMS", sums));
  TUTELA_FAULT_POINT("disclosure.before_manifest");
  TUTELA_TRY(add_file(
      "manifest.json",
      manifest_json(contents_.about, contents_.objects, crypto::sha256_of(as_bytes(sums)))));
  return tar_.finish();
}

}  // namespace tutela::disclosure
