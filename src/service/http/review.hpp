// Review: what the server needs for the work of people: cases, decisions, appeals, what they may
// see, and the messages that follow. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/cases/appeals.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/decisions.hpp"
#include "custody/exposure/exposure.hpp"
#include "custody/outbox/outbox.hpp"
#include "custody/store/store.hpp"
#include "service/auth/throttle.hpp"
#include "service/config/config.hpp"
#include "service/http/cached.hpp"
#include "service/http/figures.hpp"
#include "service/http/view_links.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::http {

struct Review {
  /// Borrows database and clock.
  Review(const config::Config& config, store::Database& database_now, const Clock& clock_now);

  /// Starts the sender of messages, which ends with this object.
  Status start_sending();

  /// Whether somebody takes messages.
  [[nodiscard]] bool has_receiver() const noexcept { return !webhook.url.empty(); }

  store::Database& database;
  const Clock& clock;
  exposure::Rules exposure_rules;
  webhooks::Options webhook;
  cases::Cases cases;
  cases::Decisions decisions;
  cases::Appeals appeals;
  outbox::Outbox outbox;
  ViewLinks links;
  auth::Throttle appellants;  // by address
  auth::Throttle concerned;   // by session, in memory alone
  CachedByTenant<Waits> waits;
  CachedByTenant<Hours> hours;
  std::unique_ptr<webhooks::Sender> sender;
};

}  // namespace tutela::http
