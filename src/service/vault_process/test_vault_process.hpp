// A vault process that runs in a test: a Keeper on a folder of its own behind a real socket, and
// people who sign in at the same database.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "crypto/digest.hpp"
#include "service/auth/test_people.hpp"
#include "service/vault_client/client.hpp"
#include "service/vault_process/keeper.hpp"
#include "service/vault_process/places.hpp"
#include "service/vault_process/server.hpp"
#include "support/evidence_rows.hpp"
#include "support/pictures.hpp"

namespace tutela::vault_process {

using vault_client::Message;

/// A content that matched, as the ledger has it.
inline Uuid add_content(store::Database& database, ByteView content) {
  const Uuid id = new_uuid(SystemClock().now_ms());
  const crypto::Digests digests = crypto::digests_of(content);
  testing::run_sql(
      database,
      "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, "
      "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES "
      "(:id, 'default', 'token:1', 'public', 'api', :size_bytes, :md5, :sha1, "
      ":sha256, 1, '', 0, 'match', 1)",
      {to_string(id),
       static_cast<std::int64_t>(content.size()),
       to_hex(digests.md5),
       to_hex(digests.sha1),
       to_hex(digests.sha256)});
  return id;
}

inline config::Config config_in(const std::filesystem::path& folder) {
  config::Config config;
  config.store.folder = folder;
  config.workers.program = std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela-decode";
  config.workers.processes_max = 1;
  return config;
}

inline constexpr const char* kCase = "case-1";

class RunningVault : public auth::PeopleTest {
 protected:
  struct Member {
    std::string credential;
    store::Actor actor;
    Uuid id;
  };

  void SetUp() override {
    auth::PeopleTest::SetUp();
    start();
  }

  void TearDown() override { stop(); }

  void start() {
    auto opened = Keeper::open(config_, clock_);
    ASSERT_TRUE(opened) << opened.error().code << ": " << opened.error().message;
    keeper_ = *std::move(opened);
    auto listener = vault_client::listen_at(socket_of(config_));
    ASSERT_TRUE(listener) << listener.error().message;
    stop_.store(false);
    server_ = std::thread([this, fd = *std::move(listener)]() mutable {
      EXPECT_TRUE(run(
          *keeper_, std::move(fd), 4, [this] { return stop_.load(); }, kGrace));
    });
  }

  void stop() {
    stop_.store(true);
    if (server_.joinable()) {
      server_.join();
    }
    keeper_.reset();
  }

  Member member(std::string_view name, auth::Role role) {
    const auth::Person person = invite(name, role);
    const auth::Enrolled enrolled = enrol(name);
    return {enrolled.opened.secret, principal_of(enrolled.opened).actor, person.id};
  }

  /// The id of the sealed object.
  Result<Uuid> seal(const Bytes& content, const Uuid& content_id) {
    TUTELA_TRY_ASSIGN(vault_client::Sealing sealing,
                      client_.seal({"default", "token:1"}, content_id, kCase, "image/bmp"));
    TUTELA_TRY(sealing.append(content));
    return sealing.finish();
  }

  Uuid sealed(const Bytes& content) {
    const auto id = seal(content, add_content(*database_, content));
    EXPECT_TRUE(id) << id.error().code << ": " << id.error().message;
    return id ? *id : Uuid();
  }

  static Message call(std::string_view name, const Member& who, const Uuid& evidence) {
    Message message(name);
    message.set("credential", who.credential).set("evidence_id", to_string(evidence));
    return message;
  }

  static Message view_of(const Member& who, const Uuid& evidence) {
    Message message = call("view", who, evidence);
    message.set("case_ref", kCase).set("purpose", "review").set("grade", "outline");
    return message;
  }

  /// All bytes that a call answers with; `about` gets the reply.
  Result<Bytes> answer_to(const Message& message, Message* about = nullptr) {
    TUTELA_TRY_ASSIGN(vault_client::Stream stream, client_.open(message));
    if (about != nullptr) {
      *about = stream.about();
    }
    Bytes all;
    while (true) {
      TUTELA_TRY_ASSIGN(const std::optional<Bytes> bytes, stream.next());
      if (!bytes) {
        return all;
      }
      all.insert(all.end(), bytes->begin(), bytes->end());
    }
  }

  std::int64_t entries_of(const std::string& action, const std::string& result) {
    return testing::count(*database_,
                          "audit WHERE action = '" + action + "' AND result = '" + result + "'");
  }

  static constexpr std::chrono::milliseconds kGrace{300};
  config::Config config_ = config_in(folder_.path());
  std::unique_ptr<Keeper> keeper_;
  vault_client::Client client_{socket_of(config_), std::chrono::seconds(20)};
  std::atomic<bool> stop_{false};
  std::thread server_;
};

}  // namespace tutela::vault_process
