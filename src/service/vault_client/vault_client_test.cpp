#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "service/vault_client/child.hpp"
#include "service/vault_client/client.hpp"
#include "support/folder.hpp"

namespace tutela::vault_client {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return Bytes(view.begin(), view.end());
}

/// The other end of a Client: takes one connection and does with it what the test says.
class Peer {
 public:
  Peer(const std::filesystem::path& socket, std::function<void(Channel&)> act)
      : listener_(*listen_at(socket)), thread_([this, act = std::move(act)] {
          Channel channel(Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
                          kPatience);
          act(channel);
        }) {}

  ~Peer() { thread_.join(); }

 private:
  Fd listener_;
  std::thread thread_;
};

class ClientTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  std::filesystem::path socket_ = folder_.path() / "vault.socket";
  Client client_{socket_, kPatience};
};

TEST(Message, SurvivesItsEncoding) {
  Message message("view");
  message.set("case_ref", "A-1").set("empty", "").set("quote", "\"\n\\");
  const Result<Message> back = Message::parse(message.encode());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->get("call"), "view");
  EXPECT_EQ(back->get("quote"), "\"\n\\");
  EXPECT_FALSE(back->has("empty"));
  EXPECT_TRUE(back->status());
}

TEST(Message, RefusesWhatIsNoFlatObjectOfTexts) {
  for (const std::string_view bad :
       {"", "[]", "{\"a\":1}", "{\"a\":{}}", "{\"a\":\"b\"", "{\"a\":\"b\"} x", "\"text\""}) {
    const Result<Message> parsed = Message::parse(as_bytes(bad));
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, "vault.bad_message");
  }
}

TEST(Message, CarriesAnErrorWithItsCode) {
  const Message sent = Message::of(Error{ErrorKind::kForbidden, "opening.role", "not yours"});
  const Status status = Message::parse(sent.encode())->status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kForbidden);
  EXPECT_EQ(status.error().code, "opening.role");
  EXPECT_EQ(status.error().message, "not yours");
}

TEST_F(ClientTest, SaysThatNobodyAnswers) {
  const auto status = client_.status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "vault.down");
}

TEST_F(ClientTest, SealsInPiecesAndLearnsTheId) {
  const Uuid id = new_uuid(1);
  std::size_t received = 0;
  std::string request;
  {
    const Peer peer(socket_, [&](Channel& channel) {
      request = as_text(channel.receive()->body);
      while (true) {
        const Frame frame = *channel.receive();
        if (frame.kind == FrameKind::kEnd) {
          break;
        }
        received += frame.body.size();
      }
      Message reply;
      reply.set("evidence_id", to_string(id));
      ASSERT_TRUE(channel.send(FrameKind::kMessage, reply.encode()));
    });
    auto sealing = client_.seal({"default", "system"}, new_uuid(2), "case-1", "image/png");
    ASSERT_TRUE(sealing) << sealing.error().message;
    ASSERT_TRUE(sealing->append(Bytes(600'000)));
    const auto sealed = sealing->finish();
    ASSERT_TRUE(sealed) << sealed.error().message;
    EXPECT_EQ(*sealed, id);
  }
  EXPECT_EQ(received, 600'000U);
  EXPECT_NE(request.find("case-1"), std::string::npos);
}

TEST_F(ClientTest, BytesThatEndWithoutAnEndAreAnError) {
  const Peer peer(socket_, [](Channel& channel) {
    ASSERT_TRUE(channel.receive());
    ASSERT_TRUE(channel.send(FrameKind::kMessage, Message().encode()));
    ASSERT_TRUE(channel.send(FrameKind::kData, bytes_of("part")));
  });
  auto stream = client_.open(Message("view"));
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ(as_text(**stream->next()), "part");
  const auto cut = stream->next();
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, "vault.cut");
}

TEST_F(ClientTest, AnErrorAmongTheBytesIsTold) {
  const Peer peer(socket_, [](Channel& channel) {
    ASSERT_TRUE(channel.receive());
    ASSERT_TRUE(channel.send(FrameKind::kMessage, Message().encode()));
    const Error error{ErrorKind::kCorrupted, "vault.corrupt", "changed"};
    ASSERT_TRUE(channel.send(FrameKind::kMessage, Message::of(error).encode()));
  });
  auto stream = client_.open(Message("original"));
  ASSERT_TRUE(stream);
  const auto next = stream->next();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, "vault.corrupt");
}

TEST_F(ClientTest, FramesThatAreTooLargeOrUnknownAreRefused) {
  for (const std::string_view bytes :
       {std::string_view("M\x7f\xff\xff\xff", 5), std::string_view("X\0\0\0\0", 5)}) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    const Fd sender(pair[0]);
    Channel channel(Fd(pair[1]), kPatience);
    ASSERT_TRUE(write_all(sender.get(), as_bytes(bytes)));
    const auto frame = channel.receive();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, "vault.bad_frame");
  }
}

TEST_F(ClientTest, AFrameThatDripsIsCut) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  const Fd sender(pair[0]);
  Channel channel(Fd(pair[1]), std::chrono::milliseconds(200));
  std::atomic<bool> stop{false};
  std::thread drip([&] {
    static_cast<void>(write_all(sender.get(), as_bytes(std::string_view("D\0\1\0\0", 5))));
    while (!stop.load() && write_all(sender.get(), as_bytes("x"))) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const auto frame = channel.receive();
  stop.store(true);
  drip.join();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, "vault.cut");
}

TEST_F(ClientTest, NobodyWaitsForEverWhereTheVaultTakesNoMoreCalls) {
  const Fd busy = *listen_at(socket_);
  const Client hasty(socket_, std::chrono::milliseconds(200));
  std::vector<Channel> waiting;
  while (true) {
    auto channel = connect_to(socket_, std::chrono::milliseconds(200));
    if (!channel) {
      EXPECT_EQ(channel.error().code, "vault.down");
      break;
    }
    waiting.push_back(*std::move(channel));
    ASSERT_LT(waiting.size(), 1000U);
  }
  EXPECT_FALSE(hasty.status());
  const auto second = listen_at(socket_);
  ASSERT_FALSE(second) << "the socket of a busy vault was taken away";
  EXPECT_EQ(second.error().code, "vault.in_use");
}

TEST_F(ClientTest, AnotherThreadEndsAWait) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  const Fd silent(pair[0]);
  Channel channel(Fd(pair[1]), std::chrono::minutes(10));
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    channel.interrupt();
  });
  const auto frame = channel.receive();
  other.join();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, "vault.cut");
}

TEST(Listen, LeavesAFileThatIsNoSocketAlone) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "precious";
  ASSERT_TRUE(write_file_atomic(path, as_bytes("text")));
  const auto listener = listen_at(path);
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, "vault.no_socket");
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST(Listen, IsRefusedWhereSomebodyListensAndReplacesWhatADeadOneLeft) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "socket";
  {
    const Result<Fd> first = listen_at(path);
    ASSERT_TRUE(first) << first.error().message;
    const Result<Fd> second = listen_at(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "vault.in_use");
  }
  EXPECT_TRUE(listen_at(path)) << "the file is still there, nobody listens";
}

TEST(Child, IsStartedAgainWhenItDiesAndEndsWithItsOwner) {
  std::atomic<int> deaths{0};
  pid_t last = 0;
  {
    const Child child({"/bin/sleep", {"1000"}, {}, [&](std::string_view) {
                         ++deaths;
                       }});
    const auto wait = [&](pid_t other_than) {
      for (int i = 0; i < 6000; ++i) {
        if (child.pid() != 0 && child.pid() != other_than) {
          return child.pid();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      return pid_t{0};
    };
    const pid_t first = wait(0);
    ASSERT_NE(first, 0);
    ::kill(first, SIGKILL);
    last = wait(first);
    ASSERT_NE(last, 0);
    EXPECT_EQ(deaths.load(), 1);
    EXPECT_EQ(child.restarts(), 1U);
  }
  EXPECT_NE(::kill(last, 0), 0);
}

TEST(Child, ThatDoesNotListenIsKilledAfterItsGrace) {
  const testing::TemporaryFolder folder;
  const auto deaf = folder.path() / "deaf";
  pid_t pid = 0;
  {
    const std::string script =
        "trap '' TERM; touch " + deaf.string() + "; while :; do sleep 0.1; done";
    const Child child({"/bin/sh",
                       {"-c", script},
                       {"PATH=/usr/bin:/bin"},
                       [](std::string_view) {},
                       std::chrono::milliseconds(300)});
    for (int i = 0; i < 6000 && !std::filesystem::exists(deaf); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_TRUE(std::filesystem::exists(deaf));
    pid = child.pid();
  }
  ASSERT_NE(pid, 0);
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace tutela::vault_client
