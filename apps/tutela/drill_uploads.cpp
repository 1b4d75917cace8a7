#include "drill_uploads.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/mutex.hpp"
#include "drill_client.hpp"
#include "members.hpp"

namespace tutela::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// As many as may wait for an answer at once: a server that hangs must not end the flow.
constexpr std::size_t kSenders = 6;
constexpr milliseconds kBetween{400};
constexpr milliseconds kPatience{60'000};
constexpr milliseconds kLook{50};

void read_answer(const DrillAnswer& answer, DrillUpload& upload) {
  upload.status = answer.status;
  boost::system::error_code error;
  const json::value body = json::parse(answer.body, error);
  if ((answer.status == 200 || answer.status == 202) && !error && body.is_object()) {
    upload.id = text_of(body.get_object(), "id");
    upload.verdict = text_of(body.get_object(), "verdict");
  }
}

}  // namespace

struct DrillUploads::State {
  const DrillPictures pictures = make_drill_pictures();
  std::vector<std::unique_ptr<DrillClient>> clients;
  std::atomic<bool> stop = false;
  std::atomic<bool> with_late = false;
  mutable Mutex mutex;
  std::uint64_t count TUTELA_GUARDED_BY(mutex) = 0;
  steady_clock::time_point next TUTELA_GUARDED_BY(mutex) = steady_clock::now();
  std::vector<DrillUpload> done TUTELA_GUARDED_BY(mutex);
  std::array<DrillUpload::Time, kSenders> sending TUTELA_GUARDED_BY(mutex){};  // epoch: nothing
  std::vector<std::thread> threads;

  void send_all(std::size_t sender);
  /// The number of the next, when its time has come; 0: not yet.
  std::uint64_t take_turn(std::size_t sender);
  DrillUpload send(std::size_t sender, std::uint64_t number);
};

std::uint64_t DrillUploads::State::take_turn(std::size_t sender) {
  const MutexLock lock(mutex);
  const auto now = steady_clock::now();
  if (now < next) {
    return 0;
  }
  next = std::max(next + kBetween, now);
  sending[sender] = now;
  return ++count;
}

DrillUpload DrillUploads::State::send(std::size_t sender, std::uint64_t number) {
  DrillUpload upload;
  const bool late = with_late && number % 4 == 3;
  upload.kind = late ? DrillKind::kLate : number % 2 == 1 ? DrillKind::kKnown : DrillKind::kUnknown;
  const std::vector<Bytes>& choice = pictures.of(upload.kind);
  const std::string name = fmt::format("drill-{}", number);
  const Bytes bytes = with_comment(choice[(number / 2) % choice.size()], name);
  upload.sent = steady_clock::now();
  read_answer(clients[sender]->post("/v1/scan?source=drill&external_id=" + name, bytes, kPatience),
              upload);
  upload.answered = steady_clock::now();
  return upload;
}

void DrillUploads::State::send_all(std::size_t sender) {
  while (!stop) {
    const std::uint64_t number = take_turn(sender);
    if (number == 0) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    DrillUpload upload = send(sender, number);
    const MutexLock lock(mutex);
    sending[sender] = {};
    done.push_back(std::move(upload));
  }
}

DrillUploads::DrillUploads(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<DrillUploads>> DrillUploads::start(const std::string& url,
                                                          const std::string& token) {
  auto state = std::make_unique<State>();
  for (std::size_t i = 0; i < kSenders; ++i) {
    TUTELA_TRY_ASSIGN(std::unique_ptr<DrillClient> client, DrillClient::open(url, token));
    state->clients.push_back(std::move(client));
  }
  for (std::size_t i = 0; i < kSenders; ++i) {
    state->threads.emplace_back([running = state.get(), i] { running->send_all(i); });
  }
  return std::unique_ptr<DrillUploads>(new DrillUploads(std::move(state)));
}

DrillUploads::~DrillUploads() {
  state_->stop = true;
  for (std::thread& thread : state_->threads) {
    thread.join();
  }
}

void DrillUploads::add_late() {
  state_->with_late = true;
}

std::vector<DrillUpload> DrillUploads::between(DrillUpload::Time from,
                                               DrillUpload::Time until) const {
  const auto on_their_way = [&] {
    const MutexLock lock(state_->mutex);
    return std::ranges::any_of(state_->sending, [&](const DrillUpload::Time& since) {
      return since != DrillUpload::Time() && since < until;
    });
  };
  while (on_their_way()) {
    std::this_thread::sleep_for(kLook);
  }
  std::vector<DrillUpload> found;
  const MutexLock lock(state_->mutex);
  std::ranges::copy_if(state_->done, std::back_inserter(found), [&](const DrillUpload& upload) {
    return upload.sent >= from && upload.sent < until;
  });
  return found;
}

}  // namespace tutela::cli
