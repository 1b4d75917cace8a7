#include "service/watch/stock.hpp"

#include <algorithm>
#include <array>

#include "crypto/secret.hpp"

namespace tutela::watch {
namespace {

using canaries::Expected;
using std::chrono::steady_clock;

constexpr auto kLook = std::chrono::seconds(1);
constexpr auto kAfterFailure = std::chrono::seconds(5);
/// In one run, so that a slow machine still gets some.
constexpr std::size_t kAtOnce = 64;

}  // namespace

Stock::Stock(DrawingOptions drawing, const canaries::Seeds& seeds, std::function<void()> arrived)
    : drawing_(std::move(drawing)),
      seeds_(seeds),
      arrived_(std::move(arrived)),
      thread_([this] { run(); }) {}

Stock::~Stock() {
  {
    const MutexLock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Stock::want(const Wanted& wanted) {
  bool grew = false;
  {
    const MutexLock lock(mutex_);
    std::erase_if(shelves_, [&](const auto& shelf) { return !wanted.contains(shelf.first); });
    for (const auto& [place, count] : wanted) {
      Shelf& shelf = shelves_[place];
      grew = grew || shelf.wanted < count;
      shelf.wanted = count;
    }
  }
  if (grew) {
    changed_.notify_all();
  }
}

std::optional<Bytes> Stock::take(const std::string& format, Expected expected) {
  std::optional<Bytes> picture;
  {
    const MutexLock lock(mutex_);
    const auto found = shelves_.find({format, expected});
    if (found == shelves_.end() || found->second.pictures.empty()) {
      return picture;
    }
    picture = std::move(found->second.pictures.front());
    found->second.pictures.pop_front();
  }
  changed_.notify_all();
  return picture;
}

std::string Stock::problem() const {
  const MutexLock lock(mutex_);
  return problem_;
}

/// One place of a shelf for every picture that is missing, the emptiest shelves first; none before
/// a shelf is half empty, so that the process is seldom started. Where a shelf has none at all, one
/// of each such shelf comes first.
std::vector<Stock::Shelves::key_type> Stock::empty_places() {
  const auto now = steady_clock::now();
  std::size_t most = 0;
  bool due = false;
  bool bare = false;
  for (const auto& [place, shelf] : shelves_) {
    if (now >= shelf.not_before) {
      most = std::max(most, shelf.wanted);
      due = due || 2 * shelf.pictures.size() <= shelf.wanted;
      bare = bare || (shelf.pictures.empty() && shelf.wanted > 0);
    }
  }
  std::vector<Shelves::key_type> places;
  for (std::size_t level = 0; due && level < (bare ? 1 : most); ++level) {
    for (const auto& [place, shelf] : shelves_) {
      if (now >= shelf.not_before && shelf.pictures.size() <= level && level < shelf.wanted) {
        places.push_back(place);
      }
    }
  }
  places.resize(std::min(places.size(), kAtOnce));
  return places;
}

std::vector<canaries::Order> Stock::orders_for(const std::vector<Shelves::key_type>& places) const {
  std::vector<canaries::Order> orders;
  for (const auto& [format, expected] : places) {
    canaries::Order order;
    order.format = format;
    crypto::random_bytes(order.fresh);
    std::array<std::byte, 1> which{};
    crypto::random_bytes(which);
    order.seed =
        expected == Expected::kMatch
            ? seeds_.positive(std::to_integer<std::size_t>(which[0]) % canaries::kPositives)
            : seeds_.negative();
    orders.push_back(std::move(order));
  }
  return orders;
}

void Stock::put(const std::vector<Shelves::key_type>& places, Result<std::vector<Bytes>> drawn) {
  const MutexLock lock(mutex_);
  problem_ = drawn ? "" : std::string(drawn.error().code);
  const auto later = steady_clock::now() + kAfterFailure;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto found = shelves_.find(places[i]);
    if (found == shelves_.end()) {
      continue;  // wanted no longer
    }
    if (drawn && !(*drawn)[i].empty()) {
      found->second.pictures.push_back(std::move((*drawn)[i]));
      continue;
    }
    found->second.not_before = later;
    if (drawn) {
      problem_ = "canary.no_encoder";
    }
  }
}

void Stock::run() {
  while (!stop_) {
    std::vector<Shelves::key_type> places;
    {
      const MutexLock lock(mutex_);
      places = empty_places();
      if (places.empty() && !stop_) {
        changed_.wait_for(mutex_, kLook);
        continue;
      }
    }
    if (places.empty()) {
      continue;
    }
    put(places, draw_pictures(drawing_, orders_for(places), stop_));
    arrived_();
  }
}

}  // namespace tutela::watch
