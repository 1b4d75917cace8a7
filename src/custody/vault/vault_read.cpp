// Reading: an object opens against its audit entry, and every byte of it is authenticated.
#include <array>

#include "custody/evidence_format/object.hpp"
#include "custody/vault/helper.hpp"
#include "custody/vault/parts.hpp"

namespace tutela::vault {
namespace {

namespace format = evidence_format;

constexpr std::size_t kPartsAtOnce = 8;
// Smaller blocks are read and hashed without the helper.
constexpr std::size_t kHelpFrom = std::size_t{128} * 1024;

Error not_found() {
  return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no evidence with this id"};
}

Error destroyed() {
  return Error{ErrorKind::kNotFound,
               "evidence.destroyed",
               "this evidence was destroyed; its certificate is in the audit log"};
}

// A store that has lost or changed a blob, told as what it means here.
Error as_corrupt(Error error) {
  if (error.kind == ErrorKind::kNotFound) {
    return corrupt_object("is missing in the store of blobs");
  }
  return error.kind == ErrorKind::kCorrupted || error.kind == ErrorKind::kLimitExceeded
             ? corrupt_object("is not what was written")
             : error;
}

}  // namespace

namespace {

// False at the end of the blob.
Result<bool> read_whole(blobs::Reader& blob, std::span<std::byte> out) {
  while (!out.empty()) {
    Result<std::size_t> got = blob.read(out);
    if (!got) {
      return as_corrupt(std::move(got).error());
    }
    if (*got == 0) {
      return false;
    }
    out = out.subspan(*got);
  }
  return true;
}

}  // namespace

struct Vault::Reader::Parts {
  Parts(Evidence row, std::unique_ptr<blobs::Reader> source, format::ObjectOpener opened)
      : evidence(std::move(row)),
        blob(std::move(source)),
        opener(std::move(opened)),
        unread(blob->size_bytes() - format::kObjectHeaderSize) {}

  Status fetch();
  Status fill();
  Status open_parts(ByteView sealed);
  Status check_end();
  Result<std::size_t> read(std::span<std::byte> out);

  // Each room holds the content of one block of parts: the one that is given out, and the one
  // before, which is still being hashed.
  struct Room {
    Bytes bytes;
    std::vector<ByteView> pieces;
  };

  Evidence evidence;
  std::unique_ptr<blobs::Reader> blob;
  format::ObjectOpener opener;
  std::uint64_t unread;  // sealed bytes
  Bytes fetched;         // the next block of parts, as it is stored
  Bytes opening;         // the present one
  std::array<Room, 2> rooms;
  std::size_t room = 0;
  std::size_t piece = 0;  // the first of the room that is not given out whole
  std::size_t given = 0;  // of it
  bool checked = false;
  crypto::Digester digester{crypto::Digester::Kinds::kSha256};
  Helper hashing;  // end before what they use
  Helper fetching;
};

// A whole number of parts; the last block takes the short ones at the end.
Status Vault::Reader::Parts::fetch() {
  constexpr std::size_t kUsual = kPartsAtOnce * format::kSealedPartMax;
  const std::uint64_t size = unread < kUsual + format::kSealedPartMax ? unread : kUsual;
  fetched.resize(static_cast<std::size_t>(size));
  TUTELA_TRY_ASSIGN(const bool whole, read_whole(*blob, fetched));
  unread -= size;
  return whole ? ok() : corrupt_object("is cut short");
}

Status Vault::Reader::Parts::open_parts(ByteView sealed) {
  Room& into = rooms[room];
  into.bytes.resize((sealed.size() / format::kSealedPartMax + 2) * format::kChunk);
  for (std::size_t i = 0; !sealed.empty(); ++i) {
    const std::size_t size = opener.next_size();
    if (size == 0 || size > sealed.size()) {
      return corrupt_object("has a length that it cannot have");
    }
    TUTELA_TRY_ASSIGN(
        const ByteView content,
        opener.next(sealed.first(size),
                    std::span(into.bytes).subspan(i * format::kChunk, format::kChunk)));
    sealed = sealed.subspan(size);
    if (!content.empty()) {
      into.pieces.push_back(content);
    }
  }
  return ok();
}

// Beside the cipher, one helper hashes the last block and another fetches the next.
Status Vault::Reader::Parts::fill() {
  if (opening.empty()) {
    TUTELA_TRY(fetch());
  }
  std::swap(opening, fetched);
  const auto hash = [this, last = &rooms[room]]() -> Status {
    for (const ByteView content : last->pieces) {
      digester.update(content);
    }
    return ok();
  };
  const auto fetch_next = [this]() -> Status {
    return unread > 0 ? fetch() : ok();
  };
  room = 1 - room;
  rooms[room].pieces.clear();
  piece = given = 0;
  if (opening.size() < kHelpFrom) {
    TUTELA_TRY(hash());
    TUTELA_TRY(fetch_next());
    return open_parts(opening);
  }
  hashing.start(hash);
  fetching.start(fetch_next);
  const Status opened = open_parts(opening);
  TUTELA_TRY(hashing.wait());
  TUTELA_TRY(fetching.wait());
  return opened;
}

Status Vault::Reader::Parts::check_end() {
  for (const ByteView content : rooms[room].pieces) {
    digester.update(content);
  }
  std::array<std::byte, 1> more{};
  TUTELA_TRY_ASSIGN(const bool longer, read_whole(*blob, more));
  const format::Facts& facts = opener.facts();
  if (longer || facts.size_bytes != evidence.size_bytes || facts.digests != evidence.digests ||
      digester.finish().sha256 != evidence.digests.sha256) {
    return corrupt_object("is not the one that its row describes");
  }
  checked = true;
  return ok();
}

Result<std::size_t> Vault::Reader::Parts::read(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size() && !checked) {
    const std::vector<ByteView>& pieces = rooms[room].pieces;
    if (piece == pieces.size()) {
      if (done > 0) {
        break;  // what is there goes out before more is waited for
      }
      TUTELA_TRY(opener.next_size() > 0 ? fill() : check_end());
      continue;
    }
    const ByteView from = pieces[piece].subspan(given);
    const std::size_t take = std::min(from.size(), out.size() - done);
    std::ranges::copy(from.first(take), out.begin() + static_cast<std::ptrdiff_t>(done));
    done += take;
    given += take;
    if (take == from.size()) {
      ++piece;
      given = 0;
    }
  }
  return done;
}

Vault::Reader::Reader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Vault::Reader::Reader(Reader&&) noexcept = default;
Vault::Reader& Vault::Reader::operator=(Reader&&) noexcept = default;

Vault::Reader::~Reader() = default;

Result<std::size_t> Vault::Reader::read(std::span<std::byte> out) {
  if (parts_ == nullptr) {
    return Error{ErrorKind::kInternal, "vault.ended", "the reader has failed before"};
  }
  Result<std::size_t> got = parts_->read(out);
  if (!got) {
    parts_.reset();
  }
  return got;
}

Result<Vault::Reader> Vault::read(const Uuid& id, const audit::Recorded& entry) {
  if (entry.object() != "evidence:" + tutela::to_string(id)) {
    return Error{ErrorKind::kForbidden,
                 "vault.no_entry",
                 "the audit log has no entry of this access, so nothing is opened"};
  }
  std::optional<Evidence> row;
  TUTELA_TRY(parts_->database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(row, find_row(transaction, id));
    return ok();
  }));
  if (!row) {
    return not_found();
  }
  if (row->state == State::kDestroying || row->state == State::kDestroyed) {
    return destroyed();
  }
  Result<Bytes> bytes = parts_->blobs.get(format::key_name(id), format::kKeyRecordSize);
  if (!bytes) {
    return as_corrupt(std::move(bytes).error());
  }
  TUTELA_TRY_ASSIGN(const format::KeyRecord record, format::parse_key_record(*bytes));
  const std::shared_ptr<const crypto::Key> epoch_key = parts_->key_of(record.epoch);
  if (epoch_key == nullptr) {
    return corrupt_object("has a key record of an epoch that is gone");
  }
  TUTELA_TRY_ASSIGN(const crypto::Key key, format::unwrap_object_key(record, *epoch_key, id));
  Result<std::unique_ptr<blobs::Reader>> blob = parts_->blobs.open(format::object_name(id));
  if (!blob) {
    return as_corrupt(std::move(blob).error());
  }
  std::array<std::byte, format::kObjectHeaderSize> header{};
  TUTELA_TRY_ASSIGN(const bool whole, read_whole(**blob, header));
  if (!whole) {
    return corrupt_object("is cut short");
  }
  TUTELA_TRY_ASSIGN(format::ObjectOpener opener,
                    format::ObjectOpener::open(header, (*blob)->size_bytes(), id, key));
  return Reader(
      std::make_unique<Reader::Parts>(*std::move(row), *std::move(blob), std::move(opener)));
}

}  // namespace tutela::vault
