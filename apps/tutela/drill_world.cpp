#include "drill_world.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "crypto/base64.hpp"
#include "crypto/secret.hpp"
#include "members.hpp"
#include "service/auth/auth.hpp"

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::chrono::milliseconds kStatusPatience{3000};

std::string new_webhook_secret() {
  std::array<std::byte, 32> random{};
  crypto::random_bytes(random);
  return "whsec_" + crypto::to_base64(random);
}

Result<std::string> new_token(pipeline::Pipeline& pipeline,
                              const Clock& clock,
                              std::string_view name,
                              std::string_view scopes) {
  auth::Auth auth(pipeline.database(), clock);
  TUTELA_TRY_ASSIGN(const auth::Scopes parsed, auth::parse_scopes(scopes));
  TUTELA_TRY_ASSIGN(const auth::NewToken token, auth.create(actor(), name, parsed, {}));
  return token.secret;
}

/// Active at the end, with the consent that a list of its purpose needs: the set-up counts as a
/// server of one person who waits for no one.
Status make_list(pipeline::Pipeline& pipeline, std::string_view signals, const fs::path& sample) {
  lists::NewList spec;
  spec.name = DrillWorld::kList;
  spec.source = "own";
  spec.provenance = "harmless pictures made by tutela drill";
  spec.classification = "drill";
  spec.purpose = lists::Purpose::kKnownCsam;
  TUTELA_TRY_ASSIGN(const lists::List list, pipeline.lists().create(actor(), spec));
  lists::ImportReport report;
  TUTELA_TRY(pipeline.lists().import_signals(actor(), list.id, signals, {}, report));
  TUTELA_TRY(
      pipeline.dry_run(actor(), list.id, {sample}, [](const pipeline::Pipeline::DryRunItem&) {}));
  lists::Activation activation;
  for (int consents = 0; consents < 2; ++consents) {
    TUTELA_TRY_ASSIGN(activation, pipeline.lists().activate(actor(), list.id));
  }
  return activation.state == lists::ActivationState::kActive
             ? ok()
             : Error{ErrorKind::kInternal, "drill.no_list", "the drill's list is not active"};
}

const json::array& array_at(const json::object& object, std::string_view name) {
  static const json::array kNone;
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

std::int64_t number_at(const json::object& object, std::string_view part, std::string_view name) {
  const json::value* const inner = object.if_contains(part);
  const json::value* const value =
      inner != nullptr && inner->is_object() ? inner->get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

void read_coverage(const json::object& coverage, DrillStatus& status) {
  status.level = text_of(coverage, "state");
  for (const json::value& alarm : array_at(coverage, "alarms")) {
    status.codes.push_back(text_of(alarm.as_object(), "code"));
  }
  for (const json::value& value : array_at(coverage, "canaries")) {
    const json::object& canary = value.as_object();
    ++status.canaries;
    if (const std::string last = text_of(canary, "last"); last != "good") {
      status.not_good.push_back(text_of(canary, "door") + "/" + text_of(canary, "format") + " " +
                                last);
    }
  }
  status.owed = number_at(coverage, "backlog", "owed");
  status.samples_owed = number_at(coverage, "samples", "owed");
}

}  // namespace

bool looks_back(std::string_view code) {
  constexpr std::array<std::string_view, 3> kLong = {
      "workers.restarting", "clock.jumped", "unscannable.rate"};
  return std::ranges::find(kLong, code) != kLong.end();
}

bool DrillStatus::all_good() const {
  return ready && works() && !level.empty() && std::ranges::all_of(codes, looks_back);
}

DrillWorld::DrillWorld(DrillPlace& place, const DrillSettings& settings)
    : place_(place),
      settings_(settings),
      webhook_secret_(new_webhook_secret()),
      server_({place.folder() / "tutela.toml",
               place.folder() / "faults",
               place.folder() / "server.log"}) {}

Result<std::unique_ptr<DrillWorld>> DrillWorld::make(DrillPlace& place,
                                                     const DrillSettings& settings) {
  std::unique_ptr<DrillWorld> world(new DrillWorld(place, settings));
  TUTELA_TRY_ASSIGN(world->receiver_, DrillReceiver::start(world->webhook_secret_));
  TUTELA_TRY_ASSIGN(const std::uint16_t port, free_port());
  world->listen_ = fmt::format("127.0.0.1:{}", port);
  world->url_ = "http://" + world->listen_;
  TUTELA_TRY(world->prepare());
  TUTELA_TRY(world->write_config());
  TUTELA_TRY(world->arm({}));
  TUTELA_TRY_ASSIGN(world->client_, DrillClient::open(world->url_, world->watch_token_));
  TUTELA_TRY(world->server_.start());
  return world;
}

/// The data, before the server has them.
Status DrillWorld::prepare() {
  const SystemClock clock;
  config::Config config;
  config.store.folder = place_.data();
  config.people.solo = true;
  config.people.solo_wait_hours = 0;
  TUTELA_TRY_ASSIGN(const auto pipeline, pipeline::Pipeline::open(config, clock));
  const fs::path folder = place_.folder();
  TUTELA_TRY_ASSIGN(known_, drill_signals(*pipeline->workers(), DrillKind::kKnown, folder));
  TUTELA_TRY_ASSIGN(late_, drill_signals(*pipeline->workers(), DrillKind::kLate, folder));
  TUTELA_TRY(
      make_list(*pipeline, fmt::format("{}\n", fmt::join(known_, "\n")), folder / "original.jpg"));
  TUTELA_TRY_ASSIGN(upload_token_, new_token(*pipeline, clock, "drill-uploads", "scan read"));
  TUTELA_TRY_ASSIGN(watch_token_, new_token(*pipeline, clock, "drill-watch", "admin"));
  return ok();
}

Status DrillWorld::write_config() const {
  std::string text = fmt::format(
      "[server]\nlisten = \"{}\"\nmetrics_listen = \"\"\n\n[store]\nfolder = \"{}\"\n\n"
      "[webhook]\nurl = \"{}\"\nsecrets = \"{}\"\nallow_private = true\n\n"
      "[doors]\nhttp_scan = {}\n\n"
      "[watch]\nheartbeat_url = \"{}\"\nheartbeat_seconds = {}\ncanary_seconds = {}\n",
      listen_,
      place_.data().string(),
      receiver_->webhook_url(),
      webhook_secret_,
      settings_.scan,
      receiver_->heartbeat_url(),
      settings_.heartbeat_seconds,
      settings_.canary_seconds);
  if (settings_.sample_all) {
    text += "samples_per_1000 = 1000\nsamples_per_hour_max = 100000\n";
  }
  return write_file_atomic(place_.folder() / "tutela.toml", as_bytes(text));
}

Status DrillWorld::start_uploads() {
  TUTELA_TRY_ASSIGN(uploads_, DrillUploads::start(url_, upload_token_));
  return ok();
}

DrillStatus DrillWorld::status() {
  DrillStatus status;
  const DrillAnswer ready = client_->get("/readyz", kStatusPatience);
  status.reachable = ready.status != 0;
  status.ready = ready.status == 200;
  const DrillAnswer coverage = client_->get("/v1/coverage", kStatusPatience);
  boost::system::error_code error;
  const json::value body = json::parse(coverage.body, error);
  if (coverage.status == 200 && !error && body.is_object()) {
    read_coverage(body.get_object(), status);
  }
  return status;
}

Status DrillWorld::arm(std::string_view lines) const {
  return write_file_atomic(place_.folder() / "faults", as_bytes(lines));
}

Status DrillWorld::configure(const DrillSettings& settings) {
  settings_ = settings;
  TUTELA_TRY(write_config());
  server_.reload();
  return ok();
}

Status DrillWorld::command(std::vector<std::string> arguments) const {
  return run_drill_command(
      place_.folder() / "tutela.toml", place_.folder() / "commands.log", std::move(arguments));
}

Status DrillWorld::import_signals(const std::vector<std::string>& signals) const {
  const fs::path file = place_.folder() / "signals.txt";
  TUTELA_TRY(write_file_atomic(file, as_bytes(fmt::format("{}\n", fmt::join(signals, "\n")))));
  return command({"list", "import", std::string(kList), file.string()});
}

}  // namespace tutela::cli
