#include "service/http/server.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <unistd.h>

#include "base/file.hpp"
#include "crypto/secret.hpp"
#include "engine/policy/policy.hpp"
#include "service/http/background.hpp"
#include "service/http/canary_token.hpp"
#include "service/http/custody.hpp"
#include "service/http/listen.hpp"
#include "service/http/pool.hpp"
#include "service/http/reporting.hpp"
#include "service/http/review.hpp"
#include "service/http/router.hpp"
#include "service/http/session.hpp"
#include "service/intake_page/site.hpp"
#include "service/log/log.hpp"
#include "service/reporting/setup.hpp"
#include "service/vault_client/child.hpp"
#include "service/vault_process/places.hpp"
#include "service/watch/watch.hpp"

namespace tutela::http {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr int kOk = 0;
constexpr int kFailed = 2;
constexpr std::size_t kControlThreads = 8;
constexpr std::size_t kScanThreads = 32;
constexpr std::size_t kPageThreads = 4;
constexpr milliseconds kPollPause{10};
constexpr milliseconds kAcceptPause{50};
constexpr std::uint64_t kPolicyBytesMax = 1U << 20;

void complain(std::string_view event, const Error& error) {
  log::log_event(
      log::Level::kError, event, {{"code", std::string(error.code)}, {"why", error.message}});
}

/// A listener's address as this machine reaches it: one of all addresses is none to connect to.
std::string reachable(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  return host == "0.0.0.0" ? "127.0.0.1" + address.substr(colon)
         : host == "[::]"  ? "[::1]" + address.substr(colon)
                           : address;
}

/// Tokens and people.
struct Accounts {
  Accounts(store::Database& database,
           const Clock& clock,
           crypto::Key seed_key,
           const config::Config& config)
      : auth(database, clock),
        people(database, clock, config.people.solo),
        sign_in(database, clock, std::move(seed_key), vault_process::session_rules_of(config)) {
    if (!config.oidc.issuer.empty()) {
      oidc.emplace(auth::OidcOptions{config.oidc.issuer,
                                     config.oidc.client_id,
                                     config.oidc.client_secret,
                                     config.oidc.name_claim,
                                     config.people.public_url + "/v1/session/sign-on/return"},
                   clock);
    }
  }

  auth::Auth auth;
  auth::People people;
  auth::SignIn sign_in;
  std::optional<auth::Oidc> oidc;
};

class Server {
 public:
  Server(ServeOptions options,
         config::Config config,
         pipeline::Pipeline& pipeline,
         Accounts& accounts,
         Custody& custody,
         Review& review,
         Reporting& reporting,
         const Clock& clock,
         Router api,
         Router metrics,
         Router pages,
         intake_page::Site& site)
      : options_(std::move(options)),
        settings_(std::move(config)),
        app_{pipeline,
             accounts.auth,
             accounts.people,
             accounts.sign_in,
             accounts.oidc ? &*accounts.oidc : nullptr,
             custody,
             review,
             reporting,
             clock,
             settings_},
        api_router_(std::move(api)),
        metrics_router_(std::move(metrics)),
        page_router_(std::move(pages)),
        site_(site) {
    app_.site = &site_;
  }

  /// Binds all addresses and reads the TLS files.
  Status open() {
    const auto config = settings_.get();
    TUTELA_TRY_ASSIGN(tls_, load_tls(config->server));
    TUTELA_TRY_ASSIGN(api_, listen_on(io_, config->server.listen));
    log::log_event(
        log::Level::kInfo, "listening", {{"address", api_->address}, {"tls", tls_ ? "on" : "off"}});
    if (!config->server.metrics_listen.empty()) {
      TUTELA_TRY_ASSIGN(metrics_, listen_on(io_, config->server.metrics_listen));
      log::log_event(log::Level::kInfo, "metrics listening", {{"address", metrics_->address}});
    }
    if (!config->intake.listen.empty()) {
      TUTELA_TRY_ASSIGN(pages_, listen_on(io_, config->intake.listen));
      log::log_event(log::Level::kInfo, "pages listening", {{"address", pages_->address}});
    }
    return ok();
  }

  /// What people outside tell us: there before whoever takes it.
  Status open_intake() {
    TUTELA_TRY_ASSIGN(intake_,
                      intake_service::Intake::open(
                          [this] { return settings_.get(); }, app_.pipeline, app_.clock));
    app_.intake = intake_.get();
    return ok();
  }

  /// The watch, which sends canaries to what open() listens on. They wait there until run().
  Status watch(auth::Auth& auth) {
    canary_token_ = std::make_unique<CanaryToken>(auth, app_.pipeline);
    const bool tls = !settings_.get()->server.tls_certificate.empty();
    const std::string address = api_->unix_path.empty()
                                    ? (tls ? "https://" : "http://") + reachable(api_->address)
                                    : api_->address;
    TUTELA_TRY_ASSIGN(watch_,
                      watch::Watch::start([this] { return settings_.get(); },
                                          app_.pipeline,
                                          app_.custody.vault,
                                          {{"http",
                                            address,
                                            [this] {
                                              return canary_token_->make();
                                            }}},
                                          app_.clock,
                                          [this] { return intake_->state(); }));
    app_.watch = watch_.get();
    return ok();
  }

  /// Until a signal ends it.
  int run() {
    background_.emplace(app_.pipeline, app_.custody.vault, app_.review, app_.reporting);
    intake_->start();
    asio::co_spawn(strand_, take_signals(), asio::detached);
    accept_on(*api_, api_shared_, true);
    if (metrics_) {
      accept_on(*metrics_, metrics_shared_, false);
    }
    if (pages_) {
      accept_on(*pages_, pages_shared_, true);
    }
    std::thread second([this] { io_.run(); });
    io_.run();
    second.join();
    if (!clean_) {
      // Scans still run on the pools. What they work on is owed and durable: the next start
      // finishes it.
      std::_Exit(kFailed);
    }
    background_.reset();
    control_.join();
    scanning_.join();
    paging_.join();
    watch_.reset();
    intake_.reset();
    log::log_event(log::Level::kInfo, "stopped");
    return kOk;
  }

 private:
  void accept_on(Listener& listener, Shared& shared, bool with_tls) {
    std::visit(
        [&](auto& acceptor) {
          asio::co_spawn(
              acceptor.get_executor(), accept_loop(acceptor, shared, with_tls), asio::detached);
        },
        listener.acceptor);
  }

  std::shared_ptr<asio::ssl::context> tls() {
    const MutexLock lock(tls_mutex_);
    return tls_;
  }

  template <class Acceptor>
  asio::awaitable<void> accept_loop(Acceptor& acceptor, Shared& shared, bool with_tls) {
    asio::steady_timer timer(io_);
    while (!app_.stopping.load()) {
      error_code error;
      const auto config = settings_.get();
      if (shared.connections.size() >=
          (shared.pages ? config->intake.connections_max : config->server.connections_max)) {
        timer.expires_after(kAcceptPause);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      typename Acceptor::protocol_type::socket socket(asio::make_strand(io_));
      co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
      if (app_.stopping.load()) {
        co_return;
      }
      if (error) {  // out of descriptors, or the peer is gone already
        timer.expires_after(kAcceptPause);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if constexpr (std::is_same_v<Acceptor, TcpAcceptor>) {
        socket.set_option(asio::ip::tcp::no_delay(true), error);
      }
      auto executor = socket.get_executor();
      asio::co_spawn(
          executor,
          serve_connection(Socket(std::move(socket)), with_tls ? tls() : nullptr, shared),
          asio::detached);
    }
  }

  asio::awaitable<void> take_signals() {
    while (true) {
      error_code error;
      const int number =
          co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        co_return;
      }
      if (number == SIGHUP) {
        co_await run_on(control_, [this] {
          reload();
          return true;
        });
        continue;
      }
      if (app_.stopping.exchange(true)) {
        log::log_event(log::Level::kWarn, "stopped by force");
        std::_Exit(kFailed);
      }
      asio::co_spawn(strand_, stop(), asio::detached);
    }
  }

  /// Takes what can be taken without a restart; on any error everything stays as it is.
  void reload() {
    auto next = config::load(options_.config_file, options_.environment);
    if (!next) {
      complain("reload refused", next.error());
      return;
    }
    auto context = load_tls(next->server);
    if (!context) {
      complain("reload refused", context.error());
      return;
    }
    if (const auto reloaded = app_.pipeline.reload(*next); !reloaded) {
      complain("reload refused", reloaded.error());
      return;
    }
    if (const auto reloaded = site_.reload(next->intake); !reloaded) {
      complain("reload refused", reloaded.error());
      return;
    }
    for (const std::string& key : config::needs_restart(*settings_.get(), *next)) {
      log::log_event(log::Level::kWarn, "needs a restart", {{"key", key}});
    }
    {
      const MutexLock lock(tls_mutex_);
      tls_ = *std::move(context);
    }
    settings_.replace(config::with_reloadable(*settings_.get(), *next));
    log::configure_log(settings_.get()->log);
    watch_->wake();
    log::log_event(log::Level::kInfo,
                   "reloaded",
                   {{"policy_version", app_.pipeline.readiness().policy_version}});
  }

  void close(std::optional<Listener>& listener) {
    if (!listener) {
      return;
    }
    std::visit(
        [](auto& acceptor) {
          error_code ignored;
          acceptor.close(ignored);
        },
        listener->acceptor);
    if (!listener->unix_path.empty()) {
      std::error_code ignored;
      std::filesystem::remove(listener->unix_path, ignored);
    }
  }

  /// Stops accepting, lets what is in flight finish, then ends the event loop.
  asio::awaitable<void> stop() {
    log::log_event(
        log::Level::kInfo, "stopping", {{"scans", static_cast<std::int64_t>(uploads())}});
    watch_->request_stop();
    co_await run_on(control_, [this] {
      watch_->end_canaries();
      return true;
    });
    close(api_);
    close(metrics_);
    close(pages_);
    background_->request_stop();
    intake_->request_stop();
    const auto until =
        steady_clock::now() + milliseconds(settings_.get()->server.shutdown_grace_ms);
    asio::steady_timer timer(io_);
    const auto busy = [this] {
      return connections_.size() + page_connections_.size() + uploads() > 0;
    };
    while (busy() && steady_clock::now() < until) {
      connections_.close_idle();
      page_connections_.close_idle();
      error_code ignored;
      timer.expires_after(kPollPause);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    clean_ = !busy();
    if (!clean_) {
      log::log_event(log::Level::kWarn,
                     "stopped before everything was finished",
                     {{"scans", static_cast<std::int64_t>(uploads())}});
    }
    io_.stop();
  }

  [[nodiscard]] std::size_t uploads() const {
    return std::size_t{app_.scans.taken()} + app_.page_uploads.taken();
  }

  ServeOptions options_;
  Settings settings_;
  App app_;
  Router api_router_;
  Router metrics_router_;
  Router page_router_;
  intake_page::Site& site_;
  Connections connections_;
  Connections page_connections_;
  asio::io_context io_{2};
  // Accepting, signals and stopping, one at a time.
  asio::strand<asio::io_context::executor_type> strand_{io_.get_executor()};
  asio::signal_set signals_{io_, SIGTERM, SIGINT, SIGHUP};
  asio::thread_pool control_{kControlThreads};
  asio::thread_pool scanning_{kScanThreads};
  // What people outside ask for takes no thread, connection or slot of the service's own doors.
  asio::thread_pool paging_{kPageThreads};
  Shared api_shared_{app_, api_router_, connections_, control_, scanning_, app_.scans};
  Shared metrics_shared_{app_, metrics_router_, connections_, control_, scanning_, app_.scans};
  Shared pages_shared_{
      app_, page_router_, page_connections_, paging_, paging_, app_.page_uploads, true};
  std::optional<Listener> api_;
  std::optional<Listener> metrics_;
  std::optional<Listener> pages_;
  Mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::optional<Background> background_;
  std::unique_ptr<CanaryToken> canary_token_;
  std::unique_ptr<intake_service::Intake> intake_;
  std::unique_ptr<watch::Watch> watch_;  // asks the one before
  std::atomic<bool> clean_{false};
};

Status check_policy(const config::Config& config) {
  if (config.policy_file.empty()) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(config.policy_file, kPolicyBytesMax));
  TUTELA_TRY(policy::Policy::parse(as_text(bytes)));
  return ok();
}

/// Everything that can be told without opening the store; all problems, not only the first.
int check(const config::Config& config) {
  int status = kOk;
  const auto tell = [&](const auto& result) {
    if (!result) {
      const Error& error = result.error();
      std::fprintf(stderr, "%s [%s]\n", error.message.c_str(), std::string(error.code).c_str());
      status = kFailed;
    }
  };
  tell(check_policy(config));
  tell(load_tls(config.server));
  tell(reporting::routes_of(config));
  tell(reporting::open_authorities(config));
  tell(intake_page::Site::open(config.intake));
  if (status == kOk) {
    std::fputs("ok\n", stdout);
  }
  return status;
}

/// The vault process of this server, with the configuration that the server has.
vault_client::Child::Options vault_options(const ServeOptions& options) {
  std::error_code failed;
  vault_client::Child::Options child;
  child.program = std::filesystem::read_symlink("/proc/self/exe", failed);
  child.arguments = {"vault", "serve", "--with-parent", std::to_string(::getpid())};
  if (!options.config_file.empty()) {
    child.arguments.insert(child.arguments.end(), {"--config", options.config_file.string()});
  }
  for (const auto& [name, value] : options.environment) {
    child.environment.push_back(name + "=" + value);
  }
  child.tell = [](std::string_view what) {
    log::log_event(log::Level::kError, what);
  };
  return child;
}

int start(const ServeOptions& options, const config::Config& config) {
  const SystemClock clock;
  auto api = Router::make(api_routes());
  auto metrics = Router::make(metrics_routes());
  auto pages = Router::make(page_routes());
  auto site = intake_page::Site::open(config.intake);
  for (const auto* const router : {&api, &metrics, &pages}) {
    if (!*router) {
      complain("cannot start", router->error());
      return kFailed;
    }
  }
  if (!site) {
    complain("cannot start", site.error());
    return kFailed;
  }
  auto pipeline = pipeline::Pipeline::open(config, clock);
  if (!pipeline) {
    complain("cannot start", pipeline.error());
    return kFailed;
  }
  if (const std::string refused = (*pipeline)->index_stats().refused; !refused.empty()) {
    log::log_event(log::Level::kWarn, "the file of the index was refused", {{"why", refused}});
  }
  auto seed_key = auth::load_seed_key(config.store.folder);
  if (!seed_key) {
    complain("cannot start", seed_key.error());
    return kFailed;
  }
  Accounts accounts((*pipeline)->database(), clock, *std::move(seed_key), config);
  auto custody = Custody::open(config, (*pipeline)->database(), clock);
  if (!custody) {
    complain("cannot start", custody.error());
    return kFailed;
  }
  Review review(config, (*pipeline)->database(), clock);
  auto reporting = Reporting::open(config, (*pipeline)->database(), **custody, clock);
  if (!reporting) {
    complain("cannot start", reporting.error());
    return kFailed;
  }
  Server server(options,
                config,
                **pipeline,
                accounts,
                **custody,
                review,
                **reporting,
                clock,
                *std::move(api),
                *std::move(metrics),
                *std::move(pages),
                **site);
  if (const auto opened = server.open(); !opened) {
    complain("cannot start", opened.error());
    return kFailed;
  }
  if (const auto sending = review.start_sending(); !sending) {
    complain("cannot start", sending.error());
    return kFailed;
  }
  std::optional<vault_client::Child> vault;
  if (config.vault.socket.empty()) {
    vault.emplace(vault_options(options));
  }
  if (const auto taking = server.open_intake(); !taking) {
    complain("cannot start", taking.error());
    return kFailed;
  }
  if (const auto watching = server.watch(accounts.auth); !watching) {
    complain("cannot start", watching.error());
    return kFailed;
  }
  return server.run();
}

}  // namespace

int serve(const ServeOptions& options) {
  const auto config = config::load(options.config_file, options.environment);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return kFailed;
  }
  if (options.check_only) {
    return check(*config);
  }
  log::configure_log(config->log);
  return start(options, *config);
}

}  // namespace tutela::http
